"""Where the detector looks: boxes of the figures in a cut-out, or windows of a photo that is all one figure."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy import ndimage

Box = tuple[int, int, int, int]

# Figures are told apart on a grid of about this many cells along the long side, ...
GRID = 160
# ... among cells this opaque, after this many layers of cells were worn away.
SOLID = 220
WORN_AWAY = 2
# A connected part of the cut-out below this share of the photo is no figure worth a look of its own.
MIN_FIGURE = 0.01
MAX_FIGURES = 6
FIGURE_MARGIN = 0.1
# A figure that fills this share of the photo is seen at the right scale already.
WHOLE_PHOTO = 0.8
# Where there is nothing but one large figure, shares of the photo's width and height that are looked at by themselves.
WINDOW = (0.6, 0.7)


def within(box: Box) -> tuple[slice, slice]:
    """Rows and columns of an xyxy box."""
    x0, y0, x1, y1 = box
    return slice(y0, y1), slice(x0, x1)


@dataclass(frozen=True)
class View:
    """A part of the photo that the detector looks at, as it is or mirrored."""

    box: Box
    mirrored: bool = False

    def turned(self, pixels: np.ndarray) -> np.ndarray:
        """(h, w, ...) of the photo's part -> as the detector sees it, and back."""
        return pixels[:, ::-1] if self.mirrored else pixels

    def of(self, pixels: np.ndarray) -> np.ndarray:
        """(h, w, 3) uint8 BGR, as ultralytics takes arrays, of a photo in RGB."""
        return np.ascontiguousarray(self.turned(cv2.cvtColor(pixels[within(self.box)], cv2.COLOR_RGB2BGR)))

    def placed(self, box: Box) -> Box:
        """Where in the photo a box of the picture that the detector saw lies."""
        left, top, right, _ = self.box
        x0, y0, x1, y1 = box
        across = (right - x1, right - x0) if self.mirrored else (left + x0, left + x1)
        return across[0], top + y0, across[1], top + y1


def figures(alpha: np.ndarray) -> list[Box]:
    """Padded xyxy boxes of the figures in a cut-out, largest first.

    Figures that hardly touch, garments laid side by side, say, are taken apart: thin bridges are worn away before
    the connected parts are counted.

    Args:
        alpha: (H, W) uint8, 255 = foreground.
    """
    height, width = alpha.shape
    step = max(1, max(height, width) // GRID)
    solid = alpha[::step, ::step] >= SOLID
    cores, _ = ndimage.label(ndimage.binary_erosion(solid, iterations=WORN_AWAY))
    sizes = np.bincount(cores.ravel())
    boxes = ndimage.find_objects(cores)
    order = np.argsort(sizes[1:])[::-1]
    views = []
    for i in order[:MAX_FIGURES]:
        if sizes[i + 1] < MIN_FIGURE * solid.size:
            break
        rows, columns = ((along.start - WORN_AWAY, along.stop + WORN_AWAY) for along in boxes[i])
        margin = round(FIGURE_MARGIN * max(rows[1] - rows[0], columns[1] - columns[0]))
        x0, y0 = max(columns[0] - margin, 0) * step, max(rows[0] - margin, 0) * step
        x1, y1 = min((columns[1] + margin) * step, width), min((rows[1] + margin) * step, height)
        if (x1 - x0) * (y1 - y0) < WHOLE_PHOTO * alpha.size:
            views.append((x0, y0, x1, y1))
    return views


def windows(size: tuple[int, int]) -> list[Box]:
    """Overlapping parts of a photo of that (width, height): side by side in a wide one, else two by two."""
    width, height = size
    across, down = WINDOW[0] * width, (1.0 if width > height else WINDOW[1]) * height
    return [
        (round(x), round(y), round(x + across), round(y + down))
        for y in dict.fromkeys((0.0, height - down))
        for x in (0.0, width - across)
    ]
