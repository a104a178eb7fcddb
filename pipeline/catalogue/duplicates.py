"""Telling pictures that are the same one again, saved anew, from pictures of similar garments.

Embeddings alone do not tell: they are made to be alike for two photos of one garment. So two pictures are near
duplicates if their embeddings are close and their fingerprints, pictures of a few points, agree: those of the pictures
as they are, which a resaved one keeps, or those of the garments on white, which survive another margin or brightness.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

# Measured by `python -m bench.catalogue` on pictures saved again and on different ones: docs/catalogue-own.md.
CLOSE = 0.85
DIFFERENCE = 6.0
# With so many of the closest pictures each one is compared.
NEIGHBOURS = 16
_SIDE = 12
_BLOCK = 2048


def fingerprint_of(picture: np.ndarray, square: np.ndarray) -> bytes:
    """The fingerprint of a garment: of the (H, W, 3) uint8 picture, or part of a picture, that shows it, and of its
    (S, S, 3) uint8 white square; each 12 x 12 points of CIELAB, 3 bytes a point."""
    return b"".join(_points(pixels) for pixels in (picture, square))


def _points(pixels: np.ndarray) -> bytes:
    small = cv2.resize(pixels, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(small, cv2.COLOR_RGB2LAB).tobytes()


def differences(a: bytes, b: bytes) -> tuple[float, float]:
    """Colour differences of two fingerprints in units of CIELAB, of the pictures and of the squares: the mean over the
    tenth of the points that differ most. (Over all points, red glasses would differ little from brown ones.)"""
    first, second = (np.frombuffer(points, np.uint8).reshape(2, -1, 3).astype(np.float32) for points in (a, b))
    # 8-bit CIELAB stretches the lightness from 0..100 to 0..255.
    apart = np.sort(np.linalg.norm((first - second) * (100 / 255, 1, 1), axis=2), axis=1)
    picture, square = apart[:, -(apart.shape[1] // 10) :].mean(axis=1)
    return float(picture), float(square)


def are_same(a: bytes, b: bytes, cosine: float) -> bool:
    """Whether two garments at this cosine are one picture, to judge by their fingerprints."""
    return cosine >= CLOSE and min(differences(a, b)) <= DIFFERENCE


def close_pairs(vectors: np.ndarray) -> Iterator[tuple[int, int, float]]:
    """Each of N unit vectors with the closest earlier ones at CLOSE or above, as (earlier, row, cosine), by row."""
    for start in range(0, len(vectors), _BLOCK):
        block = vectors[start : start + _BLOCK]
        cosines = block @ vectors[: start + len(block)].T
        for place, row in enumerate(cosines):
            earlier = row[: start + place]
            near = np.flatnonzero(earlier >= CLOSE)
            if len(near) > NEIGHBOURS:
                near = near[np.argpartition(-earlier[near], NEIGHBOURS)[:NEIGHBOURS]]
            for other in sorted(near.tolist()):
                yield other, start + place, float(earlier[other])
