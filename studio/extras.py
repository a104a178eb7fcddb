"""Loose parts that are modelled, not sewn: bag handles, scarf fringe, a tie belt, the second sock."""

from __future__ import annotations

from collections.abc import Callable

import bpy
import numpy as np
from scipy.spatial import cKDTree

from studio.curves import Points
from studio.drape import Drape
from studio.palette import Colour
from studio.panels import Floats
from studio.scene import plain_material, thicken
from studio.simulation import SCALE, mesh_object

Objects = list[bpy.types.Object]


def ribbon(name: str, path: Floats, across: Floats, width: float, material: bpy.types.Material) -> bpy.types.Object:
    """A strap along ``path`` (n, 3), ``width`` metres wide in the unit directions ``across`` (n, 3)."""
    count = len(path)
    points = np.vstack([path - across * width / 2, path, path + across * width / 2]) * SCALE
    faces = [
        [row * count + i, row * count + i + 1, (row + 1) * count + i + 1, (row + 1) * count + i]
        for i in range(count - 1)
        for row in (0, 1)
    ]
    strap = mesh_object(name, points, np.array(faces))
    strap.data.materials.append(material)
    thicken(strap, 0.004, 2, 0)
    return strap


def handles(drape: Drape, body: bpy.types.Object, trim: Colour, seed: int) -> Objects:
    """Two loops of webbing on a tote."""
    tree = cKDTree(drape.pattern.points)
    rng = np.random.default_rng(seed)
    out = []
    for k, (rise, top, lean) in enumerate(((0.004, 0.27, 0.0), (-0.012, 0.24, 0.03))):
        turn = np.linspace(0, np.pi, 40)
        lean += rng.uniform(-0.015, 0.015)
        ends = [drape.points[tree.query([sign * 0.075, -0.005])[1]] for sign in (-1, 1)]
        y = np.sin(turn) ** 0.55 * top
        x = -0.075 * np.sign(np.cos(turn)) * np.abs(np.cos(turn)) ** 0.6 + lean * np.sin(turn)
        near = np.exp(-y / 0.12)
        z = ((ends[0][2] * (1 - turn / np.pi) + ends[1][2] * turn / np.pi) + rise) * near
        path = np.c_[x, y - 0.03, z + (0.012 + 0.006 * (k == 0)) * (1 - near)]
        along = np.gradient(path, axis=0)
        across = np.c_[-along[:, 1], along[:, 0], 0 * along[:, 0]]
        across /= np.linalg.norm(across, axis=1, keepdims=True)
        out.append(ribbon(f"handle {k}", path, across, 0.024, plain_material(f"handle {k}", trim, 0.85)))
    return out


def fringe(drape: Drape, body: bpy.types.Object, trim: Colour, seed: int) -> Objects:
    """Knotted threads at both ends of a scarf."""
    rng = np.random.default_rng(seed)
    outline, tree = drape.outline, cKDTree(drape.pattern.points)
    points: list[Points] = []
    faces: list[list[int]] = []
    for end, inner in ((0, -0.03), (-outline.length, 0.03)):
        for x in np.linspace(-outline.half_width * 0.97, outline.half_width * 0.97, 26):
            rim = drape.points[tree.query([x, end])[1]]
            way = rim - drape.points[tree.query([x, end + inner])[1]]
            way[2] = 0
            way /= np.linalg.norm(way) + 1e-9
            aside = np.array([-way[1], way[0], 0])
            bend, curl = rng.normal(0, 0.006, 2)
            long = 0.07 * rng.uniform(0.9, 1.1)
            first = rim - way * 0.004
            middle, last = first + way * long * 0.5 + aside * bend, first + way * long + aside * (bend + curl)
            middle[2], last[2] = min(first[2], 0.02), 0.008
            base = len(points)
            for at, width in ((first, 1.0), (middle, 1.1), (last, 0.8)):
                points += [at - aside * 0.0035 * width, at + aside * 0.0035 * width]
            faces += [[base, base + 1, base + 3, base + 2], [base + 2, base + 3, base + 5, base + 4]]
    threads = mesh_object("fringe", np.array(points) * SCALE, np.array(faces))
    threads.data.materials.append(plain_material("fringe", trim, 0.9))
    thicken(threads, 0.004, 0, 0)
    return [threads]


def sash(drape: Drape, body: bpy.types.Object, trim: Colour, seed: int) -> Objects:
    """A flat belt across the waist of a jumpsuit, following its folds."""
    front = drape.pattern.side >= 0
    waist = -drape.outline.numbers["waist_y"]
    tree = cKDTree(drape.pattern.points[front])
    half = np.abs(drape.pattern.points[np.abs(drape.pattern.points[:, 1] - waist) < 0.02, 0]).max()
    x = np.linspace(-half, half, 40)
    path = drape.points[front][tree.query(np.c_[x, np.full(40, waist)], k=4)[1]].mean(1)
    kernel = np.ones(5) / 5
    for axis in range(3):
        path[2:-2, axis] = np.convolve(path[:, axis], kernel, "valid")
    path[:, 2] += 0.006
    across = np.tile([0.0, 1.0, 0.0], (40, 1))
    return [ribbon("sash", path, across, 0.034, plain_material("sash", trim, 0.7))]


def pair(drape: Drape, body: bpy.types.Object, trim: Colour, seed: int) -> Objects:
    """The second sock: a copy of the first, shifted, turned a little, and lying on top of it."""
    twin = body.copy()
    bpy.context.scene.collection.objects.link(twin)
    twin.location = (-0.125 * SCALE, 0.03 * SCALE, 0.022 * SCALE)
    twin.rotation_euler = (0, 0, np.radians(4 + seed % 5))
    bpy.context.view_layer.update()
    return [twin]


EXTRAS: dict[str, Callable[[Drape, bpy.types.Object, Colour, int], Objects]] = {
    f.__name__: f for f in (handles, fringe, sash, pair)
}
