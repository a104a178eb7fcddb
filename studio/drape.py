"""From a cut to a draped garment: start shape, simulation, rejection of bad runs, and a cache on disk."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from studio.curves import Outline
from studio.cuts import Cut
from studio.outlines import OUTLINES
from studio.panels import Pattern, inflation, sew
from studio.poses import flat_pose, wrap

CACHE = Path(__file__).parent / ".cache" / "drapes"
GAP = 0.0013  # metres kept between layers
ATTEMPTS = 4
Floats = NDArray[np.float64]


class DrapeError(RuntimeError):
    """Every attempt at a drape exploded."""


@dataclass(frozen=True)
class Drape:
    """A garment at rest: the sewn pattern and the simulated points (n, 3) in metres."""

    cut: Cut
    outline: Outline
    pattern: Pattern
    points: Floats


def _lowered(outline: Outline, rng: np.random.Generator) -> float:
    """How far to swing the sleeves (degrees) so that they hang steeply without touching the body."""
    steep = rng.uniform(66, 74)
    if outline.numbers.get("sleeve", 0) <= 0.02:
        return 0.0
    along = outline.marks["cuff_top"] - outline.marks["shoulder"]
    return float(np.degrees(np.arctan2(-along[1], along[0])) - steep)


def _start(cut: Cut, outline: Outline, pattern: Pattern, rng: np.random.Generator) -> Floats:
    flat, side = pattern.points, pattern.side
    rise = np.where(side > 0, inflation(pattern, 0), inflation(pattern, 1))
    if cut.hung:
        posed = flat_pose(pattern, outline, rng, (_lowered(outline, rng),) * 2, (1, 1), 0.004, elbows=False)
        posed = posed * [0.84 if outline.kind == "skirt" else 0.90, 1]
        start = np.c_[posed, side * 0.45 * rise + 0.002 * rng.normal(size=len(flat))]
        if cut.pleats:
            round_start, weight = wrap(pattern, outline, rng, cut.pleats, cut.flare, cut.wrap_below, cut.waist_y)
            start = start * (1 - weight[:, None]) + round_start * weight[:, None]
        return start
    squeeze = (rng.uniform(*cut.squeeze), rng.uniform(cut.squeeze[0] + 0.02, cut.squeeze[1] + 0.01))
    posed = flat_pose(pattern, outline, rng, cut.arms, squeeze, cut.warp, legs=cut.legs)
    height = side * (0.006 + 0.14 * np.minimum(rise, 0.25)) + 0.006 * rng.random(len(flat))
    if outline.kind == "scarf":
        # the two ends of a scarf may cross, so one has to lie above the other
        height = height + np.clip(-flat[:, 1] / outline.length, 0, 1) * 0.07
    if cut.face_down:
        posed, height = posed * [-1, 1], -height
    return np.c_[posed, height - height.min() + 0.0025]


def stretch(points: Floats, pattern: Pattern) -> Floats:
    """Length of every mesh edge relative to the flat pattern."""
    edges = np.vstack([pattern.faces[:, [0, 1]], pattern.faces[:, [1, 2]], pattern.faces[:, [2, 0]]])
    now = np.linalg.norm(points[edges[:, 0]] - points[edges[:, 1]], axis=1)
    flat = np.linalg.norm(pattern.points[edges[:, 0]] - pattern.points[edges[:, 1]], axis=1)
    return now / np.maximum(flat, 1e-9)


def is_sound(points: Floats, start: Floats, pattern: Pattern) -> bool:
    """Whether a run stayed near its start's bounding box with edges about as long as the pattern's.

    Single edges may be stretched far more: at seams, whose layers are kept apart, and where hanging cloth is held.
    """
    if not np.isfinite(points).all():
        return False
    size, before = np.ptp(points[:, :2], axis=0), np.ptp(start[:, :2], axis=0)
    if (size > before * 1.25 + 0.05).any() or (size < before * 0.75 - 0.02).any():
        return False
    edges = stretch(points, pattern)
    return bool(0.85 < edges.mean() < 1.08 and np.quantile(edges, 0.97) < 1.7)


def drape(cut: Cut, seed: int) -> Drape:
    """The cut's drape for a seed, from the cache when it was simulated before."""
    outline = OUTLINES[cut.outline](**cut.size)
    pattern = sew(outline, cut.mesh, np.random.default_rng(1))
    digest = hashlib.sha256(repr((cut.drape_key(), seed)).encode()).hexdigest()[:12]
    path = CACHE / f"{cut.id}-{seed}-{digest}.npz"
    if path.is_file():
        points = np.load(path)["points"]
        if len(points) == len(pattern.points):
            return Drape(cut, outline, pattern, points)
    from studio.simulation import simulate

    rest = np.c_[pattern.points, np.zeros(len(pattern.points))]
    for attempt in range(ATTEMPTS):
        start = _start(cut, outline, pattern, np.random.default_rng((seed, attempt)))
        if cut.hung:
            held = pattern.tagged("waist")
            if not held.any():
                held = (pattern.points[:, 1] > -0.055) | (pattern.tagged("neck") & (pattern.points[:, 1] > -0.06))
            points = simulate(start, rest, pattern.faces, cut.cloth, cut.frames, (0, -9.81 * 0.6, 0), False, GAP, held)
        else:
            points = simulate(start, rest, pattern.faces, cut.cloth, cut.frames, (0, 0, -9.81), True, GAP)
        if is_sound(points, start, pattern):
            CACHE.mkdir(parents=True, exist_ok=True)
            np.savez_compressed(path, points=points)
            return Drape(cut, outline, pattern, points)
    raise DrapeError(f"{cut.id}: no sound drape in {ATTEMPTS} attempts from seed {seed}")
