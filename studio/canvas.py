"""A panel's texture in pattern space: fabric first, then trims painted along edges."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy.ndimage import gaussian_filter
from scipy.spatial import cKDTree

from studio.curves import Points
from studio.fabrics import FABRICS
from studio.painting import Grid, blend, inside, noise

PIXEL = 0.001  # metres a texture pixel, at least


class Canvas:
    """Albedo and height of one panel; edge distances are cached, since every fabric of a cut needs the same."""

    def __init__(self, points: Points, margin: float = 0.03, pixel: float = PIXEL) -> None:
        self.pixel = pixel
        low, high = points.min(0) - margin, points.max(0) + margin
        columns, rows = (int(v / pixel) for v in high - low)
        self.x0, self.y1 = low[0], high[1]
        self.x, self.y = np.meshgrid(
            low[0] + (np.arange(columns) + 0.5) * pixel, high[1] - (np.arange(rows) + 0.5) * pixel
        )
        self.albedo: Grid = np.zeros((rows, columns, 3))
        self.height: Grid = np.zeros((rows, columns))
        self._fields: dict[bytes, tuple[NDArray[np.float32], NDArray[np.float32]]] = {}

    def uv(self, points: Points) -> Points:
        """Pattern points (metres) as texture coordinates in 0..1."""
        rows, columns = self.height.shape
        return np.stack(
            [(points[..., 0] - self.x0) / (columns * self.pixel), 1 - (self.y1 - points[..., 1]) / (rows * self.pixel)],
            -1,
        )

    def fill(self, fabric: str, colours: list[Grid], rng: np.random.Generator, **options: object) -> None:
        """Start afresh with a fabric."""
        self.albedo, self.height = FABRICS[fabric](self.x, self.y, colours, rng, **options)

    def edge(self, line: Points, reach: float) -> tuple[Grid, Grid]:
        """Distance to a polyline, capped at ``reach``, and the arc length of its nearest point (metres)."""
        key = np.asarray(line, float).tobytes() + repr(reach).encode()
        if key not in self._fields:
            self._fields[key] = self._measure(np.asarray(line, float), reach)
        distance, arc = self._fields[key]
        return distance.astype(float), arc.astype(float)

    def _measure(self, line: Points, reach: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        length = np.r_[0, np.cumsum(np.hypot(*np.diff(line, axis=0).T))]
        at = np.arange(0, length[-1], self.pixel)
        samples = np.c_[np.interp(at, length, line[:, 0]), np.interp(at, length, line[:, 1])]
        distance = np.full(self.x.shape, reach, np.float32)
        arc = np.zeros(self.x.shape, np.float32)
        low, high = line.min(0) - reach, line.max(0) + reach
        near = (self.x >= low[0]) & (self.x <= high[0]) & (self.y >= low[1]) & (self.y <= high[1])
        d, i = cKDTree(samples).query(np.c_[self.x[near], self.y[near]], distance_upper_bound=reach)
        distance[near] = np.minimum(d, reach)
        arc[near] = at[np.minimum(i, len(at) - 1)]
        return distance, arc

    def paint(self, colour: Grid, mask: Grid, raised: float = 0.0) -> None:
        """Lay a flat colour where the mask is 1."""
        self.albedo = blend(self.albedo, np.broadcast_to(colour, self.albedo.shape), mask)
        self.height = self.height + raised * mask

    def groove(self, mask: Grid, dark: float, depth: float) -> None:
        """Darken and lower where the mask is 1."""
        self.albedo = self.albedo * (1 - dark * mask)[..., None]
        self.height = self.height - depth * mask

    def band(self, line: Points, width: float, colour: Grid, ribs: float = 0.006) -> None:
        """A trim along an edge, ribbed with a period of ``ribs`` metres (0: plain)."""
        distance, arc = self.edge(line, width + 0.01)
        mask = inside(distance - width)
        ridge = np.sin(arc * 2 * np.pi / ribs) if ribs else np.zeros_like(arc)
        self.albedo = blend(self.albedo, np.clip(colour * (1 + 0.07 * ridge)[..., None], 0, 1), mask)
        self.height = self.height * (1 - mask) + mask * (ridge * 0.5 + 0.6)
        self.groove(np.exp(-(((distance - width) / 0.0018) ** 2)), 0.25, 1.2)

    def stitch(self, line: Points, offset: float, colour: Grid, dash: float = 0.007) -> None:
        """A dashed seam ``offset`` metres from a line."""
        distance, arc = self.edge(line, offset + 0.012)
        dashes = inside((np.abs((arc / dash) % 1 - 0.5) - 0.36) * dash, 0.0012)
        mask = inside(np.abs(distance - offset) - 0.0009) * dashes
        self.paint(colour, mask * 0.85, 0.5)
        self.groove(np.exp(-(((distance - offset) / 0.0025) ** 2)), 0.12, 0.6)

    def seam(self, line: Points, dark: float = 0.3, width: float = 0.002) -> None:
        """A sewn-in line with a little puckering beside it."""
        distance, _ = self.edge(line, 0.02)
        self.groove(np.exp(-((distance / width) ** 2)), dark, 1.5)
        beside = np.exp(-((distance / 0.007) ** 2)) - np.exp(-((distance / 0.003) ** 2))
        self.height = self.height + 0.35 * beside * noise(self.height.shape, 7, np.random.default_rng(1))

    def patch(
        self, corners: Points, colour: Grid | None = None, thread: Grid | None = None, raised: float = 0.5
    ) -> None:
        """A sewn-on shape: optional colour, an outline, and a stitched border when ``thread`` is given."""
        mask = self.mask(corners)
        if colour is not None:
            self.paint(colour, mask)
        self.height = self.height + raised * mask
        closed = np.vstack([corners, corners[:1]])
        self.seam(closed)
        if thread is not None:
            distance, arc = self.edge(closed, 0.012)
            dashes = inside((np.abs((arc / 0.007) % 1 - 0.5) - 0.36) * 0.007, 0.0012)
            self.paint(thread, inside(np.abs(distance - 0.004) - 0.0009) * mask * dashes * 0.9)

    def mask(self, corners: Points) -> Grid:
        """Anti-aliased mask of a polygon in pattern coordinates."""
        rows, columns = self.height.shape
        image = Image.new("L", (columns * 2, rows * 2))
        at = [((x - self.x0) / self.pixel * 2, (self.y1 - y) / self.pixel * 2) for x, y in corners]
        ImageDraw.Draw(image).polygon(at, fill=255)
        return np.asarray(image.resize((columns, rows), Image.Resampling.BOX)) / 255.0

    def button(self, x: float, y: float, radius: float, colour: Grid) -> None:
        """A flat button or rivet with a soft shadow."""
        distance = np.hypot(self.x - x, self.y - y)
        shadow = np.exp(-((np.maximum(distance - radius, 0) / 0.002) ** 2)) * (distance > radius)
        self.albedo = self.albedo * (1 - 0.35 * shadow)[..., None]
        self.paint(colour, inside(distance - radius), 2)
        self.paint(colour * 0.8, inside(distance - radius * 0.7))

    def pixels(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Albedo (h, w, 3) and height (h, w), both in 0..1, height lightly smoothed against aliasing."""
        height = np.clip(0.5 + gaussian_filter(self.height, 0.5) / 8, 0, 1)
        return np.clip(self.albedo, 0, 1).astype(np.float32), height.astype(np.float32)
