"""Coat hangers painted behind and before a garment that hangs on a rail."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from studio.curves import bezier

HOOK = 52  # pixels from the rail to the hanger's crown
FINE = 3  # painted that many times as large, then reduced
WOOD, METAL = (186, 142, 94), (150, 153, 158)
Layers = tuple[Image.Image, Image.Image]


def top_edge(alpha: Image.Image) -> tuple[int, int, int]:
    """Column and row where a garment meets its hanger, and its width in pixels a little below."""
    left, top, right, bottom = alpha.getbbox() or (0, 0, 1, 1)
    middle = (left + right) // 2
    solid = np.asarray(alpha) > 128
    row = int(solid[:, middle - 4 : middle + 5].any(1).argmax())
    below = min(row + (bottom - top) // 14, alpha.height - 1)
    return middle, row, int(solid[below].sum())


def _line(draw: ImageDraw.ImageDraw, path: np.ndarray, width: float, colour: tuple[int, int, int]) -> None:
    points = [(float(x) * FINE, float(y) * FINE) for x, y in path]
    draw.line(points, fill=colour, width=round(width * FINE), joint="curve")


def _hook(draw: ImageDraw.ImageDraw, x: float, rail: float, crown: float) -> None:
    turn = np.radians(np.linspace(-200, 60, 40))
    bow = np.c_[x + 11 * np.cos(turn), rail + 11 * np.sin(turn)]
    neck = bezier(bow[-1], (x, rail + 20), (x, crown), 12)
    for colour, width in ((tuple(v - 60 for v in METAL), 4.2), (METAL, 2.6)):
        _line(draw, np.vstack([bow, neck]), width, colour)  # type: ignore[arg-type]


def shoulders(size: tuple[int, int], x: float, rail: float, width: int) -> Layers:
    """A bowed wooden hanger; only its crown shows above the neck."""
    behind, front = _sheets(size)
    draw, crown, half = ImageDraw.Draw(behind), rail + HOOK, width * 0.32
    for sign in (-1, 1):
        arm = bezier((x, crown), (x + sign * half * 0.45, crown + 5), (x + sign * half, crown + half * 0.36), 24)
        _line(draw, arm, 13, tuple(v - 40 for v in WOOD))  # type: ignore[arg-type]
        _line(draw, arm - [0, 1.5], 9, WOOD)
    _hook(draw, x, rail, crown - 4)
    return _reduced(behind, front, size)


def clips(size: tuple[int, int], x: float, rail: float, width: int) -> Layers:
    """A metal bar with two clips that hold a waistband."""
    behind, front = _sheets(size)
    crown, half = rail + HOOK - 4, width * 0.36
    draw = ImageDraw.Draw(behind)
    _hook(draw, x, rail, crown)
    _line(draw, np.array([(x - half - 12, crown), (x + half + 12, crown)]), 4, METAL)
    draw = ImageDraw.Draw(front)
    for sign in (-1, 1):
        at = x + sign * half
        box = [at - 8, crown - 5, at + 8, crown + 23]
        draw.rounded_rectangle([v * FINE for v in box], 4 * FINE, fill=(58, 58, 62))
        draw.rounded_rectangle([v * FINE for v in (at - 5, crown - 2, at - 1, crown + 20)], FINE, fill=(104, 105, 110))
    return _reduced(behind, front, size)


def _sheets(size: tuple[int, int]) -> Layers:
    large = (size[0] * FINE, size[1] * FINE)
    return Image.new("RGBA", large, (0, 0, 0, 0)), Image.new("RGBA", large, (0, 0, 0, 0))


def _reduced(behind: Image.Image, front: Image.Image, size: tuple[int, int]) -> Layers:
    return behind.resize(size, Image.Resampling.LANCZOS), front.resize(size, Image.Resampling.LANCZOS)


HANGERS: dict[str, Callable[[tuple[int, int], float, float, int], Layers]] = {f.__name__: f for f in (shoulders, clips)}
