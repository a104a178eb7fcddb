"""Accessories modelled as parametric surfaces: hats, glasses, belts, footwear (metres, y up, z to the camera)."""

from __future__ import annotations

from collections.abc import Callable

import bpy
import numpy as np
from PIL import Image

from studio.canvas import Canvas
from studio.footwear import chelsea, plimsolls, wellies
from studio.palette import PALETTE, Colour
from studio.panels import Floats
from studio.scene import cloth_material, photograph, plain_material, thicken
from studio.shapes import Objects, Surface, rotation, surface, tube
from studio.simulation import SCALE, empty_scene, mesh_object
from studio.specs import Item


def _cloth(
    item: Item, name: str, wide: float, high: float, colours: list[Colour], fabric: str
) -> tuple[bpy.types.Material, Canvas]:
    canvas = Canvas(np.array([(0.0, -high), (wide, 0.0)]), 0.0)
    options = dict(item.options) if fabric == item.fabric else {}
    if fabric == "melange":
        options["amount"] = 0.03
    canvas.fill(fabric, colours, np.random.default_rng(item.seed), **options)
    return cloth_material(name, canvas, 0.7 if fabric in ("knit", "rib") else 0.3, 0.85, 0.2), canvas


def beanie(item: Item, spin: float = 0.0) -> Objects:
    """A bobble hat with a turned-up rib brim."""
    rng = np.random.default_rng(item.seed)
    phase, turn = rng.uniform(0, 6.28), rotation(0 + spin * 0.2, spin)
    colours = [PALETTE[name] for name in item.colours]
    trim = PALETTE[item.trim or item.colours[-1]]

    def crown(u: Floats, v: Floats) -> Floats:
        a = u * 2 * np.pi
        dome = 0.105 * np.sqrt(np.maximum(0, 1 - ((v - 0.55) / 0.45) ** 2))
        r = np.where(v < 0.55, 0.105 + 0.004 * np.sin(v * 6), dome)
        r = r * (1 + 0.012 * np.sin(5 * a + phase + 4 * v) * (0.3 + v) + 0.012 * np.sin(13 * a + phase) * v**3)
        return np.c_[r * np.cos(a), v * 0.235 + 0.006 * np.sin(2 * a + phase), r * np.sin(a) * 0.85]

    def brim(u: Floats, v: Floats) -> Floats:
        a = u * 2 * np.pi
        r = 0.112 + 0.007 * np.sin(v * np.pi) + 0.0015 * np.sin(6 * a + phase)
        return np.c_[r * np.cos(a), 0.085 * v - 0.004 + 0.006 * np.sin(2 * a + phase), r * np.sin(a) * 0.85]

    wool, wool_canvas = _cloth(item, "wool", 0.66, 0.30, colours, item.fabric)
    ribbed, rib_canvas = _cloth(item, "rib", 0.66, 0.085, [trim], "rib")
    out = [
        surface("crown", crown, (160, 70), wool, turn, wool_canvas),
        surface("brim", brim, (160, 24), ribbed, turn, rib_canvas),
    ]
    for body, thick in zip(out, (0.004, 0.008), strict=True):
        thicken(body, thick, 0, -1)
    return [*out, _pompom(np.array([0, 0.255, 0]), trim, rng)]


def _pompom(centre: Floats, colour: Colour, rng: np.random.Generator) -> bpy.types.Object:
    count, half = 9000, 0.0012
    way = rng.normal(size=(count, 3))
    way /= np.linalg.norm(way, axis=1, keepdims=True)
    aside = np.cross(way, rng.normal(size=(count, 3)))
    aside /= np.linalg.norm(aside, axis=1, keepdims=True)
    inner = centre + way * 0.01
    outer = centre + way * 0.04 * (1 + 0.12 * rng.random((count, 1))) + aside * 0.004
    points = np.stack([inner - aside * half, inner + aside * half, outer + aside * half, outer - aside * half], 1)
    ball = mesh_object("pompom", points.reshape(-1, 3) * SCALE, np.arange(4 * count).reshape(count, 4))
    ball.data.materials.append(plain_material("pompom", colour, 0.9))
    return ball


def _revolved(profile: list[tuple[float, float]], deep: float) -> Surface:
    """A body of revolution through (radius, height) points, ``deep`` times as deep as wide."""
    knots = np.array(profile)
    arc = np.r_[0, np.cumsum(np.hypot(*np.diff(knots, axis=0).T))]

    def shape(u: Floats, v: Floats) -> Floats:
        a = u * 2 * np.pi
        r, y = np.interp(v * arc[-1], arc, knots[:, 0]), np.interp(v * arc[-1], arc, knots[:, 1])
        return np.c_[r * np.cos(a), y, r * np.sin(a) * deep]

    return shape


