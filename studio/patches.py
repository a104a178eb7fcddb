"""Collars, plackets, pockets and buttons: small pieces laid on the simulated front, following its folds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from studio.curves import Points, bezier, circle
from studio.cuts import Cut
from studio.panels import Floats, Ints, Pattern, mesh_panel

Lift = Callable[[Points], NDArray[np.float64]]


@dataclass(frozen=True)
class Patch:
    """A polygon in pattern coordinates with its height above the cloth (metres).

    ``look`` is ``fabric`` (the garment's own cloth), ``trim`` (its plain trim colour), ``button`` or ``cord``.
    """

    corners: Points
    lift: Lift
    look: str = "fabric"
    spacing: float = 0.008
    thickness: float = 0.002


def _level(height: float) -> Lift:
    return lambda points: np.full(len(points), height)


def _collar_roll(points: Points) -> NDArray[np.float64]:
    """A collar stands off the cloth near the neck and falls flat away from it."""
    return 0.004 + 0.013 * np.exp(-((np.maximum(0, np.hypot(points[:, 0], points[:, 1]) - 0.07) / 0.035) ** 2))


def _both(corners: list[tuple[float, float]], lift: Lift, **options: object) -> list[Patch]:
    right = np.array(corners, float)
    return [Patch(right, lift, **options), Patch((right * [-1, 1])[::-1], lift, **options)]  # type: ignore[arg-type]


def _buttons(x: float, heights: NDArray[np.float64], radius: float = 0.0062, lift: float = 0.0055) -> list[Patch]:
    return [Patch(circle(x, y, radius), _level(lift), "button", 0.004) for y in heights]


def _strip(x: float, top: float, bottom: float, half: float, height: float, look: str = "fabric") -> Patch:
    corners = np.array([(x - half, top), (x + half, top), (x + half, bottom), (x - half, bottom)])
    return Patch(corners, _level(height), look, 0.009)


def _collar(depth: float, drop: float = 0.0, look: str = "fabric") -> list[Patch]:
    corners = [
        (0.004, -depth - 0.004), (0.045, -depth * 0.72), (0.082, 0.006), (0.10, -0.002), (0.128, -0.035),
        (0.118, -0.07), (0.088, -0.135 - drop), (0.045, -0.112 - drop),
    ]  # fmt: skip
    return _both(corners, _collar_roll, look=look, spacing=0.007, thickness=0.003)


def _pocket(x: float, y: float, wide: float = 0.048, deep: float = 0.11) -> Patch:
    corners = [
        (x - wide, y),
        (x + wide, y),
        (x + wide, y - deep * 0.85),
        (x, y - deep),
        (x - wide, y - deep * 0.85),
    ]
    return Patch(np.array(corners), _level(0.0015), "fabric", 0.009)


def shirt(cut: Cut) -> list[Patch]:
    """Placket, chest pocket, collar and buttons."""
    length, depth = float(cut.size["length"]), float(cut.size["neck_depth"])
    rows = np.arange(-depth - 0.03, -length + 0.06, -0.082)
    body = [_strip(0, -depth, -length + 0.002, 0.017, 0.002), _pocket(0.108, -0.20)]
    return body + _collar(depth) + _buttons(0, rows)


def polo(cut: Cut) -> list[Patch]:
    """Short placket with two buttons, and a knitted collar."""
    depth = float(cut.size["neck_depth"])
    placket = _strip(0, -depth + 0.004, -depth - 0.15, 0.018, 0.002)
    return [
        placket,
        *_collar(depth, -0.012, "trim"),
        *_buttons(0, np.array([-depth - 0.045, -depth - 0.105]), 0.0055),
    ]


def henley(cut: Cut) -> list[Patch]:
    """A collarless placket with three buttons."""
    depth = float(cut.size["neck_depth"])
    rows = -depth - np.array([0.018, 0.068, 0.118])
    return [_strip(0, -depth + 0.004, -depth - 0.15, 0.017, 0.002), *_buttons(0, rows, 0.0058)]


def trucker(cut: Cut) -> list[Patch]:
    """Denim jacket: placket, collar, flap pockets and metal buttons."""
    length, depth = float(cut.size["length"]), float(cut.size["neck_depth"])
    flap = [(0.06, -0.205), (0.165, -0.205), (0.165, -0.235), (0.1125, -0.262), (0.06, -0.235)]
    rows = np.arange(-depth - 0.04, -length + 0.02, -0.085)
    waist = [
        (-0.225, -length + 0.052),
        (0.225, -length + 0.052),
        (0.232, -length + 0.003),
        (-0.232, -length + 0.003),
    ]
    body = [
        Patch(np.array(waist), _level(0.002), "fabric", 0.011),
        _strip(0, -depth, -length + 0.002, 0.021, 0.0035),
    ]
    studs = _buttons(0, rows, 0.008, 0.008) + [
        Patch(circle(sign * 0.1125, -0.245, 0.007), _level(0.006), "button", 0.004) for sign in (1, -1)
    ]
    return body + _both(flap, _level(0.003), spacing=0.008, thickness=0.003) + _collar(depth) + studs


def _lapels(depth: float, wide: float) -> list[Patch]:
    lapel = [
        (0.002, -depth), (0.028, -depth * 0.72), (0.049, -depth * 0.46), (0.066, -0.075),
        (0.078 + wide * 0.55, -0.098), (0.072 + wide, -0.105), (0.070 + wide * 0.75, -depth * 0.55),
        (0.03, -depth * 0.93),
    ]  # fmt: skip
    collar = [
        (0.052, -0.10), (0.063, -0.055), (0.077, 0.004), (0.092, 0.006), (0.112, -0.035), (0.10 + wide * 0.5, -0.088),
    ]  # fmt: skip

    def rolled(points: Points) -> NDArray[np.float64]:
        return 0.004 + 0.004 * np.exp(-(((points[:, 0] - 0.04) / 0.04) ** 2))

    return _both(lapel, rolled, spacing=0.009, thickness=0.004) + _both(
        collar, lambda p: rolled(p) + 0.004, spacing=0.008, thickness=0.004
    )


def blazer(cut: Cut) -> list[Patch]:
    """Notched lapels, flap pockets, a breast welt and two buttons."""
    depth = float(cut.size["neck_depth"])
    flap = [(0.085, -0.50), (0.205, -0.49), (0.207, -0.535), (0.087, -0.545)]
    welt = Patch(np.array([(0.09, -0.215), (0.175, -0.205), (0.177, -0.225), (0.092, -0.235)]), _level(0.002))
    buttons = _buttons(-0.004, np.array([-depth - 0.025, -depth - 0.125]), 0.010, 0.007)
    return [welt, *_both(flap, _level(0.0025), thickness=0.003), *_lapels(depth, 0.05), *buttons]


def coat(cut: Cut) -> list[Patch]:
    """Broad lapels and a double row of buttons."""
    depth = float(cut.size["neck_depth"])
    rows = -depth - np.array([0.05, 0.18, 0.31])
    buttons = _buttons(-0.055, rows, 0.0125, 0.008) + _buttons(0.065, rows, 0.0125, 0.008)
    return [*_lapels(depth, 0.065), *buttons]


def cardigan(cut: Cut) -> list[Patch]:
    """Buttons down the ribbed band."""
    return _buttons(0, np.linspace(-float(cut.size["neck_depth"]) - 0.03, -float(cut.size["length"]) + 0.03, 5), 0.0085)


def waistcoat(cut: Cut) -> list[Patch]:
    """Five buttons and two welts."""
    depth, length = float(cut.size["neck_depth"]), float(cut.size["length"])
    welt = [(0.085, -0.43), (0.165, -0.42), (0.167, -0.44), (0.087, -0.45)]
    return [*_both(welt, _level(0.002)), *_buttons(0, np.linspace(-depth - 0.03, -length + 0.05, 5), 0.008)]


def strings(cut: Cut) -> list[Patch]:
    """A hood's drawstrings."""
    return [_cord([(s * 0.035, -0.085), (s * 0.05, -0.17), (s * 0.042, -0.27 - 0.03 * s)], 0.0032) for s in (1, -1)]


def drawcord(cut: Cut) -> list[Patch]:
    """The two ends of a drawcord at a waist."""
    return [_cord([(s * 0.012, -0.02), (s * 0.03, -0.08), (s * 0.022, -0.13 - 0.02 * s)], 0.003) for s in (1, -1)]


def _cord(points: list[tuple[float, float]], half: float) -> Patch:
    path, aside = bezier(points[0], points[1], points[2], 14), np.array([half, 0])
    return Patch(np.vstack([path - aside, (path + aside)[::-1]]), _level(0.004), "cord", 0.004, 0.004)


def skirt_buttons(cut: Cut) -> list[Patch]:
    """A button front on a short skirt."""
    length = float(cut.size["length"])
    return [
        _strip(0, -0.034, -length + 0.004, 0.017, 0.002),
        *_buttons(0, np.arange(-0.017, -length + 0.04, -0.062), 0.008),
    ]


PATCHES: dict[str, Callable[[Cut], list[Patch]]] = {
    f.__name__: f for f in (
        shirt, polo, henley, trucker, blazer, coat, cardigan, waistcoat, strings, drawcord, skirt_buttons,
    )
}  # fmt: skip


def place(patch: Patch, pattern: Pattern, points: Floats, normals: Floats) -> tuple[Points, Ints, Floats]:
    """Lay a patch on the draped front panel.

    Returns its pattern points (n, 2), triangles and positions (n, 3) in metres; corners beyond the panel's edge are
    extrapolated from the nearest triangle.
    """
    loop = [("edge", np.vstack([patch.corners, patch.corners[:1]]))]
    flat, triangles, _ = mesh_panel(loop, patch.spacing, np.random.default_rng(2))
    faces = pattern.faces[pattern.panel == 0]
    corners = pattern.points[faces]
    _, near = cKDTree(corners.mean(1)).query(flat, k=12)
    a, b, c = (corners[near, k] for k in range(3))
    basis = np.stack([b - a, c - a], -1)
    weights = np.linalg.solve(basis, (flat[:, None] - a)[..., None])[..., 0]
    weights = np.concatenate([1 - weights.sum(-1, keepdims=True), weights], -1)
    best = weights.min(-1).argmax(1)
    rows = np.arange(len(flat))
    weight = np.clip(weights[rows, best], -1.5, 2.5)[..., None]
    chosen = faces[near[rows, best]]
    normal = (weight * normals[chosen]).sum(1)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True) + 1e-9
    return flat, triangles, (weight * points[chosen]).sum(1) + normal * patch.lift(flat)[:, None]
