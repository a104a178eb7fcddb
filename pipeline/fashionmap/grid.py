"""Places in the plane -> cells of a regular grid, one each: a linear assignment, solved by scipy."""

from __future__ import annotations

import math

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

# Width to height of a whole grid.
ASPECT = 4 / 3
# The assignment's time grows with the cube of the number: larger parts are halved first, at hardly any cost in
# likeness (docs/map.md).
BLOCK = 1300


def to_grid(places: np.ndarray) -> np.ndarray:
    """A cell for each of (N, 2) places, such that the squares of the ways there are least, in all.

    Only the order of the places along the axes counts, so that crowds spread into the empty parts.

    Returns:
        (N, 2) int32: column and row, from 0, no two alike.
    """
    cells = np.zeros((len(places), 2), np.int32)
    if len(places):
        columns = math.ceil(math.sqrt(len(places) * ASPECT))
        _assign(places, np.arange(len(places)), (0, 0, columns, math.ceil(len(places) / columns)), cells)
    return cells


def _assign(places: np.ndarray, chosen: np.ndarray, area: tuple[int, int, int, int], cells: np.ndarray) -> None:
    """Give the chosen places cells of an area (column, row, width, height), which has at least as many."""
    column, row, width, height = area
    if len(chosen) > BLOCK:
        axis, length, other = (0, width, height) if width >= height else (1, height, width)
        half = length // 2
        # As many go to a half as its share of the cells, and no more than either half can hold.
        count = round(len(chosen) * half / length)
        count = max(min(count, half * other), len(chosen) - (length - half) * other)
        order = chosen[np.argsort(places[chosen, axis], kind="stable")]
        first = (column, row, half, height) if axis == 0 else (column, row, width, half)
        second = (column + half, row, width - half, height) if axis == 0 else (column, row + half, width, height - half)
        _assign(places, order[:count], first, cells)
        _assign(places, order[count:], second, cells)
        return
    free = np.stack(np.meshgrid(np.arange(width), np.arange(height)), -1).reshape(-1, 2)
    ranks = places[chosen].argsort(axis=0, kind="stable").argsort(axis=0) / max(len(chosen) - 1, 1)
    _, taken = linear_sum_assignment(cdist(ranks * (width - 1, height - 1), free, "sqeuclidean"))
    cells[chosen] = free[taken] + (column, row)
