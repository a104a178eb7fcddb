"""Start shapes of a simulation: the flat pattern posed, squeezed and waved, or wrapped round an ellipse."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from studio.curves import Outline, Points, resample
from studio.panels import Pattern


def _ramp(low: float, high: float, value: Points) -> Points:
    t = np.clip((value - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def turned(points: Points, pivot: Points, angle: NDArray[np.float64]) -> Points:
    """Points turned about a pivot by an angle each (radians)."""
    d = points - pivot
    c, s = np.cos(angle), np.sin(angle)
    return pivot + np.c_[c * d[:, 0] - s * d[:, 1], s * d[:, 0] + c * d[:, 1]]


def _pose_arms(
    flat: Points, outline: Outline, rng: np.random.Generator, arms: tuple[float, float], elbows: bool
) -> Points:
    """Swing both sleeves by ``arms`` degrees; the weight grows smoothly from the armhole, or the chest would crease."""
    shoulder, armpit = outline.marks["shoulder"], outline.marks["armpit"]
    along = outline.marks["cuff_top"] - shoulder
    along = along / np.hypot(*along)
    armhole = (armpit - shoulder) / np.hypot(*(armpit - shoulder))
    outward = np.array([-armhole[1], armhole[0]])
    posed = flat.copy()
    for sign, degrees in zip((1, -1), arms, strict=True):
        local = flat * [sign, 1] - shoulder
        weight = _ramp(-0.05, 0.07, local @ outward)
        pivot = np.array([sign * (shoulder[0] - 0.015), shoulder[1] - 0.09])
        posed = turned(posed, pivot, np.radians(degrees * sign) * weight)
        if outline.numbers["sleeve"] > 0.4 and elbows:
            bent = _ramp(0.22, 0.36, local @ along) * (weight > 0.5)
            elbow = shoulder + along * 0.28 - np.array([-along[1], along[0]]) * 0.08
            elbow = turned(np.array([[sign * elbow[0], elbow[1]]]), pivot, np.array([np.radians(degrees * sign)]))[0]
            posed = turned(posed, elbow, np.radians(sign * rng.uniform(-40, -5)) * bent)
    return posed


def _pose_legs(flat: Points, outline: Outline, legs: tuple[float, float]) -> Points:
    rise = outline.numbers["rise"]
    posed = flat.copy()
    for sign, degrees in zip((1, -1), legs, strict=True):
        weight = _ramp(-rise * 0.6, -rise * 1.25, flat[:, 1]) * (flat[:, 0] * sign >= 0)
        posed = turned(posed, np.array([sign * 0.12, -rise * 0.8]), np.radians(degrees * sign) * weight)
    return posed


def _fold_scarf(flat: Points, length: float, rng: np.random.Generator) -> Points:
    """Hang the strip round an arc, the two ends side by side."""
    radius = 0.135
    arc = np.pi * radius
    first = (length - arc) * rng.uniform(0.42, 0.58)
    along, across = -flat[:, 1], flat[:, 0] * rng.uniform(0.62, 0.75)
    angle = np.clip((along - first) / arc, 0, 1) * np.pi
    before, after = np.maximum(first - along, 0), np.maximum(along - first - arc, 0)
    lean = rng.uniform(0.15, 0.3) / 2
    centre = np.c_[-radius * np.cos(angle) - lean * after + 0.12 * before, radius * np.sin(angle) - before - after]
    return centre + np.c_[-np.cos(angle), np.sin(angle)] * across[:, None]


def flat_pose(
    pattern: Pattern,
    outline: Outline,
    rng: np.random.Generator,
    arms: tuple[float, float] | None,
    squeeze: tuple[float, float],
    warp: float,
    elbows: bool = True,
    legs: tuple[float, float] | None = None,
) -> Points:
    """The pattern laid out: limbs turned, squeezed by a factor a axis, and displaced by ``warp`` metres of waves."""
    flat = pattern.points
    posed = flat.copy()
    if outline.numbers.get("sleeve", 0) > 0.02:
        swing = arms or (rng.uniform(-28, 2), rng.uniform(-28, 2))
        posed = _pose_arms(flat, outline, rng, swing, elbows)
    if outline.kind == "scarf":
        posed, warp = _fold_scarf(flat, outline.length, rng), warp * 0.6
    if outline.kind in ("trousers", "onepiece"):
        posed = _pose_legs(posed, outline, legs or (rng.uniform(-3, 4), rng.uniform(-3, 4)))
    for _ in range(6):
        frequency, phase, direction = rng.normal(0, 8, 2), rng.uniform(0, 6.28), rng.normal(0, 1, 2)
        wave = np.sin(flat @ frequency + phase)
        posed = posed + warp * 0.45 * np.outer(wave, direction / np.linalg.norm(direction))
    return posed * np.array(squeeze)


def wrap(
    pattern: Pattern,
    outline: Outline,
    rng: np.random.Generator,
    pleats: int,
    flare: float,
    below: float,
    waist_y: float,
) -> tuple[Points, NDArray[np.float64]]:
    """A skirt's start: an ellipse with pleat waves whose perimeter equals the pattern's width at every height.

    Returns points (n, 3) and the weight (n,) with which they replace the flat start: 1 below ``below`` metres.
    """
    rim = np.vstack([resample(e, 0.01) for tag, e in outline.front if tag in ("seam", "arm")])
    rim = rim[rim[:, 0] > 0]
    rim = rim[np.argsort(rim[:, 1])]
    y = pattern.points[:, 1]
    levels = np.linspace(y.min(), min(y.max(), below), 60)
    half = np.empty(len(levels))
    for i, level in enumerate(levels):
        near = np.abs(rim[:, 1] - level) < 0.012
        half[i] = rim[near, 0].max() if near.any() else np.interp(level, rim[:, 1], rim[:, 0])
    phase, ratio = rng.uniform(0, 6.28), 0.58
    turn = np.linspace(0, 2 * np.pi, 400)

    def pleat_wave(angle: NDArray[np.float64]) -> NDArray[np.float64]:
        return (
            np.sin(pleats * angle + phase)
            + 0.45 * np.sin((pleats * 2 - 3) * angle + 2 * phase)
            + 0.35 * np.sin((pleats - 3) * angle + 0.7 * phase)
        )

    waist_axis = 0.80 * np.interp(waist_y, levels, half)
    axis = np.minimum(0.80 * half, waist_axis + flare * np.maximum(waist_y - levels, 0))
    depth = np.empty(len(levels))
    for i, (a, width) in enumerate(zip(axis, half, strict=True)):
        low, high = 0.0, 0.09
        for _ in range(22):
            middle = (low + high) / 2
            r = 1 + middle / a * pleat_wave(turn)
            perimeter = np.hypot(np.diff(a * np.cos(turn) * r), np.diff(a * ratio * np.sin(turn) * r)).sum()
            low, high = (middle, high) if perimeter < 4 * width else (low, middle)
        depth[i] = low
    a, d, h = (np.interp(y, levels, v) for v in (axis, depth, half))
    angle = np.where(pattern.side >= 0, 1, -1) * (np.pi / 2 - np.clip(pattern.points[:, 0] / h, -1, 1) * np.pi / 2)
    r = 1 + d / a * pleat_wave(angle)
    weight = _ramp(below, below - 0.08, y) if below < -0.01 else np.ones(len(y))
    return np.c_[a * np.cos(angle) * r, y, a * ratio * np.sin(angle) * r], weight
