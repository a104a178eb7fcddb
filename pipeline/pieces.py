"""Cutout -> pieces: YOLOv8n-seg through ultralytics, on the whole photo and on each figure in it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from scipy import ndimage

from pipeline.types import Cutout, Piece, mask_box
from pipeline.yolo import load

Box = tuple[int, int, int, int]

# Figures are told apart on a grid of about this many cells along the long side, ...
GRID = 160
# ... among cells this opaque, after this many layers of cells were worn away.
SOLID = 220
WORN_AWAY = 2
# A connected part of the cut-out below this share of the photo is no figure worth a look of its own.
MIN_FIGURE = 0.01
MAX_FIGURES = 6
FIGURE_MARGIN = 0.1
# A figure that fills this share of the photo is seen at the right scale already.
WHOLE_PHOTO = 0.8
# Two detections that share this much of the smaller mask are the same piece: seen twice, or named twice.
SAME_KIND_OVERLAP = 0.6
OTHER_KIND_OVERLAP = 0.8
# A detection with less than this share of its mask in front is no piece: see docs/decisions.md.
IN_FRONT = 0.3
# Where the cut-out agrees with this share of a mask, it knows the edge better; elsewhere it may have missed a part.
AGREED = 0.9
# Parts of a mask below this share of its largest part are specks.
SPECK = 0.05
# A detection that covers this share of its figure in the cut-out is a garment alone, not somebody's: of held-out
# garments at home nine in ten are above it, of street photos' largest pieces one in thirty.
ALONE = 0.7
# Where a figure shows one garment, a faint detection is worth a second opinion (`pipeline.naming`).
FAINT = 0.08
# Masks below this many pixels leave nothing to embed.
MIN_PIXELS = 64


@dataclass(frozen=True)
class _Found:
    """A detection in one view, before the views are merged: `mask` (h, w) bool lies at `view` in the photo."""

    label: str
    score: float
    view: Box
    mask: np.ndarray

    @property
    def area(self) -> int:
        return int(self.mask.sum())


class PieceFinder:
    """Finds and masks the pieces of clothing.

    The detector was trained on single figures that fill the picture. So it sees the whole photo and, at that same
    scale, each connected figure of the cut-out; what it finds twice is merged.
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
        self._model, self._kinds, self._size = load(model, allow_pickle)
        # ultralytics sets torch to one core less than there is.
        torch.set_num_threads(threads)
        # ultralytics keeps the state of the current call in its predictor.
        self._lock = threading.Lock()

    def __call__(self, cutout: Cutout, min_score: float) -> tuple[Piece, ...]:
        """The pieces of confidence at least `min_score`, and fainter ones that are alone; the surest first.

        Masks are at the photo's size.
        """
        views, front = [(0, 0, *cutout.photo.size), *figures(cutout.alpha)], cutout.alpha >= 128
        return completed(merge(self._detect(cutout, views, min(min_score, FAINT)), front), front, min_score)

    def _detect(self, cutout: Cutout, views: Sequence[Box], min_score: float) -> list[_Found]:
        # ultralytics takes arrays in BGR order.
        crops = [np.ascontiguousarray(cutout.photo.pixels[y0:y1, x0:x1, ::-1]) for x0, y0, x1, y1 in views]
        with self._lock:
            results = self._model.predict(
                crops, imgsz=self._size, conf=min_score, retina_masks=True, verbose=False, max_det=40
            )
        found = []
        for view, result in zip(views, results, strict=True):
            if not len(result.boxes):
                continue
            masks = result.masks.data.cpu().numpy().astype(bool)
            for kind, score, mask in zip(result.boxes.cls.tolist(), result.boxes.conf.tolist(), masks, strict=True):
                if int(kind) in self._kinds:
                    found.append(_Found(self._kinds[int(kind)], float(score), view, mask))
        return found


