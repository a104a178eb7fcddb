"""Boots and sneakers lofted through a few slices of the foot (metres, heel at x = 0, toe to the right, y up)."""

from __future__ import annotations

import bpy
import numpy as np
from scipy.interpolate import PchipInterpolator

from studio.canvas import Canvas
from studio.curves import bezier
from studio.painting import inside
from studio.palette import PALETTE, Colour
from studio.panels import Floats
from studio.scene import cloth_material, plain_material, thicken
from studio.shapes import Objects, Surface, rotation, surface, tube
from studio.specs import Item

# a slice: share of the way up, then x and y of its front, x and y of its heel, half its width
Slices = list[tuple[float, float, float, float, float, float]]
WELLINGTON: Slices = [
    (0.00, 0.283, 0.000, 0.006, 0.000, 0.047), (0.08, 0.291, 0.016, 0.000, 0.016, 0.050),
    (0.18, 0.287, 0.038, -0.003, 0.034, 0.050), (0.28, 0.258, 0.062, -0.004, 0.055, 0.047),
    (0.38, 0.205, 0.084, -0.002, 0.075, 0.043), (0.48, 0.158, 0.108, 0.003, 0.098, 0.041),
    (0.56, 0.132, 0.140, 0.007, 0.128, 0.042), (0.70, 0.128, 0.200, -0.001, 0.190, 0.049),
    (1.00, 0.136, 0.320, -0.008, 0.326, 0.055),
]  # fmt: skip
ANKLE: Slices = [
    (0.00, 0.288, 0.000, 0.006, 0.000, 0.044), (0.10, 0.294, 0.014, 0.000, 0.018, 0.047),
    (0.24, 0.284, 0.034, -0.003, 0.040, 0.046), (0.38, 0.248, 0.055, -0.002, 0.064, 0.043),
    (0.52, 0.196, 0.076, 0.003, 0.084, 0.039), (0.66, 0.152, 0.098, 0.009, 0.106, 0.037),
    (0.80, 0.131, 0.126, 0.010, 0.130, 0.038), (1.00, 0.124, 0.168, 0.006, 0.176, 0.041),
]  # fmt: skip
LOW: Slices = [
    (0.00, 0.283, 0.000, 0.005, 0.000, 0.046), (0.15, 0.289, 0.018, 0.000, 0.020, 0.050),
    (0.35, 0.280, 0.040, -0.003, 0.040, 0.049), (0.55, 0.250, 0.060, -0.002, 0.056, 0.045),
    (0.75, 0.210, 0.078, 0.002, 0.074, 0.041), (0.90, 0.180, 0.094, 0.006, 0.090, 0.036),
    (1.00, 0.166, 0.102, 0.009, 0.100, 0.033),
]  # fmt: skip


def _plan(s: Floats, shaft: Floats) -> Floats:
    """Relative half width from heel (0) to toe (1): a foot's outline, an ellipse where ``shaft`` is 1."""
    rounding = np.maximum(0, 1 - np.abs(2 * s - 1) ** 2.5) ** (1 / 2.5)
    foot = rounding * (0.76 + 0.24 * np.exp(-(((s - 0.70) / 0.30) ** 2)))
    ellipse = np.sqrt(np.maximum(0, 1 - (2 * s - 1) ** 2))
    return foot * (1 - shaft) + ellipse * shaft


def last(slices: Slices) -> Surface:
    """The loft: u runs round each slice from the toe, v up the foot."""
    knots = np.array(slices)
    curves = [PchipInterpolator(knots[:, 0], knots[:, k]) for k in range(1, 6)]

    def shape(u: Floats, v: Floats) -> Floats:
        front_x, front_y, heel_x, heel_y, half = (curve(np.clip(v, 0, 1)) for curve in curves)
        s = 0.5 + 0.5 * np.cos(2 * np.pi * u)
        z = half * _plan(s, np.clip((v - 0.3) / 0.3, 0, 1)) * np.sign(np.sin(2 * np.pi * u) + 1e-12)
        return np.c_[heel_x + (front_x - heel_x) * s, heel_y + (front_y - heel_y) * s, z]

    return shape


def _sole(slices: Slices, thickness: float, heel: float, rim: float) -> Surface:
    """A slab under the last with a step of ``heel`` metres behind the arch; ``rim`` is how far it sticks out."""
    foot = last(slices)

    def shape(u: Floats, v: Floats) -> Floats:
        base = foot(u, np.full_like(u, 0.08))
        middle = np.array([0.145, 0.0, 0.0])
        out = base - middle
        out /= np.linalg.norm(out * [1, 0, 1], axis=1, keepdims=True) + 1e-9
        point = base + out * [1, 0, 1] * rim
        arch = np.clip((point[:, 0] - 0.085) / 0.004, 0, 1)
        toe = 0.008 * np.clip((point[:, 0] - 0.23) / 0.06, 0, 1) ** 2
        bottom = -thickness - heel * (1 - arch) + toe
        point[:, 1] = 0.011 * (1 - v) + bottom * v
        return point

    return shape


# name, surface, cells, material, canvas
Part = tuple[str, Surface, tuple[int, int], bpy.types.Material, Canvas | None]
# both shoes: where, mirrored or not, turned by how many degrees
FEET = (((0.0, 0.0, 0.0), 1.0, 0.0), ((-0.05, 0.0, -0.115), -1.0, 7.0))


