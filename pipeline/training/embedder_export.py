"""From a trained embedder to the bundled one: open_clip folder, calibration, figures, card."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from pipeline.embeddings import IMAGE_TOWER, KINDS_FILE
from pipeline.towers import SIDE
from pipeline.training.datasets import BUNDLED_SETS
from pipeline.training.embedder_catalogue import one_shot, words_for_catalogue
from pipeline.training.embedder_config import CONFIG, DIMENSION, VOCABULARY, WEIGHTS, config, write_vocabulary
from pipeline.training.embedder_data import Piece
from pipeline.training.embedder_kinds import fit_kinds, kind_scores
from pipeline.training.embedder_measure import all_scores, calibration, embed, embed_words
from pipeline.training.exporting import OPSET, described, register, store_half, told, write_json

NAME, FOLDER = "fashion-clip-mini-1", "embedder"
# The table of what `pipeline.naming.KindReader` reads.
READER = f"kind of piece, read by {KINDS_FILE}"

CARD = """# {name}: the bundled embedder

A small open_clip model: garments on white, and words, into one space of {dimension} dimensions.

- **Input** RGB 0..1, {side} x {side}, the garment alone on a white square (`pipeline.types.square_on_white`); text of
  at most 24 tokens, lower case. Output: unit vectors; closeness is the cosine.
- **Towers** image: YOLOv8n's backbone pooled at four depths, with a bag of learned colour words (`pipeline/towers.py`);
  text: a transformer of 3 layers, width 128, over the first merges of open_clip's English vocabulary (MIT).
  {parameters:,} weights, stored as float16; {bytes:,} bytes.
  `image.onnx` is the image tower once more, for ONNX Runtime.
- **Licence** AGPL-3.0, since the backbone's layers are ultralytics'.
- **Data** {home:,} pictures of garments at home, cut out by GrabCut where that was sure, else by the bundled cut-out
  model; {street:,} garments of street photos, cut out by their labels; {tagged:,} of photos that have tags only,
  outlined by the bundled segmenter and named by a review or the tags; {catalogue:,} rendered catalogue pictures.
  The sets: {sets}.
  The captions are generated from labels, colours measured in CIELAB, and the catalogue's table.
- **Recipe** `python -m pipeline.training.embedder`: {runs}.
  Each sample is a garment in two views. AdamW, bfloat16 on a CPU; {metric} on garment, category and colour, together
  and apart, CLIP's loss with several true captions a garment, two classifiers that are thrown away. No change of hue.
  Exported is the moving average of the weights.

## Figures

Queries are garments of held-out senders and photos (`pipeline.training.datasets.held_out`). "Same colour" compares
colour words measured from the pixels; queries of no leading colour are left out of it.

{tables}

A match of a picture below a cosine of {none_below} counts as "nothing close enough", one of words below
{none_below_words}: {rule}. `calibration.json` has the whole table.

## Limits

