"""Measures the segmenter on held-out pictures: masks, kinds, and which preparation of the photo serves it best.

`python -m pipeline.training.segmenter_measure --data DIR` compares the preparations and writes the table as JSON.
"""

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from pipeline.embeddings import KINDS_FILE, Embedder
from pipeline.kinds import KINDS
from pipeline.naming import named
from pipeline.pieces import PieceFinder, without_doubles
from pipeline.training import options
from pipeline.training.datasets import Data, held_out, opened, read_garments, read_rgb, read_streets
from pipeline.training.exporting import described, write_json
from pipeline.training.matte_export import CutoutModel
from pipeline.training.running import command
from pipeline.training.segmenter_data import PictureMaker, Piece
from pipeline.types import Cutout, Photo

IOU_STEPS = np.linspace(0.5, 0.95, 10)
# Confidence from which a piece counts as found wherever one has to decide.
DECIDED = 0.25
GREY = 128
# A garment of this share of a picture is large; a finding with this IoU shows it.
LARGE, FOUND = 0.015, 0.4

Finding = tuple[int, float, np.ndarray]
Find = Callable[[np.ndarray, np.ndarray], list[Finding]]


def _iou(a: np.ndarray, b: np.ndarray) -> float:
    either = np.count_nonzero(a | b)
    return np.count_nonzero(a & b) / either if either else 0.0


@dataclass
class MaskScore:
    """Collects one picture after the other; average precision as ultralytics computes it, at the pictures' size."""

    def __post_init__(self) -> None:
        self.hits: list[np.ndarray] = []
        self.scores: list[float] = []
        self.found_kinds: list[int] = []
        self.true_kinds: list[int] = []
        self.ious: list[float] = []

    def add(self, truth: list[Piece], found: list[Finding]) -> None:
        """Match the findings, surest first, each with the best free piece of its kind at every IoU step."""
        free = np.ones((len(truth), len(IOU_STEPS)), bool)
        best = np.zeros(len(truth))
        for kind, score, mask in sorted(found, key=lambda f: f[1], reverse=True):
            ious = np.array([_iou(mask, other) if kind == k else 0.0 for k, other in truth])
            hit = np.zeros(len(IOU_STEPS), bool)
            for step, least in enumerate(IOU_STEPS):
                open_ious = np.where(free[:, step], ious, 0) if len(truth) else ious
                if len(truth) and open_ious.max() >= least:
                    hit[step], free[open_ious.argmax(), step] = True, False
            if score >= DECIDED and len(truth):
                best = np.maximum(best, ious)
            self.hits.append(hit)
            self.scores.append(score)
            self.found_kinds.append(kind)
        self.true_kinds += [k for k, _ in truth]
        self.ious += best.tolist()

    def result(self) -> dict[str, Any]:
        """mAP50, mAP50_95, mean IoU of each true piece's best finding (0 for a missed one), AP50 by kind."""
        from ultralytics.utils.metrics import ap_per_class

        if not self.hits:
            return {"mAP50": 0.0, "mAP50_95": 0.0, "mean_iou": 0.0, "AP50": {}}
        out = ap_per_class(
            np.array(self.hits), np.array(self.scores), np.array(self.found_kinds), np.array(self.true_kinds)
        )
        ap, kinds = out[5], out[6]
        return {
            "mAP50": round(float(ap[:, 0].mean()), 4), "mAP50_95": round(float(ap.mean()), 4),
            "mean_iou": round(float(np.mean(self.ious)), 4),
            "AP50": {KINDS[k]: round(float(a), 3) for k, a in zip(kinds, ap[:, 0], strict=True)},
        }  # fmt: skip


def on_colour(rgb: np.ndarray, alpha: np.ndarray, colour: int) -> np.ndarray:
    """(H, W, 3) uint8: the foreground before an even grey level, 255 being white."""
    weight = alpha[..., None].astype(np.float32) / 255
    return np.rint(rgb * weight + colour * (1 - weight)).astype(np.uint8)


