"""Vectors by id (Faiss): build, search under a filter, add, remove, save, open.

The files are plain Faiss indexes: `IndexIDMap(IndexFlatIP)`, the ids and float32 vectors, and for many vectors
inverted lists beside it. Both are opened memory-mapped, and copied into memory by the first change. The lists name
candidates; the flat vectors, on disk and in the system's page cache, rank them exactly. docs/search.md has the figures
behind the limits.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from pipeline.errors import IndexMissing
from pipeline.vectors.lists import Allowed, Lists, list_count, with_all_cores
from pipeline.vectors.rows import Rows

SUFFIX = ".faiss"
KINDS = ("auto", "flat", "ivf")
# More vectors than this get inverted lists unless told otherwise.
FLAT_UP_TO = 100_000
# Fewer teach no lists anything, whatever was told.
LISTS_FROM = 256
# Rows that are compared one by one, without asking the lists, when a filter leaves no more.
EXACT_UP_TO = 20_000
# Candidates that are ranked exactly, a result; under a filter, where results may lie far away and close together.
CANDIDATES, CANDIDATES_FILTERED = 4, 16
# Filters that are remembered.
FILTERS_KEPT = 32


class Vectors:
    """Unit vectors under distinct ids (int64, >= 0), searched by cosine.

    Any number of threads may read at once; changing needs the object to oneself.
    """

    def __init__(self, flat: faiss.IndexIDMap, lists: Lists | None = None, kind: str = "auto") -> None:
        """Use `Vectors.build` or `Vectors.open`."""
        if kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}, not {kind!r}")
        self._flat, self._lists, self._wanted = flat, lists, kind
        self._saved: tuple[Path, ...] = ()
        self._mapped = False
        self._filters: dict[int, tuple[np.ndarray, np.ndarray, Allowed | None]] = {}
        self._refresh()

    @classmethod
    def build(cls, vectors: np.ndarray, ids: np.ndarray, kind: str = "auto") -> Vectors:
        """An index of (N, D) float32 unit vectors under N distinct ids.

        Args:
            kind: "flat", "ivf" or "auto": by size, now and as it grows.

        Raises:
            ValueError: shapes that do not agree, an id twice or negative, a vector that is not finite.
        """
        self = cls(faiss.IndexIDMap(faiss.IndexFlatIP(vectors.shape[1])), kind=kind)
        self.add(vectors, ids)
        return self

    @classmethod
    def open(cls, paths: Sequence[Path], kind: str = "auto") -> Vectors:
        """The index that `save` wrote to these files, memory-mapped; `kind` is what it becomes when it changes.

        Raises:
            IndexMissing: a file is absent, cut short or something else.
        """
        flat = lists = None
        for path in paths:
            try:
                index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
            except RuntimeError as error:
                raise IndexMissing(f"“{path.name}” is missing, cut short or no file of vectors.") from error
            if isinstance(index, faiss.IndexIVFScalarQuantizer):
                lists = Lists(index, mapped=True)
            elif isinstance(index, faiss.IndexIDMap) and isinstance(
                faiss.downcast_index(index.index), faiss.IndexFlatIP
            ):
                flat = index
        if flat is None or (lists is not None and (lists.ivf.ntotal, lists.ivf.d) != (flat.ntotal, flat.d)):
            raise IndexMissing(f"{' and '.join(f'“{path.name}”' for path in paths)} are no vectors that `save` wrote.")
        self = cls(flat, lists, kind)
        self._saved, self._mapped = tuple(paths), True
        return self

    @property
    def kind(self) -> str:
        """Type of the index in the notation of Faiss's index factory: "Flat" or, say, "IVF4096,SQ8"."""
        return self._lists.name if self._lists else "Flat"

    @property
    def dimension(self) -> int:
        """D, the length of a vector."""
        return int(self._flat.d)

    @property
    def ids(self) -> np.ndarray:
        """All ids, ascending, (N,) int64."""
        return self._at.ascending

    def __len__(self) -> int:
        return int(self._flat.ntotal)

    def save(self, folder: Path, stem: str) -> tuple[str, ...]:
        """Write the files into `folder`, safe on disk, and name them; content decides the names.

        Nothing is written where the index is unchanged since it was saved there.

        Raises:
            OSError: the disk is full, or the folder cannot be written to.
        """
        if self._saved and all(path.parent == folder and path.is_file() for path in self._saved):
            return tuple(path.name for path in self._saved)
        names: tuple[str, ...] = (_settle(folder, stem, self._flat),)
        if self._lists:
            names += (_settle(folder, f"{stem}-lists", self._lists.ivf),)
        self._saved = tuple(folder / name for name in names)
        return names

    def add(self, vectors: np.ndarray, ids: np.ndarray) -> None:
        """Add (n, D) float32 unit vectors under n new ids.

        Raises:
            ValueError: shapes that do not agree, an id that is there already or negative, a vector that is not finite.
        """
        vectors = np.ascontiguousarray(vectors, np.float32)
        ids = np.ascontiguousarray(ids, np.int64)
        if vectors.shape != (len(ids), self.dimension):
            raise ValueError(f"expected vectors of shape ({len(ids)}, {self.dimension}), got {vectors.shape}")
        if not np.isfinite(vectors).all():
            raise ValueError("a vector is not finite")
        if len(np.unique(ids)) < len(ids) or (self._at.find(ids) >= 0).any() or (ids < 0).any():
            raise ValueError("ids must be new, distinct and not negative")
        if not len(ids):
            return
        self._thaw()
        with_all_cores()
        self._flat.add_with_ids(vectors, ids)
        self._refresh()
        self._list(vectors, ids)

    def remove(self, ids: np.ndarray) -> None:
        """Remove the vectors of these ids.

        Raises:
            KeyError: an id is not there.
        """
        ids = np.ascontiguousarray(ids, np.int64)
        self._at.of(ids)
        if not len(ids):
            return
        self._thaw()
        self._flat.remove_ids(faiss.IDSelectorBatch(ids))
        self._refresh()
        if self._lists:
            self._lists.remove(ids)

    def reconstruct(self, ids: np.ndarray) -> np.ndarray:
        """The (n, D) float32 vectors of these ids.

        Raises:
            KeyError: an id is not there.
        """
        return self._matrix[self._at.of(np.asarray(ids, np.int64))]

    def search(self, queries: np.ndarray, top: int, allowed: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """The nearest vectors of each query, nearest first.

        Args:
            queries: (Q, D) float32 of unit length.
            top: results a query; fewer only where fewer exist (under the filter).
            allowed: ids that may be found, int64; unknown ones are ignored; None for all. What an array that cannot
                be written to (`flags.writeable`) allows is remembered: the next search with it takes less time.

        Returns:
            (Q, top) float32 cosines and (Q, top) int64 ids, padded with -inf and -1.
        """
        queries = np.ascontiguousarray(queries, np.float32)
        similarities = np.full((len(queries), top), -np.inf, np.float32)
        found = np.full((len(queries), top), -1, np.int64)
        if not len(queries) or not len(self) or top < 1:
            return similarities, found
        # One query is fastest on one thread; the setting belongs to the thread that searches.
        faiss.omp_set_num_threads(1)
        if allowed is None and not self._lists:
            best = min(top, len(self))
            similarities[:, :best], found[:, :best] = self._flat.search(queries, best)
            return similarities, found
        rows, among = (None, None) if allowed is None else self._filter(allowed)
        for n, query in enumerate(queries):
            nearest, cosines = self._nearest(query, top, rows, among)
            similarities[n, : len(nearest)], found[n, : len(nearest)] = cosines, self._at.ids[nearest]
        return similarities, found

    def _nearest(
        self, query: np.ndarray, top: int, rows: np.ndarray | None, among: Allowed | None
    ) -> tuple[np.ndarray, np.ndarray]:
        """The `top` nearest among `rows` (None: all), nearest first, and their cosines."""
        count = len(self) if rows is None else len(rows)
        wanted = top * (CANDIDATES if rows is None else CANDIDATES_FILTERED)
        if self._lists and count > wanted and (rows is None or among is not None):
            ids = self._lists.candidates(query, wanted, among)
            if len(ids) >= top:
                return self._exact(query, self._at.of(ids), top)
        return self._exact(query, np.arange(len(self)) if rows is None else rows, top)

    def _exact(self, query: np.ndarray, rows: np.ndarray, top: int) -> tuple[np.ndarray, np.ndarray]:
        """The `top` nearest among `rows`, nearest first, and their cosines."""
        cosines = np.empty(len(rows), np.float32)
        pointer = faiss.swig_ptr
        # In place: the rows are read where they lie, mapped or not, without gathering them first.
        faiss.fvec_inner_products_by_idx(  # type: ignore[attr-defined]
            pointer(cosines), pointer(query), pointer(self._matrix), pointer(rows), self.dimension, 1, len(rows)
        )
        best = np.argpartition(-cosines, top - 1)[:top] if top < len(rows) else np.arange(len(rows))
        best = best[np.argsort(-cosines[best], kind="stable")]
        return rows[best], cosines[best]

    def _filter(self, allowed: np.ndarray) -> tuple[np.ndarray, Allowed | None]:
        """Rows of the allowed ids that exist, and what the lists need of them where there are many."""
        key = id(allowed)
        if remembered := self._filters.get(key):
            return remembered[1:]
        rows = self._at.find(np.asarray(allowed, np.int64))
        # Ascending: memory is read in one direction, and no row twice.
        mask = np.zeros(len(self), bool)
        mask[rows[rows >= 0]] = True
        rows, among = np.flatnonzero(mask), None
        if self._lists and len(rows) > EXACT_UP_TO:
            among = Allowed.of(self._at.ids[rows], self._list_of[rows], self._lists.ivf.nlist)
        if not allowed.flags.writeable:
            if len(self._filters) >= FILTERS_KEPT:
                self._filters = {}
            # The array is kept, too, so that its place in memory, the key, is nobody else's.
            self._filters[key] = (allowed, rows, among)
        return rows, among

    def _list(self, vectors: np.ndarray, ids: np.ndarray) -> None:
        """Bring new vectors into the lists; learn the lists (anew) where the index has grown beyond them."""
        size = len(self)
        least = LISTS_FROM if self._wanted == "ivf" else FLAT_UP_TO
        if self._wanted == "flat" or (not self._lists and size <= least):
            self._lists = None
        elif self._lists and list_count(size) <= 2 * self._lists.ivf.nlist:
            self._lists.add(vectors, ids)
        else:
            self._lists = Lists.train(self._matrix, self._at.ids)

    @cached_property
    def _list_of(self) -> np.ndarray:
        """The list of each row."""
        assert self._lists
        return self._lists.of(self._at.ids)

    def _refresh(self) -> None:
        """Look at the Faiss index's memory anew; a change may have moved it."""
        self._at = Rows(faiss.vector_to_array(self._flat.id_map))
        self._filters = {}
        self.__dict__.pop("_list_of", None)
        inner: Any = faiss.downcast_index(self._flat.index)
        size = len(self) * self.dimension
        flat = faiss.rev_swig_ptr(inner.get_xb(), size) if size else np.empty(0, np.float32)
        self._matrix = flat.reshape(len(self), self.dimension)

    def _thaw(self) -> None:
        """Make the index changeable: Faiss aborts the process where a mapped one is changed."""
        if self._mapped:
            flat = faiss.IndexIDMap(faiss.IndexFlatIP(self.dimension))
            flat.add_with_ids(self._matrix, self._at.ids)
            self._flat, self._mapped = flat, False
        self._saved = ()


def _settle(folder: Path, stem: str, index: faiss.Index) -> str:
    """Write an index under a name that its content decides, safe on disk."""
    draft = folder / f".{stem}.{os.getpid()}{SUFFIX}"
    try:
        faiss.write_index(index, str(draft))
    except RuntimeError as error:
        draft.unlink(missing_ok=True)
        # Faiss says in its own way what the system told it, in brackets at the end.
        raise OSError(str(error).rstrip(")").rpartition("(")[2]) from error
    with draft.open("rb+") as file:
        os.fsync(file.fileno())
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    name = f"{stem}-{digest[:16]}{SUFFIX}"
    os.replace(draft, folder / name)
    return name
