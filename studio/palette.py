"""The shop's dye colours, as sRGB triples in 0..1."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Colour = NDArray[np.float64]


def from_hex(text: str) -> Colour:
    """``"1f2c4d"`` as three floats in 0..1."""
    return np.array([int(text[i : i + 2], 16) for i in (0, 2, 4)]) / 255.0


_HEX = {
    "white": "f4f2ec", "chalk": "dcdad4", "ecru": "e6dccb", "black": "26262a", "charcoal": "45474c", "grey": "8b8e93",
    "light_grey": "bcbfc2", "sand": "cfb58c", "beige": "d5bf9c", "camel": "b5854f", "tan": "9c6b3f",
    "brown": "6b4630", "chocolate": "4a3226", "red": "b3262e", "coral": "d9604f", "burgundy": "6e1c2b",
    "orange": "d9772b", "rust": "a9502b", "mustard": "d3a12f", "yellow": "ecc93f", "green": "2f7a4b",
    "forest": "254d38", "mint": "9fcdb4", "olive": "62653a", "khaki": "8a8a63", "teal": "1f6f72",
    "petrol": "1d4f5c", "navy": "1f2c4d", "blue": "2b58a5", "indigo": "33486e", "denim": "3d5878",
    "sky": "9cc0de", "ice": "c3d7e4", "purple": "5f3f87", "lilac": "b39ccf", "pink": "e39bae",
    "blush": "e8c4bf", "fuchsia": "c2357a", "leaf": "4d6b45", "bark": "3a342a", "moss": "4d5536", "stone": "b9ae86",
}  # fmt: skip
PALETTE: dict[str, Colour] = {name: from_hex(value) for name, value in _HEX.items()}
