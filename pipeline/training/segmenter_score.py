"""Findings against labelled pieces: overlaps, average precision as ultralytics computes it, and what matches what."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pipeline.kinds import KINDS
from pipeline.training.segmenter_pictures import Piece
from pipeline.types import mask_box

IOU_STEPS = np.linspace(0.5, 0.95, 10)
# Confidence from which a piece counts as found wherever one has to decide.
DECIDED = 0.25

Finding = tuple[int, float, np.ndarray]


def mask_overlaps(found: Sequence[np.ndarray], truth: Sequence[np.ndarray]) -> np.ndarray:
    """(F, T) float32: the IoU of each of F masks with each of T, all (H, W) bool of one size; empty ones have none."""
    if not found or not truth:
        return np.zeros((len(found), len(truth)), np.float32)
    rows, columns = (np.stack([m.ravel() for m in masks]).astype(np.float32) for masks in (found, truth))
    both = rows @ columns.T
    return both / np.maximum(rows.sum(1)[:, None] + columns.sum(1)[None] - both, 1)


def box_overlaps(found: Sequence[np.ndarray], truth: Sequence[np.ndarray]) -> np.ndarray:
    """(F, T) float32: the IoU of the boxes around the masks."""
    from torch import tensor
    from torchvision.ops import box_iou

    if not found or not truth:
        return np.zeros((len(found), len(truth)), np.float32)
    rows, columns = (tensor([mask_box(m) or (0, 0, 0, 0) for m in masks]).float() for masks in (found, truth))
    return box_iou(rows, columns).nan_to_num().numpy()


@dataclass
class AveragePrecision:
    """Collects one picture after the other; average precision as ultralytics computes it."""

    hits: list[np.ndarray] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    found_kinds: list[int] = field(default_factory=list)
    true_kinds: list[int] = field(default_factory=list)

    def add(self, truth: Sequence[int], found: Sequence[tuple[int, float]], ious: np.ndarray) -> None:
        """Match the findings, surest first, each with the best free piece of its kind at every IoU step.

        Args:
            truth: kinds of T pieces. found: kind and confidence of F findings. ious: (F, T).
        """
        free = np.ones((len(truth), len(IOU_STEPS)), bool)
        own = np.array(truth, int)
        for place in sorted(range(len(found)), key=lambda n: -found[n][1]):
            kind, score = found[place]
            candidates = np.where(own == kind, ious[place], 0.0)
            hit = np.zeros(len(IOU_STEPS), bool)
            for step, least in enumerate(IOU_STEPS):
                left = np.where(free[:, step], candidates, 0.0)
                if len(left) and left.max() >= least:
                    hit[step], free[left.argmax(), step] = True, False
            self.hits.append(hit)
            self.scores.append(score)
            self.found_kinds.append(kind)
        self.true_kinds += truth

    def by_kind(self) -> dict[int, tuple[np.ndarray, np.ndarray]]:
        """For each kind that the pictures show: AP at each of IOU_STEPS, and precision at 1,000 even steps of recall.

        A finder without a mistake has an AP of 0.995, not 1: ultralytics lets the curve fall to 0 at a recall of 1.
        """
        from ultralytics.utils.metrics import ap_per_class

        if not self.hits:
            return {kind: (np.zeros(len(IOU_STEPS)), np.zeros(1000)) for kind in sorted(set(self.true_kinds))}
        out = ap_per_class(
            np.array(self.hits), np.array(self.scores), np.array(self.found_kinds), np.array(self.true_kinds)
        )
        return {int(kind): (ap, curve) for kind, ap, curve in zip(out[6], out[5], out[11], strict=True)}


class MaskScore:
    """Average precision of masks, or of the boxes around them, and how well each true piece is covered."""

    def __init__(self, overlaps: Callable[[list[np.ndarray], list[np.ndarray]], np.ndarray] = mask_overlaps) -> None:
        """overlaps: mask_overlaps or box_overlaps."""
        self._overlaps, self._precision = overlaps, AveragePrecision()
        self.ious: list[float] = []

    @property
    def true_kinds(self) -> list[int]:
        """The kind of every true piece so far."""
        return self._precision.true_kinds

    def add(self, truth: list[Piece], found: list[Finding]) -> np.ndarray:
        """Add a picture's pieces and findings; returns their (F, T) overlaps."""
        ious = self._overlaps([mask for _, _, mask in found], [mask for _, mask in truth])
        self._precision.add([kind for kind, _ in truth], [(kind, score) for kind, score, _ in found], ious)
        sure = np.array([score >= DECIDED for _, score, _ in found], bool)
        alike = np.array([[kind == own for own, _ in truth] for kind, _, _ in found], bool).reshape(ious.shape)
        # A piece that is missed has an IoU of 0.
        self.ious += np.where(alike & sure[:, None], ious, 0.0).max(axis=0, initial=0.0).tolist()
        return ious

    def by_kind(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """AP and curve of each kind that the pictures show, as AveragePrecision has them."""
        return {KINDS[kind]: both for kind, both in self._precision.by_kind().items()}

    def result(self) -> dict[str, Any]:
        """mAP50, mAP50_95, mean IoU of each true piece's best finding (0 for a missed one), AP50 by kind."""
        by_kind = {kind: ap for kind, (ap, _) in self.by_kind().items()}
        if not by_kind:
            return {"mAP50": 0.0, "mAP50_95": 0.0, "mean_iou": 0.0, "AP50": {}}
        return {
            **mean_precision(by_kind),
            "mean_iou": round(float(np.mean(self.ious)), 4),
            "AP50": {kind: round(float(ap[0]), 3) for kind, ap in by_kind.items()},
        }


def mean_precision(by_kind: dict[str, np.ndarray]) -> dict[str, float]:
    """The means over kinds of AP at an IoU of 0.5 and over all steps. by_kind: (len(IOU_STEPS),) each, one or more."""
    steps = np.stack(list(by_kind.values()))
    return {"mAP50": round(float(steps[:, 0].mean()), 4), "mAP50_95": round(float(steps.mean()), 4)}


def partners(ious: np.ndarray, least: float = 0.5) -> list[tuple[int, int]]:
    """(finding, piece) that show the same ground, whatever their kinds: the best overlap first, each taken once."""
    pairs: list[tuple[int, int]] = []
    left = ious.copy()
    while left.size and left.max() >= least:
        finding, piece = (int(n) for n in np.unravel_index(left.argmax(), left.shape))
        pairs.append((finding, piece))
        left[finding], left[:, piece] = 0, 0
    return pairs
