"""Segmentation measured: what the chain, and the detector on the photo alone, find of labelled pieces of clothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

import numpy as np

from pipeline.catalogue import Meter
from pipeline.draw import annotate
from pipeline.evaluation.sets import Labelled
from pipeline.kinds import KINDS
from pipeline.training.datasets import DataUnreadable, Street
from pipeline.training.segmenter_score import Finding, MaskScore, box_overlaps, mean_precision, partners
from pipeline.types import Cutout, Photo, Piece, mask_box

AS_RUN, ALONE = "as_run", "photo_alone"
TITLES = {AS_RUN: "Chain as run", ALONE: "Detector on the photo alone"}
NOTHING = "nothing"
WORST, BEST = 12, 6
# Levels of recall that the curves in the document have.
RECALLS = 21


class Finder(Protocol):
    """The stages that are measured."""

    def cut(self, photo: Photo) -> Cutout:
        """The background removed."""
        ...

    def chain(self, cutout: Cutout) -> list[Finding]:
        """What the chain finds, down to a low confidence."""
        ...

    def alone(self, rgb: np.ndarray) -> list[Finding]:
        """What the detector finds on the whole photo, with no other stage."""
        ...


@dataclass
class Tally:
    """What one way to find pieces did, over all photos so far.

    decided: confidence from which a finding is shown to people.
    """

    decided: float
    masks: MaskScore = field(default_factory=MaskScore)
    boxes: MaskScore = field(default_factory=lambda: MaskScore(box_overlaps))

    def __post_init__(self) -> None:
        self.confusion = np.zeros((len(KINDS) + 1, len(KINDS) + 1), int)

    def add(self, truth: list[tuple[int, np.ndarray]], found: list[Finding]) -> Outcome:
        """Count a photo; returns what is shown of it."""
        ious = self.masks.add(truth, found)
        self.boxes.add(truth, found)
        sure = [n for n, (_, score, _) in enumerate(found) if score >= self.decided]
        pairs = [(sure[row], piece) for row, piece in partners(ious[sure])]
        for finding, piece in pairs:
            self.confusion[truth[piece][0], found[finding][0]] += 1
        for piece in set(range(len(truth))) - {piece for _, piece in pairs}:
            self.confusion[truth[piece][0], -1] += 1
        for finding in set(sure) - {finding for finding, _ in pairs}:
            self.confusion[-1, found[finding][0]] += 1
        right = [ious[f, p] for f, p in pairs if found[f][0] == truth[p][0]]
        return Outcome(len(truth), len(sure), len(right), float(np.sum(right)))

    def document(self) -> dict[str, Any]:
        """The figures, for JSON."""
        kinds = np.bincount(self.masks.true_kinds, minlength=len(KINDS))
        masks, boxes = self.masks.by_kind(), self.boxes.by_kind()
        right, true, found = self.confusion.trace(), self.confusion[:-1].sum(), self.confusion[:, :-1].sum()
        steps = np.linspace(0, 999, RECALLS).round().astype(int)
        return {
            "mask": _means(masks),
            "box": _means(boxes),
            "mean_iou": round(float(np.mean(self.masks.ious)), 4),
            "precision": round(float(right / max(1, found)), 4),
            "recall": round(float(right / max(1, true)), 4),
            "by_kind": {
                kind: {
                    "pieces": int(kinds[KINDS.index(kind)]),
                    "mask_ap50": round(float(masks[kind][0][0]), 4),
                    "mask_ap50_95": round(float(masks[kind][0].mean()), 4),
                    "box_ap50": round(float(boxes[kind][0][0]), 4),
                    "box_ap50_95": round(float(boxes[kind][0].mean()), 4),
                    "mask_precision_at_recall": np.round(masks[kind][1][steps], 4).tolist(),
                }
                for kind in masks
            },
            "confusion": {"kinds": [*KINDS, NOTHING], "counts": self.confusion.tolist()},
        }


def _means(by_kind: dict[str, tuple[np.ndarray, np.ndarray]]) -> dict[str, float]:
    means = mean_precision({kind: ap for kind, (ap, _) in by_kind.items()})
    return {"map50": means["mAP50"], "map50_95": means["mAP50_95"]}


@dataclass(frozen=True)
class Outcome:
    """A photo at the confidence that is shown: pieces there, found, found with the right kind, and the IoUs' sum."""

    true: int
    found: int
    right: int
    overlap: float

    @property
    def quality(self) -> float:
        """Panoptic quality (Kirillov et al., 2019), kinds taken together: 1 is perfect."""
        return self.overlap / max(0.5 * (self.true + self.found), 0.5)


