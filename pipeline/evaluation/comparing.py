"""One task under many choices: with and without background removal and category filter, with each slot's models."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pipeline import hub
from pipeline.choice import choose
from pipeline.errors import PipelineError, UnreadablePhoto
from pipeline.evaluation.oneshot import Task, figures, for_json, guessed_categories
from pipeline.evaluation.preparations import EXACT, WHOLE, Load, Models, Preparation, Way, embed_all
from pipeline.evaluation.ranking import Ranking, rank
from pipeline.kinds import kind_of
from pipeline.matcher import load_embedder, load_finder, load_remover
from pipeline.published import PUBLISHED, published
from pipeline.settings import Settings
from pipeline.weights import SLOTS

# Which references a query may find: all, those of the category or kind of piece that is predicted for it, or of its
# true category.
ALL, PREDICTED, KIND, STATED = "none", "predicted category", "predicted kind", "true category"
NOT_HERE = "not fetched"

# What goes on, how much of it is done, and how much there is.
Tell = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Variant:
    """One row of the comparison.

    cutout, pieces, embeddings: what takes each slot. filter: ALL, PREDICTED, KIND or STATED.
    missing: why it could not be measured, "" where it was.
    """

    cutout: str
    embeddings: str
    pieces: str = ""
    filter: str = ALL
    missing: str = ""

    @property
    def way(self) -> Way:
        """How its pictures are embedded."""
        return Preparation(self.cutout, self.pieces), self.embeddings


@dataclass(frozen=True, eq=False)
class Measured:
    """A variant and what came of it. predicted: share of the queries whose category, or kind, was predicted rightly."""

    variant: Variant
    ranking: Ranking
    predicted: float | None = None


@dataclass(frozen=True, eq=False)
class Comparison:
    """Everything that was measured on one task.

    task: the queries and references whose pictures could be read. base: the first row: what is in use, unfiltered.
    vectors: its queries' and references' embeddings. unreadable: one sentence for each picture that was left out.
    names: slot -> what rows call a model -> its full name, of the models that took part.
    """

    task: Task
    base: Measured
    vectors: tuple[np.ndarray, np.ndarray]
    rows: Sequence[Measured | Variant]
    unreadable: Sequence[str]
    names: Mapping[str, Mapping[str, str]]

    def document(self) -> list[dict[str, Any]]:
        """The rows as `--json` writes them."""
        told = []
        for row in self.rows:
            variant = row.variant if isinstance(row, Measured) else row
            facts: dict[str, Any] = {
                "cutout": variant.cutout, "pieces": variant.pieces or None, "embeddings": variant.embeddings,
                "filter": variant.filter,
            }  # fmt: skip
            if isinstance(row, Measured):
                facts |= {"figures": for_json(figures(row.ranking, self.task.articles))}
                if row.predicted is not None:
                    facts["predicted rightly"] = round(row.predicted, 4)
            else:
                facts["missing"] = variant.missing
            told.append(facts)
        return told


def everything(settings: Settings, exact: bool = False, stated: bool = False) -> list[Variant]:
    """Every row there is to compare; what is in use first, then one thing changed at a time.

    exact: whether the true outlines of the queries are known. stated: whether all categories are.
    """
    cut, pieces, embed = (_in_use(slot, settings) for slot in SLOTS)
    rows = [Variant(cut, embed, filter=found) for found in (ALL, KIND, PREDICTED)]
    rows += [Variant(cut, embed, filter=STATED)] if stated else []
    rows += [Variant(WHOLE, embed), Variant(WHOLE, embed, filter=PREDICTED)]
    rows += [Variant(EXACT, embed)] if exact else []
    rows += [Variant(name, embed) for name in _others("cutout", cut)]
    rows += [Variant(cut, embed, name) for name in (pieces, *_others("pieces", pieces))]
    for name in _others("embeddings", embed):
        rows += [Variant(shown, name, filter=found) for shown in (cut, WHOLE) for found in (ALL, PREDICTED)]
    return rows


def single(settings: Settings, whole: bool = False, same_category: bool = False) -> list[Variant]:
    """What is in use alone: with the pictures as they are, or within the predicted category, if wished."""
    return [
        Variant(
            WHOLE if whole else _in_use("cutout", settings),
            _in_use("embeddings", settings),
            filter=PREDICTED if same_category else ALL,
        )
    ]


def load_models(rows: Sequence[Variant], settings: Settings, tell: Tell) -> tuple[list[Variant], Models]:
    """Load what the rows name; a row whose model cannot be had, for a reason of its own, comes back with the reason.

    Raises:
        PipelineError: a model of the first row, the one in use, cannot be loaded.
    """
    loaded: dict[str, dict[str, Any]] = {"cutout": {}, "pieces": {}, "embeddings": {}}
    loaders = {"cutout": load_remover, "pieces": load_finder, "embeddings": load_embedder}
    broken: dict[tuple[str, str], str] = {}
    wanted = list(dict.fromkeys(model for row in rows for model in _models_of(row, settings)))
    needed = set(_models_of(rows[0], settings))
    for n, (slot, name) in enumerate(wanted):
        tell(f"Loading {name}", n, len(wanted))
        try:
            options: dict[str, Any] = {slot: name}
            loaded[slot][name] = loaders[slot](replace(settings, **options))
        except PipelineError as error:
            if (slot, name) in needed:
                raise
            spec = published(name)
            broken[slot, name] = NOT_HERE if spec and hub.find(spec) is None else str(error)
    checked = []
    for row in rows:
        reasons = [broken[model] for model in _models_of(row, settings) if model in broken]
        checked.append(replace(row, missing=reasons[0] if reasons else ""))
    return checked, Models(loaded["cutout"], loaded["pieces"], loaded["embeddings"], settings)


def compare(
    rows: Sequence[Variant], task: Task, queries: Sequence[Load], references: Sequence[Load], models: Models, tell: Tell
) -> Comparison:
    """Embed queries and references in every way that the rows need, and rank.

    Args:
        queries, references: what reads the pictures of the task, in its order.

    Raises:
        UnreadablePhoto: no query is left whose picture and right reference can be read.
    """
    alive = [row for row in rows if not row.missing]
    # A reference shows one garment: no piece of it is looked for.
    ways = [(Preparation(row.cutout), row.embeddings) for row in alive]
    kept_r, vectors_r, bad_r = embed_all(references, ways, models, lambda n: tell("References", n, len(references)))
    ways = [row.way for row in alive]
    kept_q, vectors_q, bad_q = embed_all(queries, ways, models, lambda n: tell("Queries", n, len(queries)))
    task, answered = remaining(task, kept_q, kept_r)
    row_of = {n: row for row, n in enumerate(kept_q)}
    places = [row_of[n] for n in answered]
    vectors_q = {way: vectors[places] for way, vectors in vectors_q.items()}
    measured: list[Measured | Variant] = []
    for n, row in enumerate(rows):
        tell("Ranking", n, len(rows))
        if row.missing:
            measured.append(row)
            continue
        q, r = vectors_q[row.way], vectors_r[Preparation(row.cutout), row.embeddings]
        measured.append(_measured(row, task, q, r, models))
    base = measured[0]
    assert isinstance(base, Measured)
    first = base.variant
    vectors = vectors_q[first.way], vectors_r[Preparation(first.cutout), first.embeddings]
    return Comparison(task, base, vectors, measured, [*bad_r, *bad_q], _names(models))


def remaining(task: Task, queries: Sequence[int], references: Sequence[int]) -> tuple[Task, list[int]]:
    """The task with these queries and references alone, without queries that have no right reference left.

    Returns:
        the task, and the positions of its queries in the old one.

    Raises:
        UnreadablePhoto: no query is left.
    """
    new = {old: place for place, old in enumerate(references)}
    right = {n: np.array([new[int(k)] for k in task.right[n] if int(k) in new], np.int64) for n in queries}
    answered = [n for n in queries if len(right[n])]
    if not answered:
        raise UnreadablePhoto("No query is left whose picture and right reference can be read; check the paths.")
    left = task.only(answered)
    return (
        Task(
            left.queries,
            [task.references[n] for n in references],
            [right[n] for n in answered],
            left.categories,
            [task.reference_categories[n] for n in references],
            left.conditions,
        ),
        answered,
    )


def _measured(row: Variant, task: Task, queries: np.ndarray, references: np.ndarray, models: Models) -> Measured:
    if row.filter == ALL:
        return Measured(row, rank(queries, references, task.right))
    if row.filter == STATED:
        words = np.array(task.categories), np.array(task.reference_categories)
        return Measured(row, rank(queries, references, task.right, words))
    embed = models.embedders[row.embeddings]
    guessed, filled = guessed_categories(queries, references, task.reference_categories, embed)
    told = list(task.categories)
    if row.filter == KIND:
        guessed, filled, told = ([kind_of(word) if word else "" for word in words] for words in (guessed, filled, told))
    known = [word == guess for word, guess in zip(told, guessed, strict=True) if word]
    right = float(np.mean(known)) if known else None
    return Measured(row, rank(queries, references, task.right, (np.array(guessed), np.array(filled))), right)


def _in_use(slot: str, settings: Settings) -> str:
    """The model that the settings put into a slot, by the name that a setting gives it."""
    model = choose(slot, settings)
    if wanted := getattr(settings, slot):
        return str(wanted)
    return "bundled" if model.source == "bundled" else model.name.partition("@")[0]


def _others(slot: str, mine: str) -> list[str]:
    return [name for name in ("bundled", *(spec.name for spec in PUBLISHED if spec.slot == slot)) if name != mine]


def _models_of(row: Variant, settings: Settings) -> list[tuple[str, str]]:
    """(slot, name) of each model that a row needs; the remover in use prepares what has no exact outline."""
    cutout = _in_use("cutout", settings) if row.cutout == EXACT else row.cutout
    needed = [("cutout", cutout), ("pieces", row.pieces), ("embeddings", row.embeddings)]
    return [(slot, name) for slot, name in needed if name not in (WHOLE, "")]


def _names(models: Models) -> dict[str, dict[str, str]]:
    loaded: tuple[Mapping[str, Any], ...] = (models.removers, models.finders, models.embedders)
    return {
        slot: {name: model.name for name, model in of_slot.items()} for slot, of_slot in zip(SLOTS, loaded, strict=True)
    }
