"""What cloths are painted with: noise, masks and a plain weave on grids of any size."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, zoom

Grid = NDArray[np.float64]
Painted = tuple[Grid, Grid]
Fabric = Callable[..., Painted]


def noise(shape: tuple[int, ...], scale: float, rng: np.random.Generator, octaves: int = 1) -> Grid:
    """Smooth noise of unit deviation whose grain is ``scale`` pixels."""
    total = np.zeros(shape)
    weight = 1.0
    for octave in range(octaves):
        size = max(scale / 2**octave, 1.0)
        if size <= 4:
            field = gaussian_filter(rng.normal(size=shape), size * 0.45)
            deviation = field.std()
        else:
            coarse = rng.normal(size=(int(shape[0] / size) + 4, int(shape[1] / size) + 4))
            field = zoom(coarse, size, order=3)[: shape[0], : shape[1]]
            # a grid smaller than the grain is nearly even, and must not be blown up
            deviation = max(field.std(), 0.25)
        total += weight * field / (deviation + 1e-9)
        weight *= 0.5
    return total


def inside(distance: Grid, width: float = 0.0012) -> Grid:
    """Anti-aliased mask of a signed distance in metres (negative inside)."""
    return np.clip(0.5 - distance / width, 0, 1)


def blend(base: Grid, over: Grid, mask: Grid) -> Grid:
    """``over`` laid on ``base`` where the mask is 1."""
    return base * (1 - mask[..., None]) + over * mask[..., None]


def cloth(shape: tuple[int, ...], colour: Grid, rng: np.random.Generator) -> Painted:
    """Plain weave: a little grain in colour and height."""
    grain = noise(shape, 3, rng) * 0.012 + noise(shape, 120, rng) * 0.01
    return np.clip(colour * (1 + grain[..., None]), 0, 1), noise(shape, 2, rng) * 0.03
