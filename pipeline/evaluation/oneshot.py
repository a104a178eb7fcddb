"""One-shot retrieval measured: one picture of each article to find, and queries that show some of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pipeline.catalogue.predicting import NEIGHBOURS, predict_categories, votes_of
from pipeline.embeddings import Embedder
from pipeline.evaluation.bootstrap import mean_interval, written
from pipeline.evaluation.ranking import Pairs, Ranking
from pipeline.evaluation.report import Interval

# What is told of each query, and averaged: the share found among the first k, 1 / rank, average precision.
METRICS: dict[str, Callable[[Ranking], np.ndarray]] = {
    "top1": lambda ranking: ranking.within(1),
    "top5": lambda ranking: ranking.within(5),
    "top10": lambda ranking: ranking.within(10),
    "mrr": lambda ranking: ranking.reciprocal,
    "map": lambda ranking: ranking.precision,
}
TITLES = {"top1": "top-1", "top5": "top-5", "top10": "top-10", "mrr": "MRR", "map": "mAP"}
WORST = 12
# Bars of the histogram of cosines, over what cosines there are.
BARS = 50

Figures = Mapping[str, Interval | float]


@dataclass(frozen=True, eq=False)
class Task:
    """What is asked, and what is right.

    queries, references: names. right: for each query the positions of its right references, at least one.
    categories, reference_categories: what they are said to show, "" where nobody says.
    conditions: what was done to each query's photo; empty where nobody knows.
    """

    queries: Sequence[str]
    references: Sequence[str]
    right: Sequence[np.ndarray]
    categories: Sequence[str]
    reference_categories: Sequence[str]
    conditions: Sequence[str] = field(default=())

    @property
    def articles(self) -> np.ndarray:
        """(Q,) what a query shows: the first of its right references. Queries of one article stand or fall together."""
        return np.array([int(min(own)) for own in self.right], np.int64)

    def only(self, queries: Sequence[int]) -> Task:
        """The task with these queries alone."""
        return Task(
            [self.queries[n] for n in queries],
            self.references,
            [self.right[n] for n in queries],
            [self.categories[n] for n in queries],
            self.reference_categories,
            [self.conditions[n] for n in queries] if self.conditions else (),
        )


def figures(ranking: Ranking, articles: np.ndarray, keep: np.ndarray | None = None) -> dict[str, Interval | float]:
    """Every metric, with its bounds.

    Args:
        articles: (Q,) see `Task`. keep: (Q,) bool, at least one of them true; the queries that count, None for all.
    """
    chosen = np.ones(len(articles), bool) if keep is None else keep
    return {name: mean_interval(of(ranking)[chosen], articles[chosen]) for name, of in METRICS.items()}


def by_group(ranking: Ranking, articles: np.ndarray, groups: Sequence[str]) -> list[dict[str, Any]]:
    """The figures of each group of queries, in the order in which the groups come up; "" is no group."""
    names = np.array(groups, object)
    told = []
    for name in dict.fromkeys(groups):
        keep = names == name
        if name:
            told.append({
                "name": name, "queries": int(keep.sum()), "articles": len(np.unique(articles[keep])),
                "figures": for_json(figures(ranking, articles, keep)),
            })  # fmt: skip
    return told


def for_json(found: Figures) -> dict[str, dict[str, float]]:
    """Figures as `--json` writes them."""
    return {name: written(figure) for name, figure in found.items()}


def cosines(pairs: Pairs) -> dict[str, Any]:
    """How true and false pairs lie: mean, median, 5% and 95% quantile, a histogram, and how well a cosine tells them.

    "auc" is the chance that a true pair has a larger cosine than a false one (ties count half).
    """
    ends = np.array([np.floor(10 * min(p.min() for p in _both(pairs))) / 10, 1.0])
    edges = np.linspace(min(ends[0], 0.9), ends[1], BARS + 1)
    told: dict[str, Any] = {"edges": np.round(edges, 4).tolist()}
    for name, values in (("true", pairs.true), ("false", pairs.false)):
        if not len(values):
            continue
        counts = np.histogram(np.clip(values, edges[0], edges[-1]), edges)[0]
        low, median, high = np.quantile(values, [0.05, 0.5, 0.95])
        told[name] = {
            "pairs": len(values), "mean": round(float(values.mean()), 4), "median": round(float(median), 4),
            "low": round(float(low), 4), "high": round(float(high), 4),
            "histogram": np.round(counts / len(values), 5).tolist(),
        }  # fmt: skip
    if len(pairs.true) and len(pairs.false):
        false = np.sort(pairs.false)
        below = np.searchsorted(false, pairs.true, "left") + np.searchsorted(false, pairs.true, "right")
        told["auc"] = round(float(below.mean() / (2 * len(false))), 4)
    return told


def _both(pairs: Pairs) -> list[np.ndarray]:
    return [values for values in (pairs.true, pairs.false) if len(values)]


def worst(ranking: Ranking, task: Task, count: int = WORST) -> list[dict[str, Any]]:
    """The queries that failed worst, one an article: those whose right reference stands last, or was left out."""
    order = np.lexsort((np.arange(len(ranking.rank)), np.where(ranking.rank, -ranking.rank, -np.inf)))
    told: list[dict[str, Any]] = []
    seen: set[int] = set()
    for n, article in zip(order.tolist(), task.articles[order].tolist(), strict=True):
        if ranking.rank[n] == 1 or article in seen or len(told) == count:
            continue
        seen.add(article)
        told.append({
            "query": task.queries[n],
            "reference": task.references[int(ranking.best[n])],
            "rank": int(ranking.rank[n]) or None,
            "top": [
                {"reference": task.references[place], "similarity": round(cosine, 4)}
                for place, cosine in zip(ranking.top[n].tolist(), ranking.cosines[n].tolist(), strict=True)
                if place >= 0
            ],
        })  # fmt: skip
    return told


def guessed_categories(
    queries: np.ndarray, references: np.ndarray, stated: Sequence[str], embed: Embedder
) -> tuple[list[str], list[str]]:
    """A category for each query, and for each reference where nobody said one.

    Both as a catalogue predicts them: by words, and by a vote of the nearest references whose category was stated.
    """
    known = [n for n, word in enumerate(stated) if word]
    names = [stated[n] for n in known]

    def guess(vectors: np.ndarray) -> list[str]:
        votes = []
        for row in vectors @ references[known].T:
            near = np.argsort(-row, kind="stable")[:NEIGHBOURS]
            votes.append(votes_of(row[near].tolist(), [names[n] for n in near]))
        return predict_categories(vectors, [""] * len(vectors), votes, embed)

    unknown = [n for n, word in enumerate(stated) if not word]
    filled = list(stated)
    for n, word in zip(unknown, guess(references[unknown]), strict=True):
        filled[n] = word
    return guess(queries), filled
