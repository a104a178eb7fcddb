"""An opened index: search under filters, and everything that can be asked about its items."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from pipeline.errors import IndexMismatch, IndexMissing
from pipeline.index.facets import Facets
from pipeline.index.items import Items
from pipeline.index.manifest import MANIFEST, Manifest, damaged, rebuild
from pipeline.types import Filters, Item, Match
from pipeline.vectors import Vectors

# A writer removes the last publication's files right after its own; a reader between the two looks again.
_ATTEMPTS = 5


class Index:
    """An opened index: read-only, shared by all threads. What is published later is seen by `current`."""

    def __init__(self, folder: Path, manifest: Manifest, vectors: Vectors, store: Items, stamp: tuple | None) -> None:
        """Use `Index.open`."""
        # The items' pictures are named relative to where the index really lies.
        self.folder = folder.resolve()
        self.manifest = manifest
        self.store = store
        self._vectors = vectors
        self._stamp = stamp
        self._rows_where = lru_cache(maxsize=64)(self._find_rows)

    @classmethod
    def open(cls, folder: Path, embedder: str | None = None) -> Index:
        """Open the index published in `folder`.

        Args:
            folder: where `publish` wrote.
            embedder: name of the model that queries will come from; None skips the comparison.

        Raises:
            IndexMissing: nothing is published there, or a file of it is absent, damaged or from a newer version.
            IndexMismatch: another model made the vectors.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            stamp = _stamp(folder)
            manifest = Manifest.read(folder)
            if embedder is not None and manifest.embedder != embedder:
                raise IndexMismatch(
                    f"The index in “{folder.name}” was made with {manifest.embedder} and {embedder} is in use; "
                    f"make it again with `{rebuild(folder)}`."
                )
            try:
                manifest.check(folder)
                vectors = Vectors.open([folder / name for name in manifest.vectors])
                store = Items(folder / manifest.items)
                if len(vectors) != manifest.count or not store.are_of(vectors.ids):
                    raise ValueError("the vectors are not the items'")
            except (OSError, ValueError, RuntimeError, sqlite3.Error, IndexMissing) as error:
                if attempt < _ATTEMPTS and _stamp(folder) != stamp:
                    continue
                raise IndexMissing(damaged(folder)) from error
            return cls(folder, manifest, vectors, store, stamp)
        raise AssertionError("unreachable")

    def is_stale(self) -> bool:
        """Whether something else has been published since; costs one look at a file's dates."""
        stamp = _stamp(self.folder)
        return stamp is not None and stamp != self._stamp

    def current(self) -> Index:
        """This index, or the one published since. One that cannot be opened is left alone: the old one goes on."""
        if not self.is_stale():
            return self
        try:
            return Index.open(self.folder, self.manifest.embedder)
        except (IndexMissing, IndexMismatch):
            return self

    def __len__(self) -> int:
        return len(self._vectors)

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """Every item, read when first asked for."""
        return tuple(self.store.all())

    @cached_property
    def facets(self) -> Facets:
        """What the items can be filtered by."""
        return Facets(self.store)

    @property
    def kinds(self) -> Mapping[str, int]:
        """How many items are found as each kind of piece."""
        return self.facets.kinds

    def item(self, item_id: str) -> Item:
        """The item of that id.

        Raises:
            KeyError: there is none.
        """
        row = self.store.row_of(item_id)
        if row is None:
            raise KeyError(item_id)
        return self.store.get([row])[0]

    def select(self, filters: Filters | None = None, start: int = 0, count: int | None = None) -> list[Item]:
        """The items that pass the filters, in the order they were added in: `count` of them from `start` on.

        Raises:
            UsageError: see `check`.
        """
        rows = self.rows(filters)
        return self.store.get(rows[start : None if count is None else start + count])

    def rows(self, filters: Filters | None = None) -> np.ndarray:
        """The numbers of the items that pass the filters, ascending, (n,) int64.

        Raises:
            UsageError: see `check`.
        """
        return self._rows_where(filters or Filters(), None)

    def check(self, filters: Filters) -> None:
        """See that the filters name what there is.

        Raises:
            UsageError: no item has such a category, colour or attribute; or no price can lie in the range.
        """
        self.facets.condition(filters, None)

    def vectors(self, positions: Sequence[int]) -> np.ndarray:
        """The (len(positions), D) float32 embeddings of the items at these positions of `items`."""
        return self._vectors.reconstruct(self._vectors.ids[np.asarray(positions, np.int64)])

    def vectors_of(self, rows: np.ndarray) -> np.ndarray:
        """The (n, D) float32 embeddings of the items of these numbers (see `rows`)."""
        return self._vectors.reconstruct(rows)

    def embeddings_of(self, ids: Sequence[str]) -> np.ndarray:
        """The (len(ids), D) float32 embeddings of the items of these ids.

        Raises:
            KeyError: there is no such item.
        """
        rows = [self.store.row_of(item_id) for item_id in ids]
        if None in rows:
            raise KeyError(ids[rows.index(None)])
        return self.vectors_of(np.array(rows, np.int64))

    def nearest(
        self, queries: np.ndarray, top: int, allowed: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """(N, D) queries -> (N, top) cosines and numbers of items, -1 where there are no more; of `allowed` ones."""
        return self._vectors.search(queries, top, allowed)

    def picture(self, item: Item) -> Path:
        """Where the item's picture lies."""
        return Path(os.path.normpath(self.folder / self.manifest.pictures / item.image))

    def search(
        self,
        queries: np.ndarray,
        top: int,
        kinds: Sequence[str | None] | None = None,
        filters: Filters | None = None,
        floor: float = -1.0,
    ) -> list[tuple[Match, ...]]:
        """The nearest items of each query, nearest first.

        Args:
            queries: (N, D) float32 of unit length.
            top: matches a query; as many come back as exist under the filters and at or above `floor`.
            kinds: for each query the kind of piece that its matches must be, None for any.
            filters: what all matches must be like.
            floor: smallest cosine similarity that is still a match.

        Raises:
            UsageError: see `check`.
        """
        queries = np.ascontiguousarray(queries, np.float32)
        wanted = list(kinds) if kinds is not None else [None] * len(queries)
        found: list[tuple[Match, ...]] = [()] * len(queries)
        for kind in dict.fromkeys(wanted):
            places = [n for n, other in enumerate(wanted) if other == kind]
            # The filter acts inside the search, so that `top` matches come back whenever they exist.
            allowed = None if kind is None and not filters else self._rows_where(filters or Filters(), kind)
            count = min(top, len(self) if allowed is None else len(allowed))
            if count < 1:
                continue
            similarities, rows = self._vectors.search(queries[places], count, allowed)
            for n, near, row in zip(places, similarities, rows, strict=True):
                found[n] = self._matches(near, row, floor)
        return found

    def _matches(self, similarities: np.ndarray, rows: np.ndarray, floor: float) -> tuple[Match, ...]:
        kept = (rows >= 0) & (similarities >= floor)
        items = self.store.get(rows[kept])
        cosines = similarities[kept].clip(-1, 1)
        return tuple(Match(item, float(cosine)) for item, cosine in zip(items, cosines, strict=True))

    def _find_rows(self, filters: Filters, kind: str | None) -> np.ndarray:
        condition, values = self.facets.condition(filters, kind)
        if not condition:
            return self._vectors.ids
        rows = self.store.numbers(f"SELECT row FROM items WHERE {condition} ORDER BY row", values)
        # Shared by all who ask, and so that the vectors remember the filter, too.
        rows.flags.writeable = False
        return rows


def _stamp(folder: Path) -> tuple | None:
    """What changes whenever something is published."""
    try:
        facts = os.stat(folder / MANIFEST)
    except OSError:
        return None
    return facts.st_ino, facts.st_mtime_ns, facts.st_size
