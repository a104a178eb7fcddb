"""How faithful a map is: whether what lies close on it is alike, and the other way round."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.fashionmap.neighbours import Neighbours, nearest_others

# Neighbours that are looked at, and how many cells away one still counts as kept.
NEIGHBOURS, REACH = 10, 2
# Trustworthiness compares all with all; of more points a sample is measured.
_SAMPLE = 5000


@dataclass(frozen=True)
class Quality:
    """Shares, 0..1; None where there are too few points to say.

    trustworthiness: 1 less the penalties for neighbours on the map that are none in the embedding (Venna and Kaski,
    2001). neighbours_kept: of the 10 nearest in the embedding, how many are among the 10 nearest on the map.
    grid_kept: of the 10 nearest in the embedding, how many lie within 2 cells on the grid, diagonals included.
    random_kept: the same on a grid of the same cells in random order.
    """

    trustworthiness: float | None
    neighbours_kept: float | None
    grid_kept: float | None
    random_kept: float | None


def measure(vectors: np.ndarray, neighbours: Neighbours, places: np.ndarray, cells: np.ndarray, seed: int) -> Quality:
    """Compare a layout with the embedding.

    Args:
        vectors: (N, D) float32. neighbours: at least NEIGHBOURS of each, or as many as there are.
        places: (N, 2), the free layout. cells: (N, 2) int, the grid. seed: of the random grid, and of the sample.
    """
    # Trustworthiness is not defined for more neighbours than half of the points.
    if len(vectors) <= 2 * NEIGHBOURS:
        return Quality(None, None, None, None)
    from sklearn.manifold import trustworthiness

    random = np.random.default_rng(seed)
    near = neighbours.first(NEIGHBOURS).places
    shown = nearest_others(places, NEIGHBOURS).places
    kept = np.mean([len(np.intersect1d(a, b)) for a, b in zip(near, shown, strict=True)]) / NEIGHBOURS
    sample = random.permutation(len(vectors))[:_SAMPLE]
    trusted = trustworthiness(vectors[sample], places[sample], n_neighbors=NEIGHBOURS)
    return Quality(
        float(trusted), float(kept), _within_reach(cells, near), _within_reach(random.permutation(cells), near)
    )


def _within_reach(cells: np.ndarray, near: np.ndarray) -> float:
    ways = np.abs(cells[near] - cells[:, None]).max(axis=2)
    return float((ways <= REACH).mean())
