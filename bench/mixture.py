"""Vectors like those of a large catalogue, drawn around the embeddings of a real one.

A mixture of Gaussians in two levels: a *design* is a real embedding plus noise, a vector is a design plus less of the
same noise, brought back to unit length. The noise has the covariance of the differences between real nearest
neighbours, so it varies along the directions, and as far, as real garments that look alike do.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.index import Index

# Vectors a design, and how far they lie from it, as a share of the distance between neighbouring designs.
A_DESIGN = 50
INNER = 0.7
_CHUNK = 65_536


@dataclass(frozen=True)
class Mixture:
    """Where vectors are drawn from. seeds: (S, D) real embeddings. categories: the category of each seed, (S,) int.
    noise: (D, D), a factor of the noise's covariance. rng: where the chance comes from."""

    seeds: np.ndarray
    categories: np.ndarray
    noise: np.ndarray
    rng: np.random.Generator

    @classmethod
    def like(cls, folder: Path, seed: int = 0) -> Mixture:
        """A mixture around the embeddings of a published index."""
        index = Index.open(folder)
        seeds = index.vectors(range(len(index)))
        categories = np.unique([item.category for item in index.items], return_inverse=True)[1]
        cosines = seeds @ seeds.T
        np.fill_diagonal(cosines, -1)
        apart = seeds - seeds[cosines.argmax(1)]
        spread, axes = np.linalg.eigh(apart.T @ apart / len(apart))
        noise = (axes * np.sqrt(np.maximum(spread, 0))).astype(np.float32)
        return cls(seeds, categories, noise, np.random.default_rng(seed))

    def draw(self, count: int) -> tuple[np.ndarray, np.ndarray]:
        """(count, D) float32 unit vectors in no order, and the category of each."""
        designs = max(1, count // A_DESIGN)
        origin = self.rng.integers(0, len(self.seeds), designs)
        centres = self.seeds[origin] + self._noise(designs)
        which = self.rng.integers(0, designs, count)
        vectors = np.empty((count, self.seeds.shape[1]), np.float32)
        for start in range(0, count, _CHUNK):
            part = which[start : start + _CHUNK]
            drawn = centres[part] + INNER * self._noise(len(part))
            vectors[start : start + _CHUNK] = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
        return vectors, self.categories[origin[which]]

    def _noise(self, count: int) -> np.ndarray:
        return self.rng.standard_normal((count, len(self.noise)), np.float32) @ self.noise.T


def crowding(vectors: np.ndarray, sample: int = 500) -> dict[str, float]:
    """How vectors crowd: medians of the cosine to the nearest and the tenth nearest, and of the local dimension
    (Levina & Bickel, "Maximum likelihood estimation of intrinsic dimension", 2004, ten neighbours)."""
    of = vectors[:sample]
    cosines = -np.partition(-(of @ vectors.T), 11, axis=1)[:, :11]
    cosines = -np.sort(-cosines, axis=1)[:, 1:]
    distances = np.sqrt(np.maximum(2 - 2 * cosines, 1e-9))
    dimension = 1 / np.log(distances[:, -1:] / distances[:, :-1]).mean(1)
    names = ("nearest", "tenth", "local_dimension")
    return {n: float(np.median(v)) for n, v in zip(names, (cosines[:, 0], cosines[:, 9], dimension), strict=True)}
