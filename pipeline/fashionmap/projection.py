"""Embeddings -> places in the plane, by t-SNE (openTSNE) or UMAP (umap-learn)."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from pipeline.errors import UsageError
from pipeline.fashionmap.neighbours import Neighbours

Tell = Callable[[str, float], None]

METHODS = ("tsne", "umap")
# What the methods' authors advise: the size of a neighbourhood that is kept together.
PERPLEXITY, UMAP_NEIGHBOURS = 30, 15
# Neighbours that a layout asks for: t-SNE looks at three times its perplexity.
NEIGHBOURS = 3 * PERPLEXITY
# Iterations of t-SNE, exaggerated and plain: openTSNE's own numbers.
_EARLY, _LATER, _EVERY = 250, 500, 10


def project(
    vectors: np.ndarray, neighbours: Neighbours, method: str, seed: int, threads: int, tell: Tell
) -> np.ndarray:
    """Lay points out so that neighbours stay neighbours; the same for the same seed.

    Args:
        vectors: (N, D) float32 of unit length. neighbours: of each point, NEIGHBOURS or as many as there are.
        method: one of METHODS. tell: called with what goes on and the share (0..1) that is done.

    Returns:
        (N, 2) float64 within 0..1, both axes to one scale.

    Raises:
        UsageError: there is no such method.
    """
    if method not in METHODS:
        raise UsageError(f"There is no method “{method}”; choose one of: {', '.join(METHODS)}.")
    if len(vectors) < 4:
        # Too few for a neighbourhood: a row, in the order that they came in.
        return np.stack([(np.arange(len(vectors)) + 0.5) / len(vectors), np.full(len(vectors), 0.5)], axis=1)
    lay_out = _tsne if method == "tsne" else _umap
    return fitted(lay_out(vectors, neighbours, seed, threads, tell))


def fitted(places: np.ndarray) -> np.ndarray:
    """(N, 2) places moved and scaled, both axes alike, so that they fill 0..1 along the longer one."""
    low, high = places.min(axis=0), places.max(axis=0)
    return (places - (low + high) / 2) / max(float((high - low).max()), 1e-9) + 0.5


def _tsne(vectors: np.ndarray, neighbours: Neighbours, seed: int, threads: int, tell: Tell) -> np.ndarray:
    from openTSNE import TSNE, affinity, initialization, nearest_neighbors

    known = nearest_neighbors.PrecomputedNeighbors(neighbours.places, neighbours.distances)
    perplexity = min(PERPLEXITY, neighbours.places.shape[1] / 3)
    affinities = affinity.PerplexityBasedNN(knn_index=known, perplexity=perplexity, n_jobs=threads)

    done = 0

    def step(*_: Any) -> None:
        nonlocal done
        done += _EVERY
        tell("Laying out by t-SNE", min(done / (_EARLY + _LATER), 1.0))

    # Barnes-Hut takes no longer than interpolation up to some ten thousand points, and lays small sets out better.
    tsne = TSNE(
        n_jobs=threads, random_state=seed, early_exaggeration_iter=_EARLY, n_iter=_LATER, callbacks=step,
        callbacks_every_iters=_EVERY,
    )  # fmt: skip
    start = initialization.pca(vectors.astype(np.float64), random_state=seed)
    return np.asarray(tsne.fit(affinities=affinities, initialization=start))


def _umap(vectors: np.ndarray, neighbours: Neighbours, seed: int, threads: int, tell: Tell) -> np.ndarray:
    # Numba compiles the library at its first use on a machine (NUMBA_CACHE_DIR keeps most of it, see `environment`).
    tell("Preparing UMAP; the first time on a machine, that takes a minute", 0.0)
    import umap

    tell("Laying out by UMAP", 0.3)
    near = neighbours.first(UMAP_NEIGHBOURS - 1)
    own = np.arange(len(vectors))[:, None]
    # UMAP counts a point as its own first neighbour.
    known = (np.hstack([own, near.places]), np.hstack([np.zeros((len(vectors), 1)), near.distances]).astype(np.float32))
    with warnings.catch_warnings(action="ignore"):
        mapper = umap.UMAP(
            n_neighbors=known[0].shape[1], precomputed_knn=known, init="pca", random_state=seed, n_jobs=1,
            tqdm_kwds={"disable": True},
        )  # fmt: skip
        places = mapper.fit_transform(vectors)
    tell("Laying out by UMAP", 1.0)
    return np.asarray(places, np.float64)
