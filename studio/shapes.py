"""Parametric surfaces and rods for everything that is modelled instead of sewn."""

from __future__ import annotations

from collections.abc import Callable

import bpy
import numpy as np

from studio.canvas import Canvas
from studio.panels import Floats
from studio.simulation import SCALE, mesh_object

Surface = Callable[[Floats, Floats], Floats]
Objects = list[bpy.types.Object]


def rotation(pitch: float, yaw: float) -> Floats:
    """Turn by ``yaw`` about y, then tip by ``pitch`` about x (degrees)."""
    a, b = np.radians(yaw), np.radians(pitch)
    about_y = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    return about_x @ about_y


def surface(
    name: str,
    shape: Surface,
    cells: tuple[int, int],
    material: bpy.types.Material,
    turn: Floats,
    canvas: Canvas | None = None,
) -> bpy.types.Object:
    """A grid over u, v in 0..1; with a canvas, u runs along its x and v down its y."""
    u, v = np.meshgrid(np.linspace(0, 1, cells[0]), np.linspace(0, 1, cells[1]), indexing="ij")
    points = shape(u.ravel(), v.ravel()) @ turn.T
    i, j = np.meshgrid(np.arange(cells[0] - 1), np.arange(cells[1] - 1), indexing="ij")
    first = (i * cells[1] + j).ravel()
    faces = np.stack([first, first + cells[1], first + cells[1] + 1, first + 1], 1)
    uv = None
    if canvas is not None:
        wide, high = np.ptp(canvas.x), np.ptp(canvas.y)
        flat = np.c_[canvas.x.min() + u.ravel() * wide, canvas.y.max() - v.ravel() * high]
        uv = canvas.uv(flat)[faces.ravel()]
    body = mesh_object(name, points * SCALE, faces, uv)
    # without it the edges that meet at u = 0 and 1 are shaded as a crease
    body.modifiers.new("weld", "WELD").merge_threshold = 1e-4
    body.data.materials.append(material)
    return body


def tube(
    name: str, path: Floats, radius: float, material: bpy.types.Material, turn: Floats, closed: bool = False
) -> bpy.types.Object:
    """A round rod along a path (n, 3); open ends come to a point, so that no hollow shows."""
    along = np.gradient(path, axis=0)
    if closed:
        along[0] = along[-1] = path[1] - path[-2]
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    guide = np.where(np.abs(along[:, 2:3]) > 0.9, [[0.0, 1.0, 0.0]], [[0.0, 0.0, 1.0]])
    side = np.cross(along, guide)
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    other = np.cross(along, side)
    size = np.full(len(path), radius)
    if not closed:
        size[[0, -1]] = 0.0

    def shape(u: Floats, v: Floats) -> Floats:
        k = np.clip(np.round(u * (len(path) - 1)).astype(int), 0, len(path) - 1)
        a = (v * 2 * np.pi)[:, None]
        return path[k] + size[k, None] * (np.cos(a) * side[k] + np.sin(a) * other[k])

    return surface(name, shape, (len(path), 13), material, turn)
