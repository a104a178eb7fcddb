"""Cutout -> pieces: YOLOv8n-seg through ultralytics, on the whole photo and on each figure in it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from pipeline.doubles import Found, merge, without_specks
from pipeline.edges import snapped
from pipeline.kinds import KINDS
from pipeline.types import Cutout, Piece, mask_box
from pipeline.views import MIN_FIGURE, Box, View, figures, windows, within
from pipeline.yolo import load

# A detection that covers this share of its figure in the cut-out is a garment alone, not somebody's: of held-out
# garments at home nine in ten are above it, of street photos' largest pieces one in thirty.
ALONE = 0.7
# Where a figure shows one garment, a faint detection is worth a second opinion (`pipeline.naming`).
FAINT = 0.08


class PieceFinder:
    """Finds and masks the pieces of clothing.

    The detector was trained on single figures that fill the picture. So it sees the whole photo and, at that same
    scale, the mirror image of each connected figure of the cut-out, which served better than the figure as it is
    (docs/decisions.md). What it finds twice is merged. A photo that is all one figure, of several
    people, say, is looked at window by window.
    """

    def __init__(self, model: Path, name: str, threads: int, allow_pickle: bool = False) -> None:
        """Load YOLO segmentation weights: ONNX as ultralytics exports it, or ultralytics' own .pt.

        Args:
            allow_pickle: whether a .pt may be opened; it can run any code.

        Raises:
            ModelMissing: the weights cannot be loaded, or must not be, or their classes are not known.
        """
        import torch

        self.name = name
        self._model, self._kinds, self._size = load(model, allow_pickle, lazily=True)
        # ultralytics sets torch to one core less than there is.
        torch.set_num_threads(threads)
        # ultralytics keeps the state of the current call in its predictor.
        self._lock = threading.Lock()

    def __call__(self, cutout: Cutout, min_score: float) -> tuple[Piece, ...]:
        """The pieces of confidence at least `min_score`, and fainter ones that are alone; the surest first.

        Masks are at the photo's size.
        """
        front = cutout.alpha >= 128
        views = [View((0, 0, *cutout.photo.size)), *(View(box, mirrored=True) for box in figures(cutout.alpha))]
        parts = Parts.of(front)
        found = self._detect(cutout, views, parts, min_score)
        merged = merge(found, front)
        if len(views) == 1 and front.mean() >= MIN_FIGURE and not alone_in(merged, parts, min_score):
            found += self._detect(cutout, [View(box) for box in windows(cutout.photo.size)], parts, min_score)
            merged = merge(found, front)
        return completed(merged, parts, cutout.photo.pixels, min_score)

    def _detect(self, cutout: Cutout, views: Sequence[View], parts: Parts, min_score: float) -> list[Found]:
        crops = [view.of(cutout.photo.pixels) for view in views]
        with self._lock:
            results = self._model.predict(
                crops, imgsz=self._size, conf=min(min_score, FAINT), verbose=False, max_det=40
            )
        found = []
        for view, result in zip(views, results, strict=True):
            seen = result.detections
            for place, (kind, score) in enumerate(zip(seen.classes.tolist(), seen.scores.tolist(), strict=True)):
                box = view.placed(seen.corners(place))
                # Most detections are faint: they are outlined only where they can turn out to be alone.
                if kind in self._kinds and (score >= min_score or parts.may_fill(box)):
                    opinion = self._opinion(seen.confidences[place])
                    mask = view.turned(seen.mask(place))
                    found.append(Found(self._kinds[kind], score, box, mask, opinion, seen.cell))
        return found

    def _opinion(self, confidences: np.ndarray) -> np.ndarray:
        """(classes,) confidences -> (len(KINDS),): of several classes of one kind the surest counts."""
        opinion = np.zeros(len(KINDS))
        for place, kind in self._kinds.items():
            if place < len(confidences):
                opinion[KINDS.index(kind)] = max(opinion[KINDS.index(kind)], confidences[place])
        return opinion


@dataclass(frozen=True, eq=False)
class Parts:
    """The connected parts of the foreground: number_of (H, W) int32, 0 = background; sizes (N,) in pixels."""

    number_of: np.ndarray
    sizes: np.ndarray

    @classmethod
    def of(cls, front: np.ndarray) -> Parts:
        """The parts of an (H, W) bool foreground."""
        _, number_of, stats, _ = cv2.connectedComponentsWithStats(front.astype(np.uint8))
        return cls(number_of, stats[:, cv2.CC_STAT_AREA])

    def covered(self, box: Box, mask: np.ndarray) -> tuple[int, bool]:
        """The part that a mask within the box covers most of, 0 for none, and whether it covers ALONE of that part."""
        shares = self._shares(self.number_of[within(box)][mask])
        part = int(shares.argmax())
        return part, bool(shares[part] >= ALONE * self.sizes[part])

    def may_fill(self, box: Box) -> bool:
        """Whether some mask within the box could cover ALONE of a part."""
        shares = self._shares(self.number_of[within(box)].ravel())
        return bool((shares >= ALONE * self.sizes)[1:].any())

    def _shares(self, numbers: np.ndarray) -> np.ndarray:
        shares = np.bincount(numbers, minlength=len(self.sizes))
        shares[0] = 0
        return shares


def alone_in(found: Sequence[Found], parts: Parts, min_score: float) -> dict[int, int]:
    """The places of the detections that are alone in a part of the foreground, and that part; of several the surest,
    unless a surer piece of at least `min_score` lies there."""
    taken: set[int] = set()
    filled = {}
    for place, one in enumerate(found):
        part, alone = parts.covered(one.box, one.mask)
        if alone and part not in taken:
            filled[place] = part
        elif one.score < min_score:
            continue
        taken.add(part)
    return filled


def completed(found: Sequence[Found], parts: Parts, pixels: np.ndarray, min_score: float) -> tuple[Piece, ...]:
    """Pieces that are alone in their part of the foreground get all of it; others below `min_score` are left out.

    Args:
        found: the surest first.
        pixels: (H, W, 3) uint8, the photo, on whose edges the masks of worn pieces come to lie.
    """
    filled = alone_in(found, parts, min_score)
    kept = []
    for place, one in enumerate(found):
        opinion = tuple(one.opinion.tolist())
        if place in filled:
            mask = parts.number_of == filled[place]
            kept.append(Piece(one.label, one.score, mask_box(mask) or one.box, mask, alone=True, opinion=opinion))
        elif one.score >= min_score:
            fine = on_edges(one, pixels)
            kept.append(Piece(one.label, one.score, fine.box, fine.whole(parts.number_of.shape), opinion=opinion))
    return tuple(kept)


def on_edges(found: Found, pixels: np.ndarray) -> Found:
    """The detection with the edge of its mask moved onto the photo's, at most by about a cell."""
    reach = round(2 * found.cell)
    height, width = pixels.shape[:2]
    x0, y0, x1, y1 = found.box
    box = max(x0 - reach, 0), max(y0 - reach, 0), min(x1 + reach, width), min(y1 + reach, height)
    before = np.pad(found.mask.astype(np.float32), ((y0 - box[1], box[3] - y1), (x0 - box[0], box[2] - x1)))
    mask = snapped(pixels[within(box)], before, found.cell) > 0.5
    # What is smaller than a cell and of no colour of its own would vanish.
    return without_specks(replace(found, box=box, mask=mask)) if mask.any() else found
