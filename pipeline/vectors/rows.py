"""Where the vector of an id lies."""

from __future__ import annotations

from functools import cached_property

import numpy as np


class Rows:
    """The row of each id. ids: (N,) int64, distinct, >= 0, in the order of the rows; ascending: the same, sorted."""

    def __init__(self, ids: np.ndarray) -> None:
        self.ids = ids
        in_order = bool((np.diff(ids) > 0).all())
        self._order = None if in_order else np.argsort(ids)
        self.ascending = ids if self._order is None else ids[self._order]

    def of(self, ids: np.ndarray) -> np.ndarray:
        """The (n,) rows of these ids.

        Raises:
            KeyError: an id is not there.
        """
        rows = self.find(ids)
        if (rows < 0).any():
            raise KeyError(f"no vector of id {ids[rows < 0][0]}")
        return rows

    def find(self, ids: np.ndarray) -> np.ndarray:
        """The (n,) rows of these ids, -1 for those that are not there."""
        if not len(self.ids):
            return np.full(len(ids), -1, np.int64)
        if self._table is not None:
            return self._table[np.where((ids >= 0) & (ids < len(self._table)), ids, -1)].astype(np.int64)
        places = np.minimum(np.searchsorted(self.ascending, ids), len(self.ids) - 1)
        rows = places if self._order is None else self._order[places]
        return np.where(self.ascending[places] == ids, rows, -1)

    @cached_property
    def _table(self) -> np.ndarray | None:
        """The row of every number up to the largest id and, last, of none: -1. None where ids lie too far apart."""
        last = int(self.ascending[-1])
        if last >= 4 * len(self.ids) + 1024:
            return None
        table = np.full(last + 2, -1, np.int32)
        table[self.ids] = np.arange(len(self.ids), dtype=np.int32)
        return table
