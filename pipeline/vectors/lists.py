"""Inverted lists (Faiss IVF, 8 bits a component): candidates for the nearest vectors, from a fraction of them.

Jégou, Douze & Schmid, "Product quantization for nearest neighbor search" (2011), section IV, with scalar quantization
of the residuals.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import faiss
import numpy as np

# Lists that a search looks into, and those that it looks into under a filter: the worth of so many, full ones.
LISTS_PROBED = 24
LISTS_FILTERED = 64
# A filter is at odds with the query where it takes this many times the lists that a random one of its size takes.
UNEVEN = 3
# Vectors a list that the centroids are learnt from; more changed no recall in the benchmark.
TRAINED_ON = 48
_ROUNDS = 8


def list_count(size: int) -> int:
    """How many lists an index of `size` vectors has: the power of two next to four times the root."""
    return 1 << round(np.log2(4 * max(size, 1) ** 0.5))


@dataclass(frozen=True)
class Allowed:
    """Vectors that may be found. held: how many of them each list holds. selector: Faiss's test of an id."""

    held: np.ndarray
    selector: faiss.IDSelector

    @classmethod
    def of(cls, ids: np.ndarray, lists: np.ndarray, count: int) -> Allowed:
        """The vectors of these (n,) ids, the list of each, and how many lists there are."""
        return cls(np.bincount(lists, minlength=count), _selector(ids))


class Lists:
    """Which vectors lie around which centroid, each in a byte a component."""

    def __init__(self, ivf: faiss.IndexIVFScalarQuantizer, mapped: bool = False) -> None:
        """Use `Lists.train`, or give what Faiss read; `mapped` where its memory is a file's."""
        # Faiss's type hints know neither its C-level calls nor what lies inside an index.
        self.ivf: Any = ivf
        self._mapped = mapped

    @classmethod
    def train(cls, vectors: np.ndarray, ids: np.ndarray, seed: int = 0) -> Lists:
        """Lists of (N, D) float32 unit vectors under N distinct ids."""
        size, dimension = vectors.shape
        count = list_count(size)
        quantizer = faiss.IndexFlatIP(dimension)
        ivf = faiss.IndexIVFScalarQuantizer(
            quantizer, dimension, count, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
        )
        ivf.cp.niter, ivf.cp.seed = _ROUNDS, seed
        ivf.cp.max_points_per_centroid, ivf.cp.min_points_per_centroid = TRAINED_ON, 1
        sample = np.random.default_rng(seed).choice(size, min(size, TRAINED_ON * count), replace=False)
        with_all_cores()
        ivf.train(vectors[np.sort(sample)])
        self = cls(ivf)
        self.add(vectors, ids)
        return self

    @property
    def name(self) -> str:
        """The type in the notation of Faiss's index factory."""
        return f"IVF{self.ivf.nlist},SQ8"

    def add(self, vectors: np.ndarray, ids: np.ndarray) -> None:
        """Add (n, D) float32 unit vectors under n new ids."""
        self._thaw()
        with_all_cores()
        self.ivf.add_with_ids(vectors, ids)

    def remove(self, ids: np.ndarray) -> None:
        """Remove these ids."""
        # On the IVF itself: Faiss aborts the process where one inside an IndexIDMap2 is asked to remove.
        self._thaw()
        self.ivf.remove_ids(faiss.IDSelectorBatch(ids))

    def of(self, ids: np.ndarray) -> np.ndarray:
        """The list of each of these ids, in their order: (n,) uint16."""
        lists, every = self.ivf.invlists, range(self.ivf.nlist)
        sizes = [lists.list_size(n) for n in every]
        listed = np.concatenate([faiss.rev_swig_ptr(lists.get_ids(n), size) for n, size in enumerate(sizes) if size])
        numbers = np.repeat(np.array(every, np.uint16), sizes)
        order = np.argsort(listed)
        return numbers[order[np.searchsorted(listed, ids, sorter=order)]]

    def candidates(self, query: np.ndarray, count: int, among: Allowed | None = None) -> np.ndarray:
        """About the `count` nearest ids of a (D,) float32 unit query, by the compressed vectors, among all or some."""
        probed = LISTS_PROBED if among is None else self._reach(query, among)
        parameters: Any = faiss.SearchParametersIVF(nprobe=probed)  # type: ignore[call-arg]
        if among is not None:
            parameters.sel = among.selector
        found = self.ivf.search(query[None], count, params=parameters)[1][0]
        return found[found >= 0]

    def _reach(self, query: np.ndarray, among: Allowed) -> int:
        """How many lists must be looked into, where only some vectors may be found.

        As many as hold `LISTS_FILTERED` lists' worth of vectors that may be found. Where that reaches much further
        than an even filter would, the filter rules out what lies near the query: the rest is about equally far away,
        the order of the lists says little about it, and only all of them will do.
        """
        near = np.empty(self.ivf.nlist, np.float32)
        pointer = faiss.swig_ptr
        # Not NumPy's product: its BLAS wakes every core for this, and under load waits for them.
        faiss.fvec_inner_products_ny(  # type: ignore[attr-defined]
            pointer(near), pointer(query), pointer(self._centroids), self.ivf.d, self.ivf.nlist
        )
        held = np.cumsum(among.held[np.argsort(-near)])
        enough = LISTS_FILTERED * self.ivf.ntotal // self.ivf.nlist
        reach = int(np.searchsorted(held, enough)) + 1
        even = LISTS_FILTERED * self.ivf.ntotal / held[-1]
        return reach if reach <= min(UNEVEN * even, self.ivf.nlist / 2) else self.ivf.nlist

    @property
    def _centroids(self) -> np.ndarray:
        quantizer: Any = faiss.downcast_index(self.ivf.quantizer)
        return faiss.rev_swig_ptr(quantizer.get_xb(), self.ivf.nlist * self.ivf.d)

    def _thaw(self) -> None:
        """Copy mapped lists into memory: Faiss aborts the process where they are changed."""
        if self._mapped:
            self.ivf = faiss.deserialize_index(faiss.serialize_index(self.ivf))
            self._mapped = False


def _selector(ids: np.ndarray) -> faiss.IDSelector:
    """A test of whether an id is one of these: a bitmap unless the ids lie far apart."""
    last = int(ids.max())
    if last > 64 * len(ids):
        return faiss.IDSelectorBatch(ids)
    mask = np.zeros(last + 1, bool)
    mask[ids] = True
    return faiss.IDSelectorBitmap(np.packbits(mask, bitorder="little"))  # type: ignore[call-arg, arg-type]


def with_all_cores() -> None:
    """Let Faiss use every core for what this thread does next (a search takes one)."""
    faiss.omp_set_num_threads(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
