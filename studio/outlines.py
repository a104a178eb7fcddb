"""Sewing-pattern outlines: each garment is a front and a back loop of tagged edges, in metres.

Edge tags: ``seam`` edges are welded front to back; ``neck``, ``waist``, ``arm``, ``cuff`` and ``hem`` stay open.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from studio.accessory_outlines import scarf, sock, tote
from studio.curves import Loop, Outline, Points, bezier, line, mirrored, symmetric


def _neckline(width: float, depth: float, shape: str) -> Points:
    if shape == "v":
        return bezier((0, -depth), (width * 0.62, -depth * 0.5), (width, 0), 18)
    if shape == "square":
        return np.vstack([line((0, -depth), (width * 0.8, -depth)), [[width, 0]]])
    if shape == "high":
        return np.vstack([line((0, 0.075), (width * 0.97, 0.08)), [[width, 0]]])
    return bezier((0, -depth), (width * 0.85, -depth), (width, 0), 18)


BACK_NECKS: dict[str, Points] = {
    "stand": bezier((0, 0.04), (0.06, 0.04), (0.075, 0), 10),
    "high": np.array([(0, 0.082), (0.073, 0.085), (0.075, 0)]),
    "hood": np.vstack(
        [
            bezier((0, 0.27), (0.12, 0.28), (0.145, 0.16), 14),
            bezier((0.145, 0.16), (0.15, 0.06), (0.095, 0), 10)[1:],
        ]
    ),
}


@dataclass(frozen=True)
class _Bodice:
    """The upper half shared by tops and one-pieces."""

    shoulder: Points
    armpit: Points
    cuff_top: Points
    cuff_bottom: Points
    edges: Callable[[float, str], Loop]


def _bodice(
    half_width: float,
    shoulder: float,
    slope: float,
    neck: float,
    arm: float,
    sleeve: float,
    cuff: float,
    angle: float,
) -> _Bodice:
    sp = np.array([shoulder, -slope])
    ap = np.array([half_width, -arm - slope])
    rad = np.radians(angle)
    along = np.array([np.cos(rad), -np.sin(rad)])
    top = sp + along * sleeve
    bottom = top - np.array([-along[1], along[0]]) * cuff

    def edges(depth: float, shape: str) -> Loop:
        out: Loop = [("neck", _neckline(neck, depth, shape)), ("seam", line((neck, 0), sp))]
        if sleeve > 0.02:
            return out + [("seam", line(sp, top)), ("cuff", line(top, bottom)), ("seam", line(bottom, ap))]
        return out + [("arm", bezier(sp, (shoulder - 0.035, (sp[1] + ap[1]) / 2 - 0.03), ap, 18))]

    return _Bodice(sp, ap, top, bottom, edges)


def _with_back_neck(back: Loop, name: str, neck: float) -> Loop:
    if name:
        edge = BACK_NECKS[name].copy()
        edge[:, 0] *= neck / edge[-1, 0]
        back[0], back[-1] = ("neck", edge), ("neck", mirrored(edge))
    return back


def top(
    half_width: float = 0.25,
    hem: float = 0.25,
    length: float = 0.70,
    shoulder: float = 0.215,
    slope: float = 0.045,
    neck: float = 0.085,
    neck_depth: float = 0.10,
    neck_back: float = 0.02,
    arm: float = 0.22,
    sleeve: float = 0.22,
    cuff: float = 0.20,
    angle: float = 28,
    waist: float = 0,
    hem_curve: float = 0,
    neck_shape: str = "round",
    back_neck: str = "",
) -> Outline:
    """Tees, shirts, sweaters, coats and sleeveless dresses; ``angle`` (degrees) is the sleeve's slope."""
    body = _bodice(half_width, shoulder, slope, neck, arm, sleeve, cuff, angle)
    corner = np.array([hem, -length])
    middle = np.array([waist or (half_width + hem) / 2, (body.armpit[1] - length) / 2])
    lower: Loop = [
        ("seam", bezier(body.armpit, 2 * middle - (body.armpit + corner) / 2, corner, 18)),
        ("hem", bezier(corner, (hem * 0.5, -length - hem_curve), (0, -length - hem_curve), 18)),
    ]
    return Outline(
        "top",
        symmetric(body.edges(neck_depth, neck_shape) + lower),
        _with_back_neck(symmetric(body.edges(neck_back, "round") + lower), back_neck, neck),
        length,
        half_width,
        {"shoulder": body.shoulder, "armpit": body.armpit, "cuff_top": body.cuff_top},
        {"sleeve": sleeve, "neck": neck, "neck_depth": neck_depth, "hem": hem},
    )


