"""Colour words, measured in CIELAB from the pixels of a garment."""

from __future__ import annotations

import numpy as np

# sRGB of the middle of what each word is used for; several middles for the words that cover much ground.
PALETTE: dict[str, tuple[tuple[int, int, int], ...]] = {
    "black": ((18, 18, 20), (38, 38, 40)),
    "grey": ((90, 90, 92), (128, 128, 130), (170, 170, 172)),
    "white": ((250, 250, 250), (222, 222, 222)),
    "beige": ((225, 205, 175), (205, 185, 155)),
    "brown": ((110, 72, 45), (75, 50, 35), (150, 105, 70)),
    "red": ((190, 30, 40), (220, 50, 50)),
    "burgundy": ((105, 25, 45), (80, 20, 35)),
    "pink": ((235, 160, 180), (225, 100, 150), (240, 195, 205)),
    "orange": ((230, 120, 40), (240, 150, 90)),
    "yellow": ((240, 205, 60), (215, 170, 50), (245, 225, 130)),
    "olive": ((105, 105, 60), (80, 85, 50)),
    "green": ((50, 130, 70), (30, 90, 55), (130, 190, 120)),
    "teal": ((20, 120, 125), (80, 180, 175)),
    "blue": ((50, 90, 175), (75, 120, 200), (80, 105, 145)),
    "light blue": ((150, 185, 220), (185, 210, 235)),
    "navy": ((28, 38, 75), (40, 50, 80)),
    "purple": ((100, 50, 130), (130, 80, 150)),
    "lilac": ((190, 165, 215), (170, 150, 195)),
}
COLOURS = tuple(PALETTE)
MIXED = "multicoloured"
# Words that catalogues and people use, and the palette's word for them.
SYNONYMS: dict[str, tuple[str, ...]] = {
    "black": ("black", "jet black"), "grey": ("grey", "gray", "charcoal"), "white": ("white", "off-white", "ivory"),
    "beige": ("beige", "cream", "sand"), "brown": ("brown", "tan", "camel"), "red": ("red", "scarlet"),
    "burgundy": ("burgundy", "maroon", "wine"), "pink": ("pink", "rose"), "orange": ("orange", "coral"),
    "yellow": ("yellow", "mustard"), "olive": ("olive", "khaki"), "green": ("green",), "teal": ("teal", "turquoise"),
    "blue": ("blue",), "light blue": ("light blue", "sky blue"), "navy": ("navy", "dark blue", "navy blue"),
    "purple": ("purple", "violet"), "lilac": ("lilac", "lavender"), MIXED: (MIXED, "colourful", "multicolor"),
}  # fmt: skip
# Words that one cloth in light and shade spreads over.
NEIGHBOURS = (
    ("blue", "light blue", "navy"), ("grey", "black"), ("grey", "white"), ("beige", "white"), ("red", "burgundy"),
    ("purple", "lilac"), ("green", "olive", "teal"), ("brown", "beige"),
)  # fmt: skip
# Lightness counts less than hue: one cloth is lit and shaded.
LIGHTNESS = 0.6
# The brightest channel of what is white in a photo.
NEARLY_WHITE = 245


def _to_lab(rgb: np.ndarray) -> np.ndarray:
    """(N, 3) uint8 sRGB -> (N, 3) CIELAB (D65) with the lightness scaled down."""
    import cv2

    lab = cv2.cvtColor(rgb.reshape(1, -1, 3).astype(np.float32) / 255, cv2.COLOR_RGB2LAB)[0]
    return lab * np.array([LIGHTNESS, 1, 1])


def colour_shares(rgb: np.ndarray, mask: np.ndarray, most: int = 4000) -> np.ndarray:
    """Share of each word of COLOURS among the pixels of a garment.

    Args:
        rgb: (H, W, 3) uint8. mask: (H, W) bool. most: pixels looked at, evenly spread.

    Returns:
        (len(COLOURS),) float32, summing to 1; even shares for an empty mask.
    """
    pixels = rgb[mask]
    if not len(pixels):
        return np.full(len(COLOURS), 1 / len(COLOURS), np.float32)
    words = _words_of(pixels[:: max(1, len(pixels) // most)])
    return (np.bincount(words, minlength=len(COLOURS)) / len(words)).astype(np.float32)


def _words_of(pixels: np.ndarray) -> np.ndarray:
    """(N, 3) uint8 -> (N,) the place in COLOURS of each pixel's nearest word."""
    middles = [(word, middle) for word, group in enumerate(PALETTE.values()) for middle in group]
    lab, anchors = _to_lab(pixels), _to_lab(np.array([m for _, m in middles]))
    nearest = ((lab[:, None] - anchors[None]) ** 2).sum(2).argmin(1)
    return np.array([word for word, _ in middles])[nearest]


def swatches(rgb: np.ndarray, mask: np.ndarray, least: float = 0.15, most: int = 4000) -> dict[str, tuple[int, ...]]:
    """The colours of a garment that cover at least that share of it, the largest first.

    Args:
        rgb: (H, W, 3) uint8. mask: (H, W) bool. most: pixels looked at, evenly spread.

    Returns:
        for each word the median sRGB (0..255) of the pixels that it names; nothing for an empty mask.
    """
    pixels = rgb[mask]
    if not len(pixels):
        return {}
    pixels = pixels[:: max(1, len(pixels) // most)]
    words = _words_of(pixels)
    shares = np.bincount(words, minlength=len(COLOURS)) / len(words)
    leading = [int(word) for word in np.argsort(-shares) if shares[word] >= least]
    return {COLOURS[w]: tuple(int(c) for c in np.median(pixels[words == w], axis=0)) for w in leading}


def in_full_light(rgb: np.ndarray) -> np.ndarray:
    """A dim (H, W, 3) uint8 photo lit so that its brightest 2% are nearly white (the white-patch method, all channels
    alike, by 1.6 at most): a white shirt photographed at home is not grey. A shop's picture stays as it is."""
    bright = float(np.percentile(rgb.max(axis=2), 98))
    factor = min(max(NEARLY_WHITE / max(bright, 1.0), 1.0), 1.6)
    return (rgb * np.float32(factor)).clip(0, 255).astype(np.uint8)


def colour_word(name: str) -> str:
    """The palette's word for a colour name as people and catalogues write it, '' for an unknown one."""
    return next((word for word, names in SYNONYMS.items() if name.lower() in names), "")


def colour_name(shares: np.ndarray) -> str:
    """The word for (len(COLOURS),) shares: the leading one, or MIXED where none leads."""
    # Blue jeans and blue shirts spread over three blues: neighbours support each other.
    support = shares.copy()
    for group in NEIGHBOURS:
        places = [COLOURS.index(name) for name in group]
        support[places] += 0.25 * (shares[places].sum() - shares[places])
    first = int(support.argmax())
    return COLOURS[first] if shares[first] >= 0.3 else MIXED
