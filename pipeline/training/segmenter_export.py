"""From a trained segmenter to the bundled one: ONNX file, figures, card, drawn examples."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np

from pipeline.kinds import KINDS
from pipeline.training import segmenter_measure as measure
from pipeline.training.datasets import read_streets
from pipeline.training.exporting import OPSET, described, read_json, register, store_half, write_json
from pipeline.training.matte_export import CutoutModel

NAME, FILE = "yolov8n-seg-15-1", "pieces.onnx"

CARD = """# {name}: the bundled segmenter

YOLOv8n-seg that finds and masks 15 kinds of clothing: {kinds}. One person's parts of one kind are one piece.

- **Input** RGB 0..1, letterboxed to a multiple of 32; trained at {size} px. ultralytics runs the file
  (`YOLO("pieces.onnx", task="segment")`); the kinds' names and the size are in its metadata.
- **Size** {bytes:,} bytes; weights stored as float16, computed in float32.
- **Licence** AGPL-3.0, as ultralytics' code and architecture. The weights were trained here; none were downloaded.
- **Data** Clothing Co-Parsing (Apache-2.0), 58 labels merged into 15; the clothing dataset (CC0), single garments whose
  GrabCut masks passed a check, the kind from the picture's label; crops, groups and cut-outs made of both.
- **Recipe** first stage: 45 epochs from scratch on the 854 photos (AdamW, 0.002, batch 16, 320 px). This stage:
  `python -m pipeline.training.segmenter`, {epochs} epochs, batch {batch}, AdamW at {rate} with a cosine, seed {seed},
  bfloat16 on 2 CPU cores.

## Figures

The first stage saw all 854 photos with masks, so the photos that this stage held out are **not** unseen by the weights:
the mask figures flatter it. The tags of the 1,094 other photos and the garments of held-out senders are unseen by both.

| | first stage | this model |
|---|---|---|
{rows}

Mask figures are at the photo's size (ultralytics' average precision over our own matching); "as run" is the product's
stage, which looks at the whole photo and at each figure. AP50 by kind, as run: {by_kind}. F1 against the tags by kind:
{tags_by_kind}.

Found on familiar pictures at a confidence of 0.25:

{familiar}

## Limits

Kinds with few examples (scarf, belt, sweater, suit, legwear) are weak, and look-alikes are confused: a sweater for a
top, a coat for a dress. Masks are blurry for thin things. Trained on street photos of mostly young, slim people of one
decade, and on garments at home; other dress (saris, kimonos, uniforms, children's wear) is named by what it resembles.
Crowds and sitting people are rare in the data.
"""

ROWS = (
    ("mask mAP50, photo alone", ("photo", "mAP50")),
    ("mask mAP50-95, photo alone", ("photo", "mAP50_95")),
    ("mask mAP50, as run", ("street", "mAP50")),
    ("mask mAP50-95, as run", ("street", "mAP50_95")),
    ("mean IoU of the true pieces, as run", ("street", "mean_iou")),
    ("kinds against tags, F1", ("tags", "f1")),
    ("kinds against tags, precision", ("tags", "precision")),
    ("kinds against tags, recall", ("tags", "recall")),
    ("single garments at home: right kind", ("home", "right kind, photo")),
    ("single garments on white: right kind", ("home", "right kind, on white")),
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
    """Largest difference, in pixels, between boxes that both forms find; raises where they disagree."""
    from ultralytics import YOLO

    ours: Any = YOLO(weights)
    theirs: Any = YOLO(exported, task="segment")
    worst = 0.0
    for rgb in rgbs:
        a, b = (m.predict(rgb[..., ::-1].copy(), imgsz=size, conf=0.3, verbose=False)[0].boxes for m in (ours, theirs))
        if abs(len(a) - len(b)) > 1:
            raise ValueError(f"the exported segmenter finds {len(b)} boxes where the trained one finds {len(a)}")
        if len(a) and len(a) == len(b):
            worst = max(worst, float((a.xyxy - b.xyxy).abs().max()))
    if worst > 4:
        raise ValueError(f"the exported segmenter's boxes are off by {worst:.1f} pixels")
    return worst


def all_figures(exported: Path, cutout: CutoutModel, data: Path, cache: Path, size: int, every: int) -> dict[str, Any]:
    """Every figure of the card for one set of weights; `every` thins out the tagged photos, a third of it the rest."""
    find = measure.runtime_finder(exported)
    photo = measure.MaskScore()
    raw = measure.raw_finder(exported, size)
    for street in read_streets(data, cache, "val"):
        photo.add(measure.street_pieces(street.kinds()), raw(street.rgb))
    return {
        "photo": photo.result(),
        "street": measure.street_score(find, cutout, data, cache),
        "tags": measure.tag_score(find, cutout, data, every),
        "home": measure.home_score(find, cutout, data, max(1, every // 3)),
        "familiar": measure.familiar_pictures(find, cutout),
    }


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


def export(weights: Path, out: Path, data: Path, cache: Path, recipe: dict[str, Any], every: int = 1) -> Path:
    """Write pieces.onnx, its card and its registry entry into `out`; needs cutout.onnx there for the figures."""
    size = recipe["size"]
    # Built beside the old file: registry and file change together, after the minutes that measuring takes.
    building = to_onnx(weights, out / f".building-{FILE}", size)
    examples = [s.rgb for s in read_streets(data, cache, "val")[:8]]
    check_same(weights, building, examples, size)
    cutout = CutoutModel(out / "cutout.onnx", threads=2)
    figures = all_figures(building, cutout, data, cache, size, every)
    # Figures of the weights that this stage began from, measured once: see `first_stage`.
    before = read_json(cache / "first-stage.json")
    rows = "\n".join(
        f"| {title} | {before[part][key] if before else '-'} | {figures[part][key]} |" for title, (part, key) in ROWS
    )
    target = building.replace(out / FILE)
    entry = {
        "name": NAME, "file": FILE, **described(target), "licence": "AGPL-3.0",
        "input": {"shape": ["n", 3, "h", "w"], "size": size, "range": [0, 1], "colour": "RGB"},
        "kinds": list(KINDS), "figures": figures,
    }  # fmt: skip
    register(out, "pieces", entry)
    familiar = "\n".join(f"- {name}: {', '.join(found) or 'nothing'}" for name, found in figures["familiar"].items())
    card = CARD.format(
        name=NAME, kinds=", ".join(KINDS), bytes=target.stat().st_size, rows=rows, familiar=familiar,
        by_kind=_listed(figures["street"]["AP50"]), tags_by_kind=_listed(figures["tags"]["f1 by kind"]), **recipe,
    )  # fmt: skip
    (out / "pieces.md").write_text(card)
    return target


def first_stage(weights: Path, out: Path, data: Path, cache: Path, size: int, every: int = 1) -> None:
    """Measure the weights that a run starts from, for the comparison in the card; kept in the cache."""
    target = to_onnx(weights, cache / "first-stage.onnx", size)
    figures = all_figures(target, CutoutModel(out / "cutout.onnx", 2), data, cache, size, every)
    write_json(cache / "first-stage.json", figures)


def _listed(values: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.2f}" for name, value in sorted(values.items(), key=lambda i: -i[1]))