def raw_finder(weights: Path, size: int, least: float = 0.001) -> Callable[[np.ndarray], list[Finding]]:
    """The detector on one whole picture, down to a confidence of `least`."""
    from ultralytics import YOLO

    model: Any = YOLO(weights, task="segment")

    def find(rgb: np.ndarray) -> list[Finding]:
        picture = np.ascontiguousarray(rgb[..., ::-1])
        result = model.predict(picture, imgsz=size, conf=least, retina_masks=True, verbose=False, max_det=60)[0]
        if not len(result.boxes) or result.masks is None:
            return []
        masks = result.masks.data.cpu().numpy().astype(bool)
        kinds, scores = result.boxes.cls.int().tolist(), result.boxes.conf.tolist()
        return list(zip(kinds, scores, masks, strict=True))

    return find


def compare_preparations(
    weights: Path, cutout: CutoutModel, data: Data, cache: Path, size: int = 320
) -> dict[str, Any]:
    """Mask scores on the held-out street photos for each way to show them and each way to trim the masks."""
    find = raw_finder(weights, size)
    scores: dict[str, MaskScore] = {}
    for street in read_streets(data, cache, "val"):
        alpha, truth = cutout.alpha(street.rgb), street.pieces()
        shown = {
            "photo": street.rgb,
            "on white": on_colour(street.rgb, alpha, 255),
            "on grey": on_colour(street.rgb, alpha, GREY),
        }
        for name, picture in shown.items():
            found = find(picture)
            scores.setdefault(f"{name}, masks as found", MaskScore()).add(truth, found)
            trimmed = [(kind, score, mask & (alpha >= 128)) for kind, score, mask in found]
            scores.setdefault(f"{name}, masks within the cut-out", MaskScore()).add(truth, trimmed)
    return {name: score.result() for name, score in scores.items()}


def runtime_finder(weights: Path, threads: int = 2, embedder: Path | None = None) -> Find:
    """The stage that the product runs (whole photo and each figure, merged), down to a confidence of 0.02.

    embedder: folder of one that reads kinds, whose second opinion the product then hears.
    """
    finder = PieceFinder(weights, "candidate", threads)
    embed = Embedder(embedder, "candidate", threads) if embedder and (embedder / KINDS_FILE).exists() else None

    def find(rgb: np.ndarray, alpha: np.ndarray) -> list[Finding]:
        cutout = Cutout(Photo(rgb), alpha)
        pieces = finder(cutout, 0.02)
        if embed and embed.read_kinds and pieces:
            pieces = named(pieces, embed.read_kinds(embed.embed_pictures([p.crop(cutout) for p in pieces])))
            pieces = tuple(pieces[place] for place in without_doubles(pieces))
        return [(KINDS.index(p.label), p.score, p.mask) for p in pieces]

    return find


def street_score(find: Find, cutout: CutoutModel, data: Data, cache: Path) -> dict[str, Any]:
    """Mask scores of the product's stage on the held-out street photos."""
    score = MaskScore()
    for street in read_streets(data, cache, "val"):
        score.add(street.pieces(), find(street.rgb, cutout.alpha(street.rgb)))
    return score.result()


def home_score(find: Find, cutout: CutoutModel, data: Data, every: int = 1) -> dict[str, float]:
    """Garments of held-out senders: share whose largest piece has the right kind, as photographed and on white."""
    right = {"photo": 0, "on white": 0}
    nothing = {"photo": 0, "on white": 0}
    garments = read_garments(data, "val")[::every]
    for garment in garments:
        rgb = garment.read()
        alpha = cutout.alpha(rgb)
        for name, picture in (("photo", rgb), ("on white", on_colour(rgb, alpha, 255))):
            found = [f for f in find(picture, alpha) if f[1] >= DECIDED]
            nothing[name] += not found
            if found:
                right[name] += KINDS[max(found, key=lambda f: f[2].sum())[0]] == garment.kind
    count = max(1, len(garments))
    return {
        "pictures": len(garments),
        **{f"right kind, {name}": round(v / count, 4) for name, v in right.items()},
        **{f"nothing found, {name}": round(v / count, 4) for name, v in nothing.items()},
    }