def _rounded(profile: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The profile with its corners rounded off."""
    knots = np.array(profile)
    for _ in range(4):
        a, b = knots[:-1] * 0.75 + knots[1:] * 0.25, knots[:-1] * 0.25 + knots[1:] * 0.75
        knots = np.vstack([knots[:1], np.stack([a, b], 1).reshape(-1, 2), knots[-1:]])
    return [(float(r), float(y)) for r, y in knots]


def brimhat(item: Item, spin: float = 0.0) -> Objects:
    """A felt fedora with a creased crown and a ribbon."""
    turn = rotation(24, 32 + spin)
    felt, canvas = _cloth(item, "felt", 0.6, 0.3, [PALETTE[item.colours[0]]], "melange")
    ribbon = plain_material("ribbon", PALETTE[item.trim or "black"], 0.6)
    base = _revolved(
        _rounded(
            [
                (0.0, 0.122),
                (0.072, 0.122),
                (0.082, 0.10),
                (0.094, 0.0),
                (0.10, -0.003),
                (0.135, -0.004),
                (0.165, 0.006),
            ]
        ),
        1.16,
    )

    def creased(u: Floats, v: Floats) -> Floats:
        p = base(u, v)
        high = np.clip((p[:, 1] - 0.03) / 0.09, 0, 1)
        pinch = np.exp(-(((p[:, 2] - 0.085) / 0.05) ** 2)) * high
        p[:, 0] *= 1 - 0.34 * pinch
        p[:, 1] -= 0.034 * np.exp(-((p[:, 0] / 0.032) ** 2)) * high**3
        brim = np.clip((np.hypot(p[:, 0], p[:, 2] / 1.16) - 0.10) / 0.065, 0, 1) * (p[:, 1] < 0.02)
        p[:, 1] += brim * (0.016 * np.abs(np.cos(u * 2 * np.pi)) ** 2 - 0.014 * np.sin(u * 2 * np.pi))
        return p

    def band(u: Floats, v: Floats) -> Floats:
        a, r = u * 2 * np.pi, 0.0965 - 0.0045 * v
        return np.c_[r * np.cos(a), 0.002 + 0.036 * v, r * np.sin(a) * 1.16]

    hat = surface("hat", creased, (160, 110), felt, turn, canvas)
    thicken(hat, 0.003, 0, 0)
    return [hat, surface("band", band, (120, 6), ribbon, turn)]


def buckethat(item: Item, spin: float = 0.0) -> Objects:
    """A stitched bucket hat."""
    turn = rotation(20, 15 + spin)
    cloth, canvas = _cloth(item, "cloth", 0.62, 0.28, [PALETTE[n] for n in item.colours], item.fabric)
    thread = PALETTE[item.colours[0]] * 0.7
    for y in np.arange(-0.205, -0.28, -0.011):
        canvas.stitch(np.array([(0.0, y), (0.62, y)]), 0.0, thread)
    for y in (-0.088, -0.198):
        canvas.seam(np.array([(0.0, y), (0.62, y)]), 0.45)
    material = cloth_material("stitched", canvas, 0.3, 0.85, 0.2)
    base = _revolved(
        _rounded([(0.0, 0.10), (0.078, 0.10), (0.086, 0.095), (0.097, 0.0), (0.104, -0.012), (0.15, -0.062)]),
        1.1,
    )

    def soft(u: Floats, v: Floats) -> Floats:
        p = base(u, v)
        a = u * 2 * np.pi
        low = np.clip(-p[:, 1] / 0.06, 0, 1)
        p[:, 1] += 0.010 * low * np.sin(3 * a + item.seed) + 0.003 * np.sin(2 * a + 1) * (p[:, 1] > 0.06)
        p[:, [0, 2]] *= (1 + 0.012 * np.sin(7 * a + item.seed) * (1 - low))[:, None]
        return p

    hat = surface("hat", soft, (160, 90), material, turn, canvas)
    thicken(hat, 0.003, 0, 0)
    return [hat]


def glasses(item: Item, spin: float = 0.0) -> Objects:
    """Acetate spectacles; a trim colour makes sunglasses of them."""
    turn = rotation(14, 24 + spin)
    acetate = plain_material("acetate", PALETTE[item.colours[0]], 0.18)
    a = np.linspace(0, 2 * np.pi, 73)
    power = 1.0 if item.style == "round" else 0.72
    c, s = np.sign(np.cos(a)) * np.abs(np.cos(a)) ** power, np.sign(np.sin(a)) * np.abs(np.sin(a)) ** power
    wide, high = (0.0245, 0.0235) if item.style == "round" else (0.027, 0.021)
    out: Objects = []
    for sign in (-1, 1):
        curve = np.c_[sign * 0.034 + wide * c, high * s + 0.002 * sign * c * (power < 1), -0.0025 * (c * sign) ** 2]
        out.append(tube("rim", curve, 0.0027, acetate, turn, closed=True))

        def pane(u: Floats, v: Floats, rim: Floats = curve) -> Floats:
            k = np.clip(np.round(u * 72).astype(int), 0, 72)
            return rim.mean(0) + (rim[k] - rim.mean(0)) * v[:, None]

        if item.trim:
            out.append(surface("lens", pane, (73, 8), plain_material("lens", PALETTE[item.trim], 0.08), turn))
        t = np.linspace(0, 1, 40)[:, None]
        hinge = np.array([sign * (0.034 + wide), 0.009, -0.002])
        back = hinge + t * np.array([sign * 0.004, 0, -0.135])
        back[:, 1] -= 0.03 * np.clip((t[:, 0] - 0.72) / 0.28, 0, 1) ** 1.5
        out.append(tube("temple", back, 0.0026, acetate, turn))
    x = np.linspace(-0.0098, 0.0098, 20)
    out.append(tube("bridge", np.c_[x, 0.010 - 45 * x**2, np.full(20, -0.001)], 0.0024, acetate, turn))
    return out


def belt(item: Item, spin: float = 0.0) -> Objects:
    """A rolled leather belt with a metal buckle in front."""
    turn = rotation(30, -18 + spin)
    leather = PALETTE[item.colours[0]]
    canvas = Canvas(np.array([(0.0, -0.034), (0.85, 0.0)]), 0.0)
    canvas.fill("solid", [leather], np.random.default_rng(item.seed))
    for y in (-0.004, -0.030):
        canvas.stitch(np.array([(0.0, y), (0.85, y)]), 0.0, np.clip(leather * 1.35 + 0.05, 0, 1), 0.006)
    hide = cloth_material("leather", canvas, 0.3, 0.42, 0.0)
    metal = plain_material("metal", PALETTE["light_grey"], 0.22, 1.0)
    turns = 2.6

    def spiral(angle: Floats) -> Floats:
        r = 0.053 - 0.0058 * angle / (2 * np.pi)
        return np.c_[r * np.sin(angle), np.zeros_like(angle), r * np.cos(angle)]

    def strip(u: Floats, v: Floats) -> Floats:
        return spiral(u * turns * 2 * np.pi) + np.c_[0 * u, 0.017 - 0.034 * v, 0 * u]

    body = surface("strap", strip, (260, 8), hide, turn, canvas)
    thicken(body, 0.0034, 0, 0)

    def keeper(u: Floats, v: Floats) -> Floats:
        at = spiral(0.62 + 0.16 * (v - 0.5))
        return at * 1.06 + np.c_[0 * u, 0.0195 - 0.039 * u, 0 * u]

    loop = surface("keeper", keeper, (8, 6), hide, turn, canvas)
    thicken(loop, 0.003, 0, 0)
    a = np.linspace(0, 2 * np.pi, 73)
    c, s = (np.sign(f(a)) * np.abs(f(a)) ** 0.35 for f in (np.cos, np.sin))
    frame = np.c_[0.021 * c - 0.004, 0.0245 * s, 0.0585 - 0.002 * c**2]
    tongue = np.c_[np.linspace(-0.024, 0.018, 12), np.zeros(12), np.full(12, 0.0605)]
    return [
        body,
        loop,
        tube("buckle", frame, 0.0026, metal, turn, closed=True),
        tube("tongue", tongue, 0.0018, metal, turn),
    ]


SHAPES: dict[str, Callable[[Item, float], Objects]] = {
    f.__name__: f for f in (beanie, brimhat, buckethat, glasses, belt, wellies, chelsea, plimsolls)
}


def photograph_modelled(item: Item, size: int, samples: int, light: float, spin: float = 0.0) -> Image.Image:
    """RGBA picture of a modelled accessory, ``size`` pixels square, turned by ``spin`` degrees about its height."""
    empty_scene()
    return photograph(SHAPES[item.cut](item, spin), size, samples, light, floor=False)
