"""Where the right references of a query stand among all references, and how far right and wrong ones lie apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

# Queries that are compared with all references at a time.
CHUNK = 256
# Cosines that differ by less are the same number, rounded differently.
TIE = 1e-6
# More pairs of a query and a wrong reference than this are not looked at for their cosines; a fixed choice is.
MOST_FALSE = 5_000_000


@dataclass(frozen=True, eq=False)
class Ranking:
    """What became of Q queries.

    rank: (Q,) int64, place of the best right reference, from 1; 0 where the filter left none of them. A wrong
    reference as near as a right one stands before it, so that looking alike is no merit.
    precision: (Q,) average precision; a right reference that the filter left out counts as never found.
    best: (Q,) position of the nearest right reference, filtered or not.
    top: (Q, k) positions of the nearest references, -1 where the filter left fewer; cosines: theirs, -inf there.
    """

    rank: np.ndarray
    precision: np.ndarray
    best: np.ndarray
    top: np.ndarray
    cosines: np.ndarray

    def within(self, first: int) -> np.ndarray:
        """(Q,) 1.0 where a right reference is among the `first`, else 0.0."""
        return ((self.rank > 0) & (self.rank <= first)).astype(float)

    @property
    def reciprocal(self) -> np.ndarray:
        """(Q,) 1 / rank, 0 where no right reference was left."""
        return np.divide(1.0, self.rank, out=np.zeros(len(self.rank)), where=self.rank > 0)


@dataclass(frozen=True, eq=False)
class Pairs:
    """Cosines of queries with their right references (true) and with wrong ones (false), float32, in no order."""

    true: np.ndarray
    false: np.ndarray


def rank(
    queries: np.ndarray,
    references: np.ndarray,
    right: Sequence[np.ndarray],
    categories: tuple[np.ndarray, np.ndarray] | None = None,
    top: int = 3,
) -> Ranking:
    """Rank all references for every query by cosine, exactly.

    Args:
        queries: (Q, D) float32 of unit length. references: (R, D), the same.
        right: for each query the positions of its right references, at least one.
        categories: (Q,) and (R,) words; only references of the query's own are searched. None searches all.
        top: how many of the nearest are told.

    Raises:
        ValueError: shapes that do not agree, or a query without a right reference.
    """
    if queries.ndim != 2 or references.ndim != 2 or queries.shape[1] != references.shape[1]:
        raise ValueError(f"expected (Q, D) and (R, D), got {queries.shape} and {references.shape}")
    if len(right) != len(queries) or not all(len(own) for own in right):
        raise ValueError("every query needs at least one right reference")
    count = len(queries)
    ranks, best = np.zeros(count, np.int64), np.zeros(count, np.int64)
    precision = np.zeros(count)
    nearest, cosines = np.full((count, top), -1), np.full((count, top), -np.inf, np.float32)
    for n, row in enumerate(_rows(queries, references)):
        own = np.asarray(right[n])
        own = own[np.argsort(-row[own], kind="stable")]
        best[n] = own[0]
        allowed = np.ones(len(row), bool) if categories is None else categories[1] == categories[0][n]
        wrong = allowed.copy()
        wrong[own] = False
        left = own[allowed[own]]
        places = 1 + np.arange(len(left)) + [np.count_nonzero(row[wrong] >= row[k] - TIE) for k in left]
        if len(left):
            ranks[n] = places[0]
            precision[n] = (np.arange(1, len(left) + 1) / places).sum() / len(own)
        shown = _nearest(np.where(allowed, row, -np.inf), top)
        shown = shown[allowed[shown]]
        nearest[n, : len(shown)], cosines[n, : len(shown)] = shown, row[shown]
    return Ranking(ranks, precision, best, nearest, cosines)


def pair_cosines(queries: np.ndarray, references: np.ndarray, right: Sequence[np.ndarray]) -> Pairs:
    """The cosines of all true pairs, and of the false ones up to MOST_FALSE: then with a fixed choice of references."""
    chosen = np.arange(len(references))
    if len(queries) * len(references) > MOST_FALSE:
        size = max(1, MOST_FALSE // len(queries))
        chosen = np.sort(np.random.default_rng(0).choice(len(references), size, replace=False))
    true, false = [], []
    for row, own in zip(_rows(queries, references), right, strict=True):
        true.append(row[own])
        false.append(row[np.setdiff1d(chosen, own)])
    return Pairs(np.concatenate(true), np.concatenate(false))


def _rows(queries: np.ndarray, references: np.ndarray) -> Iterator[np.ndarray]:
    """The cosines of each query with all references, (R,) float32 one after the other."""
    chunks = (queries[start : start + CHUNK] @ references.T for start in range(0, len(queries), CHUNK))
    return (row for chunk in chunks for row in chunk)


def _nearest(row: np.ndarray, top: int) -> np.ndarray:
    first = np.argpartition(-row, top - 1)[:top] if top < len(row) else np.arange(len(row))
    return first[np.argsort(-row[first], kind="stable")]
