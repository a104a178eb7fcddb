"""Classification measured: a garment's class by its neighbours' vote, by words, and its kind as the chain reads it."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.embeddings import Embedder
from pipeline.errors import UsageError
from pipeline.evaluation.bootstrap import METHOD, mean_interval, written
from pipeline.evaluation.garments import Garments, comparable
from pipeline.kinds import KINDS
from pipeline.training.embedder_text import CATEGORY_WORDS, prompts

NEIGHBOURS = 10
TOP = (1, 5)
VOTE, WORDS, KIND = "neighbours", "words", "kinds"
TITLES = {
    VOTE: f"Label, by a vote of the {NEIGHBOURS} nearest",
    WORDS: "Category, by the nearest words",
    KIND: "Kind, as the embedder reads it",
}


@dataclass(frozen=True, eq=False)
class Reading:
    """One way to tell the class of N garments.

    classes: C names. places: (N,) positions among the garments that were measured. truth: (N,) the right class.
    scores: (N, C), the higher the likelier, -inf for a class that cannot be the answer.
    """

    classes: tuple[str, ...]
    places: np.ndarray
    truth: np.ndarray
    scores: np.ndarray

    @property
    def chosen(self) -> np.ndarray:
        """(N,) the class that is answered; of equals the first."""
        return self.scores.argmax(axis=1)

    @property
    def right(self) -> np.ndarray:
        """(N,) the score of the right class."""
        return np.take_along_axis(self.scores, self.truth[:, None], axis=1)[:, 0]

    def within(self, first: int) -> np.ndarray:
        """(N,) 1.0 where the right class is among the `first` answers, else 0.0; one that got no vote never is."""
        order = np.argsort(-self.scores, axis=1, kind="stable")[:, :first]
        return ((order == self.truth[:, None]).any(axis=1) & np.isfinite(self.right)).astype(float)

    def document(self, articles: np.ndarray) -> dict[str, Any]:
        """The figures, for JSON. articles: (N,) garments of one article are drawn together for the bounds."""
        from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

        numbers = np.arange(len(self.classes))
        precision, recall, f1, count = precision_recall_fscore_support(
            self.truth, self.chosen, labels=numbers, zero_division=0
        )
        there = count > 0
        with warnings.catch_warnings(action="ignore", category=UserWarning):
            # A single class is no mistake here.
            counts = confusion_matrix(self.truth, self.chosen, labels=numbers)
        return {
            "garments": len(self.truth),
            "classes": int(there.sum()),
            **{f"top{first}": written(mean_interval(self.within(first), articles)) for first in TOP},
            "top1_mean_over_classes": round(float(recall[there].mean()), 4),
            "by_class": {
                name: {
                    "garments": int(count[n]),
                    "precision": round(float(precision[n]), 4),
                    "recall": round(float(recall[n]), 4),
                    "f1": round(float(f1[n]), 4),
                }
                for n, name in enumerate(self.classes)
                if there[n]
            },
            "confusion": {
                "classes": list(self.classes),
                "counts": counts.tolist(),
            },
        }


def vote(queries: Garments, gallery: Garments) -> Reading:
    """The queries' labels by the labels of their nearest neighbours; of equal votes the nearer neighbour's wins.

    Raises:
        UsageError: there is nothing that could vote.
    """
    pairs = comparable(queries, gallery)
    if not pairs.any():
        raise UsageError("There are no other garments that could vote; measure more, or add --gallery rest.")
    classes = tuple(sorted({*queries.column("label"), *gallery.column("label")}))
    number = {name: n for n, name in enumerate(classes)}
    labels = np.array([number[name] for name in gallery.column("label")])
    cosines = np.where(pairs, queries.units @ gallery.units.T, -np.inf)
    nearest = np.argsort(-cosines, axis=1, kind="stable")[:, :NEIGHBOURS]
    counted = np.isfinite(np.take_along_axis(cosines, nearest, axis=1))
    scores = np.full((len(queries), len(classes)), -np.inf)
    for row, places, counts in zip(scores, labels[nearest], counted, strict=True):
        for rank, place in enumerate(places[counts]):
            if np.isneginf(row[place]):
                # Less than a vote: decides between equals.
                row[place] = (NEIGHBOURS - rank) / (NEIGHBOURS + 1)
            row[place] += 1
    places = np.arange(len(queries))
    return Reading(classes, places, np.array([number[name] for name in queries.column("label")]), scores)


def by_words(garments: Garments, embed: Embedder) -> Reading | None:
    """The category by the nearest of the categories' words, among those that occur; None where none is known."""
    categories = garments.column("category")
    classes = tuple(category for category in CATEGORY_WORDS if category in set(categories))
    if not classes:
        return None
    places = np.flatnonzero(np.isin(categories, classes))
    texts = embed.embed_words(prompts(classes, CATEGORY_WORDS, "a {}"))
    truth = np.array([classes.index(category) for category in categories[places]])
    return Reading(classes, places, truth, garments.units[places] @ texts.T)


def by_kind(garments: Garments, embed: Embedder) -> Reading | None:
    """The kind of piece as the chain hears it from the embedder; None for an embedder that reads no kinds."""
    if embed.read_kinds is None:
        return None
    truth = np.array([KINDS.index(kind) for kind in garments.column("kind")])
    return Reading(KINDS, np.arange(len(garments)), truth, embed.read_kinds(garments.units))


@dataclass(frozen=True, eq=False)
class Classification:
    """Everything that a report of classification shows."""

    document: dict[str, Any]
    readings: dict[str, Reading]
    garments: Garments


def measure(
    garments: Garments, gallery: Garments, embed: Embedder, about: dict[str, Any], models: dict[str, str]
) -> Classification:
    """Read every garment's class in each way that there is.

    Args:
        gallery: whose labels vote; may be the garments themselves. about: what the document says of the data.
    """
    found = {VOTE: vote(garments, gallery), WORDS: by_words(garments, embed), KIND: by_kind(garments, embed)}
    readings = {name: reading for name, reading in found.items() if reading is not None}
    articles = garments.column("article")
    document = {
        "task": "classification",
        **about,
        "models": models,
        "bounds": METHOD,
        **{name: reading.document(articles[reading.places]) for name, reading in readings.items()},
    }
    return Classification(document, readings, garments)


def surest(reading: Reading, right: bool, count: int) -> Sequence[int]:
    """Rows of the reading whose answer is right, or wrong, the surest first: by its lead over the next best, or over
    the right one."""
    good = reading.chosen == reading.truth
    others = reading.scores.copy()
    np.put_along_axis(others, reading.chosen[:, None], -np.inf, axis=1)
    rival = others.max(axis=1) if right else reading.right
    best = reading.scores.max(axis=1)
    lead = best - np.where(np.isfinite(rival), rival, 0.0)
    rows = np.flatnonzero(good == right)
    return rows[np.argsort(-lead[rows], kind="stable")][:count].tolist()
