"""Places for what comes later, with nothing else moved: where its nearest neighbours lie."""

from __future__ import annotations

import math

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

# Neighbours that a new point goes by: measured, see docs/map.md.
NEIGHBOURS = 10
# Points that are seated together; more would compare each with too many cells.
_AT_ONCE = 500


def place(vectors: np.ndarray, known: np.ndarray, places: np.ndarray, count: int = NEIGHBOURS) -> np.ndarray:
    """The median place of the nearest points that are laid out already.

    The median, not the mean: a point between two clusters joins the one that more of its neighbours lie in.

    Args:
        vectors: (M, D) float32 of unit length, to be placed. known: (N, D), laid out; N at least 1.
        places: (N, 2) of the known ones: places or cells. count: neighbours that are asked.

    Returns:
        (M, 2) float64.
    """
    likeness = vectors @ known.T
    nearest = np.argsort(-likeness, axis=1, kind="stable")[:, :count]
    return np.median(places[nearest].astype(np.float64), axis=1)


def seat(wanted: np.ndarray, taken: np.ndarray) -> np.ndarray:
    """Free cells of a grid, as near as can be to where they are wanted.

    Args:
        wanted: (M, 2) columns and rows. taken: (N, 2) int, cells that are not free; N at least 1.

    Returns:
        (M, 2) int32, no two alike, none taken. Where the grid is full they lie around it, outside 0..columns, too.
    """
    seats = np.zeros((0, 2), np.int32)
    for start in range(0, len(wanted), _AT_ONCE):
        part = wanted[start : start + _AT_ONCE]
        cells = _free_cells(np.concatenate([taken, seats]), len(part))
        _, chosen = linear_sum_assignment(cdist(part, cells, "sqeuclidean"))
        seats = np.concatenate([seats, cells[chosen].astype(np.int32)])
    return seats


def _free_cells(taken: np.ndarray, count: int) -> np.ndarray:
    """(K, 2) the free cells in and around the taken ones, at least `count` of them."""
    # A rim this wide has as many cells in its corners alone.
    rim = math.ceil(math.sqrt(count) / 2)
    low, high = taken.min(axis=0) - rim, taken.max(axis=0) + rim
    free = np.ones(high - low + 1, bool)
    free[tuple((taken - low).T)] = False
    return np.argwhere(free) + low
