"""Measures the segmenter on held-out pictures: masks, kinds, and which preparation of the photo serves it best.

`python -m pipeline.training.segmenter_measure --data DIR` compares the preparations and writes the table as JSON.
"""

import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from pipeline.doubles import without_doubles
from pipeline.embeddings import KINDS_FILE, Embedder
from pipeline.kinds import KINDS
from pipeline.naming import named
from pipeline.pieces import PieceFinder
from pipeline.training import options
from pipeline.training.datasets import Data, held_out, opened, put_right, read_garments, read_rgb, read_streets
from pipeline.training.exporting import described, write_json
from pipeline.training.matte_export import CutoutModel
from pipeline.training.running import command
from pipeline.training.segmenter_pictures import PictureMaker
from pipeline.training.segmenter_score import DECIDED, Finding, MaskScore, Piece, mask_overlaps
from pipeline.types import Cutout, Photo

GREY = 128
# A garment of this share of a picture is large; a finding with this IoU shows it.
LARGE, FOUND = 0.015, 0.4
# Longest side in pixels of composed photos: a little more than the 830 of the photos that lend their people.
COMPOSED = 1024

Find = Callable[[np.ndarray, np.ndarray], list[Finding]]


def on_colour(rgb: np.ndarray, alpha: np.ndarray, colour: int) -> np.ndarray:
    """(H, W, 3) uint8: the foreground before an even grey level, 255 being white."""
    weight = alpha[..., None].astype(np.float32) / 255
    return np.rint(rgb * weight + colour * (1 - weight)).astype(np.uint8)


def raw_finder(weights: Path, size: int, least: float = 0.001) -> Callable[[np.ndarray], list[Finding]]:
    """The detector on one whole picture, down to a confidence of `least`."""
    from ultralytics import YOLO

    return photo_finder(YOLO(weights, task="segment"), dict(enumerate(KINDS)), size, least)


def photo_finder(
    model: Any, kinds: Mapping[int, str], size: int, least: float = 0.001
) -> Callable[[np.ndarray], list[Finding]]:
    """An ultralytics model on one whole picture. kinds: what its classes are, those of no kind left out."""

    def find(rgb: np.ndarray) -> list[Finding]:
        picture = np.ascontiguousarray(rgb[..., ::-1])
        result = model.predict(picture, imgsz=size, conf=least, retina_masks=True, verbose=False, max_det=60)[0]
        if not len(result.boxes) or result.masks is None:
            return []
        masks = result.masks.data.cpu().numpy().astype(bool)
        classes, scores = result.boxes.cls.int().tolist(), result.boxes.conf.tolist()
        found = zip(classes, scores, masks, strict=True)
        return [(KINDS.index(kinds[number]), score, mask) for number, score, mask in found if number in kinds]

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
    return chain_finder(finder, embed)


def chain_finder(finder: PieceFinder, embed: Embedder | None) -> Find:
    """The chain between the cut-out and the search, down to a confidence of 0.02, of stages that are loaded.

    embed: one that reads kinds is asked for its opinion, another one, or None, is not.
    """

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
    """Garments of held-out senders: share whose largest piece has the right kind, as photographed and on white.

    Told under the set's own names and, without those that nobody can tell, under the reviewed ones.
    """
    garments = read_garments(data, "val")[::every]
    found: dict[str, list[str]] = {"photo": [], "on white": []}
    for garment in garments:
        rgb = garment.read()
        alpha = cutout.alpha(rgb)
        for name, picture in (("photo", rgb), ("on white", on_colour(rgb, alpha, 255))):
            sure = [f for f in find(picture, alpha) if f[1] >= DECIDED]
            found[name].append(KINDS[max(sure, key=lambda f: f[2].sum())[0]] if sure else "")
    scores: dict[str, float] = {"pictures": len(garments)}
    told = {"": garments, ", names reviewed": [garment.put_right() for garment in garments]}
    for name, kinds in found.items():
        for whose, said in told.items():
            right = [kind == one.kind for kind, one in zip(kinds, said, strict=True) if one.kind]
            scores[f"right kind, {name}{whose}"] = round(sum(right) / max(1, len(right)), 4)
        scores[f"nothing found, {name}"] = round(kinds.count("") / max(1, len(kinds)), 4)
    return scores


