"""A layout: where everything on a map lies, freely and on a grid; made anew, or following what changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pipeline.fashionmap.grid import to_grid
from pipeline.fashionmap.neighbours import nearest_others
from pipeline.fashionmap.placing import place, seat
from pipeline.fashionmap.points import Points
from pipeline.fashionmap.projection import NEIGHBOURS, project
from pipeline.fashionmap.quality import Quality, measure

Tell = Callable[[str, float], None]

# A layout of which a larger share was placed among what was laid out before is made anew.
MOST_PLACED = 0.5


@dataclass(frozen=True, eq=False)
class Layout:
    """Where N points lie.

    ids: of the points. marks: (N,) uint64, hashes of their embeddings. method, seed: what laid them out.
    places: (N, 2) float32, within 0..1 when they were laid out. cells: (N, 2) int32, column and row, no two alike;
    what was placed later may lie outside of the first grid, below 0, too.
    laid: (N,) bool, laid out together; the others were placed among them later.
    """

    ids: tuple[str, ...]
    marks: np.ndarray
    method: str
    seed: int
    places: np.ndarray
    cells: np.ndarray
    laid: np.ndarray

    def __post_init__(self) -> None:
        count = len(self.ids)
        shapes = [array.shape for array in (self.marks, self.places, self.cells, self.laid)]
        if shapes != [(count,), (count, 2), (count, 2), (count,)]:
            raise ValueError(f"Layout: expected arrays for {count} points, got shapes {shapes}")

    def is_of(self, points: Points) -> bool:
        """Whether these points are laid out, in this order."""
        return self.ids == _ids(points) and np.array_equal(self.marks, marks_of(points.vectors))

    def quality(self, points: Points) -> Quality:
        """How faithful it is to the points that it is of."""
        near = nearest_others(points.vectors, NEIGHBOURS)
        return measure(points.vectors, near, self.places, self.cells, self.seed)


def make(points: Points, method: str, seed: int, threads: int, tell: Tell) -> Layout:
    """Lay points out. tell: called with what goes on and the share (0..1) that is done.

    Raises:
        UsageError: there is no such method.
    """
    tell("Comparing all with all", 0.0)
    near = nearest_others(points.vectors, NEIGHBOURS)
    places = project(points.vectors, near, method, seed, threads, lambda what, share: tell(what, 0.05 + 0.75 * share))
    tell("Laying out on a grid", 0.8)
    cells = to_grid(places)
    tell("Laying out on a grid", 1.0)
    return Layout(
        _ids(points), marks_of(points.vectors), method, seed, places.astype(np.float32), cells,
        np.ones(len(points), bool),
    )  # fmt: skip


def follow(layout: Layout, points: Points) -> Layout | None:
    """The layout for points that came and went since; what stayed lies where it lay.

    None where so much changed that everything should be laid out anew.
    """
    marks = marks_of(points.vectors)
    known = {(item_id, int(mark)): n for n, (item_id, mark) in enumerate(zip(layout.ids, layout.marks, strict=True))}
    olds = np.array([known.get((item.id, int(mark)), -1) for item, mark in zip(points.items, marks, strict=True)])
    stayed, new = np.flatnonzero(olds >= 0), np.flatnonzero(olds < 0)
    laid = np.zeros(len(points), bool)
    laid[stayed] = layout.laid[olds[stayed]]
    if (~laid).sum() > MOST_PLACED * len(points):
        return None
    places, cells = np.zeros((len(points), 2), np.float32), np.zeros((len(points), 2), np.int32)
    places[stayed], cells[stayed] = layout.places[olds[stayed]], layout.cells[olds[stayed]]
    if len(new):
        # New points go by what was laid out, not by each other: the order that they come in does not matter.
        old = np.flatnonzero(laid)
        found, known_vectors = points.vectors[new], points.vectors[old]
        places[new] = place(found, known_vectors, places[old])
        cells[new] = seat(place(found, known_vectors, cells[old]), cells[stayed])
    return Layout(_ids(points), marks, layout.method, layout.seed, places, cells, laid)


def marks_of(vectors: np.ndarray) -> np.ndarray:
    """(N, D) embeddings -> (N,) uint64, by which an item is known whose picture was changed."""
    rows = np.ascontiguousarray(vectors, np.float32)
    digests = b"".join(hashlib.blake2b(row.tobytes(), digest_size=8).digest() for row in rows)
    return np.frombuffer(digests, np.uint64)


def _ids(points: Points) -> tuple[str, ...]:
    return tuple(item.id for item in points.items)
