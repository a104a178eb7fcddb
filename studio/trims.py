"""Painted details: bands, stitching, pockets, flies, plackets. Each works on the front (0) and back (1) canvas."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from studio.canvas import Canvas
from studio.curves import Outline, Points, bezier, line
from studio.painting import inside, noise
from studio.palette import PALETTE, Colour


@dataclass(frozen=True)
class Sewing:
    """What a trim needs to know: both canvases, the outline, and the colours in use."""

    canvases: tuple[Canvas, Canvas]
    outline: Outline
    trim: Colour
    thread: Colour
    metal: Colour

    def sides(self) -> list[tuple[Canvas, list[tuple[str, Points]]]]:
        """Each canvas with its loop of tagged edges."""
        return list(zip(self.canvases, (self.outline.front, self.outline.back), strict=True))


def _top_edge(loop: list[tuple[str, Points]]) -> Points:
    return np.vstack([loop[-1][1], loop[0][1]])


def _each(sewing: Sewing, tags: tuple[str, ...]) -> list[tuple[Canvas, Points]]:
    return [(canvas, edge) for canvas, loop in sewing.sides() for tag, edge in loop if tag in tags]


def neckband(sewing: Sewing, width: float = 0.018) -> None:
    """Ribbed neck trim."""
    for canvas, loop in sewing.sides():
        canvas.band(_top_edge(loop), width, sewing.trim, 0.005)


def wide_neckband(sewing: Sewing) -> None:
    """A sweater's deeper neck rib."""
    neckband(sewing, 0.028)


def binding(sewing: Sewing) -> None:
    """Narrow plain binding at neck and armholes."""
    neckband(sewing, 0.009)
    for canvas, edge in _each(sewing, ("arm",)):
        canvas.band(edge, 0.010, sewing.trim, 0)


def arm_ribs(sewing: Sewing) -> None:
    """Ribbed bands round sleeveless armholes."""
    for canvas, edge in _each(sewing, ("arm",)):
        canvas.band(edge, 0.026, sewing.trim, 0.007)


def rib_ends(sewing: Sewing) -> None:
    """Ribbed cuffs and hem."""
    for canvas, edge in _each(sewing, ("cuff", "hem")):
        canvas.band(edge, 0.055, sewing.trim, 0.008)


def rib_cuffs(sewing: Sewing) -> None:
    """Narrow ribbed cuffs, as on a polo's sleeves."""
    for canvas, edge in _each(sewing, ("cuff",)):
        canvas.band(edge, 0.024, sewing.trim, 0.005)


def stitched_ends(sewing: Sewing) -> None:
    """A stitched turn-up at cuffs and hem."""
    for canvas, edge in _each(sewing, ("cuff", "hem")):
        canvas.stitch(edge, 0.022, sewing.thread)


def shirt_cuffs(sewing: Sewing) -> None:
    """Buttoned shirt cuffs: a seam where the sleeve meets a double layer."""
    for canvas, edge in _each(sewing, ("cuff",)):
        canvas.stitch(edge, 0.006, sewing.thread)
        distance, _ = canvas.edge(edge, 0.09)
        canvas.groove(np.exp(-(((distance - 0.062) / 0.002) ** 2)), 0.3, 1.2)


def sleeve_seams(sewing: Sewing) -> None:
    """The seams where set-in sleeves join the body."""
    shoulder, armpit = sewing.outline.marks["shoulder"], sewing.outline.marks["armpit"]
    for canvas in sewing.canvases:
        for sign in (1, -1):
            a, b = shoulder * [sign, 1], armpit * [sign, 1]
            canvas.seam(bezier(a, (sign * (shoulder[0] - 0.03), -0.14), b, 20), 0.35)


def front_opening(sewing: Sewing) -> None:
    """The overlapping front edge of coats, cardigans and jackets: a deep line down the centre."""
    length, depth = sewing.outline.length, sewing.outline.numbers["neck_depth"]
    canvas = sewing.canvases[0]
    canvas.seam(line((0.016, -depth - 0.01), (0.016, -length)), 0.55, 0.0025)