def group_score(find: Find, cutout: CutoutModel, data: Data, cache: Path, pictures: int = 200) -> dict[str, float]:
    """Made-up photos of one to four held-out people at any size: share of their large garments that are found.

    Told under the set's own names and, the same pictures once more, under the reviewed ones (`datasets.review`); there
    a "suit", which in that set is a tailored jacket, counts as found when called outerwear, too.
    """
    if not len(streets := read_streets(data, cache, "val")):
        return {"pictures": 0}
    maker, twin = (PictureMaker(streets, [], seed=1, side=COMPOSED, rarer=0) for _ in range(2))
    # Which photos are drawn goes by the set's names: changed after that choice, the pictures are the same.
    twin.streets = put_right(streets)
    by_set, by_review = [], []
    for place in range(pictures):
        rgb, truth = maker.group() if place % 4 else maker.person()
        _, reviewed = twin.group() if place % 4 else twin.person()
        found = decided(find, cutout, rgb)
        by_set.append((truth, found))
        by_review.append((reviewed, found))
    suit, outerwear = map(KINDS.index, ("suit", "outerwear"))
    right = _large_found(by_review, or_else={suit: outerwear})
    return {
        "pictures": pictures,
        **_large_found(by_set, or_else={}),
        **{f"{name}, names reviewed": value for name, value in right.items()},
    }


def portrait_score(find: Find, cutout: CutoutModel, data: Data, cache: Path, pictures: int = 150) -> dict[str, float]:
    """Heads and shoulders of held-out people: share of their large garments that are found, and of the heads without
    a hat share that is given one. A dress counts as found when called a top, too: nothing above the waist tells."""
    if not len(streets := read_streets(data, cache, "val")):
        return {"pictures": 0}
    maker, (hat, dress, top) = PictureMaker(streets, [], seed=5), map(KINDS.index, ("hat", "dress", "top"))
    seen = [(truth, decided(find, cutout, rgb)) for rgb, truth in (maker.portrait() for _ in range(pictures))]
    bare = [found for truth, found in seen if hat not in {kind for kind, _ in truth}]
    hats = sum(hat in {kind for kind, *_ in found} for found in bare)
    scores = {"pictures": pictures, **_large_found(seen, or_else={dress: top})}
    return scores | {"hats on bare heads": round(hats / max(1, len(bare)), 4)}


def _large_found(seen: Iterable[tuple[list[Piece], list[Finding]]], or_else: Mapping[int, int]) -> dict[str, float]:
    """Of garments that cover LARGE of the picture or more the share for which there is a finding of the right kind, or
    of the one that may stand for it, at an IoU of FOUND or more."""
    right = [
        bool((mask_overlaps([m for k, _, m in found if k in (kind, or_else.get(kind))], [mask]) >= FOUND).any())
        for truth, found in seen
        for kind, mask in truth
        if mask.mean() >= LARGE
    ]
    return {"large garments": len(right), "found with the right kind": round(sum(right) / max(1, len(right)), 4)}


def tag_score(find: Find, cutout: CutoutModel, data: Data, every: int = 1) -> dict[str, Any]:
    """Kinds found at a confidence of 0.25 against the tags of held-out photos without masks: F1 pooled and by kind."""
    both, found_count, true_count = (np.zeros(len(KINDS)) for _ in range(3))
    photos = opened(data).tagged()
    stems = [stem for stem in sorted(photos) if held_out(f"photo {stem}")][::every]
    for stem in stems:
        tagged, rgb = photos[stem].kinds, read_rgb(photos[stem].path)
        kinds = {KINDS[kind] for kind, *_ in decided(find, cutout, rgb)}
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


def decided(find: Find, cutout: CutoutModel, rgb: np.ndarray) -> list[Finding]:
    """The findings of a confidence of DECIDED or more, the default of the product."""
    return [f for f in find(rgb, cutout.alpha(rgb)) if f[1] >= DECIDED]


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
