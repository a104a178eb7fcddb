"""Procedural cloth: every fabric paints an albedo (h, w, 3) and a height map (h, w) over pattern coordinates.

``x`` and ``y`` are grids in metres, so a check or a rib keeps its real size on every garment.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw
from scipy.ndimage import gaussian_filter, zoom

from studio.painting import Fabric, Grid, Painted, blend, cloth, inside, noise
from studio.palette import PALETTE
from studio.prints import graphic, leather, leopard, quilted, strokes


def _step(x: Grid) -> float:
    """Metres a pixel; threads finer than it would show as moire."""
    return float(x[0, 1] - x[0, 0])


def solid(x: Grid, y: Grid, colours: list[Grid], rng: np.random.Generator) -> Painted:
    """Plain cloth."""
    return cloth(x.shape, colours[0], rng)


def melange(x: Grid, y: Grid, colours: list[Grid], rng: np.random.Generator, amount: float = 0.06) -> Painted:
    """Heathered yarn: light and dark flecks of one colour."""
    albedo, height = cloth(x.shape, colours[0], rng)
    fleck = noise(x.shape, 2, rng) + 0.6 * noise(x.shape, 5, rng)
    return np.clip(albedo * (1 + amount * fleck[..., None]), 0, 1), height + 0.05 * fleck


def corduroy(x: Grid, y: Grid, colours: list[Grid], rng: np.random.Generator, period: float = 0.007) -> Painted:
    """Velvety vertical cords."""
    cord = np.cos(x * 2 * np.pi / period)
    shade = 1 + 0.16 * cord + noise(x.shape, 3, rng) * 0.025 + noise(x.shape, 60, rng) * 0.03
    return np.clip(colours[0] * shade[..., None], 0, 1), cord * 0.8


def stripes(
    x: Grid,
    y: Grid,
    colours: list[Grid],
    rng: np.random.Generator,
    period: float = 0.032,
    duty: float = 0.4,
    vertical: bool = False,
) -> Painted:
    """Stripes of the second colour; ``duty`` is their share of the period (metres)."""
    albedo, height = cloth(x.shape, colours[0], rng)
    phase = ((x if vertical else y) / period) % 1
    return blend(
        albedo, np.broadcast_to(colours[1], albedo.shape), inside((np.abs(phase - 0.5) - duty / 2) * period)
    ), height


def blocks(x: Grid, y: Grid, colours: list[Grid], rng: np.random.Generator, at: tuple[float, ...] = (-0.3,)) -> Painted:
    """Colour blocks: a new colour below each height in ``at`` (metres, falling)."""
    albedo, height = cloth(x.shape, colours[0], rng)
    for level, colour in zip(at, colours[1:], strict=False):
        albedo = blend(albedo, np.broadcast_to(colour, albedo.shape), inside(y - level))
        height = height - np.exp(-(((y - level) / 0.002) ** 2))
    return albedo, height


def plaid(x: Grid, y: Grid, colours: list[Grid], rng: np.random.Generator, period: float = 0.07) -> Painted:
    """Tartan of a ground and two stripe colours in a fine twill."""
    bands = [(0.25, 0.5, 1, 0.55), (0.59, 0.06, 2, 0.6), (0.735, 0.03, 2, 0.6), (0.88, 0.04, 1, 0.4)]

    def profile(u: Grid) -> list[Grid]:
        out = [np.zeros_like(u) for _ in range(3)]
        for centre, width, k, strength in bands:
            out[k] = np.maximum(out[k], strength * inside((np.abs(u - centre) - width / 2) * period, 0.0015))
        return out

    across, down = profile((x / period) % 1), profile((y / period) % 1)
    albedo, height = cloth(x.shape, colours[0], rng)
    twill = 0.5 + 0.5 * np.sign(np.sin((x + y) * 2 * np.pi / max(0.0028, 2.8 * _step(x))))
    for k in (1, 2):
        albedo = blend(albedo, np.broadcast_to(colours[k], albedo.shape), across[k] * (0.35 + 0.4 * twill))
        albedo = blend(albedo, np.broadcast_to(colours[k], albedo.shape), down[k] * (0.75 - 0.4 * twill))
    return np.clip(albedo, 0, 1), height


def gingham(x: Grid, y: Grid, colours: list[Grid], rng: np.random.Generator, period: float = 0.024) -> Painted:
    """Two-colour check with half-tone crossings."""
    albedo, height = cloth(x.shape, colours[0], rng)
    mask = ((x / period) % 1 < 0.5) * 0.5 + ((y / period) % 1 < 0.5) * 0.5
    return blend(albedo, np.broadcast_to(colours[1], albedo.shape), gaussian_filter(mask, 0.6)), height


def dots(
    x: Grid,
    y: Grid,
    colours: list[Grid],
    rng: np.random.Generator,
    period: float = 0.04,
    radius: float = 0.009,
) -> Painted:
    """Polka dots of the second colour on a staggered grid (metres)."""
    albedo, height = cloth(x.shape, colours[0], rng)
    row = np.floor(y / period * 1.155)
    u = (x / period + 0.5 * (row % 2)) % 1 - 0.5
    v = (y / period * 1.155 - row - 0.5) / 1.155
    return blend(albedo, np.broadcast_to(colours[1], albedo.shape), inside(np.hypot(u, v) * period - radius)), height


def _bytes(colour: Grid) -> tuple[int, int, int]:
    r, g, b = (int(v * 255) for v in np.clip(colour, 0, 1))
    return r, g, b


def floral(
    x: Grid, y: Grid, colours: list[Grid], rng: np.random.Generator, size: float = 0.022, density: float = 1.0
) -> Painted:
    """Five-petalled flowers of two colours with leaves; ``size`` is a flower's radius in metres."""
    rows, columns = x.shape
    scale = 2
    unit = scale / (x[0, 1] - x[0, 0])
    image = Image.new("RGB", (columns * scale, rows * scale), _bytes(colours[0]))
    draw = ImageDraw.Draw(image)
    leaf = colours[3] if len(colours) > 3 else PALETTE["leaf"]
    cell = size * 2.1 / density
    for j in range(int(rows * scale / unit / cell) + 2):
        for i in range(int(columns * scale / unit / cell) + 2):
            px = (i + 0.5 * (j % 2) + rng.uniform(-0.3, 0.3)) * cell * unit
            py = (j + rng.uniform(-0.3, 0.3)) * cell * unit
            for _ in range(2):
                angle, long = rng.uniform(0, 6.28), size * unit * rng.uniform(0.7, 1.1)
                c, s = np.cos(angle), np.sin(angle)
                shape = ((0, 0), (0.4, 0.22), (1, 0), (0.4, -0.22))
                draw.polygon(
                    [(px + long * (c * k - s * w), py + long * (s * k + c * w)) for k, w in shape],
                    fill=_bytes(leaf * rng.uniform(0.8, 1.2)),
                )
            radius, first = size * unit * rng.uniform(0.35, 0.6), rng.uniform(0, 6.28)
            colour = colours[1] if rng.random() < 0.6 else colours[2]
            for k in range(5):
                angle, petal = first + k * 6.283 / 5, radius * 0.62
                cx, cy = px + radius * 0.75 * np.cos(angle), py + radius * 0.75 * np.sin(angle)
                draw.ellipse(
                    [cx - petal, cy - petal, cx + petal, cy + petal],
                    fill=_bytes(colour * rng.uniform(0.88, 1.08)),
                )
            heart = radius * 0.35
            draw.ellipse([px - heart, py - heart, px + heart, py + heart], fill=_bytes(PALETTE["yellow"]))
    albedo = np.asarray(image.resize((columns, rows), Image.Resampling.LANCZOS)) / 255.0
    return albedo, cloth(x.shape, colours[0], rng)[1]


