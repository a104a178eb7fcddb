"""Masks for single garments on plain backgrounds, without a model: GrabCut from the border, kept where it is sure.

These are the first teachers of the cut-out model for garments that no dataset gives a mask for.
"""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from pipeline.training.datasets import Garment, keep_picture, read_levels, read_rgb

# Pictures are decoded to this before they are cut, so that one mask fits everywhere.
GARMENT_SIDE = 288
WORKING_SIDE = 176
INSETS = (0.02, 0.09)


def _grabcut(image: np.ndarray, inset: float) -> np.ndarray:
    height, width = image.shape[:2]
    dx, dy = max(1, round(width * inset)), max(1, round(height * inset))
    mask = np.zeros((height, width), np.uint8)
    background, foreground = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(0)
    rectangle = (dx, dy, width - 2 * dx, height - 2 * dy)
    cv2.grabCut(image, mask, rectangle, background, foreground, 4, cv2.GC_INIT_WITH_RECT)
    return np.isin(mask, (cv2.GC_FGD, cv2.GC_PR_FGD))


def _largest_part(mask: np.ndarray) -> np.ndarray:
    count, parts, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    return parts == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax()) if count > 1 else mask


def _filled(mask: np.ndarray) -> np.ndarray:
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return cv2.drawContours(np.zeros(mask.shape, np.uint8), contours, -1, 1, cv2.FILLED).astype(bool)


def garment_mask(rgb: np.ndarray) -> np.ndarray | None:
    """Return the garment's (H, W) bool mask in an (H, W, 3) uint8 picture, or None where it is not sure.

    Sure means: two starts (a wide and a tight rectangle) agree, it is one part of a plausible size with few holes,
    and it touches the picture's border only a little.
    """
    scale = WORKING_SIDE / max(rgb.shape[:2])
    small = cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    small = cv2.bilateralFilter(small, 5, 30, 5)
    first, second = (_grabcut(small, inset) for inset in INSETS)
    union = (first | second).sum()
    if union == 0 or (first & second).sum() < 0.93 * union:
        return None
    mask = _largest_part(cv2.medianBlur(first.astype(np.uint8), 5).astype(bool))
    area = mask.sum()
    filled = _filled(mask)
    border = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
    if not 0.10 < area / mask.size < 0.72 or border.mean() > 0.06:
        return None
    if area < 0.88 * first.sum() or area < 0.94 * filled.sum():
        return None
    large = cv2.resize(filled.astype(np.float32), rgb.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    return cv2.GaussianBlur(large, (5, 5), 0) > 0.5


def cached_mask(path: Path, cache: Path) -> np.ndarray | None:
    """Return `garment_mask` of a picture at most GARMENT_SIDE large, computed once and kept in `cache` as PNG.

    An empty file records that there is no sure mask.
    """
    return _cached(path.stem, lambda: read_rgb(path, GARMENT_SIDE), cache)


def sure_mask(garment: Garment, cache: Path) -> np.ndarray | None:
    """Like `cached_mask`, for the garment's part of its picture as `garment.read(GARMENT_SIDE)` gives it."""
    return _cached(garment.stem, lambda: garment.read(GARMENT_SIDE), cache)


def _cached(stem: str, read: Callable[[], np.ndarray], cache: Path) -> np.ndarray | None:
    kept = cache / "grabcut" / f"{stem}.png"
    if not kept.exists():
        mask = garment_mask(read())
        if mask is None:
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.touch()
        else:
            keep_picture(kept, mask.astype(np.uint8) * 255)
    if kept.stat().st_size == 0:
        return None
    return read_levels(kept) > 127