@dataclass(frozen=True, eq=False)
class Example:
    """A photo with the true pieces drawn beside the found ones, (H, W, 3) uint8; and both sides' kinds, as numbered."""

    name: str
    outcome: Outcome
    pixels: np.ndarray
    labelled: tuple[str, ...]
    found: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Segmentation:
    """Everything that a report of segmentation shows. worst, best: examples by their quality."""

    document: dict[str, Any]
    worst: tuple[Example, ...]
    best: tuple[Example, ...]


def measure(
    data: Labelled, finder: Finder, models: dict[str, str], decided: float, meter: Meter, pictures: bool
) -> Segmentation:
    """Run both ways over labelled photos.

    Args:
        models: names of the models in use. decided: least confidence of what is shown to people.
        pictures: whether examples are wanted.

    Raises:
        DataUnreadable: see `Labelled.photos`; or none of the photos has a piece of our kinds.
    """
    photos = data.photos()
    tallies = {AS_RUN: Tally(decided), ALONE: Tally(decided)}
    worst, best = Shelf(WORST, lambda quality: quality), Shelf(BEST, lambda quality: -quality)
    for done, street in enumerate(photos):
        meter.tell("Finding pieces", done, len(photos))
        truth = street.pieces()
        found = finder.chain(finder.cut(Photo(street.rgb)))
        outcome = tallies[AS_RUN].add(truth, found)
        tallies[ALONE].add(truth, finder.alone(street.rgb))
        if pictures and truth:
            drawn = partial(_example, street, truth, found, outcome, decided)
            worst.offer(outcome.quality, drawn)
            best.offer(outcome.quality, drawn)
    if not tallies[AS_RUN].masks.true_kinds:
        raise DataUnreadable(
            f"None of the {len(photos)} photos of “{data.root}” has a mask of our kinds ({', '.join(KINDS)})."
        )
    document = {
        "task": "segmentation",
        **data.document(len(photos), "photos"),
        "pieces": len(tallies[AS_RUN].masks.true_kinds),
        "models": models,
        "confidence": decided,
        **{name: tally.document() for name, tally in tallies.items()},
    }
    poor = {example.name for example in worst.kept}
    return Segmentation(document, worst.kept, tuple(example for example in best.kept if example.name not in poor))


class Shelf:
    """The first few examples of an order; what does not belong to them is never drawn."""

    def __init__(self, size: int, order: Callable[[float], float]) -> None:
        self._size, self._order = size, order
        self._rows: list[tuple[float, int, Example]] = []
        self._offered = 0

    def offer(self, quality: float, make: Callable[[], Example]) -> None:
        """Keep what `make` makes if it belongs here."""
        self._offered += 1
        place = self._order(quality)
        if len(self._rows) < self._size or place < self._rows[-1][0]:
            self._rows = sorted([*self._rows, (place, self._offered, make())], key=lambda row: row[:2])[: self._size]

    @property
    def kept(self) -> tuple[Example, ...]:
        """The examples in order."""
        return tuple(example for _, _, example in self._rows)


def _example(
    street: Street, truth: Sequence[tuple[int, np.ndarray]], found: Sequence[Finding], outcome: Outcome, decided: float
) -> Example:
    photo = Photo(street.rgb)
    labelled = [_piece(kind, 1.0, mask) for kind, mask in truth]
    shown = [_piece(kind, score, mask) for kind, score, mask in found if score >= decided]
    gap = np.full((photo.size[1], max(2, photo.size[0] // 60), 3), 255, np.uint8)
    pixels = np.hstack([annotate(photo, labelled), gap, annotate(photo, shown)])
    kinds = (tuple(piece.label for piece in pieces) for pieces in (labelled, shown))
    return Example(street.stem, outcome, pixels, *kinds)


def _piece(kind: int, score: float, mask: np.ndarray) -> Piece:
    return Piece(KINDS[kind], score, mask_box(mask) or (0, 0, 0, 0), mask)
