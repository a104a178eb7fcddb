"""Embeddings of queries and references -> the nearest references of each query, through Faiss."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.errors import IndexMismatch, UsageError
from pipeline.vectors import Vectors

# Queries that are searched for between two reports of progress.
CHUNK = 512
# A length further from 1 than this is no rounding: such vectors are brought to unit length.
_UNIT = 1e-3


@dataclass(frozen=True, eq=False)
class Embedded:
    """What `embed` wrote: ids, (N, D) float32 embeddings of unit length, and the name of the model that made them."""

    name: str
    ids: tuple[str, ...]
    vectors: np.ndarray
    model: str


def read_embedded(path: Path) -> Embedded:
    """The embeddings in a .npz file of `embed` or `catalogue export`.

    Raises:
        UsageError: no such file, something else, empty, or with a vector that has no direction.
    """
    other = f"“{path.name}” holds no embeddings; make it with `python -m pipeline embed FOLDER --out {path.name}`."
    if not path.is_file():
        raise UsageError(
            f"There is no file “{path}”; make it with `python -m pipeline embed FOLDER --out {path.name}`."
        )
    try:
        with np.load(path, allow_pickle=False) as file:
            ids = tuple(str(name) for name in file["ids"])
            vectors = np.ascontiguousarray(file["embeddings"], np.float32)
            model = str(file["model"])
    except (OSError, ValueError, TypeError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise UsageError(other) from error
    if vectors.ndim != 2 or len(ids) != len(vectors):
        raise UsageError(other)
    if not len(ids):
        raise UsageError(f"“{path.name}” holds no pictures; embed a folder with some.")
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not np.isfinite(lengths).all() or not lengths.all():
        raise UsageError(f"“{path.name}” has an embedding that is empty or not a number; embed its folder again.")
    if np.abs(lengths - 1).max() > _UNIT:
        vectors = vectors / lengths
    return Embedded(path.name, ids, vectors, model)


def check_models(queries: Embedded, references: Embedded) -> None:
    """See that one model made both.

    Raises:
        IndexMismatch: two models did; their numbers have nothing to do with each other.
    """
    if (queries.model, queries.vectors.shape[1]) != (references.model, references.vectors.shape[1]):
        raise IndexMismatch(
            f"“{queries.name}” was embedded with {queries.model} and “{references.name}” with {references.model}; "
            "embed both folders with the same model."
        )


def retrieve(
    queries: np.ndarray,
    references: np.ndarray,
    top: int,
    categories: tuple[Sequence[str], Sequence[str]] | None = None,
    tell: Callable[[int, int], None] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """The nearest references of each query by cosine.

    Args:
        queries: (Q, D) float32 of unit length. references: (R, D), the same.
        top: matches a query; fewer only where fewer exist.
        categories: of each query and each reference; only references of the query's own are found.
        tell: called with the number of queries that are done, and of all.

    Returns:
        (Q, top) positions of references, nearest first, -1 where there are no more, and their cosines.
    """
    index = Vectors.build(references, np.arange(len(references)))
    found = np.full((len(queries), top), -1, np.int64)
    cosines = np.full((len(queries), top), -np.inf, np.float32)
    done = 0
    for own, allowed in _parts(len(queries), categories):
        for start in range(0, len(own), CHUNK):
            places = own[start : start + CHUNK]
            cosines[places], found[places] = index.search(queries[places], top, allowed)
            done += len(places)
            if tell:
                tell(done, len(queries))
    return found, cosines


def _parts(
    count: int, categories: tuple[Sequence[str], Sequence[str]] | None
) -> list[tuple[np.ndarray, np.ndarray | None]]:
    """Queries that are searched for together, and the references that they may find; None for all."""
    if categories is None:
        return [(np.arange(count), None)]
    asked, there = (np.array(words, object) for words in categories)
    parts: list[tuple[np.ndarray, np.ndarray | None]] = []
    for word in dict.fromkeys(asked):
        allowed = np.flatnonzero(there == word)
        # Shared by all queries of the category: the vectors remember a filter that cannot change.
        allowed.flags.writeable = False
        parts.append((np.flatnonzero(asked == word), allowed))
    return parts
