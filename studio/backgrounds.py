"""Painted table tops for the example photographs; every function returns sRGB in 0..1 of the given pixel size."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.ndimage import gaussian_filter, gaussian_filter1d

from studio.painting import Grid, noise
from studio.palette import from_hex

RAIL = 64  # pixels from the top of a wall to its rail


def wood(width: int, height: int, rng: np.random.Generator, tone: Grid | None = None) -> Grid:
    """Oak boards running across the picture, or boards of another ``tone``."""
    out = np.empty((height, width, 3))
    board = height / 5.6
    tone = from_hex("b08a63") if tone is None else tone
    top = 0.0
    while top < height:
        first, last = int(round(top)), min(height, int(round(top + board)))
        rows = last - first
        y, x = np.mgrid[0:rows, 0:width]
        bend = gaussian_filter(rng.normal(size=(rows, width)), (rows / 5, width / 7))
        bend = bend / (bend.std() + 1e-9)
        rings = np.sin((y / rows * rng.uniform(9, 15) + 1.5 * bend + rng.uniform(0, 6)) * 2.2)
        fibre = gaussian_filter1d(rng.normal(size=(rows, width)), 28, axis=1)
        pores = gaussian_filter1d((rng.random((rows, width)) > 0.992).astype(float), 9, axis=1)
        shade = 1 + 0.055 * rings + 0.28 * fibre - 0.9 * pores
        shade *= rng.uniform(0.86, 1.08)
        edge = np.minimum(y, rows - 1 - y)
        shade *= 1 - 0.62 * np.exp(-((edge / 1.6) ** 2))
        joint = int(rng.uniform(0.1, 0.9) * width)
        shade *= 1 - 0.5 * np.exp(-(((x - joint) / 1.4) ** 2))
        tint = tone * np.array([1, 1 + rng.uniform(-0.02, 0.02), 1 + rng.uniform(-0.05, 0.05)])
        out[first:last] = tint * shade[..., None]
        top += board
    return np.clip(out, 0, 1)


def pale_wood(width: int, height: int, rng: np.random.Generator) -> Grid:
    """Whitewashed boards."""
    return wood(width, height, rng, from_hex("c9c2b6"))


def linen(width: int, height: int, rng: np.random.Generator) -> Grid:
    """A pale linen cloth with slubs and two soft folds."""
    warp = gaussian_filter(rng.normal(size=(height, width)), (14, 0.6))
    weft = gaussian_filter(rng.normal(size=(height, width)), (0.6, 14))
    y, x = np.mgrid[0:height, 0:width]
    weave = 0.012 * np.sin(x * np.pi * 0.66) + 0.012 * np.sin(y * np.pi * 0.66)
    shade = 1 + weave + 0.12 * warp + 0.12 * weft + 0.012 * noise((height, width), 220, rng)
    for offset, slope in ((0.28, 0.12), (0.81, -0.08)):
        d = (x / width - offset - slope * y / height) * width
        shade += 0.045 * np.exp(-((d / 30) ** 2)) * np.tanh(d / 7)
    return np.clip(from_hex("cdc3b2") * shade[..., None], 0, 1)


def carpet(width: int, height: int, rng: np.random.Generator) -> Grid:
    """A short-pile carpet with a woven border line."""
    pile = gaussian_filter(rng.normal(size=(height, width)), 1.1)
    pile = pile / pile.std()
    clumps = noise((height, width), 18, rng, 2)
    shade = 1 + 0.10 * pile + 0.035 * clumps
    out = from_hex("7d8890") * shade[..., None]
    y, x = np.mgrid[0:height, 0:width]
    wobble = 2 * noise((height, width), 30, rng)
    line = np.exp(-((((height - 70 - y) + wobble) / 9) ** 4)) + np.exp(-((((height - 42 - y) + wobble) / 4) ** 4))
    mask = np.clip(line, 0, 1)[..., None]
    return np.clip(out * (1 - mask) + from_hex("c9c4b6") * shade[..., None] * mask, 0, 1)


def wall(width: int, height: int, rng: np.random.Generator) -> Grid:
    """A plastered wall, brighter towards a window on the left, with a metal rail at ``RAIL`` pixels."""
    y, x = np.mgrid[0:height, 0:width]
    trowel = noise((height, width), 90, rng, 4)
    shade = 1.06 - 0.20 * x / width - 0.10 * y / height + 0.011 * trowel + 0.006 * rng.normal(size=(height, width))
    out = from_hex("cdc9bd") * shade[..., None]
    below = gaussian_filter1d((np.abs(y - RAIL - 15) < 6).astype(float), 5, axis=0)
    out *= (1 - 0.30 * below)[..., None]
    across = (y - RAIL) / 7.5
    lit = 0.28 + 0.5 * np.exp(-(((across + 0.35) / 0.3) ** 2)) - 0.1 * across
    return np.where(
        (np.abs(across) < 1)[..., None], np.clip(lit, 0, 1)[..., None] * from_hex("a8a9ad"), np.clip(out, 0, 1)
    )


BACKGROUNDS: dict[str, Callable[[int, int, np.random.Generator], Grid]] = {
    f.__name__: f for f in (wood, pale_wood, linen, carpet, wall)
}