def denim(x: Grid, y: Grid, colours: list[Grid], rng: np.random.Generator) -> Painted:
    """Twill with slubs and uneven indigo."""
    twill = np.sin((x + y * 1.6) * 2 * np.pi / max(0.0036, 3.6 * _step(x)) + noise(x.shape, 6, rng) * 0.35)
    grain = noise(x.shape, 1.5, rng) * 0.05 + noise(x.shape, 4, rng) * 0.03
    slub = rng.normal(size=(x.shape[0] // 40 + 3, x.shape[1]))
    grain += 0.035 * zoom(slub, (40, 1), order=1)[: x.shape[0], : x.shape[1]]
    grain += 0.05 * noise(x.shape, 100, rng, 2)
    albedo = colours[0] * (1 + 0.11 * twill + grain)[..., None] + 0.03 * np.maximum(twill, 0)[..., None]
    return np.clip(albedo, 0, 1), twill * 0.15 + grain


def rib(x: Grid, y: Grid, colours: list[Grid], rng: np.random.Generator, period: float = 0.011) -> Painted:
    """Rib knit, one rib a period (metres)."""
    ridge = np.sin(x * 2 * np.pi / period)
    albedo = colours[0] * (1 + 0.10 * ridge + noise(x.shape, 2, rng) * 0.02)[..., None]
    return np.clip(albedo, 0, 1), ridge * 0.9


def knit(
    x: Grid,
    y: Grid,
    colours: list[Grid],
    rng: np.random.Generator,
    wale: float = 0.011,
    course: float = 0.008,
) -> Painted:
    """Stocking stitch; with three colours a fair-isle band is worked in."""
    u = (x / wale) % 1
    w = np.abs(u - 0.5) * 2
    phase = (y / course + 0.55 * (1 - w)) % 1
    height = np.sqrt(np.maximum(0, 1 - (2 * phase - 1) ** 2)) * 0.8 * np.sqrt(np.maximum(0, 1 - (w - 0.5) ** 2 * 3))
    albedo = np.broadcast_to(colours[0], (*x.shape, 3)).copy()
    if len(colours) > 2:
        row, column = np.floor(y / course + 0.5) % 24, np.floor(x / wale)
        diamond = (row >= 4) & (row <= 10) & (np.abs((column % 8) - 4) == np.abs(row - 7))
        albedo[(row == 2) | diamond] = colours[1]
        albedo[(row == 12) | ((row == 14) & (column % 2 == 0))] = colours[2]
    albedo = albedo * (0.80 + 0.25 * height + noise(x.shape, 3, rng) * 0.03)[..., None]
    return np.clip(albedo, 0, 1), height * 1.2


def striped_knit(
    x: Grid, y: Grid, colours: list[Grid], rng: np.random.Generator, period: float = 0.09, duty: float = 0.5
) -> Painted:
    """Stocking stitch in broad stripes of two colours."""
    albedo, height = knit(x, y, colours[:1], rng)
    other, _ = knit(x, y, colours[1:2], rng)
    return blend(albedo, other, ((y / period) % 1 < duty).astype(float)), height


def cable(x: Grid, y: Grid, colours: list[Grid], rng: np.random.Generator) -> Painted:
    """Two-strand cables on a stocking-stitch ground."""
    height = knit(x, y, colours[:1], rng, 0.008, 0.006)[1]
    spacing, turn, width = 0.085, 0.06, 0.014
    u = ((x + spacing / 2) / spacing) % 1 * spacing - spacing / 2
    rope = np.full(x.shape, -9.0)
    for k in range(2):
        angle = 2 * np.pi * (y / turn + k * 0.5)
        d = np.abs(u - width * 0.75 * np.sin(angle)) / width
        rope = np.maximum(rope, np.where(d < 1, np.sqrt(np.maximum(0, 1 - d * d)) * 1.6 + 0.5 * np.cos(angle), -9))
    stitch = np.abs(np.sin((y + np.abs(u) * 0.8) * np.pi / 0.006)) * 0.25
    ground = np.where(np.abs(u) < width * 2.1, -0.3, height * 0.8)
    relief = gaussian_filter(np.where(rope > -1, rope + stitch + 1.0, ground), 0.8)
    albedo = colours[0] * (0.86 + 0.07 * np.clip(relief, -1, 2.5) + noise(x.shape, 3, rng) * 0.02)[..., None]
    return np.clip(albedo, 0, 1), relief * 1.3


def camouflage(x: Grid, y: Grid, colours: list[Grid], rng: np.random.Generator) -> Painted:
    """Blots of three colours on a ground."""
    albedo, height = cloth(x.shape, colours[0], rng)
    for colour in colours[1:4]:
        blot = inside(-(noise(x.shape, 50, rng, 3) - 0.75) * 0.004)
        albedo = blend(albedo, np.broadcast_to(colour, albedo.shape), blot)
    return albedo, height


FABRICS: dict[str, Fabric] = {
    "solid": solid, "melange": melange, "corduroy": corduroy, "stripes": stripes, "blocks": blocks, "plaid": plaid,
    "gingham": gingham, "dots": dots, "floral": floral, "denim": denim, "rib": rib, "knit": knit,
    "striped_knit": striped_knit, "cable": cable, "camouflage": camouflage, "quilted": quilted, "leather": leather,
    "graphic": graphic, "leopard": leopard, "strokes": strokes,
}  # fmt: skip
PATTERN_OF: dict[str, str] = {
    "solid": "solid", "melange": "solid", "corduroy": "solid", "stripes": "striped", "blocks": "colour-block",
    "plaid": "plaid", "gingham": "gingham", "dots": "dotted", "floral": "floral", "denim": "denim", "rib": "knit",
    "knit": "knit", "striped_knit": "striped", "cable": "knit", "camouflage": "camouflage",
    "quilted": "solid", "leather": "solid", "graphic": "print", "leopard": "print", "strokes": "print",
}  # fmt: skip
