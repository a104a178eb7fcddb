"""One-shot retrieval from start to end: on pictures, on embeddings, on our rendered drapes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.errors import UsageError
from pipeline.evaluation.comparing import ALL, Tell, Variant, compare, everything, load_models
from pipeline.evaluation.drapes import VIEWS, demo_asked
from pipeline.evaluation.oneshot_report import Show, document
from pipeline.evaluation.preparations import squares
from pipeline.evaluation.ranking import rank
from pipeline.evaluation.retrieving import check_models, read_embedded
from pipeline.evaluation.tables import read_categories, read_truth
from pipeline.evaluation.tasks import Asked, match_up
from pipeline.settings import Settings


@dataclass(frozen=True, eq=False)
class Run:
    """What was measured: a document for programs, and what a page needs beside it; show is None without pictures."""

    told: dict[str, Any]
    show: Show | None = None

    @property
    def left_out(self) -> Sequence[str]:
        """One sentence for each name or picture that could not take part."""
        return self.told["left_out"]


def run_pictures(asked: Asked, rows: Sequence[Variant], settings: Settings, tell: Tell) -> Run:
    """Measure every row, the first one in detail.

    Raises:
        PipelineError: the first row's models cannot be loaded, or no query is left that can be read.
    """
    rows, models = load_models(rows, settings, tell)
    done = compare(rows, asked.task, asked.queries, asked.references, models, tell)
    first = done.base.variant
    choices = {
        "models": {slot: dict(names) for slot, names in done.names.items() if names},
        "cutout": first.cutout, "embeddings": first.embeddings, "filter": first.filter,
    }  # fmt: skip
    comparison = done.document() if len(rows) > 1 else ()
    left_out = [*asked.left_out, *done.unreadable]
    told = document(
        asked.name, asked.about, done.task, done.base.ranking, done.vectors, choices, left_out, comparison,
        asked.conditions,
    )  # fmt: skip
    loads = {
        "query": dict(zip(asked.task.queries, asked.queries, strict=True)),
        "reference": dict(zip(asked.task.references, asked.references, strict=True)),
    }

    def show(side: str, name: str) -> np.ndarray:
        if side == "embedded":
            preparation, _ = first.way
            return squares(loads["query"][name](), [preparation], models)[preparation]
        return loads[side][name]().photo.pixels

    return Run(told, show)


def run_demo(settings: Settings, tell: Tell, views: int = VIEWS) -> Run:
    """Our rendered drapes under every condition and every choice.

    Raises:
        PipelineError: see `run_pictures`; or the renderings are not there.
    """
    return run_pictures(demo_asked(views), everything(settings, exact=True, stated=True), settings, tell)


def run_embeddings(
    truth: Path, query: Path, reference: Path, categories: tuple[Path, Path] | None = None, same_category: bool = False
) -> Run:
    """Measure what `embed` wrote.

    Args:
        categories: tables of `preprocess` for the queries and the references.
        same_category: whether to search only references of the query's category, which needs the tables.

    Raises:
        UsageError: a file is not what it should be, or the names do not agree.
        IndexMismatch: two models made the embeddings.
    """
    said = read_truth(truth)
    asked, there = read_embedded(query), read_embedded(reference)
    check_models(asked, there)
    of_query, of_reference = ([""] * len(side.ids) for side in (asked, there))
    if categories is not None:
        of_query, of_reference = (
            read_categories(path).of(side.ids) for path, side in zip(categories, (asked, there), strict=True)
        )
    elif same_category:
        raise UsageError("--same-category needs to know the categories: add --categories QUERY.csv REFERENCE.csv.")
    task, left_out = match_up(said, asked.ids, there.ids, of_reference)
    place = {name: n for n, name in enumerate(asked.ids)}
    places = [place[name] for name in task.queries]
    vectors = asked.vectors[places], there.vectors
    words = (np.array([of_query[n] for n in places]), np.array(of_reference)) if same_category else None
    choices = {"models": {"embeddings": asked.model}, "filter": "category by the tables" if same_category else ALL}
    about = (
        f"{len(task.queries):,} queries of {said.name} among {len(there.ids):,} references, as {asked.model} sees them."
    )
    ranking = rank(*vectors, task.right, words)
    return Run(document(said.name, about, task, ranking, vectors, choices, left_out))
