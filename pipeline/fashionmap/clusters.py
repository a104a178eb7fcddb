"""Crowds on the map, each named by the words that set its items apart from the others'."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.types import Item

# Fewer points make no crowd; on a larger map it takes more, by this multiple of the root of their number, so that the
# names stay few enough to be read.
LEAST, BY_ROOT = 5, 0.42
# Words of a name; each is said of at least this share of the crowd.
WORDS, COMMON = 2, 0.4


@dataclass(frozen=True)
class Cluster:
    """A crowd: its name, words parted by spaces, and the places of its members among the points."""

    name: str
    members: tuple[int, ...]


def clusters_of(places: np.ndarray, items: Sequence[Item]) -> tuple[Cluster, ...]:
    """The crowds of a map, the largest first; points between them are in none.

    HDBSCAN finds them on the map, where they are seen, and not in the embedding. They are named by class-based TF-IDF
    (Grootendorst, 2022): the words of titles, categories and colours that are frequent in a crowd and rare elsewhere.

    Args:
        places: (N, 2), the free layout. items: N, what is laid out.
    """
    if len(places) < 2 * LEAST:
        return ()
    from sklearn.cluster import HDBSCAN

    least = max(LEAST, round(BY_ROOT * len(places) ** 0.5))
    labels = HDBSCAN(min_cluster_size=least, min_samples=LEAST, cluster_selection_method="leaf", copy=True).fit_predict(
        places
    )
    groups = [np.flatnonzero(labels == label) for label in range(labels.max() + 1)]
    names = _names(groups, [_text(item) for item in items])
    found = [Cluster(name, tuple(group.tolist())) for name, group in zip(names, groups, strict=True) if name]
    return tuple(sorted(found, key=lambda cluster: -len(cluster.members)))


def _text(item: Item) -> str:
    return " ".join((item.title, item.category, item.colour))


def _names(groups: Sequence[np.ndarray], texts: Sequence[str]) -> list[str]:
    """A name for each group of places of texts; "" where its texts share no word."""
    from sklearn.feature_extraction.text import CountVectorizer

    counter = CountVectorizer(binary=True, stop_words="english", token_pattern=r"(?u)\b[^\W\d_][\w'-]+\b")
    if not groups:
        return []
    try:
        said = counter.fit_transform(texts)
    except ValueError:
        # Not one word in any of them.
        return [""] * len(groups)
    words = counter.get_feature_names_out()
    counts = np.stack([np.asarray(said[group].sum(axis=0))[0] for group in groups]).astype(np.float64)
    # c-TF-IDF: a word's share of the class's words, times the log of 1 + words a class over the word's frequency.
    rarity = np.log1p(counts.sum() / len(groups) / np.maximum(counts.sum(axis=0), 1))
    weights = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1) * rarity
    names = []
    for group, count, weight in zip(groups, counts, weights, strict=True):
        common = [n for n in np.argsort(-weight, kind="stable") if count[n] >= COMMON * len(group)]
        names.append(" ".join(words[common[:WORDS]]))
    return names