def rollneck(sewing: Sewing) -> None:
    """A ribbed turtleneck above the shoulders, folded over once."""
    for canvas in sewing.canvases:
        ridge = np.sin(canvas.x * 2 * np.pi / 0.008)
        mask = inside(-canvas.y - 0.004)
        colour = np.clip(sewing.trim * (1 + 0.09 * ridge)[..., None], 0, 1)
        canvas.albedo = canvas.albedo * (1 - mask[..., None]) + colour * mask[..., None]
        canvas.height = canvas.height * (1 - mask) + mask * (0.9 * ridge + 0.8)
        canvas.groove(np.exp(-(((canvas.y + 0.004) / 0.004) ** 2)), 0.4, 1.5)


def raglan(sewing: Sewing) -> None:
    """Sleeves in the trim colour, joined along a slanting seam from the neck."""
    neck, armpit = sewing.outline.numbers["neck"], sewing.outline.marks["armpit"]
    seam = bezier((neck * 0.92, -0.012), ((neck + armpit[0]) / 2 - 0.025, armpit[1] * 0.55), armpit, 20)
    outside = np.array([(armpit[0] + 0.004, -1.2), (1.2, -1.2), (1.2, 0.1), (neck, 0.1)])
    for canvas in sewing.canvases:
        for sign in (1, -1):
            canvas.paint(sewing.trim, canvas.mask(np.vstack([seam, outside]) * [sign, 1]))
            canvas.seam(seam * [sign, 1], 0.3)


def button_bands(sewing: Sewing) -> None:
    """A cardigan's ribbed bands, up the front and round the neck."""
    outline = sewing.outline
    canvas = sewing.canvases[0]
    centre = line((0, -outline.numbers["neck_depth"]), (0, -outline.length))
    canvas.band(centre, 0.017, sewing.trim, 0.006)
    neckband(sewing, 0.024)
    front_opening(sewing)


def zip_front(sewing: Sewing) -> None:
    """A zip down the centre with its tape and slider."""
    depth = sewing.outline.numbers["neck_depth"]
    canvas = sewing.canvases[0]
    low = -sewing.outline.length
    distance, arc = canvas.edge(line((0, -depth + 0.02), (0, low)), 0.04)
    canvas.groove(np.exp(-(((distance - 0.016) / 0.002) ** 2)), 0.35, 1.0)
    canvas.paint(sewing.trim * 0.55, inside(distance - 0.0075), -0.6)
    teeth = 0.75 + 0.25 * np.sign(np.sin(arc * 2 * np.pi / 0.005))
    mask = inside(distance - 0.0035)
    canvas.albedo = canvas.albedo * (1 - mask[..., None]) + (teeth * mask)[..., None] * sewing.metal
    canvas.height = canvas.height + mask
    canvas.patch(
        np.array([(-0.005, -depth), (0.005, -depth), (0.004, -depth - 0.035), (-0.004, -depth - 0.035)]),
        sewing.metal,
    )


def kangaroo(sewing: Sewing) -> None:
    """A hoodie's pouch pocket."""
    low = -sewing.outline.length + 0.065
    corners = [
        (-0.10, low + 0.19),
        (0.10, low + 0.19),
        (0.165, low + 0.06),
        (0.165, low),
        (-0.165, low),
        (-0.165, low + 0.06),
    ]
    canvas = sewing.canvases[0]
    canvas.patch(np.array(corners), raised=0.6)
    for sign in (1, -1):
        canvas.seam(line((sign * 0.10, low + 0.19), (sign * 0.165, low + 0.06)), 0.6, 0.004)


def slant_pockets(sewing: Sewing) -> None:
    """Slanted welt pockets on a jacket or coat."""
    low = -sewing.outline.length * 0.66
    for sign in (1, -1):
        corners = np.array([(0.105, low + 0.055), (0.122, low + 0.062), (0.158, low - 0.07), (0.141, low - 0.077)])
        sewing.canvases[0].patch(corners * [sign, 1], raised=0.8)


