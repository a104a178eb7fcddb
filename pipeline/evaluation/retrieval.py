"""Retrieval measured: how many of a garment's nearest are of its label, and where its article's other pictures are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.errors import UsageError
from pipeline.evaluation.bootstrap import METHOD, mean_interval, written
from pipeline.evaluation.garments import Garments, comparable

FIRST = (1, 5, 10)
SHOWN = 5
LABEL, ARTICLE = "same_label", "same_article"
TITLES = {LABEL: "Garments of the same label", ARTICLE: "Other pictures of the same article"}


@dataclass(frozen=True, eq=False)
class Ranked:
    """What became of Q queries that had something right to find.

    places: (Q,) positions among all queries. precision: P@k -> (Q,) share of the first k that is right; average:
    (Q,) average precision over the whole gallery. nearest: (Q, SHOWN) positions in the gallery, -1 where there were
    fewer; right: (Q, SHOWN) bool.
    """

    places: np.ndarray
    precision: dict[int, np.ndarray]
    average: np.ndarray
    nearest: np.ndarray
    right: np.ndarray

    def document(self, labels: np.ndarray, articles: np.ndarray) -> dict[str, Any]:
        """The figures, for JSON. labels, articles: (all queries,); of one article are drawn together for the bounds."""
        own, groups = labels[self.places], articles[self.places]
        columns = {**{f"p{first}": values for first, values in self.precision.items()}, "map": self.average}
        return {
            "queries": len(self.places),
            **{name: written(mean_interval(values, groups)) for name, values in columns.items()},
            "by_category": {
                str(label): {
                    "queries": int((own == label).sum()),
                    **{name: round(float(values[own == label].mean()), 4) for name, values in columns.items()},
                }
                for label in np.unique(own)
            },
        }


def ranked(queries: np.ndarray, gallery: np.ndarray, same: np.ndarray, counts: np.ndarray) -> Ranked | None:
    """Rank the gallery for every query by cosine, exactly.

    Args:
        queries: (Q, D), gallery: (G, D), of unit length. same: (Q, G) bool, what is right. counts: (Q, G) bool, what
            is searched at all.

    Returns:
        None where no query has anything right to find.
    """
    from sklearn.metrics import average_precision_score

    places = np.flatnonzero((same & counts).any(axis=1))
    if not len(places):
        return None
    precision: dict[int, list[float]] = {first: [] for first in FIRST}
    average = []
    nearest, right = np.full((len(places), SHOWN), -1), np.zeros((len(places), SHOWN), bool)
    for n, place in enumerate(places):
        searched = np.flatnonzero(counts[place])
        cosines, good = gallery[searched] @ queries[place], same[place, searched]
        order = np.argsort(-cosines, kind="stable")
        for first, values in precision.items():
            values.append(float(good[order[:first]].sum() / first))
        average.append(float(average_precision_score(good, cosines)))
        shown = order[:SHOWN]
        nearest[n, : len(shown)], right[n, : len(shown)] = searched[shown], good[shown]
    return Ranked(places, {f: np.array(v) for f, v in precision.items()}, np.array(average), nearest, right)


@dataclass(frozen=True, eq=False)
class Retrieval:
    """Everything that a report of retrieval shows."""

    document: dict[str, Any]
    ranked: dict[str, Ranked]
    queries: Garments
    gallery: Garments


def measure(queries: Garments, gallery: Garments, about: dict[str, Any], models: dict[str, str]) -> Retrieval:
    """Look every garment up in the gallery, which may be the queries themselves: none finds itself.

    Args:
        about: what the document says of the data.

    Raises:
        UsageError: no garment has another one of its label to find.
    """
    articles = queries.column("article")[:, None] == gallery.column("article")[None]
    labels = queries.column("label")[:, None] == gallery.column("label")[None]
    itself = queries.column("name")[:, None] == gallery.column("name")[None]
    found = {
        LABEL: ranked(queries.units, gallery.units, labels, comparable(queries, gallery)),
        ARTICLE: ranked(queries.units, gallery.units, articles & labels, ~itself),
    }
    if found[LABEL] is None:
        raise UsageError("No garment has another one of its label to find; measure more, or add --gallery rest.")
    there = {name: one for name, one in found.items() if one is not None}
    document = {
        "task": "retrieval",
        **about,
        "gallery_garments": len(gallery),
        "models": models,
        "bounds": METHOD,
        **{n: one.document(queries.column("label"), queries.column("article")) for n, one in there.items()},
    }
    return Retrieval(document, there, queries, gallery)
