"""What patterns are drawn with: polylines as (n, 2) arrays in metres, and the outline they form."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
Edge = tuple[str, Points]
Loop = list[Edge]


@dataclass(frozen=True)
class Outline:
    """Front and back loops of a garment plus the landmarks that poses and trims need (metres)."""

    kind: str
    front: Loop
    back: Loop
    length: float
    half_width: float
    marks: dict[str, Points] = field(default_factory=dict)
    numbers: dict[str, float] = field(default_factory=dict)


def bezier(a: object, b: object, c: object, n: int = 24) -> Points:
    """Quadratic Bezier from a to c with control point b, as n points."""
    t = np.linspace(0, 1, n)[:, None]
    p, q, r = (np.asarray(v, float) for v in (a, b, c))
    return (1 - t) ** 2 * p + 2 * t * (1 - t) * q + t * t * r


def line(a: object, b: object) -> Points:
    """A straight edge from a to b."""
    return np.array([a, b], float)


def circle(x: float, y: float, radius: float, n: int = 14) -> Points:
    """A closed circle as n points (the last point is not repeated)."""
    t = np.linspace(0, 2 * np.pi, n, endpoint=False)
    return np.c_[x + radius * np.cos(t), y + radius * np.sin(t)]


def mirrored(edge: Points) -> Points:
    """The edge reflected in x = 0, walked the other way so that a loop stays in order."""
    out = np.array(edge, float)[::-1].copy()
    out[:, 0] *= -1
    return out


def symmetric(right: Loop) -> Loop:
    """Close a right half (centre top to centre bottom, x > 0) with its mirror image."""
    return right + [(tag, mirrored(edge)) for tag, edge in right][::-1]


def resample(edge: Points, step: float) -> Points:
    """The polyline sampled about every ``step`` metres, end points kept."""
    edge = np.asarray(edge, float)
    arc = np.r_[0, np.cumsum(np.hypot(*np.diff(edge, axis=0).T))]
    at = np.linspace(0, arc[-1], max(1, int(round(arc[-1] / step))) + 1)
    return np.c_[np.interp(at, arc, edge[:, 0]), np.interp(at, arc, edge[:, 1])]
