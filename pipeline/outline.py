"""A box that somebody drew -> the outline of what lies in it: GrabCut, led by the cut-out."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from scipy import ndimage

from pipeline.errors import UsageError
from pipeline.types import Cutout

# GrabCut works on the box and its surroundings, shrunk to this many pixels: enough for an outline, and quick.
SIDE = 240
SURROUNDINGS = 0.15
ROUNDS = 4
# A box with a side below this many pixels of the photo, or an outline below this share of the box, is no piece.
MIN_SIDE, MIN_SHARE = 8, 0.04
# Parts below this share of the largest one are specks.
SPECK = 0.1


def outline(cutout: Cutout, box: Sequence[float]) -> np.ndarray:
    """(H, W) bool mask of the thing that fills a box.

    What is outside the box is background. Inside, GrabCut (Rother et al. 2004) parts what looks like the surroundings
    from what does not, told by the cut-out which pixels are likely in front. Where that leaves next to nothing, the
    foreground in the box is taken, and without any foreground the whole box.

    Args:
        box: xyxy in photo pixels; what sticks out of the photo is cut off.

    Raises:
        UsageError: next to nothing of the photo is in the box.
    """
    height, width = cutout.alpha.shape
    x0, x1 = (int(np.clip(round(edge), 0, width)) for edge in sorted((box[0], box[2])))
    y0, y1 = (int(np.clip(round(edge), 0, height)) for edge in sorted((box[1], box[3])))
    if min(x1 - x0, y1 - y0) < MIN_SIDE:
        raise UsageError("The box is too small; draw it around the whole piece.")
    inside = np.zeros((height, width), bool)
    inside[y0:y1, x0:x1] = True
    front = inside & (cutout.alpha >= 128)
    for mask in (_without_specks(_cut(cutout, front, (x0, y0, x1, y1)) & inside), front):
        if mask.sum() >= MIN_SHARE * inside.sum():
            return mask
    return inside


def _cut(cutout: Cutout, front: np.ndarray, box: tuple[int, int, int, int]) -> np.ndarray:
    height, width = front.shape
    x0, y0, x1, y1 = box
    dx, dy = round(SURROUNDINGS * (x1 - x0)) + 2, round(SURROUNDINGS * (y1 - y0)) + 2
    left, top, right, bottom = max(x0 - dx, 0), max(y0 - dy, 0), min(x1 + dx, width), min(y1 + dy, height)
    scale = min(1.0, SIDE / max(right - left, bottom - top))
    size = (max(1, round((right - left) * scale)), max(1, round((bottom - top) * scale)))
    picture = cv2.resize(cutout.photo.pixels[top:bottom, left:right], size, interpolation=cv2.INTER_AREA)
    state = np.full(picture.shape[:2], cv2.GC_BGD, np.uint8)
    rows = slice(round((y0 - top) * scale), round((y1 - top) * scale))
    columns = slice(round((x0 - left) * scale), round((x1 - left) * scale))
    state[rows, columns] = cv2.GC_PR_FGD
    small = cv2.resize(front[top:bottom, left:right].astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)
    # The cut-out has a say only if it found something here at all.
    if small[rows, columns].mean() >= MIN_SHARE:
        state[rows, columns][small[rows, columns] == 0] = cv2.GC_PR_BGD
    if not (state == cv2.GC_BGD).any():
        # The box is the whole photo: nothing around it tells what the background looks like.
        return front
    cv2.setRNGSeed(0)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(np.ascontiguousarray(picture[..., ::-1]), state, (0, 0, 1, 1), *models, ROUNDS, cv2.GC_INIT_WITH_MASK)
    found = np.isin(state, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.float32)
    mask = np.zeros(front.shape, bool)
    mask[top:bottom, left:right] = cv2.resize(found, (right - left, bottom - top)) >= 0.5
    return mask


def _without_specks(mask: np.ndarray) -> np.ndarray:
    parts, count = ndimage.label(mask)
    if count < 2:
        return mask
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    kept: np.ndarray = sizes >= SPECK * sizes.max()
    kept[0] = False
    return kept[parts]