def figures(alpha: np.ndarray) -> list[Box]:
    """Padded xyxy boxes of the figures in a cut-out, largest first.

    Figures that hardly touch, garments laid side by side, say, are taken apart: thin bridges are worn away before
    the connected parts are counted.

    Args:
        alpha: (H, W) uint8, 255 = foreground.
    """
    height, width = alpha.shape
    step = max(1, max(height, width) // GRID)
    solid = alpha[::step, ::step] >= SOLID
    cores, _ = ndimage.label(ndimage.binary_erosion(solid, iterations=WORN_AWAY))
    sizes = np.bincount(cores.ravel())
    boxes = ndimage.find_objects(cores)
    order = np.argsort(sizes[1:])[::-1]
    views = []
    for i in order[:MAX_FIGURES]:
        if sizes[i + 1] < MIN_FIGURE * solid.size:
            break
        rows, columns = ((part.start - WORN_AWAY, part.stop + WORN_AWAY) for part in boxes[i])
        margin = round(FIGURE_MARGIN * max(rows[1] - rows[0], columns[1] - columns[0]))
        x0, y0 = max(columns[0] - margin, 0) * step, max(rows[0] - margin, 0) * step
        x1, y1 = min((columns[1] + margin) * step, width), min((rows[1] + margin) * step, height)
        if (x1 - x0) * (y1 - y0) < WHOLE_PHOTO * alpha.size:
            views.append((x0, y0, x1, y1))
    return views


def merge(found: Sequence[_Found], front: np.ndarray) -> tuple[Piece, ...]:
    """Detections of several views of one photo -> its pieces, the surest first, without doubles.

    front: (H, W) bool, the foreground; what lies behind it is left out.
    """
    kept: list[Piece] = []
    for detection in sorted(found, key=lambda d: d.score, reverse=True):
        if detection.area < MIN_PIXELS:
            continue
        mask = np.zeros(front.shape, bool)
        x0, y0, x1, y1 = detection.view
        mask[y0:y1, x0:x1] = detection.mask
        in_front = np.count_nonzero(mask & front) / detection.area
        if in_front < IN_FRONT:
            continue
        mask = _without_specks(mask & front if in_front >= AGREED else mask)
        if any(_doubles(detection.label, mask, other) for other in kept):
            continue
        box = mask_box(mask)
        assert box is not None
        kept.append(Piece(detection.label, detection.score, box, mask))
    return tuple(kept)


def completed(pieces: Sequence[Piece], front: np.ndarray, min_score: float) -> tuple[Piece, ...]:
    """Pieces that are alone in their figure get all of it as their mask; others below `min_score` are left out.

    Args:
        pieces: the surest first. front: (H, W) bool, the foreground.
    """
    _, figure_of = cv2.connectedComponents(front.astype(np.uint8))
    sizes = np.bincount(figure_of.ravel())
    taken: set[int] = set()
    kept = []
    for piece in pieces:
        shares = np.bincount(figure_of[piece.mask], minlength=len(sizes))
        shares[0] = 0
        figure = int(shares.argmax())
        if shares[figure] >= ALONE * sizes[figure] and figure not in taken:
            mask = figure_of == figure
            kept.append(replace(piece, mask=mask, box=mask_box(mask) or piece.box, alone=True))
            taken.add(figure)
        elif piece.score >= min_score:
            kept.append(piece)
            taken.add(figure)
    return tuple(kept)


def without_doubles(pieces: Sequence[Piece]) -> list[int]:
    """The places of the pieces to keep after some were renamed: of two of one kind on the same ground the surer."""
    kept: list[int] = []
    for place in sorted(range(len(pieces)), key=lambda n: -pieces[n].score):
        if not any(_doubles(pieces[place].label, pieces[place].mask, pieces[other]) for other in kept):
            kept.append(place)
    return sorted(kept)


def _without_specks(mask: np.ndarray) -> np.ndarray:
    box = mask_box(mask)
    assert box is not None
    x0, y0, x1, y1 = box
    parts, count = ndimage.label(mask[y0:y1, x0:x1])
    if count < 2:
        return mask
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    kept: np.ndarray = (sizes >= SPECK * sizes.max()) & (sizes > 0)
    clean = np.zeros_like(mask)
    clean[y0:y1, x0:x1] = kept[parts]
    return clean


def _doubles(label: str, mask: np.ndarray, other: Piece) -> bool:
    shared = int(np.count_nonzero(mask & other.mask))
    if not shared:
        return False
    small, large = sorted((int(np.count_nonzero(mask)), int(np.count_nonzero(other.mask))))
    if label == other.label:
        return shared >= SAME_KIND_OVERLAP * small
    # A belt lies on trousers: pieces of different kinds are doubles only if they cover the same ground.
    return shared >= OTHER_KIND_OVERLAP * large
