"""Panel meshes: triangulates the two pattern panels and welds them along their seams."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sparse
import scipy.sparse.linalg as sparse_linalg
from numpy.typing import NDArray
from scipy.spatial import Delaunay, cKDTree
from shapely import contains_xy
from shapely.geometry import Polygon

from studio.curves import Loop, Outline, resample

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def cross2(a: Floats, b: Floats) -> Floats:
    """z component of the cross product of 2-D vectors."""
    return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]


def mesh_panel(loop: Loop, step: float, rng: np.random.Generator) -> tuple[Floats, Ints, list[set[str]]]:
    """Triangulate a closed loop with a mesh spacing of ``step`` metres.

    Returns pattern points (n, 2), counter-clockwise triangles (m, 3) and the edge tags of each point.
    """
    rim: list[Floats] = []
    tags: list[set[str]] = []
    starts: list[int] = []
    for tag, edge in loop:
        points = resample(edge, step)
        starts.append(len(rim))
        rim.extend(points[:-1])
        tags.extend({tag} for _ in points[:-1])
    for i, start in enumerate(starts):
        tags[start].add(loop[i - 1][0])
    border = np.array(rim)
    polygon = Polygon(border)
    if not polygon.is_valid:
        raise ValueError("the panel outline crosses itself")
    x0, y0, x1, y1 = polygon.bounds
    rows = enumerate(np.arange(y0, y1, step * 0.866))
    grid = np.array([(x + (step / 2 if j % 2 else 0), y) for j, y in rows for x in np.arange(x0, x1, step)])
    grid += rng.normal(0, step * 0.12, grid.shape)
    grid = grid[contains_xy(polygon.buffer(-step * 0.55), grid[:, 0], grid[:, 1])]
    points = np.vstack([border, grid])
    faces = Delaunay(points).simplices
    centre = points[faces].mean(1)
    corner = points[faces]
    area = cross2(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]) / 2
    keep = contains_xy(polygon.buffer(1e-6), centre[:, 0], centre[:, 1]) & (np.abs(area) > 1e-8)
    faces, area = faces[keep], area[keep]
    faces[area < 0] = faces[area < 0][:, ::-1]
    return points, faces.astype(np.int64), tags + [set() for _ in grid]


@dataclass(frozen=True)
class Pattern:
    """The welded garment in pattern coordinates.

    ``side`` is +1 on the front, -1 on the back, 0 on a seam; ``panel`` is 0 (front) or 1 (back) for each face.
    """

    points: Floats
    side: Floats
    faces: Ints
    panel: Ints
    tags: list[set[str]]

    def tagged(self, tag: str) -> NDArray[np.bool_]:
        """Which points lie on an edge with this tag."""
        return np.array([tag in t for t in self.tags])


def sew(outline: Outline, step: float, rng: np.random.Generator) -> Pattern:
    """Mesh both panels and weld the back's seam points onto the front's."""
    front, front_faces, front_tags = mesh_panel(outline.front, step, rng)
    back, back_faces, back_tags = mesh_panel(outline.back, step, rng)
    seam = [i for i, t in enumerate(front_tags) if "seam" in t]
    tree = cKDTree(front[seam])
    target = np.full(len(back), -1)
    for j, tag in enumerate(back_tags):
        if "seam" in tag:
            distance, i = tree.query(back[j])
            if distance < step * 0.2:
                target[j] = seam[i]
    fresh = np.where(target < 0)[0]
    target[fresh] = len(front) + np.arange(len(fresh))
    side = np.r_[np.ones(len(front)), -np.ones(len(fresh))]
    side[seam] = 0
    return Pattern(
        np.vstack([front, back[fresh]]),
        side,
        np.vstack([front_faces, target[back_faces][:, ::-1]]),
        np.r_[np.zeros(len(front_faces), np.int64), np.ones(len(back_faces), np.int64)],
        front_tags + [back_tags[j] for j in fresh],
    )


def inflation(pattern: Pattern, panel: int) -> Floats:
    """How far each point of a panel would rise (metres) if the garment were blown up.

    sqrt(2 u) where the Laplacian of u is -1, u is 0 on the seams and the open edges are free.
    """
    points, faces, count = pattern.points, pattern.faces[pattern.panel == panel], len(pattern.points)
    rows, cols, values = [], [], []
    mass = np.zeros(count)
    for k in range(3):
        a, b, c = faces[:, k], faces[:, (k + 1) % 3], faces[:, (k + 2) % 3]
        u, v = points[b] - points[a], points[c] - points[a]
        twice_area = np.abs(cross2(u, v)) + 1e-12
        cotangent = (u * v).sum(1) / twice_area / 2
        rows += [b, c, b, c]
        cols += [c, b, b, c]
        values += [-cotangent, -cotangent, cotangent, cotangent]
        np.add.at(mass, a, twice_area / 6)
    index = (np.concatenate(rows), np.concatenate(cols))
    laplacian = sparse.csr_matrix((np.concatenate(values), index), shape=(count, count))
    free = np.zeros(count, bool)
    free[np.unique(faces)] = True
    inner = np.where(free & (pattern.side != 0))[0]
    height = np.zeros(count)
    height[inner] = sparse_linalg.spsolve(laplacian[inner][:, inner].tocsc(), mass[inner])
    return np.sqrt(np.maximum(2 * height, 0))


def vertex_normals(positions: Floats, faces: Ints) -> Floats:
    """Unit normals (n, 3) averaged over the faces around each point."""
    a, b, c = (positions[faces[:, k]] for k in range(3))
    normal = np.cross(b - a, c - a)
    out = np.zeros_like(positions)
    for k in range(3):
        np.add.at(out, faces[:, k], normal)
    return out / (np.linalg.norm(out, axis=1, keepdims=True) + 1e-12)
