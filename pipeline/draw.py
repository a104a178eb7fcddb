"""Pieces -> pictures of them, and points on such a picture -> pieces. Pure functions."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

from pipeline.kinds import KINDS
from pipeline.types import Photo, Piece, mask_box

RGB = tuple[int, int, int]

# One colour a kind, in the order of KINDS: white writing is readable on each of them.
_COLOURS: tuple[RGB, ...] = (
    (38, 104, 176),
    (130, 84, 190),
    (190, 78, 50),
    (62, 80, 110),
    (196, 60, 120),
    (36, 128, 100),
    (96, 130, 36),
    (176, 104, 20),
    (158, 48, 60),
    (132, 92, 60),
    (20, 124, 146),
    (200, 92, 40),
    (90, 88, 206),
    (112, 112, 44),
    (152, 68, 150),
)
_TINT, _FAINT_TINT = 0.38, 0.16
# What is not the selected piece steps back by this much.
_DIM = 0.55
# How far a simplified outline may stray from its mask, as a share of the photo's longer side.
_STRAY = 0.004
# Dots are drawn larger and scaled down, which smooths their edges.
_OVERSAMPLING = 4


def jpeg(rgb: np.ndarray) -> bytes:
    """(H, W, 3) uint8 -> the bytes of a JPEG file."""
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


def data_url(rgb: np.ndarray, side: int) -> str:
    """(H, W, 3) uint8 -> a WebP picture at most `side` pixels long, as an address that holds the picture itself."""
    image = Image.fromarray(rgb)
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=85)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()


def colour_of(label: str) -> RGB:
    """The colour that marks a kind of piece; always the same for one label."""
    place = KINDS.index(label) if label in KINDS else sum(label.encode())
    return _COLOURS[place % len(_COLOURS)]


def dot_radius(size: tuple[int, int]) -> int:
    """Radius in pixels of the numbered dots on a (width, height) photo."""
    return max(10, round(0.021 * max(size)))


def annotate(photo: Photo, pieces: Sequence[Piece], selected: int | None = None) -> np.ndarray:
    """The photo with every piece tinted, outlined and numbered from 1 in the order of `pieces`.

    Args:
        photo: what the pieces' masks belong to.
        pieces: any number.
        selected: position in `pieces` of the one that is shown in its true colours while the rest steps back.

    Returns:
        (H, W, 3) uint8 of the photo's size; the photo itself is left alone.
    """
    image = Image.fromarray(photo.pixels)
    chosen = pieces[selected] if selected is not None else None
    if chosen is not None:
        dark = image.convert("L").point(lambda level: level * 6 // 10).convert("RGB")
        image = Image.composite(image, Image.blend(image, dark, _DIM), Image.fromarray(chosen.mask))
    canvas = np.array(image)
    width = max(2, round(0.0025 * max(photo.size)))
    # Large pieces first, so that a belt stays visible on the trousers.
    for piece in sorted(pieces, key=lambda p: p.area, reverse=True):
        if piece is chosen:
            continue
        tint = _TINT if chosen is None else _FAINT_TINT
        _tint(canvas, piece, tint)
        _outline(canvas, piece, width if chosen is None else max(1, width // 2))
    if chosen is not None:
        _outline(canvas, chosen, 2 * width)
    return _numbered(canvas, pieces, selected)


def dot_centre(mask: np.ndarray) -> tuple[int, int]:
    """A point (x, y) well inside an (H, W) mask: as far from its edge as any, and near its middle."""
    box = mask_box(mask)
    if box is None:
        return mask.shape[1] // 2, mask.shape[0] // 2
    x0, y0, x1, y1 = box
    # A coarse grid finds the middle as well, in a fraction of the time.
    step = max(1, max(x1 - x0, y1 - y0) // 96)
    depth = ndimage.distance_transform_edt(np.pad(mask[y0:y1:step, x0:x1:step], 1))[1:-1, 1:-1]
    if not depth.any():
        return (x0 + x1) // 2, (y0 + y1) // 2
    middle = np.argwhere(depth).mean(axis=0)
    deepest = np.argwhere(depth >= depth.max() - 1)
    row, column = deepest[np.square(deepest - middle).sum(axis=1).argmin()]
    return x0 + int(column) * step, y0 + int(row) * step


def outlines(mask: np.ndarray) -> list[list[list[int]]]:
    """The outlines of the parts of an (H, W) bool mask, each a list of points [x, y], for drawing somewhere else."""
    import cv2

    found, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    simple = [cv2.approxPolyDP(line, _STRAY * max(mask.shape), True)[:, 0] for line in found]
    return [line.tolist() for line in simple if len(line) > 2]


def piece_at(photo: Photo, pieces: Sequence[Piece], x: int, y: int) -> int | None:
    """Position in `pieces` of what lies at a point of the photo.

    A numbered dot counts before any mask, the nearest one first; among masks the smallest wins, since it lies on top.
    None where there is no piece.
    """
    reach = dot_radius(photo.size)
    dots = [np.hypot(x - cx, y - cy) for cx, cy in (dot_centre(piece.mask) for piece in pieces)]
    if dots and min(dots) <= reach:
        return int(np.argmin(dots))
    width, height = photo.size
    if not (0 <= x < width and 0 <= y < height):
        return None
    under = [n for n, piece in enumerate(pieces) if piece.mask[y, x]]
    return min(under, key=lambda n: pieces[n].area, default=None)


def _tint(canvas: np.ndarray, piece: Piece, strength: float) -> None:
    pixels = canvas[piece.mask]
    colour = np.array(colour_of(piece.label), np.float32)
    canvas[piece.mask] = (pixels * (1 - strength) + colour * strength).astype(np.uint8)


def _outline(canvas: np.ndarray, piece: Piece, width: int) -> None:
    box = mask_box(piece.mask)
    if box is None:
        return
    x0, y0, x1, y1 = box
    mask = piece.mask[y0:y1, x0:x1]
    edge = mask & ~ndimage.binary_erosion(mask, iterations=width)
    light = np.array(colour_of(piece.label), np.float32) * 0.6 + 255 * 0.4
    canvas[y0:y1, x0:x1][edge] = light.astype(np.uint8)


def _numbered(canvas: np.ndarray, pieces: Sequence[Piece], selected: int | None) -> np.ndarray:
    image = Image.fromarray(canvas)
    radius = dot_radius(image.size)
    # The selected dot is drawn last, on top of its neighbours.
    for n in sorted(range(len(pieces)), key=lambda n: n == selected):
        dot = _dot(n + 1, colour_of(pieces[n].label), round(radius * 1.25) if n == selected else radius)
        if selected is not None and n != selected:
            dot = dot.copy()
            dot.putalpha(dot.getchannel("A").point(lambda a: a * 2 // 3))
        x, y = dot_centre(pieces[n].mask)
        image.paste(dot, (x - dot.width // 2, y - dot.height // 2), dot)
    return np.asarray(image)


@lru_cache(maxsize=256)
def _dot(number: int, colour: RGB, radius: int) -> Image.Image:
    """A filled circle with a white rim and a number, RGBA, transparent around it."""
    big = radius * _OVERSAMPLING
    side = 2 * big + 2 * _OVERSAMPLING
    tile = Image.new("RGBA", (side, side), (*colour, 0))
    draw = ImageDraw.Draw(tile)
    centre = side / 2
    draw.circle((centre, centre), big, fill=(255, 255, 255, 255))
    draw.circle((centre, centre), big * 0.86, fill=(*colour, 255))
    size = big * (1.25 if number < 10 else 0.98)
    draw.text(
        (centre, centre),
        str(number),
        fill="white",
        font=ImageFont.load_default(size),
        anchor="mm",
        stroke_width=big * 0.03,
        stroke_fill="white",
    )
    return tile.resize((side // _OVERSAMPLING,) * 2, Image.Resampling.LANCZOS)
