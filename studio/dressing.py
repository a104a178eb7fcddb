"""Turns a drape and a dye into a photograph: paints the panels, lays on patches, renders."""

from __future__ import annotations

import bpy
import numpy as np
from PIL import Image

from studio.canvas import PIXEL, Canvas
from studio.drape import Drape
from studio.extras import EXTRAS
from studio.palette import PALETTE, Colour
from studio.panels import vertex_normals
from studio.patches import PATCHES, place
from studio.scene import FRAME, cloth_material, photograph, plain_material, thicken
from studio.simulation import SCALE, empty_scene, mesh_object
from studio.specs import Item
from studio.trims import TRIMS, Sewing


class Dresser:
    """Photographs the items of one drape; keeps the canvases, whose edge distances serve every dye.

    ``size`` is the pictures' side in pixels: the cloth is painted only a little finer than they can show.
    """

    def __init__(self, drape: Drape, size: int) -> None:
        self.drape, self.size = drape, size
        outline = drape.outline
        extent = float(np.ptp(drape.points[:, :2], axis=0).max())
        self.pixel = max(PIXEL, 0.6 * FRAME * extent / size)
        self.canvases = tuple(
            Canvas(np.vstack([e for _, e in loop]), pixel=self.pixel) for loop in (outline.front, outline.back)
        )

    def _paint(self, item: Item, trim: Colour) -> None:
        colours = [PALETTE[name] for name in item.colours]
        for canvas in self.canvases:
            canvas.fill(item.fabric, colours, np.random.default_rng(item.seed), **dict(item.options))
        thread = PALETTE[item.thread] if item.thread else colours[0] * (0.72 if colours[0].mean() > 0.3 else 1.5)
        front, back = self.canvases
        sewing = Sewing((front, back), self.drape.outline, trim, np.clip(thread, 0, 1), PALETTE["light_grey"])
        for name in self.drape.cut.trims:
            TRIMS[name](sewing)

    def photograph(self, item: Item, samples: int, light: float) -> Image.Image:
        """RGBA picture of an item; ``light`` is the key light's azimuth in degrees."""
        cut, pattern, points = self.drape.cut, self.drape.pattern, self.drape.points
        trim = PALETTE[item.trim or item.colours[0]]
        self._paint(item, trim)
        empty_scene()
        uv = np.empty((len(pattern.faces), 3, 2))
        for panel, canvas in enumerate(self.canvases):
            mine = pattern.panel == panel
            uv[mine] = canvas.uv(pattern.points[pattern.faces[mine]])
        body = mesh_object("garment", points * SCALE, pattern.faces, uv.reshape(-1, 2), pattern.panel)
        for panel, canvas in enumerate(self.canvases):
            body.data.materials.append(cloth_material(f"panel {panel}", canvas, cut.bump, cut.roughness, cut.sheen))
        thicken(body, cut.thickness)
        objects = [body, *self._patches(item, trim)]
        if cut.extra:
            objects += EXTRAS[cut.extra](self.drape, body, trim * 0.95, item.seed)
        return photograph(objects, self.size, samples, light, floor=not cut.hung)

    def _patches(self, item: Item, trim: Colour) -> list[bpy.types.Object]:
        cut, pattern, points = self.drape.cut, self.drape.pattern, self.drape.points
        if not cut.patches:
            return []
        normals = vertex_normals(points, pattern.faces[pattern.panel == 0])
        plain = {
            "button": plain_material("button", PALETTE[item.button], 0.3),
            "cord": plain_material("cord", PALETTE[item.button], 0.8),
        }
        colours = [PALETTE[name] for name in item.colours]
        out = []
        for k, patch in enumerate(PATCHES[cut.patches](cut)):
            flat, faces, at = place(patch, pattern, points, normals)
            uv, material = None, plain.get(patch.look)
            if material is None:
                canvas = Canvas(flat, 0.012, self.pixel)
                if patch.look == "trim":
                    canvas.fill("rib", [trim], np.random.default_rng(item.seed), period=0.006)
                else:
                    canvas.fill(item.fabric, colours, np.random.default_rng(item.seed), **dict(item.options))
                canvas.stitch(np.vstack([patch.corners, patch.corners[:1]]), 0.005, colours[0] * 0.8)
                material = cloth_material(f"patch {k}", canvas, cut.bump, cut.roughness, cut.sheen)
                uv = canvas.uv(flat)[faces.ravel()]
            piece = mesh_object(f"patch {k}", at * SCALE, faces, uv)
            piece.data.materials.append(material)
            thicken(piece, patch.thickness)
            out.append(piece)
        return out
