"""Further cloths: quilted down, leather, and printed motifs (all arguments as in studio.fabrics)."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw
from scipy.ndimage import gaussian_filter
from scipy.spatial import cKDTree

from studio.painting import Grid, Painted, blend, cloth, inside, noise


def quilted(x: Grid, y: Grid, colours: list[Grid], rng: np.random.Generator, period: float = 0.085) -> Painted:
    """Down channels running across, puckered beside their seams."""
    phase = (y / period) % 1
    puff = np.sqrt(np.maximum(0, 1 - (2 * phase - 1) ** 2))
    seam = np.minimum(phase, 1 - phase) * period
    pucker = gaussian_filter(rng.normal(size=x.shape), (9, 2))
    pucker *= np.exp(-seam / 0.012) / pucker.std()
    albedo, height = cloth(x.shape, colours[0], rng)
    shade = (0.84 + 0.18 * puff + 0.03 * pucker) * (1 - 0.3 * np.exp(-((seam / 0.0018) ** 2)))
    return np.clip(albedo * shade[..., None], 0, 1), height + 3.2 * puff + 0.7 * pucker - 1.2


def leather(x: Grid, y: Grid, colours: list[Grid], rng: np.random.Generator) -> Painted:
    """Grained hide with a little wear."""
    albedo, height = cloth(x.shape, colours[0], rng)
    grain = np.abs(noise(x.shape, 5, rng)) + 0.5 * np.abs(noise(x.shape, 2, rng))
    wear = np.clip(noise(x.shape, 80, rng, 3), 0, 2)
    return np.clip(albedo * (1 + 0.07 * wear - 0.02 * grain)[..., None], 0, 1), height + 0.22 * grain


def leopard(x: Grid, y: Grid, colours: list[Grid], rng: np.random.Generator, period: float = 0.034) -> Painted:
    """Broken dark rings (second colour) round darker spots (third) on a ground."""
    columns, rows = (int(np.ptp(g) / period) + 3 for g in (x, y))
    i, j = (g.ravel() for g in np.meshgrid(np.arange(columns), np.arange(rows)))
    centres = np.c_[x.min() + (i + 0.5 * (j % 2)) * period, y.min() + j * period * 0.9]
    centres += rng.uniform(-0.24, 0.24, centres.shape) * period
    distance, nearest = cKDTree(centres).query(np.stack([x, y], -1), k=1)
    radius = period * rng.uniform(0.22, 0.34, len(centres))[nearest]
    wobble = 0.0016 * noise(x.shape, 9, rng)
    broken = inside(-(noise(x.shape, 16, rng) + 0.75) * 0.004)
    ring = inside(np.abs(distance + wobble - radius) - 0.0032) * broken
    albedo, height = cloth(x.shape, colours[0], rng)
    albedo = blend(albedo, np.broadcast_to(colours[2], albedo.shape), inside(distance + wobble - radius))
    return blend(albedo, np.broadcast_to(colours[1], albedo.shape), ring), height


def strokes(x: Grid, y: Grid, colours: list[Grid], rng: np.random.Generator, size: float = 0.05) -> Painted:
    """An all-over print of loose brush strokes in the further colours."""
    rows, columns = x.shape
    scale, unit = 2, 2 / (x[0, 1] - x[0, 0])
    ground = tuple(int(v * 255) for v in colours[0])
    image = Image.new("RGB", (columns * scale, rows * scale), ground)
    draw = ImageDraw.Draw(image)
    for _ in range(int(columns * rows * scale**2 / (size * unit) ** 2 * 1.5)):
        at = rng.uniform((0, 0), image.size)
        angle, bend = rng.uniform(0, np.pi), rng.uniform(-1.2, 1.2)
        turn = angle + bend * np.linspace(-0.5, 0.5, 12)
        step = size * unit * rng.uniform(0.6, 1.3) / 12
        path = at + np.cumsum(np.c_[np.cos(turn), np.sin(turn)] * step, axis=0)
        ink = colours[1 + int(rng.integers(len(colours) - 1))] * rng.uniform(0.9, 1.08)
        fill = tuple(int(v * 255) for v in np.clip(ink, 0, 1))
        wide = size * unit * rng.uniform(0.10, 0.2)
        for k, (px, py) in enumerate(path):
            half = wide * (0.55 + 0.45 * np.sin(np.pi * (k + 1) / 13))
            draw.ellipse([px - half, py - half, px + half, py + half], fill=fill)
    albedo = np.asarray(image.resize((columns, rows), Image.Resampling.LANCZOS)) / 255.0
    return albedo, cloth(x.shape, colours[0], rng)[1]


def _sun(u: Grid, v: Grid) -> list[Grid]:
    disc = np.hypot(u, v - 0.15) - 0.62
    bars = np.abs(((v + 0.55) / 0.16) % 1 - 0.5) * 0.16 - 0.045 * np.clip(0.9 - v, 0.2, 2)
    wave = np.abs(v + 0.72 - 0.05 * np.sin(u * 9)) - 0.035
    return [np.maximum(disc, np.where(v < 0.35, bars, -1)), np.maximum(wave, np.abs(u) - 0.75)]


def _peaks(u: Grid, v: Grid) -> list[Grid]:
    base = -0.55 - v
    tall = np.maximum(v - 0.55 + 1.25 * np.abs(u + 0.15), base)
    small = np.maximum(v - 0.15 + 1.1 * np.abs(u - 0.42), base)
    snow = np.maximum(tall, 0.2 + 0.08 * np.sin(u * 22) - v)
    moon = np.hypot(u - 0.55, v - 0.55) - 0.16
    return [np.minimum(tall, small), np.minimum(snow, moon)]


def _rings(u: Grid, v: Grid) -> list[Grid]:
    left, right = np.hypot(u + 0.3, v) - 0.45, np.hypot(u - 0.3, v) - 0.45
    return [np.abs(left) - 0.11, np.abs(right) - 0.11]


def _bolt(u: Grid, v: Grid) -> list[Grid]:
    upper = np.maximum.reduce([np.abs(u + 0.08 - 0.28 * v) - 0.2, -v - 0.08, v - 0.9])
    lower = np.maximum.reduce([np.abs(u - 0.1 - 0.28 * v) - 0.19 * np.clip(v + 0.9, 0, 1), v - 0.12, -v - 0.9])
    return [np.minimum(upper, lower), np.abs(np.hypot(u, v) - 0.95) - 0.035]


_MOTIFS = {"sun": _sun, "peaks": _peaks, "rings": _rings, "bolt": _bolt}


def graphic(
    x: Grid,
    y: Grid,
    colours: list[Grid],
    rng: np.random.Generator,
    motif: str = "sun",
    at: float = -0.27,
    size: float = 0.14,
) -> Painted:
    """A chest print of half width ``size`` at height ``at`` (metres) in the second and third colour."""
    albedo, height = cloth(x.shape, colours[0], rng)
    for shape, colour in zip(_MOTIFS[motif](x / size, (y - at) / size), colours[1:], strict=False):
        albedo = blend(albedo, np.broadcast_to(colour, albedo.shape), inside(shape * size))
    return albedo, height