def group_score(find: Find, cutout: CutoutModel, data: Data, cache: Path, pictures: int = 60) -> dict[str, float]:
    """Made-up photos of one to four held-out people at any size: share of their large garments that are found.

    Large is LARGE of the picture or more; found is a finding of the right kind at an IoU of FOUND or more.
    """
    streets = read_streets(data, cache, "val")
    if not len(streets):
        return {"pictures": 0}
    maker, right, large = PictureMaker(streets, [], seed=1), 0, 0
    for place in range(pictures):
        rgb, truth = maker.group() if place % 4 else maker.person()
        found = [f for f in find(rgb, cutout.alpha(rgb)) if f[1] >= DECIDED]
        for kind, mask in truth:
            if mask.mean() >= LARGE:
                large += 1
                right += any(k == kind and _iou(m, mask) >= FOUND for k, _, m in found)
    return {"pictures": pictures, "large garments": large, "found with the right kind": round(right / max(1, large), 4)}


def tag_score(find: Find, cutout: CutoutModel, data: Data, every: int = 1) -> dict[str, Any]:
    """Kinds found at a confidence of 0.25 against the tags of held-out photos without masks: F1 pooled and by kind."""
    both, found_count, true_count = (np.zeros(len(KINDS)) for _ in range(3))
    tags = opened(data).tags()
    stems = [stem for stem in sorted(tags) if held_out(f"photo {stem}")][::every]
    for stem in stems:
        path, tagged = tags[stem]
        rgb = read_rgb(path)
        kinds = {KINDS[k] for k, score, _ in find(rgb, cutout.alpha(rgb)) if score >= DECIDED}
        for place, kind in enumerate(KINDS):
            both[place] += kind in kinds and kind in tagged
            found_count[place] += kind in kinds
            true_count[place] += kind in tagged
    f1 = 2 * both / np.maximum(found_count + true_count, 1)
    return {
        "photos": len(stems),
        "precision": round(float(both.sum() / max(1, found_count.sum())), 4),
        "recall": round(float(both.sum() / max(1, true_count.sum())), 4),
        "f1": round(float(2 * both.sum() / max(1, found_count.sum() + true_count.sum())), 4),
        "f1 by kind": {kind: round(float(v), 3) for kind, v in zip(KINDS, f1, strict=True)},
    }


def familiar_pictures(find: Find, cutout: CutoutModel) -> dict[str, list[str]]:
    """What is found on pictures that everybody can look up; those that are not installed are left out."""
    from ultralytics.utils import ASSETS

    pictures: dict[str, np.ndarray] = {p.name: read_rgb(p, 1024) for p in sorted(ASSETS.glob("*.jpg"))}
    try:
        from skimage.data import astronaut

        pictures["astronaut"] = astronaut()
    except ImportError:
        pass
    return {name: _named(f for f in find(rgb, cutout.alpha(rgb)) if f[1] >= DECIDED) for name, rgb in pictures.items()}


def _named(found: Iterable[Finding]) -> list[str]:
    return [f"{KINDS[kind]} {score:.2f}" for kind, score, _ in sorted(found, key=lambda f: -f[1])]


def main(
    data: options.Data,
    models: Annotated[Path, typer.Option(help="Folder with cutout.onnx and pieces.onnx.")] = Path("assets/models"),
    out: Annotated[Path, typer.Option(help="Where the table goes.")] = Path("docs/segmenter-preparations.json"),
    cache: options.Cache = Path(".cache/training"),
) -> None:
    """Compare what the segmenter may be shown: the photo, or the cut-out on white or grey; masks trimmed or not."""
    table = compare_preparations(models / "pieces.onnx", CutoutModel(models / "cutout.onnx"), data, cache)
    marks = {name: described(models / name)["sha256"] for name in ("cutout.onnx", "pieces.onnx")}
    write_json(out, {"models": marks, "photos": "held-out street photos", "preparations": table})


if __name__ == "__main__":
    sys.exit(command(main))
