"""A layout as one picture: thumbnails where they lie, the clusters' names, and what the colours mean."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from pipeline.fashionmap.clusters import clusters_of
from pipeline.fashionmap.document import groups_of
from pipeline.fashionmap.layout import Layout
from pipeline.fashionmap.points import Points
from pipeline.fashionmap.sprites import thumbnail

Tell = Callable[[str, float], None]

_Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
# Long side in pixels that a picture stays below, and the sides of its thumbnails.
LONGEST, LARGEST, SMALLEST = 6000, 96, 20
_PAPER, _INK, _MARGIN = "#faf8f5", "#22201d", 40


def write_picture(
    out: Path, points: Points, layout: Layout, *, grid: bool, grouping: str, threads: int, tell: Tell
) -> None:
    """Write the map as PNG.

    Args:
        grid: the grid, or else the free layout. grouping: what frames are coloured by, "category", "colour" or "".
        tell: called with what goes on and the share (0..1) that is done.

    Raises:
        OSError: it cannot be written.
    """
    corners, side, size = _laid(layout, grid)
    legend = groups_of(points.items, grouping) if grouping else []
    colours = {value: colour for value, _, colour in legend}
    key = _legend(legend, size[0])
    canvas = Image.new("RGB", (size[0], size[1] + key.height), _PAPER)
    draw = ImageDraw.Draw(canvas)
    rim = max(2, side // 20) if grouping else 0
    with ThreadPoolExecutor(threads) as pool:
        tiles = pool.map(lambda place: thumbnail(points, place, side - 2 * rim), range(len(points)))
        for n, (tile, (x, y), item) in enumerate(zip(tiles, corners, points.items, strict=True)):
            if grouping:
                draw.rectangle((x, y, x + side - 1, y + side - 1), fill=colours[getattr(item, grouping)])
            canvas.paste(tile, (x + rim, y + rim))
            tell("Drawing", n / len(points))
    font = ImageFont.load_default(max(18, size[0] // 90))
    for cluster in clusters_of(layout.places, points.items):
        x, y = np.median(np.array(corners)[list(cluster.members)], axis=0) + side / 2
        _name(draw, (float(x), float(y)), cluster.name.replace(" ", " · "), font)
    canvas.paste(key, (0, size[1]))
    canvas.save(out, "PNG")


def _laid(layout: Layout, grid: bool) -> tuple[list[tuple[int, int]], int, tuple[int, int]]:
    """The upper left corner of each thumbnail, their side, and the (width, height) of them all, in pixels."""
    if grid:
        cells = layout.cells - layout.cells.min(axis=0)
        count = int(cells.max()) + 1
        side = max(SMALLEST, min(LARGEST, (LONGEST - 2 * _MARGIN) // count))
        corners = cells * side + _MARGIN
    else:
        places = layout.places - layout.places.min(axis=0)
        # Crowds need more room than the thumbnails would take side by side.
        count = 2.2 * np.sqrt(len(places))
        side = int(max(SMALLEST, min(LARGEST, (LONGEST - 2 * _MARGIN) / (count + 1))))
        corners = np.rint(places / max(float(places.max()), 1e-9) * count * side).astype(int) + _MARGIN
    width, height = (corners.max(axis=0) + side + _MARGIN).tolist()
    return [(int(x), int(y)) for x, y in corners], side, (width, height)


def _name(draw: ImageDraw.ImageDraw, centre: tuple[float, float], name: str, font: _Font) -> None:
    left, top, right, bottom = draw.textbbox(centre, name, font=font, anchor="mm")
    draw.rounded_rectangle((left - 10, top - 6, right + 10, bottom + 6), radius=12, fill=_PAPER)
    draw.text(centre, name, font=font, fill=_INK, anchor="mm")


def _legend(groups: list[tuple[str, int, str]], width: int) -> Image.Image:
    """What the colours mean, (width, height) as high as it need be; nothing without groups."""
    if not groups:
        return Image.new("RGB", (width, 1), _PAPER)
    size = max(16, width // 120)
    font, places = ImageFont.load_default(size), []
    x, y = _MARGIN, 0
    for value, count, colour in groups:
        text = f"{value or 'not stated'} ({count})"
        length = int(font.getlength(text)) + 3 * size
        if x + length > width - _MARGIN and x > _MARGIN:
            x, y = _MARGIN, y + 2 * size
        places.append((x, y, text, colour))
        x += length
    image = Image.new("RGB", (width, y + 2 * size + _MARGIN), _PAPER)
    draw = ImageDraw.Draw(image)
    for x, y, text, colour in places:
        draw.ellipse((x, y, x + size, y + size), fill=colour, outline=_INK)
        draw.text((x + 1.5 * size, y + size / 2), text, font=font, fill=_INK, anchor="lm")
    return image