def onepiece(
    half_width: float = 0.22,
    waist: float = 0.18,
    hip: float = 0.24,
    waist_y: float = 0.42,
    rise: float = 0.28,
    leg: float = 0.70,
    leg_hem: float = 0.11,
    spread: float = 0.05,
    shoulder: float = 0.16,
    slope: float = 0.035,
    neck: float = 0.09,
    neck_depth: float = 0.12,
    neck_back: float = 0.03,
    arm: float = 0.19,
    sleeve: float = 0.0,
    cuff: float = 0.16,
    angle: float = 40,
    neck_shape: str = "round",
) -> Outline:
    """Jumpsuits, and bodysuits when ``leg`` is 0 (then the leg openings are cut to the crotch)."""
    body = _bodice(half_width, shoulder, slope, neck, arm, sleeve, cuff, angle)
    waist_at, hip_at = np.array([waist, -waist_y]), np.array([hip, -waist_y - rise * 0.62])
    crotch = -waist_y - rise
    side = np.vstack(
        [
            bezier(body.armpit, (waist, -waist_y + 0.09), waist_at, 12),
            bezier(waist_at, (hip, -waist_y - 0.08), hip_at, 12)[1:],
        ]
    )
    if leg > 0:
        x, low = 0.125 + spread, crotch - leg
        lower: Loop = [
            (
                "seam",
                np.vstack(
                    [
                        side,
                        bezier(hip_at, (x + leg_hem * 1.1, crotch - leg * 0.4), (x + leg_hem, low), 14)[1:],
                    ]
                ),
            ),
            ("cuff", line((x + leg_hem, low), (x - leg_hem, low))),
            ("seam", bezier((x - leg_hem, low), (0.018, crotch - 0.09), (0, crotch), 16)),
        ]
        length = -low
    else:
        lower = [
            ("seam", side),
            ("cuff", bezier(hip_at, (0.075, crotch + 0.06), (0.038, crotch), 14)),
            ("seam", line((0.038, crotch), (0, crotch))),
        ]
        length = -crotch
    return Outline(
        "top" if leg == 0 else "onepiece",
        symmetric(body.edges(neck_depth, neck_shape) + lower),
        symmetric(body.edges(neck_back, "round") + lower),
        length,
        half_width,
        {"shoulder": body.shoulder, "armpit": body.armpit, "cuff_top": body.cuff_top},
        {
            "sleeve": sleeve,
            "neck": neck,
            "neck_depth": neck_depth,
            "rise": waist_y + rise,
            "waist_y": waist_y,
        },
    )


def skirt(
    waist: float = 0.17,
    hip: float = 0.24,
    hem: float = 0.30,
    length: float = 0.6,
    hip_y: float = 0.18,
    hem_curve: float = 0.02,
) -> Outline:
    """A skirt between a straight waistband and a slightly curved hem."""
    right: Loop = [
        ("waist", bezier((0, -0.008), (waist * 0.6, -0.008), (waist, 0), 10)),
        ("seam", bezier((waist, 0), (hip, -hip_y * 0.6), (hip, -hip_y), 14)),
        (
            "seam",
            bezier((hip, -hip_y), ((hip + hem) / 2, -(length + hip_y) / 2), (hem, -length + hem_curve), 14),
        ),
        ("hem", bezier((hem, -length + hem_curve), (hem * 0.55, -length), (0, -length), 18)),
    ]
    return Outline("skirt", symmetric(right), symmetric(right), length, hip)


def trousers(
    waist: float = 0.20,
    hip: float = 0.265,
    rise: float = 0.28,
    length: float = 1.02,
    knee: float = 0.125,
    hem: float = 0.105,
    gap: float = 0.012,
    spread: float = 0.06,
) -> Outline:
    """Jeans, trousers, leggings, and shorts when ``length`` is below 0.7 m; knee and hem are half widths."""
    knee_x, hem_x = 0.135 + spread * 0.6, 0.135 + spread
    knee_y = -(rise + (length - rise) * 0.45)
    hip_at = (hip, -rise * 0.85)
    right: Loop = [
        ("waist", bezier((0, -0.012), (waist * 0.6, -0.01), (waist, 0), 10)),
        ("seam", bezier((waist, 0), (hip + 0.005, -rise * 0.45), hip_at, 12)),
    ]
    cuff = line((hem_x + hem, -length), (hem_x - hem, -length))
    if length > 0.7:
        right += [
            ("seam", bezier(hip_at, (knee_x + knee * 0.9, knee_y * 0.8), (knee_x + knee, knee_y), 12)),
            ("seam", line((knee_x + knee, knee_y), cuff[0])),
            ("cuff", cuff),
            ("seam", line(cuff[1], (knee_x - knee, knee_y))),
            ("seam", bezier((knee_x - knee, knee_y), (gap * 1.5, -rise * 1.3), (0, -rise), 14)),
        ]
    else:
        right += [
            ("seam", line(hip_at, cuff[0])),
            ("cuff", cuff),
            ("seam", bezier(cuff[1], (gap, -rise * 1.1), (0, -rise), 10)),
        ]
    return Outline("trousers", symmetric(right), symmetric(right), length, hip, numbers={"rise": rise, "waist": waist})


OUTLINES: dict[str, Callable[..., Outline]] = {
    "top": top,
    "onepiece": onepiece,
    "skirt": skirt,
    "trousers": trousers,
    "tote": tote,
    "scarf": scarf,
    "sock": sock,
}