It knows the sort of a garment and its colour; the very same article in another drape it finds often, not always (see
one-shot), and it knows little of cut and fabric. Categories that look alike (shirt and blouse, top and t-shirt,
trousers and leggings) are mixed.
Words that its captions did not have mean nothing to it. Garments worn with folds, or hidden in part, are matched less
well than garments lying flat.
"""


def save(model: Any, folder: Path) -> None:
    """Write the open_clip folder: configuration, weights in float16, vocabulary."""
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / CONFIG, config())
    # logit_scale and the running statistics of normalisation are small and sensitive: float32.
    state = {
        key: (value.half() if value.is_floating_point() and value.ndim > 1 else value).contiguous().clone()
        for key, value in model.state_dict().items()
    }
    save_file(state, folder / WEIGHTS)
    # safetensors writes for the owner alone.
    (folder / WEIGHTS).chmod(0o644)
    write_vocabulary(folder / VOCABULARY)


def save_image_tower(model: Any, target: Path) -> None:
    """Write the image tower for ONNX Runtime, which runs it in a half to a third of torch's time on a CPU.

    In: `pictures` (N, 3, SIDE, SIDE) float32 as the preprocessing makes them. Out: (N, DIMENSION) of unit length.
    """

    class Tower(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.visual = model.visual

        def forward(self, pictures: torch.Tensor) -> torch.Tensor:
            return torch.nn.functional.normalize(self.visual(pictures), dim=-1)

    whole = target.with_suffix(".whole.onnx")
    torch.onnx.export(
        Tower().eval(), (torch.rand(2, 3, SIDE, SIDE),), whole, dynamo=False, opset_version=OPSET,
        input_names=["pictures"], output_names=["embeddings"],
        dynamic_axes={"pictures": {0: "n"}, "embeddings": {0: "n"}},
    )  # fmt: skip
    store_half(whole, target)
    whole.unlink()


def check_same(model: Any, words: Any, folder: Path, pieces: list[Piece]) -> tuple[float, Any]:
    """Load the folder as the product does; returns the smallest cosine to the trained model, and the loaded one."""
    import open_clip

    loaded = open_clip.create_model(f"local-dir:{folder}").eval()
    texts = ["navy striped top", "red dress"]
    agree = [
        (embed(model, pieces) * embed(loaded, pieces)).sum(1).min(),
        (embed_words(model, words, texts) * embed_words(loaded, words, texts)).sum(1).min(),
    ]
    worst = float(min(agree))
    if worst < 0.995:
        raise ValueError(f"the exported embedder differs from the trained one: cosine {worst:.4f}")
    return worst, loaded


def table(title: str, scores: dict[str, float]) -> str:
    """A table of the card."""
    rows = "\n".join(f"| {name} | {value} |" for name, value in scores.items())
    return f"**{title}**\n\n| | |\n|---|---|\n{rows}\n"


def export(
    model: Any, words: Any, out: Path, everything: list[Piece], recipe: dict[str, Any], photos: Sequence[Piece] = ()
) -> Path:
    """Write embedder/, its card and its registry entry into `out`; returns the folder.

    photos: made-up photos of held-out catalogue items in another drape.
    recipe: what the card says of the training; `sets`, `metric` and `categories` (figures by source) may be left out.
    """
    model = model.cpu().eval().to(memory_format=torch.contiguous_format)
    folder, building = out / FOLDER, out / f".{FOLDER}.building"
    save(model, building)
    _, loaded = check_same(model, words, building, everything[:16])
    save_image_tower(loaded, building / IMAGE_TOWER)
    units = embed(loaded, everything)
    worth = calibration(loaded, words, everything, units)
    write_json(building / "calibration.json", worth)
    scores = all_scores(loaded, words, everything, units)
    shop = [i for i, piece in enumerate(everything) if piece.source == "catalogue"]
    articles = [everything[i] for i in shop]
    if photos:
        scores["one-shot: photos of held-out items in another drape against the catalogue's pictures"] = one_shot(
            list(photos), embed(loaded, list(photos)), articles, units[shop]
        )
    if shop:
        scores["descriptions of the catalogue's items"] = words_for_catalogue(loaded, words, articles, units[shop])
    reader = fit_kinds(everything, units)
    reader.write(building / KINDS_FILE)
    scores[READER] = kind_scores(reader, everything, units)
    for source, figures in recipe.get("categories", {}).items():
        scores[f"{source}, category by the classifier trained along (not exported)"] = figures
    shutil.rmtree(folder, ignore_errors=True)
    building.rename(folder)
    files = {p.name: described(p) for p in sorted(folder.iterdir())}
    register(out, "embeddings", {
        "name": NAME, "folder": FOLDER, "files": files, "licence": "AGPL-3.0", "dimension": DIMENSION,
        "input": {
            "side": SIDE, "range": [0, 1], "colour": "RGB", "background": "white",
        },
        "none_below": worth["none_below"], "none_below_words": worth["none_below_words"], "figures": scores,
        "runs": recipe["runs"],
    })  # fmt: skip
    sources = np.array([p.source for p in everything if not p.held_out])
    card = CARD.format(
        name=NAME, dimension=DIMENSION, side=SIDE, parameters=sum(p.numel() for p in model.parameters()),
        bytes=(folder / WEIGHTS).stat().st_size, tables="\n".join(table(*item) for item in scores.items()),
        none_below=worth["none_below"], none_below_words=worth["none_below_words"], rule=worth["rule"],
        **{name: int((sources == name).sum()) for name in ("home", "street", "tagged", "catalogue")},
        **{"sets": BUNDLED_SETS, "metric": "supervised contrastive losses"} | recipe | {"runs": told(recipe["runs"])},
    )  # fmt: skip
    (out / "embedder.md").write_text(card)
    return folder
