"""From a trained matting net to the bundled cut-out model: ONNX file, figures, card; and its use on whole data sets."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from tqdm import tqdm

from pipeline.cutout import MEAN, STD, finished, normalised, squash
from pipeline.errors import ModelMissing
from pipeline.training.datasets import keep_picture, read_levels
from pipeline.training.exporting import OPSET, average, described, register, store_half, told
from pipeline.training.matte_data import SIDE, Sample, scored

NAME, FILE = "matte-1", "cutout.onnx"

CARD = """# {name}: the bundled cut-out model

Tells the dressed person, people or single garment of a picture from the background. `rembg` runs it as a
`u2net_custom` session.

- **Input** 1 x 3 x {side} x {side} float32: the picture squashed to a square, divided by its maximum, normalised by
  ImageNet's mean and deviation. **Output** 1 x 1 x {side} x {side}: the probability, 0..1, that a pixel is foreground.
  It is a true probability: a picture with nothing on it stays near 0 everywhere; do not stretch it to 0..1.
- **Net** the backbone of YOLOv8n with a light decoder up to half resolution; {parameters:,} weights, stored as float16,
  computed in float32; {bytes:,} bytes.
- **Licence** AGPL-3.0, since the backbone is that of ultralytics' YOLOv8.
- **Data** {sets}
- **Recipe** `python -m pipeline.training.matte`: {runs}. AdamW, bfloat16 on a CPU;
  cross-entropy weighted along edges plus soft IoU; exported is the moving average of the weights. Trained at
  {trained} px, two thirds of it on crops, which enlarge things; run at {side} px.

## Figures on held-out pictures

| pictures | mean IoU | share of pixels called foreground |
|---|---|---|
{rows}

Held out are a tenth of the photos and of the clothing dataset's senders (`pipeline.training.datasets.held_out`). The
masks of the garments at home come from GrabCut and are themselves only nearly right. The rows are measured with the
exported file at {side} px, as the product runs it: the mean over the picture and its mirror image, at the photo's
size, edges moved onto the photo's (`pipeline/edges.py`). The file differed from the trained net by at most
{difference:.1e}.

## Limits

Trained on one person a street photo and on composed groups: real crowds, people behind objects, and bystanders in the
background are decided by chance. Thin things (straps, heels, chains, strands of hair) blur. Glass, mirrors,
posters and dolls may count as people. Not meant for telling who somebody is.
"""

BUNDLED = """Clothing Co-Parsing (Apache-2.0): photos whose labels other than background make the mask, skin and hair
  included; the clothing dataset (CC0): {homes} pictures whose GrabCut masks passed a check; the studio's second drapes
  of {rendered} articles, whose masks are exact; scenes made of all three, half of those without people on grounds that
  {grounds} photos of the clothing dataset show beside their garment. Not a single mask was drawn by hand for this
  model."""
OTHER = """{sets}. A photo's mask is all that its set labels; {homes} single garments were outlined by GrabCut and
  passed a check; {rendered} rendered garments; scenes made of all of them, on grounds of {grounds} photos, too."""


def export(
    model: nn.Module, out: Path, held_out: dict[str, list[Sample]], recipe: dict[str, Any], side: int = SIDE
) -> Path:
    """Write cutout.onnx, its card and its registry entry into the folder `out`; returns the ONNX file.

    Args:
        held_out: the pictures that the card reports on, by sort.
        recipe: what the card tells; and `kept`, the share that the exported weights at `began` have in what is
            written, where the two are averaged.
        side: pixels of the square at which the file runs.
    """
    import onnxruntime

    model = model.cpu().eval()
    sample = torch.zeros(1, 3, side, side)
    whole, target = out / f".{FILE}.float32", out / FILE
    out.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(
        model, (sample,), str(whole), opset_version=OPSET, input_names=["input"], output_names=["alpha"], dynamo=False
    )
    store_half(whole, target)
    whole.unlink()
    session = onnxruntime.InferenceSession(str(target), providers=["CPUExecutionProvider"])
    probe = torch.randn(1, 3, side, side, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        difference = float(np.abs(session.run(None, {"input": probe.numpy()})[0] - model(probe).numpy()).max())
    if difference > 0.05:
        raise ValueError(f"the exported cut-out model differs from the trained one by {difference:.3f}")
    if recipe.get("kept"):
        average(recipe["began"], target, recipe["kept"])
    made = CutoutModel(target)
    figures = {
        name: scored([made.alpha(rgb) for rgb, _ in tqdm(pictures, desc=name, mininterval=5)], pictures)
        for name, pictures in held_out.items()
    }
    rounded = {name: {k: round(v, 4) for k, v in row.items()} for name, row in figures.items()}
    register(out, "cutout", {
        "name": NAME, "file": FILE, **described(target), "licence": "AGPL-3.0",
        "input": {
            "shape": [1, 3, side, side], "colour": "RGB", "scaling": "divided by the picture's maximum",
            "mean": list(MEAN), "std": list(STD),
        },
        "output": {"shape": [1, 1, side, side], "range": [0, 1], "meaning": "probability of foreground"},
        "figures": rounded, "runs": recipe["runs"],
    })  # fmt: skip
    rows = "\n".join(f"| {name} | {row['iou']:.3f} | {row['foreground']:.3f} |" for name, row in rounded.items())
    parameters = sum(p.numel() for p in model.parameters())
    facts = recipe | {"sets": (OTHER if "sets" in recipe else BUNDLED).format(**recipe)}
    card = CARD.format(
        name=NAME,
        rows=rows,
        parameters=parameters,
        bytes=target.stat().st_size,
        difference=difference,
        side=side,
        trained=SIDE,
        **facts | {"runs": told(recipe["runs"])},
    )
    (out / "cutout.md").write_text(card)
    return target


class CutoutModel:
    """The exported model, called as rembg calls it."""

    def __init__(self, path: Path, threads: int = 1) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        # Threads that spin after a run steal the cores from a training beside it.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self.session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime has a class of its own for every way in which a file is wrong
            raise ModelMissing(f"“{path}” is not a whole ONNX model; copy or train it anew.") from error
        self.side = int(self.session.get_inputs()[0].shape[2])
        self.mark = described(path)["sha256"][:12]

    def alpha(self, rgb: np.ndarray) -> np.ndarray:
        """(H, W, 3) uint8 RGB -> (H, W) uint8, 255 = foreground."""
        pixels = normalised(squash(rgb, self.side))[None]
        mirrored = np.ascontiguousarray(pixels[..., ::-1])
        seen, mirror = (self.session.run(None, {"input": shown})[0][0, 0] for shown in (pixels, mirrored))
        return finished(seen, mirror, rgb)

    def cached_alpha(self, path: Path, rgb: np.ndarray, cache: Path, name: str = "") -> np.ndarray:
        """Like `alpha`, kept in `cache` as PNG under this model's checksum and `name`, else the file's."""
        kept = cache / f"alpha-2-{self.mark}" / f"{name or path.stem}.png"
        if not kept.exists():
            keep_picture(kept, self.alpha(rgb))
        return read_levels(kept)
