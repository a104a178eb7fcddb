"""Who lies close to whom: exact nearest neighbours, which every later step shares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The K nearest others of each of N points, nearest first.

    places: (N, K) int64, places of points. distances: (N, K) float64, Euclidean.
    """

    places: np.ndarray
    distances: np.ndarray

    def first(self, count: int) -> Neighbours:
        """The nearest `count` of each."""
        return Neighbours(self.places[:, :count], self.distances[:, :count])


def nearest_others(vectors: np.ndarray, count: int) -> Neighbours:
    """The nearest others of each of (N, D) points; `count` of them, or as many as there are."""
    from sklearn.neighbors import NearestNeighbors

    count = min(count, len(vectors) - 1)
    if count < 1:
        return Neighbours(np.zeros((len(vectors), 0), np.int64), np.zeros((len(vectors), 0)))
    # Trees are quicker in the plane; among embeddings nothing beats comparing all, in blocks.
    algorithm = "kd_tree" if vectors.shape[1] <= 3 else "brute"
    distances, places = NearestNeighbors(n_neighbors=count, algorithm=algorithm).fit(vectors).kneighbors()
    return Neighbours(places.astype(np.int64), distances.astype(np.float64))
