"""From a trained segmenter to the bundled one: ONNX file, figures, card, drawn examples."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np

from pipeline.embeddings import KINDS_FILE
from pipeline.kinds import KINDS
from pipeline.training import segmenter_measure as measure
from pipeline.training.datasets import Data, opened, read_garments, read_streets
from pipeline.training.datasets.review import names_mark
from pipeline.training.exporting import (
    OPSET,
    average,
    described,
    read_json,
    register,
    sha256,
    store_half,
    told,
    write_json,
)
from pipeline.training.familiar import WORN, familiar_pictures
from pipeline.training.matte_export import CutoutModel

NAME, FILE = "yolov8n-seg-15-1", "pieces.onnx"
FIRST = "first-stage.json"
# A box of the confidence SURE in one form must be in the other, at FAINT or more, and at most OFF pixels away.
SURE, FAINT, OFF = 0.35, 0.25, 4.0

CARD = """# {name}: the bundled segmenter

YOLOv8n-seg that finds and masks 15 kinds of clothing: {kinds}. One person's parts of one kind are one piece.

- **Input** RGB 0..1, letterboxed to a multiple of 32 within {size} px. ultralytics runs the file
  (`YOLO("pieces.onnx", task="segment")`); the kinds' names and the size are in its metadata.
- **Size** {bytes:,} bytes; weights stored as float16, computed in float32.
- **Licence** AGPL-3.0, as ultralytics' code and architecture. The weights were trained here; none were downloaded.
- **Data** {sets}; the labels merged into 15 kinds. Single garments outlined by GrabCut, or where that is not sure by
  the cut-out model, the kind from the picture's label; wrong labels of worn garments put right by eye
  (docs/models.md); crops, groups and cut-outs made of all of them, some pieces in other dyes.
- **Recipe** {history}`python -m pipeline.training.segmenter`: {runs}.
  AdamW with a cosine, bfloat16 on a CPU.

## Figures

{seen}

| | before | this model |
|---|---|---|
{rows}

Mask figures are at the photo's size (ultralytics' average precision over our own matching); "as run" is the product's
stage, which looks at the whole photo and at each figure and hears the embedder's opinion on the kind. "Names
reviewed": the photos were looked at, and labels that show another kind put right (`datasets/review.py`). AP50 by
kind, as run: {by_kind}. F1 against the tags by kind:
{tags_by_kind}.

Found on familiar pictures at a confidence of 0.25:

{familiar}

## Limits

