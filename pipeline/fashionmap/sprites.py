"""Thumbnails on sheets: a browser fetches a few large pictures instead of thousands of small ones."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageOps

from pipeline.errors import UnreadablePhoto
from pipeline.fashionmap.points import Points

# Browsers of phones decode pictures of this side without trouble.
SHEET = 2048
# Side in pixels of a thumbnail on maps of up to so many points; the largest maps get the smallest.
SIDES = ((1024, 128), (4096, 96))
SMALLEST = 64
_MISSING = (224, 220, 213)


@dataclass(frozen=True)
class Sheets:
    """How thumbnails lie on sheets: from left to right, from top to bottom, sheet after sheet.

    side: of a thumbnail in pixels. across: thumbnails in a row, and rows on a sheet. count: of the sheets.
    """

    side: int
    across: int
    count: int

    @classmethod
    def of(cls, count: int) -> Sheets:
        """The sheets for so many thumbnails."""
        side = next((side for most, side in SIDES if count <= most), SMALLEST)
        across = SHEET // side
        return cls(side, across, -(-count // across**2))

    def places(self, number: int, count: int) -> range:
        """Which of `count` points are on the sheet of that number, from 0."""
        return range(number * self.across**2, min((number + 1) * self.across**2, count))


def sheet(points: Points, number: int, threads: int) -> bytes:
    """The sheet of that number, from 0, as the bytes of a WebP file, no higher than it need be."""
    sheets = Sheets.of(len(points))
    places = sheets.places(number, len(points))
    rows = -(-len(places) // sheets.across)
    canvas = Image.new("RGB", (sheets.across * sheets.side, rows * sheets.side), "white")
    with ThreadPoolExecutor(threads) as pool:
        for n, tile in enumerate(pool.map(lambda place: thumbnail(points, place, sheets.side), places)):
            canvas.paste(tile, (n % sheets.across * sheets.side, n // sheets.across * sheets.side))
    buffer = io.BytesIO()
    canvas.save(buffer, "WEBP", quality=80, method=2)
    return buffer.getvalue()


def thumbnail(points: Points, place: int, side: int) -> Image.Image:
    """The picture of a point on a white square; a grey one where it cannot be read."""
    try:
        pixels = points.picture(place, side)
    except UnreadablePhoto:
        return Image.new("RGB", (side, side), _MISSING)
    return ImageOps.pad(
        Image.fromarray(np.ascontiguousarray(pixels)), (side, side), Image.Resampling.BOX, color="white"
    )