def princess_seams(sewing: Sewing) -> None:
    """Shaping seams from the armhole to the hem."""
    outline = sewing.outline
    x, y = outline.marks["armpit"] * [0.62, 0.85]
    for canvas in sewing.canvases:
        for sign in (1, -1):
            canvas.seam(bezier((sign * (x + 0.05), y), (sign * x * 0.8, -0.36), (sign * x, -outline.length)), 0.2)


def ruffle_neck(sewing: Sewing) -> None:
    """Gathers painted below a blouse's neck."""
    canvas, loop = sewing.sides()[0]
    distance, arc = canvas.edge(_top_edge(loop), 0.11)
    fade = np.exp(-distance / 0.035) * (distance < 0.1)
    wave = np.sin(arc * 2 * np.pi / 0.012 + 2.0 * noise(distance.shape, 30, np.random.default_rng(3)))
    canvas.height = canvas.height + 1.4 * wave * fade
    canvas.albedo = canvas.albedo * (1 + 0.07 * wave * fade)[..., None]
    neckband(sewing, 0.010)


def waistband(sewing: Sewing, width: float = 0.035) -> None:
    """A plain waistband and, on skirts, a stitched hem."""
    for canvas, loop in sewing.sides():
        canvas.band(_top_edge(loop), width, sewing.trim, 0)
    stitched_ends(sewing)


def elastic_waist(sewing: Sewing) -> None:
    """A gathered, ribbed waist with a drawcord."""
    for canvas, loop in sewing.sides():
        canvas.band(_top_edge(loop), 0.036, sewing.trim, 0.010)
        distance, arc = canvas.edge(_top_edge(loop), 0.12)
        fade = np.exp(-np.maximum(distance - 0.036, 0) / 0.03) * (distance > 0.036) * (distance < 0.115)
        canvas.height = canvas.height + 1.2 * fade * np.sin(arc * 2 * np.pi / 0.017)
    stitched_ends(sewing)


def tailored(sewing: Sewing) -> None:
    """Trousers' waistband, fly, slanted pockets, crease and hems."""
    _leg_seams(sewing)
    rise = sewing.outline.numbers["rise"]
    for canvas, loop in sewing.sides():
        canvas.band(_top_edge(loop), 0.038, sewing.trim * 0.97, 0)
        canvas.seam(line((0, -0.04), (0, -rise)), 0.4)
        for tag, edge in loop:
            if tag == "cuff":
                canvas.stitch(edge, 0.03, sewing.thread)
                middle = edge.mean(0)
                canvas.groove(
                    np.exp(-((canvas.edge(line(middle, (middle[0] * 0.8, -0.1)), 0.03)[0] / 0.0035) ** 2)),
                    0.10,
                    -1.0,
                )
    canvas = sewing.canvases[0]
    for sign in (1, -1):
        canvas.seam(line((sign * 0.125, -0.04), (sign * 0.215, -0.20)), 0.5, 0.003)
    canvas.button(0.012, -0.02, 0.008, sewing.metal)


def _leg_seams(sewing: Sewing) -> None:
    for canvas, edge in _each(sewing, ("seam",)):
        canvas.seam(edge, 0.25)


