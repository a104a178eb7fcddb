"""Sewing-pattern outlines of bags, scarves and socks, in metres."""

from __future__ import annotations

from studio.curves import Loop, Outline, bezier, line, symmetric


def tote(width: float = 0.19, length: float = 0.40) -> Outline:
    """A cloth bag, open at the top; ``width`` is half of it."""
    corner = 0.01
    right: Loop = [
        ("waist", line((0, 0), (width, 0))),
        ("seam", line((width, 0), (width, -length + corner))),
        ("seam", bezier((width, -length + corner), (width, -length), (width - corner, -length), 4)),
        ("seam", line((width - corner, -length), (0, -length))),
    ]
    return Outline("tote", symmetric(right), symmetric(right), length, width)


def scarf(width: float = 0.11, length: float = 1.5) -> Outline:
    """A long strip of double cloth; ``width`` is half of it."""
    right: Loop = [
        ("hem", line((0, 0), (width, 0))),
        ("seam", line((width, 0), (width, -length))),
        ("hem", line((width, -length), (0, -length))),
    ]
    return Outline("scarf", symmetric(right), symmetric(right), length, width)


def sock(width: float = 0.048, leg: float = 0.22, foot: float = 0.17) -> Outline:
    """One sock seen from its side, toe to the right; ``width`` is the half width of the leg."""
    heel_y, sole = -leg, -leg - 0.078
    loop: Loop = [
        ("hem", line((-width, 0), (width, 0))),
        ("seam", bezier((width, 0), (width * 0.9, heel_y * 0.8), (width + 0.012, heel_y + 0.012), 14)),
        (
            "seam",
            bezier(
                (width + 0.012, heel_y + 0.012),
                (width + 0.05, heel_y - 0.008),
                (foot - 0.03, heel_y - 0.012),
                14,
            ),
        ),
        (
            "seam",
            bezier((foot - 0.03, heel_y - 0.012), (foot + 0.015, heel_y - 0.02), (foot + 0.012, sole + 0.03), 10),
        ),
        ("seam", bezier((foot + 0.012, sole + 0.03), (foot + 0.005, sole), (foot - 0.05, sole), 10)),
        ("seam", bezier((foot - 0.05, sole), (0.02, sole + 0.004), (-0.005, sole), 10)),
        ("seam", bezier((-0.005, sole), (-width - 0.012, sole + 0.002), (-width - 0.008, heel_y + 0.01), 12)),
        ("seam", bezier((-width - 0.008, heel_y + 0.01), (-width + 0.003, heel_y * 0.6), (-width, 0), 14)),
    ]
    return Outline("sock", loop, list(loop), leg + 0.078, width)
