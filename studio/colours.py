"""Names for measured colours: every pixel votes for its nearest shop colour in CIELAB."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from studio.palette import from_hex

_SAMPLES = {
    "black": "17171a 242427 303033 1d1b1c 3a3a3d",
    "white": "ffffff f0eee9 e4e2dd dcdce0",
    "grey": "6f7175 85888c 9b9ea2 b3b5b8 c5c7c9 55575b",
    "beige": "e0cdae cdb692 d9c7a8 b9a37e c8b59b e6d9c2",
    "brown": "6b4630 4a3226 8a5c38 7a5a40 5a3a28 9c6b3f 3a2820",
    "red": "c0282f a81e26 d63a3a 8f1a22 c94a45",
    "burgundy": "6e1c2b 571522 7d2a38 4a1420",
    "orange": "e07b2a cf6a24 d9604f b9562c f09a4a",
    "yellow": "ecc93f d9b02f f3dc74 c79a25",
    "green": "2f7a4b 3f9460 1f5a38 9fcdb4 7fb592 254d38 5aa35a 79a98f",
    "olive": "62653a 4d5030 7c7d4e 8a8a63 3f4228 9a9870",
    "teal": "1f6f72 17585c 2f8a8c 1d4f5c 5aa0a0",
    "navy": "1f2c4d 17213b 2a3a5f 141c30",
    "blue": "2b58a5 33609c 3d5878 4a6f9c 1f468c 33486e 5a82b8",
    "light blue": "9cc0de 84add2 b4d0e6 7f9fc0 c3d7e4",
    "purple": "5f3f87 4a3070 7a58a0 b39ccf 9478b8",
    "pink": "e39bae d97f98 f0bccb e8c4bf c2357a d8588f",
}
COLOURS: tuple[str, ...] = tuple(_SAMPLES)
Floats = NDArray[np.float64]


def to_lab(rgb: Floats) -> Floats:
    """sRGB in 0..1 (..., 3) as CIELAB under D65."""
    rgb = np.asarray(rgb, float)
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    matrix = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = linear @ matrix.T / np.array([0.95047, 1.0, 1.08883])
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], -1)


_NAMES = [name for name, row in _SAMPLES.items() for _ in row.split()]
_LAB = to_lab(np.array([from_hex(v) for row in _SAMPLES.values() for v in row.split()]))
_WEIGHT = np.array([0.7, 1.0, 1.0])  # folds change the lightness, not the dye


def name_pixels(rgb: Floats) -> list[str]:
    """The nearest colour name of each row of ``rgb`` (n, 3), sRGB in 0..1."""
    distance = np.linalg.norm((to_lab(rgb)[:, None] - _LAB[None]) * _WEIGHT, axis=2)
    return [_NAMES[i] for i in distance.argmin(1)]


def shares(rgb: Floats) -> dict[str, float]:
    """Share of the pixels (n, 3) that carry each colour name, largest first; shares add up to 1."""
    names, counts = np.unique(name_pixels(rgb), return_counts=True)
    order = np.argsort(-counts, kind="stable")
    return {str(names[i]): float(counts[i] / counts.sum()) for i in order}


def main_colour(rgb: Floats) -> str:
    """The colour a shopper would file a garment under.

    Dyed colours count 1.6 times as much as neutrals: a white tee with red stripes is searched for as red.
    """
    neutral = {"white", "grey", "black", "beige"}
    weighted = {name: share * (1.0 if name in neutral else 1.6) for name, share in shares(rgb).items()}
    return max(weighted, key=lambda name: weighted[name])