Kinds with few examples (scarf, belt, sweater, suit, legwear) are weak, and look-alikes are confused: a sweater for a
top, a coat for a dress. Masks are blurry for thin things. Trained on street photos of mostly young, slim people of one
decade, and on garments at home; other dress (saris, kimonos, uniforms, children's wear) is named by what it resembles.
Crowds and sitting people are rare in the data. Head and shoulders alone are a weak side: hair is taken for a hat at
times.
"""

# What is true of the bundled model's first stage, whose weights came from a training on every photo.
FIRST_STAGE = "first stage: 45 epochs from scratch on the 854 photos (AdamW, 0.002, batch 16, 320 px). This stage:\n  "
SEEN = """The first stage saw all 854 photos with masks, so the photos that this stage held out are **not** unseen by
the weights: the mask figures flatter it. The held-out tenth of the 1,094 tagged photos and the garments of held-out
senders are unseen by both."""
UNSEEN = "Measured on held-out pictures (`pipeline.training.datasets`), which this training did not see."

ROWS = (
    ("mask mAP50, photo alone", ("photo", "mAP50")),
    ("mask mAP50-95, photo alone", ("photo", "mAP50_95")),
    ("mask mAP50, as run", ("street", "mAP50")),
    ("mask mAP50-95, as run", ("street", "mAP50_95")),
    ("mean IoU of the true pieces, as run", ("street", "mean_iou")),
    ("1-4 people composed at any size: large garments found", ("people", "found with the right kind")),
    ("the same, names reviewed", ("people", "found with the right kind, names reviewed")),
    ("bus.jpg, zidane.jpg, astronaut: large garments found", ("familiar", "found with the right kind")),
    ("heads and shoulders: large garments found, dresses as tops, too", ("portraits", "found with the right kind")),
    ("heads and shoulders: bare heads that are given a hat", ("portraits", "hats on bare heads")),
    ("kinds against tags, F1", ("tags", "f1")),
    ("kinds against tags, precision", ("tags", "precision")),
    ("kinds against tags, recall", ("tags", "recall")),
    ("single garments at home: right kind", ("home", "right kind, photo")),
    ("single garments on white: right kind", ("home", "right kind, on white")),
    ("single garments at home: right kind, longsleeves reviewed", ("home", "right kind, photo, names reviewed")),
    ("single garments on white: right kind, longsleeves reviewed", ("home", "right kind, on white, names reviewed")),
    ("single garments on white: nothing found", ("home", "nothing found, on white")),
)


def to_onnx(weights: Path, target: Path, size: int) -> Path:
    """Export ultralytics weights to ONNX with any batch and any rectangle, stored in float16."""
    from ultralytics import YOLO

    whole = Path(YOLO(weights).export(format="onnx", imgsz=size, simplify=False, dynamic=True, opset=OPSET))
    # ultralytics writes the data set's path on this machine into the description.
    store_half(whole, target, {"description": f"{NAME}: YOLOv8n-seg, {len(KINDS)} kinds of clothing"})
    whole.unlink()
    return target


def check_same(weights: Path, exported: Path, rgbs: list[np.ndarray], size: int) -> float:
    """Largest distance, in pixels, from a box that one form is sure of to the nearest of the other; raises where the
    two disagree."""
    from ultralytics import YOLO

    forms: list[Any] = [YOLO(weights), YOLO(exported, task="segment")]
    worst = 0.0
    for rgb in rgbs:
        # Nearly equal confidences may come in another order, and the faintest boxes in one of the two alone.
        found = [m.predict(rgb[..., ::-1].copy(), imgsz=size, conf=FAINT, verbose=False)[0].boxes for m in forms]
        for one, other in (found, found[::-1]):
            apart = np.abs(one.xyxy.numpy()[one.conf.numpy() >= SURE, None] - other.xyxy.numpy()[None]).max(2)
            worst = max(worst, float(apart.min(1, initial=max(rgb.shape)).max(initial=0)))
    if worst > OFF:
        raise ValueError(f"the exported segmenter's boxes are off by {worst:.1f} pixels")
    return worst


def all_figures(exported: Path, models: Path, data: Data, cache: Path, size: int, every: int) -> dict[str, Any]:
    """Every figure of the card for one set of weights; `every` thins out the tagged photos, a third of it the rest.

    A set without such pictures goes without their figures. models: folder with cutout.onnx, and with the embedder
    whose second opinion on the kinds the product hears, where there is one.
    """
    cutout = CutoutModel(models / "cutout.onnx", threads=2)
    find = measure.runtime_finder(exported, embedder=models / "embedder")
    photo = measure.MaskScore()
    raw = measure.raw_finder(exported, size)
    for street in read_streets(data, cache, "val"):
        photo.add(street.pieces(), raw(street.rgb))
    figures: dict[str, Any] = {}
    if photo.true_kinds:
        figures |= {"photo": photo.result(), "street": measure.street_score(find, cutout, data, cache)}
        figures["people"] = measure.group_score(find, cutout, data, cache)
        figures["portraits"] = measure.portrait_score(find, cutout, data, cache)
    if opened(data).tagged():
        figures["tags"] = measure.tag_score(find, cutout, data, every)
    if read_garments(data, "val"):
        figures["home"] = measure.home_score(find, cutout, data, max(1, every // 3))
    return figures | {"familiar": familiar_pictures(find, cutout)}


def draw(find: measure.Find, cutout: CutoutModel, rgbs: list[np.ndarray], target: Path, side: int = 300) -> None:
    """A sheet of pictures with their pieces drawn in, for a person to look at."""
    from ultralytics.utils.plotting import Annotator, colors

    tiles = []
    for rgb in rgbs:
        picture = rgb[..., ::-1].copy()
        found = [f for f in find(rgb, cutout.alpha(rgb)) if f[1] >= measure.DECIDED]
        for kind, _, mask in found:
            picture[mask] = (picture[mask] * 0.5 + np.array(colors(kind, bgr=True)) * 0.5).astype(np.uint8)
        scale = side / max(rgb.shape[:2])
        annotator = Annotator(cv2.resize(picture, None, fx=scale, fy=scale), line_width=1, font_size=8)
        for kind, score, mask in found:
            ys, xs = np.nonzero(mask)
            box = np.array([xs.min(), ys.min(), xs.max(), ys.max()]) * scale
            annotator.box_label(box.tolist(), f"{KINDS[kind]} {score:.2f}", color=colors(kind, bgr=True))
        small = annotator.result()
        tile = np.full((side, side, 3), 255, np.uint8)
        tile[: small.shape[0], : small.shape[1]] = small[:side, :side]
        tiles.append(tile)
    columns = 6
    tiles += [np.full((side, side, 3), 255, np.uint8)] * (-len(tiles) % columns)
    rows = [np.hstack(tiles[i : i + columns]) for i in range(0, len(tiles), columns)]
    target.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(target), np.vstack(rows))


def export(weights: Path, out: Path, data: Data, cache: Path, recipe: dict[str, Any], every: int = 1) -> Path:
    """Write pieces.onnx, its card and its registry entry into `out`; needs cutout.onnx there for the figures.

    recipe: size, start (whether the training went on from something), runs; `soup`, weights of other runs that count
    as much as these (Wortsman et al., ICML 2022, "Model soups"); and `kept`, the share that the exported weights at
    `began` have in what is written, where the two are averaged.
    """
    size = recipe["size"]
    # Built beside the old file: registry and file change together, after the minutes that measuring takes.
    building = to_onnx(weights, out / f".building-{FILE}", size)
    examples = [s.rgb for s in read_streets(data, cache, "val")[:8]]
    examples = examples or [garment.read() for garment in read_garments(data, "val")[:8]]
    check_same(weights, building, examples, size)
    for place, other in enumerate(recipe.get("soup", ()), start=1):
        average(to_onnx(other, out / f".other-{FILE}", size), building, 1 / (place + 1))
    (out / f".other-{FILE}").unlink(missing_ok=True)
    if recipe.get("kept"):
        average(recipe["began"], building, recipe["kept"])
    figures = all_figures(building, out, data, cache, size, every)
    # Figures of the weights that this training began from: see `first_stage`.
    before = read_json(cache / FIRST) if recipe["start"] else {}
    rows = "\n".join(
        f"| {title} | {before.get(part, {}).get(key, '-')} | {figures[part][key]} |"
        for title, (part, key) in ROWS
        if part in figures
    )
    second = opened(data).bundled and recipe["start"]
    target = building.replace(out / FILE)
    entry = {
        "name": NAME, "file": FILE, **described(target), "licence": "AGPL-3.0",
        "input": {"shape": ["n", 3, "h", "w"], "size": size, "range": [0, 1], "colour": "RGB"},
        "kinds": list(KINDS), "figures": figures, "runs": recipe["runs"],
    }  # fmt: skip
    register(out, "pieces", entry)
    familiar = "\n".join(f"- {name}: {figures['familiar'][name]}" for name in WORN if name in figures["familiar"])
    card = CARD.format(
        name=NAME, kinds=", ".join(KINDS), bytes=target.stat().st_size, rows=rows, familiar=familiar,
        by_kind=_listed(figures.get("street", {}).get("AP50", {})), sets=opened(data).card,
        tags_by_kind=_listed(figures.get("tags", {}).get("f1 by kind", {})), history=FIRST_STAGE if second else "",
        seen=SEEN if second else UNSEEN, runs=told(recipe["runs"]), size=size,
    )  # fmt: skip
    (out / "pieces.md").write_text(card)
    return target


def first_stage(weights: Path, out: Path, data: Data, cache: Path, size: int, every: int = 1) -> None:
    """Measure the weights that a run starts from, for the comparison in the card; kept in the cache.

    Weights with other classes than ours, such as ultralytics' own, have nothing to compare.
    """
    from ultralytics import YOLO

    # The figures of the chain hear the embedder, and are told under reviewed names, too.
    reader = out / "embedder" / KINDS_FILE
    marks = {
        "weights": sha256(weights), "size": size, "every": every, "data": opened(data).key, "names": names_mark(),
        "reader": sha256(reader) if reader.exists() else "",
    }  # fmt: skip
    if read_json(cache / FIRST).get("marks") == marks:
        return
    figures: dict[str, Any] = {}
    if list(YOLO(weights, task="segment").names.values()) == list(KINDS):
        target = weights if weights.suffix == ".onnx" else to_onnx(weights, cache / "first-stage.onnx", size)
        figures = all_figures(target, out, data, cache, size, every)
    write_json(cache / FIRST, figures | {"marks": marks})


def _listed(values: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.2f}" for name, value in sorted(values.items(), key=lambda i: -i[1])) or "-"
