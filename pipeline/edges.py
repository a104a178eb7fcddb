"""Moves the edge of a coarse mask onto the photo's own edges: the guided filter.

He, Sun and Tang, "Guided Image Filtering", TPAMI 2013; in the fast form of He and Sun, "Fast Guided Filter", 2015
(arXiv:1505.00996): the filter's coefficients are found on a small picture and enlarged. OpenCV has it only among its
contributed modules, which ultralytics' OpenCV leaves out.
"""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.types import WHITE

# Within a window of 2 * RADIUS + 1 pixels of the small picture the mask is a linear function of the colour; EPSILON, a
# variance of colours in 0..1, keeps windows of one colour from following their noise.
RADIUS, EPSILON = 2, 1e-3
# Pixels of the small picture that a mask's cell spans: with the radius, a window reaches one cell each way.
PIXELS_A_CELL = 2
# The upper half of a symmetric 3 x 3 matrix, as pairs of channels.
_PAIRS = ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2))


def snapped(pixels: np.ndarray, mask: np.ndarray, cell: float) -> np.ndarray:
    """The mask with its edges where the photo has some.

    Args:
        pixels: (H, W, 3) uint8, the photo.
        mask: (H, W) float32 in 0..1.
        cell: pixels of the photo that a cell of the net's own mask spans: so far an edge can move.

    Returns:
        (H, W) float32, about 0..1.
    """
    height, width = mask.shape
    scale = max(cell / PIXELS_A_CELL, 1.0)
    size = (max(1, round(width / scale)), max(1, round(height / scale)))
    small, coarse = (cv2.resize(whole, size, interpolation=cv2.INTER_AREA) for whole in (pixels, mask))
    *factors, offset = _linear(small.astype(np.float32) / WHITE, coarse)
    found: np.ndarray = cv2.resize(offset, (width, height))
    # Channel by channel in one buffer: fresh ones of a photo's size cost more than the arithmetic.
    part = np.empty_like(found)
    for channel, factor in enumerate(factors):
        cv2.resize(factor / WHITE, (width, height), dst=part)
        part *= pixels[..., channel]
        found += part
    return found


def _linear(guide: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, ...]:
    """(h, w, 3) float32 colours in 0..1 and (h, w) float32 -> the factors of red, green, blue, and the offset."""
    squares = [guide[..., i] * guide[..., j] for i, j in _PAIRS]
    means = _mean(np.dstack([guide, mask, guide * mask[..., None], *squares]))
    colour, level = means[..., :3], means[..., 3]
    covariance = means[..., 4:7] - colour * level[..., None]
    rr, rg, rb, gg, gb, bb = (
        means[..., 7 + n] - colour[..., i] * colour[..., j] + EPSILON * (i == j) for n, (i, j) in enumerate(_PAIRS)
    )
    # The inverse of each window's 3 x 3 matrix by its cofactors: numpy's solver takes longer than all the rest here.
    inverse = np.dstack([
        gg * bb - gb * gb, rb * gb - rg * bb, rg * gb - rb * gg,
        rr * bb - rb * rb, rb * rg - rr * gb, rr * gg - rg * rg,
    ])  # fmt: skip
    inverse /= (rr * inverse[..., 0] + rg * inverse[..., 1] + rb * inverse[..., 2])[..., None]
    rows = ((0, 1, 2), (1, 3, 4), (2, 4, 5))
    factors = np.dstack([np.einsum("hwc,hwc->hw", inverse[..., list(row)], covariance) for row in rows])
    offset = level - np.einsum("hwc,hwc->hw", factors, colour)
    return tuple(np.ascontiguousarray(part) for part in np.moveaxis(_mean(np.dstack([factors, offset])), 2, 0))


def _mean(channels: np.ndarray) -> np.ndarray:
    """The mean over each pixel's window, channel by channel."""
    side = 2 * RADIUS + 1
    return cv2.boxFilter(channels, -1, (side, side), borderType=cv2.BORDER_REFLECT_101)
