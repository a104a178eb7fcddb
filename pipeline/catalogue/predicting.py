"""What a catalogue does not say of a garment, measured from its picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from pipeline.embeddings import Embedder
from pipeline.index import Index
from pipeline.kinds import CATEGORIES, KIND_OF_CATEGORY, kind_of

# So many of the nearest items whose category was stated have a say, and all together this much beside the words'
# similarity: measured by `python -m bench.catalogue`, see docs/catalogue-own.md.
NEIGHBOURS = 5
WEIGHT = 1.0

_KINDS = np.array([KIND_OF_CATEGORY[category] for category in CATEGORIES])
Votes = Mapping[str, float]


def predict_categories(
    vectors: np.ndarray, labels: Sequence[str], votes: Sequence[Votes], embed: Embedder
) -> list[str]:
    """A category for each garment, in the catalogue's own words where its items have some.

    Args:
        vectors: (N, D) float32 of unit length.
        labels: kind of piece that a garment was cut out as, "" where the whole picture is meant.
        votes: see `votes_of`.
    """
    if not len(vectors):
        return []
    near = vectors @ embed.embed_words(CATEGORIES).T
    return [_best(row, label, vote) for row, label, vote in zip(near, labels, votes, strict=True)]


def _best(near: np.ndarray, label: str, votes: Votes) -> str:
    scores = dict(zip(CATEGORIES, near.tolist(), strict=True))
    for word, vote in votes.items():
        kind = kind_of(word)
        # "Pants" starts where the nearest of our words for trousers does; a word of no kind names no garment.
        if kind in _KINDS:
            scores[word] = scores.get(word, float(near[kind == _KINDS].max())) + vote
    asked = [word for word in scores if kind_of(word) == label] or list(scores)
    return max(asked, key=lambda word: scores[word])


def votes_of(cosines: Sequence[float], categories: Sequence[str]) -> Votes:
    """The say that the nearest items have: each one's cosine goes to its category.

    Args:
        cosines: of the items whose category was stated, in any order. categories: theirs.
    """
    votes: dict[str, float] = {}
    for cosine, category in sorted(zip(cosines, categories, strict=True), reverse=True)[:NEIGHBOURS]:
        votes[category] = votes.get(category, 0.0) + WEIGHT * max(0.0, cosine) / NEIGHBOURS
    return votes


def stated_near(index: Index, vectors: np.ndarray) -> list[list[tuple[float, str]]]:
    """For each of (N, D) vectors the nearest items whose category somebody stated: (cosine, category)."""
    near: list[list[tuple[float, str]]] = [[] for _ in vectors]
    allowed = index.store.numbers("SELECT row FROM items WHERE category != '' AND predicted NOT LIKE '%category%'")
    if not len(allowed) or not len(vectors):
        return near
    found, rows = index.nearest(vectors, NEIGHBOURS, allowed)
    names = {row: item.category for row in set(rows[rows >= 0].tolist()) for item in index.store.get([row])}
    for told, cosines, places in zip(near, found.tolist(), rows.tolist(), strict=True):
        told.extend((cosine, names[row]) for cosine, row in zip(cosines, places, strict=True) if row >= 0)
    return near


def votes_in(index: Index, vectors: np.ndarray) -> list[Votes]:
    """The say that an index's items have in the categories of (N, D) vectors."""
    return [votes_of([c for c, _ in told], [name for _, name in told]) for told in stated_near(index, vectors)]