def five_pocket(sewing: Sewing) -> None:
    """Jeans: waistband, fly, curved pockets, contrast stitching, back pockets."""
    _leg_seams(sewing)
    rise = sewing.outline.numbers["rise"]
    thread = sewing.thread
    for canvas, loop in sewing.sides():
        waist = _top_edge(loop)
        canvas.band(waist, 0.04, sewing.trim * 0.97, 0)
        canvas.stitch(waist, 0.006, thread)
        canvas.stitch(waist, 0.036, thread)
        for tag, edge in loop:
            if tag == "cuff":
                canvas.stitch(edge, 0.022, thread)
        canvas.seam(line((0, -0.04), (0, -rise)), 0.4)
        for x in (-0.13, -0.055, 0.055, 0.13):
            canvas.patch(
                np.array([(x - 0.006, 0.0), (x + 0.006, 0.0), (x + 0.006, -0.045), (x - 0.006, -0.045)]),
                raised=1.2,
            )
    front, back = sewing.canvases
    front.stitch(bezier((0.0, -0.19), (0.04, -0.18), (0.04, -0.04)), 0.0, thread)
    for sign in (1, -1):
        pocket = bezier((sign * 0.105, -0.04), (sign * 0.11, -0.12), (sign * 0.235, -0.135))
        front.seam(pocket, 0.5, 0.003)
        front.stitch(pocket, 0.004, thread)
        x = sign * 0.115
        back.patch(
            np.array([(x - 0.06, -0.1), (x + 0.06, -0.1), (x + 0.06, -0.21), (x, -0.235), (x - 0.06, -0.21)]),
            None,
            thread,
            0.4,
        )
    front.button(0.012, -0.02, 0.0085, PALETTE["camel"])


def wash(sewing: Sewing) -> None:
    """Faded thighs and worn seams on denim, with whiskers below the fly."""
    rng = np.random.default_rng(11)
    for canvas, loop in sewing.sides():
        fade = np.zeros(canvas.x.shape)
        for sign in (1, -1):
            fade += np.exp(-((((canvas.x - sign * 0.15) / 0.07) ** 2) + ((canvas.y + 0.48) / 0.24) ** 2))
            along = canvas.y + 0.235 + 0.35 * sign * (canvas.x - sign * 0.1) + 0.006 * noise(canvas.x.shape, 20, rng)
            whisker = np.clip(np.sin(along * 2 * np.pi / 0.028), 0, 1) ** 2
            reach = np.exp(-((((canvas.x - sign * 0.11) / 0.07) ** 2) + ((canvas.y + 0.26) / 0.05) ** 2))
            fade += 0.55 * whisker * reach
        canvas.albedo = np.clip(canvas.albedo * (1 + 0.25 * fade[..., None]) + 0.06 * fade[..., None], 0, 1)
        worn = np.minimum.reduce([canvas.edge(edge, 0.02)[0] for tag, edge in loop if tag in ("seam", "cuff")])
        light = np.exp(-(((worn - 0.004) / 0.003) ** 2)) * (0.6 + 0.4 * noise(canvas.x.shape, 8, rng))
        canvas.albedo = np.clip(canvas.albedo * (1 + 0.35 * light)[..., None], 0, 1)


def sock_ends(sewing: Sewing) -> None:
    """A ribbed cuff, and heel and toe in the trim colour."""
    for canvas, loop in sewing.sides():
        heel, toe = np.hypot(canvas.x + 0.045, canvas.y + 0.275), np.hypot(canvas.x - 0.185, canvas.y + 0.262)
        canvas.paint(sewing.trim, np.maximum(inside(heel - 0.055), inside(toe - 0.05)))
        canvas.band(loop[0][1], 0.045, sewing.trim, 0.005)


def tote_hem(sewing: Sewing) -> None:
    """The stitched upper edge of a cloth bag."""
    half = sewing.outline.half_width
    for canvas in sewing.canvases:
        canvas.stitch(line((-half, 0), (half, 0)), 0.028, sewing.thread)


TRIMS: dict[str, Callable[[Sewing], None]] = {
    f.__name__: f
    for f in (
        neckband, wide_neckband, binding, arm_ribs, rib_ends, rib_cuffs, stitched_ends, shirt_cuffs, sleeve_seams,
        front_opening, button_bands, zip_front, kangaroo, slant_pockets, princess_seams, ruffle_neck, waistband,
        elastic_waist, tailored, five_pocket, wash, sock_ends, tote_hem, rollneck, raglan,
    )
}  # fmt: skip
