"""Detections of several looks at one photo -> without doubles: each garment once, under one name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np

from pipeline.types import Piece, mask_box
from pipeline.views import Box, within

# Two detections that share this much of the smaller mask are the same piece: seen twice, or named twice.
SAME_KIND_OVERLAP = 0.6
OTHER_KIND_OVERLAP = 0.8
# A second name for the same ground counts as a double from this confidence on; fainter ones are for who asks for them.
SECOND_NAME = 0.3
# A garment with this share of its mask within that of another kind, and with less than this share of its confidence, is
# part of it under a wrong name.
INSIDE, LESS_SURE = 0.9, 0.5
# Within one of these, if it is surer, there is no garment at all: what looks like one is a leg of it, say.
HOLDS_NONE = frozenset({"bag", "trousers", "shorts"})
# What lies on other garments, such as a belt on trousers, is no part of them.
GARMENTS = frozenset({"top", "sweater", "outerwear", "suit", "dress", "trousers", "shorts", "skirt"})
# Of two doubles this much alike (intersection over union), each has a say in what the piece is.
SAME_GROUND = 0.5
# A detection with less than this share of its mask in front is no piece: see docs/decisions.md.
IN_FRONT = 0.3
# Where the cut-out agrees with this share of a mask, it knows the edge better; elsewhere it may have missed a part.
AGREED = 0.9
# Parts of a mask below this share of its largest part are specks.
SPECK = 0.05
# Masks below this many pixels leave nothing to embed.
MIN_PIXELS = 64


@dataclass(frozen=True, eq=False)
class Found:
    """A detection before the views are merged: `mask`, of the size of `box`, lies there in the photo.

    opinion: (len(KINDS),) float, the confidence in each kind. cell: pixels of the photo that a cell of the net's mask
    spans.
    """

    label: str
    score: float
    box: Box
    mask: np.ndarray
    opinion: np.ndarray
    cell: float = 1.0

    @cached_property
    def area(self) -> int:
        """Pixels of the mask."""
        return int(np.count_nonzero(self.mask))

    def whole(self, shape: tuple[int, ...]) -> np.ndarray:
        """The mask in the photo, (H, W) bool."""
        mask = np.zeros(shape, bool)
        mask[within(self.box)] = self.mask
        return mask


def merge(found: Sequence[Found], front: np.ndarray) -> tuple[Found, ...]:
    """Detections of several views of one photo -> without doubles, the surest first.

    front: (H, W) bool, the foreground; what lies behind it is left out.
    """
    kept: list[Found] = []
    for detection in sorted(found, key=lambda d: d.score, reverse=True):
        if detection.area < MIN_PIXELS:
            continue
        before = front[within(detection.box)]
        in_front = np.count_nonzero(detection.mask & before) / detection.area
        if in_front < IN_FRONT:
            continue
        if in_front >= AGREED:
            detection = replace(detection, mask=detection.mask & before)
        for place, other in enumerate(kept):
            shared = _shared(detection, other)
            if _doubles(detection, other, shared):
                # Another look at the same ground, or another name for it, is another opinion on its kind.
                alike = shared / (detection.area + other.area - shared)
                if alike >= SAME_GROUND:
                    kept[place] = replace(other, opinion=other.opinion + alike * detection.opinion)
                if _superfluous(detection, other):
                    break
        else:
            if not _made_up(detection, kept):
                kept.append(without_specks(detection))
    return tuple(kept)


def without_doubles(pieces: Sequence[Piece]) -> list[int]:
    """The places of the pieces to keep after some were renamed: of two of one kind on the same ground the surer."""
    kept: dict[int, Found] = {}
    for place in sorted(range(len(pieces)), key=lambda n: -pieces[n].score):
        piece = pieces[place]
        x0, y0, x1, y1 = (int(edge) for edge in piece.box)
        one = Found(piece.label, piece.score, (x0, y0, x1, y1), piece.mask[y0:y1, x0:x1], np.zeros(0))
        surer = list(kept.values())
        doubled = any(_doubles(one, other, _shared(one, other)) and _superfluous(one, other) for other in surer)
        if not doubled and not _made_up(one, surer):
            kept[place] = one
    return sorted(kept)


def without_specks(found: Found) -> Found:
    """The detection with its mask without specks, and the box of what is left."""
    mask = found.mask
    count, parts, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    if count > 2:
        sizes = stats[:, cv2.CC_STAT_AREA].copy()
        sizes[0] = 0
        mask = (sizes >= max(1, SPECK * sizes.max()))[parts]
    left, top, right, bottom = mask_box(mask) or (0, 0, *mask.shape[::-1])
    x0, y0, *_ = found.box
    box = (x0 + left, y0 + top, x0 + right, y0 + bottom)
    return replace(found, box=box, mask=mask[top:bottom, left:right])


def _shared(one: Found, other: Found) -> int:
    """Pixels that both masks cover."""
    x0, y0 = max(one.box[0], other.box[0]), max(one.box[1], other.box[1])
    x1, y1 = min(one.box[2], other.box[2]), min(one.box[3], other.box[3])
    if x0 >= x1 or y0 >= y1:
        return 0
    parts = (f.mask[y0 - f.box[1] : y1 - f.box[1], x0 - f.box[0] : x1 - f.box[0]] for f in (one, other))
    return int(np.count_nonzero(np.logical_and(*parts)))


def _doubles(one: Found, other: Found, shared: int) -> bool:
    """Whether a detection shows what a surer one, `other`, shows; shared: pixels that both masks cover."""
    small, large = sorted((one.area, other.area))
    if not shared:
        return False
    if one.label == other.label:
        return shared >= SAME_KIND_OVERLAP * small
    part = one.label in GARMENTS and shared >= INSIDE * one.area
    if part and (other.label in HOLDS_NONE or other.label in GARMENTS and one.score < LESS_SURE * other.score):
        return True
    # A belt lies on trousers: other pieces of different kinds are doubles only if they cover the same ground.
    return shared >= OTHER_KIND_OVERLAP * large


def _made_up(one: Found, surer: Sequence[Found]) -> bool:
    """Whether a garment is made up of surer ones that lie within it: a dress of a shirt and shorts below it."""
    if one.label not in GARMENTS or one.score < SECOND_NAME:
        return False
    garments = [(other, _shared(one, other)) for other in surer if other.label in GARMENTS]
    return sum(shared for other, shared in garments if shared >= INSIDE * other.area) >= INSIDE * one.area


def _superfluous(double: Found, surer: Found) -> bool:
    """Whether a double is dropped: a faint second name stays."""
    return double.label == surer.label or double.score >= SECOND_NAME
