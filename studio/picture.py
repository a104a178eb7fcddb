"""From an RGBA render to a shop picture, its measured colour, and contact sheets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

SIZE = 448  # pixels a side


def on_white(render: Image.Image, shadow: float) -> Image.Image:
    """The render on white with a soft contact shadow of the given strength (0..1), made from its alpha."""
    alpha = render.getchannel("A")
    width = render.width
    lower = Image.new("L", render.size, 0)
    lower.paste(alpha, (0, int(width * 0.008)))
    soft = lower.filter(ImageFilter.GaussianBlur(width * 0.014)).point(lambda v: int(v * shadow))
    picture = Image.new("RGB", render.size, (255, 255, 255))
    picture.paste((120, 120, 125), mask=soft)
    picture.paste(render.convert("RGB"), mask=alpha)
    return picture


def garment_pixels(render: Image.Image, most: int = 5000) -> NDArray[np.float64]:
    """The garment's own pixels (n, 3), sRGB in 0..1; edges are left out because they mix with the background."""
    small = np.asarray(render.convert("RGBA"), float) / 255.0
    pixels = small[small[..., 3] > 0.98][:, :3]
    return pixels[:: max(1, len(pixels) // most)]


def contact_sheet(paths: list[Path], columns: int = 10, cell: int = 160) -> Image.Image:
    """All pictures on one sheet, each with its file's stem below."""
    rows = -(-len(paths) // columns)
    sheet = Image.new("RGB", (columns * cell, rows * (cell + 14)), (255, 255, 255))
    draw = ImageDraw.Draw(sheet)
    for i, path in enumerate(paths):
        x, y = i % columns * cell, i // columns * (cell + 14)
        with Image.open(path) as picture:
            sheet.paste(picture.convert("RGB").resize((cell, cell), Image.Resampling.LANCZOS), (x, y))
        draw.text((x + 4, y + cell), path.stem, fill=(90, 90, 90))
    return sheet