def _moved(shape: Surface, offset: tuple[float, float, float], mirror: float, twist: float) -> Surface:
    spin = rotation(0, twist)
    return lambda u, v: (shape(u, v) * [1, 1, mirror]) @ spin.T + offset


def _pair(build: list[Part], turn: Floats) -> Objects:
    """Both shoes of a pair: the far one a little behind and turned."""
    out: Objects = []
    for offset, mirror, twist in FEET:
        for name, shape, cells, material, canvas in build:
            placed = _moved(shape, offset, mirror, twist)
            body = surface(name, placed, cells, material, turn, canvas)
            if name == "upper":
                thicken(body, 0.003, 0, 0)
            out.append(body)
    return out


def _upper(item: Item, high: float) -> tuple[Canvas, Colour]:
    canvas = Canvas(np.array([(0.0, -high), (0.70, 0.0)]), 0.0)
    colours = [PALETTE[name] for name in item.colours]
    canvas.fill(item.fabric, colours, np.random.default_rng(item.seed), **dict(item.options))
    return canvas, PALETTE[item.trim or item.colours[0]]


def wellies(item: Item, spin: float = 0.0) -> Objects:
    """Rubber boots with a contrast sole and top band."""
    canvas, trim = _upper(item, 0.42)
    canvas.paint(trim, inside(canvas.y + 0.42 - 0.022), 1.0)
    for side in (0.175, 0.525):
        canvas.groove(np.exp(-(((canvas.x - side) / 0.0022) ** 2)) * (canvas.y < -0.23), 0.12, -1.0)
    rubber = cloth_material("rubber", canvas, 0.3, 0.28, 0.0)
    rubber.node_tree.nodes["Principled BSDF"].inputs["Specular IOR Level"].default_value = 0.5
    sole = plain_material("sole", trim * 0.9, 0.6)
    turn = rotation(13, -32 + spin)
    return _pair(
        [
            ("upper", last(WELLINGTON), (140, 110), rubber, canvas),
            ("sole", _sole(WELLINGTON, 0.010, 0.012, 0.004), (140, 8), sole, None),
        ],
        turn,
    )


def chelsea(item: Item, spin: float = 0.0) -> Objects:
    """Ankle boots with elastic gussets and a stacked heel."""
    canvas, trim = _upper(item, 0.26)
    for side in (0.175, 0.525):
        corners = np.array(
            [(side - 0.032, -0.27), (side + 0.032, -0.27), (side + 0.012, -0.155), (side - 0.012, -0.155)]
        )
        mask = canvas.mask(corners)
        canvas.paint(trim * 0.6, mask)
        canvas.height = canvas.height + mask * np.sin(canvas.x * 2 * np.pi / 0.005)
        canvas.seam(np.vstack([corners, corners[:1]]), 0.4)
    leather = cloth_material("leather", canvas, 0.25, 0.38, 0.0)
    leather.node_tree.nodes["Principled BSDF"].inputs["Specular IOR Level"].default_value = 0.45
    sole = plain_material("sole", PALETTE["bark"] * 0.8, 0.6)
    return _pair(
        [
            ("upper", last(ANKLE), (140, 100), leather, canvas),
            ("sole", _sole(ANKLE, 0.006, 0.024, 0.003), (140, 8), sole, None),
        ],
        rotation(13, -30 + spin),
    )


def plimsolls(item: Item, spin: float = 0.0) -> Objects:
    """Low canvas sneakers with a rubber toe cap, a foxing stripe and laces."""
    canvas, trim = _upper(item, 0.15)
    white, thread = PALETTE["chalk"], np.clip(PALETTE[item.colours[0]] * 0.6 + 0.15, 0, 1)
    round_toe = np.minimum(canvas.x, 0.70 - canvas.x)
    canvas.paint(white, inside(np.hypot(round_toe / 0.088, (canvas.y - 0.01) / 0.062) - 1, 0.02), 1.5)
    for sign in (1, -1):
        stay = bezier((0.052, -0.065), (0.052, -0.10), (0.075, -0.16), 16)
        stay = stay if sign > 0 else np.c_[0.70 - stay[:, 0], stay[:, 1]]
        canvas.seam(stay, 0.35)
        canvas.stitch(stay, 0.005, thread)
    canvas.paint(trim, inside(np.abs(canvas.x - 0.35) - 0.012) * inside(canvas.y + 0.02))
    canvas.stitch(np.array([(0.0, -0.143), (0.70, -0.143)]), 0.0, thread)
    upper = cloth_material("canvas", canvas, 0.35, 0.9, 0.1)
    rubber, lace = plain_material("rubber", white, 0.45), plain_material("lace", PALETTE["white"], 0.8)
    turn, foot = rotation(24, -38 + spin), last(LOW)
    out = _pair(
        [("upper", foot, (150, 80), upper, canvas), ("sole", _sole(LOW, 0.014, 0.0, 0.004), (150, 10), rubber, None)],
        turn,
    )
    for offset, mirror, twist in FEET:
        on_foot = _moved(foot, offset, mirror, twist)
        for height in np.linspace(0.56, 0.95, 5):
            u = np.linspace(-0.072, 0.072, 24)
            path = on_foot(u, height - 3.0 * u**2) + [0.0016, 0.0026, 0.0]
            out.append(tube("lace", path, 0.0025, lace, turn))
    return out
