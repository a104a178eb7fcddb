"""Which pieces of many photos are one garment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pipeline.wardrobe.looking import Sighting

# Rows of cosines that are held at once.
ROWS = 1024


@dataclass(frozen=True, eq=False)
class Garment:
    """A garment and all sightings of it, the surest first. number: from 1."""

    number: int
    sightings: tuple[Sighting, ...]

    @property
    def clearest(self) -> Sighting:
        """The surest sighting, which stands for the garment."""
        return self.sightings[0]

    @cached_property
    def kind(self) -> str:
        """What most sightings are found as, the surer ones counting more."""
        return _said(self.sightings, "kind")

    @cached_property
    def category(self) -> str:
        """What most sightings of that kind are taken for, the surer ones counting more."""
        return _said([one for one in self.sightings if one.kind == self.kind], "category")

    @cached_property
    def colour(self) -> str:
        """The colour word of most sightings, the surer ones counting more."""
        return _said(self.sightings, "colour")

    @cached_property
    def photos(self) -> tuple[str, ...]:
        """The names of the photos that show it, in the order they were looked at."""
        return tuple(dict(sorted((sighting.place, sighting.photo) for sighting in self.sightings)).values())

    @property
    def vector(self) -> np.ndarray:
        """(D,) float32 of unit length: the mean direction of its sightings."""
        mean = np.mean([sighting.vector for sighting in self.sightings], axis=0)
        return (mean / max(float(np.linalg.norm(mean)), 1e-12)).astype(np.float32)


def same_garments(vectors: np.ndarray, same: float) -> np.ndarray:
    """Group embeddings by average linkage: two groups are one while the mean cosine between them is at least `same`.

    Args:
        vectors: (N, D) float32 of unit length. same: -1..1.

    Returns:
        (N,) int64, the group of each, from 0 without gaps.
    """
    from scipy.cluster.hierarchy import fcluster, linkage

    # A hair less, so that what lies exactly at the threshold is the same however it is rounded.
    same -= 1e-6
    labels = np.zeros(len(vectors), np.int64)
    count = 0
    # Groups with no pair that near are never joined, so each connected part is grouped alone: exact, and small.
    for part in _parts(vectors, same):
        found = np.ones(1, np.int64)
        if len(part) > 1:
            near = vectors[part] @ vectors[part].T
            distances = np.clip(1 - near[np.triu_indices(len(part), 1)], 0, None)
            found = fcluster(linkage(distances, "average"), 1 - same, "distance")
        labels[part] = count + found - 1
        count += int(found.max())
    return labels


def _parts(vectors: np.ndarray, same: float) -> list[np.ndarray]:
    """The places of the vectors by the connected parts of the graph of all pairs with a cosine of at least `same`."""
    from scipy.sparse import csr_array, vstack
    from scipy.sparse.csgraph import connected_components

    if not len(vectors):
        return []
    rows = [csr_array(vectors[n : n + ROWS] @ vectors.T >= same) for n in range(0, len(vectors), ROWS)]
    count, part_of = connected_components(vstack(rows), directed=False)
    return [np.flatnonzero(part_of == part) for part in range(count)]


def garments_of(sightings: Sequence[Sighting], same: float) -> tuple[Garment, ...]:
    """The garments behind the sightings, those seen in most photos first.

    Kinds do not part them: the segmenter may call one garment a top here and a sweater there, and the embeddings of
    different kinds lie far apart (docs/decisions.md). Pieces of one photo can be one garment, too: a pair of shoes.
    """
    if not sightings:
        return ()
    groups: dict[int, list[Sighting]] = defaultdict(list)
    labels = same_garments(np.stack([sighting.vector for sighting in sightings]), same)
    for label, sighting in zip(labels.tolist(), sightings, strict=True):
        groups[label].append(sighting)
    ordered = sorted(
        groups.values(), key=lambda group: (-len({one.place for one in group}), group[0].place, group[0].number)
    )
    return tuple(
        Garment(number, tuple(sorted(group, key=lambda sighting: -sighting.score)))
        for number, group in enumerate(ordered, 1)
    )


def _said(sightings: Sequence[Sighting], field: str) -> str:
    votes: dict[str, float] = defaultdict(float)
    for sighting in sightings:
        votes[getattr(sighting, field)] += sighting.score
    return max(votes, key=lambda word: votes[word])
