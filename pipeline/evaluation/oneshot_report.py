"""One-shot retrieval as a document for programs and a page to read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from pipeline.evaluation.bootstrap import METHOD
from pipeline.evaluation.oneshot import TITLES, Task, by_group, cosines, figures, for_json, worst
from pipeline.evaluation.plots import drawing
from pipeline.evaluation.ranking import Ranking, pair_cosines
from pipeline.evaluation.report import Cell, Column, Interval, Picture, Report

LEAD = (
    "One picture of each article is known; each query shows one of them anew. Counted is where the right article "
    "stands when all are ranked by the cosine of their embeddings."
)
MEANING = (
    "top-k: share of the queries with a right reference among the k nearest. MRR: mean of 1 / rank. mAP: mean average "
    "precision, the same as MRR where a query has one right reference. Of equally near references the wrong one "
    f"counts as the nearer. In brackets: {METHOD}."
)
# ("query" or "reference", its name) -> (H, W, 3) uint8, for the picture sheets.
Show = Callable[[str, str], np.ndarray]


def document(
    name: str,
    about: str,
    task: Task,
    ranking: Ranking,
    vectors: tuple[np.ndarray, np.ndarray],
    choices: Mapping[str, Any],
    left_out: Sequence[str],
    comparison: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Everything that was measured.

    Args:
        about: what the data are, in a sentence. choices: the models and options of this ranking.
        vectors: (Q, D) and (R, D), what was ranked. left_out: one sentence each.
        comparison: the rows of `Comparison.document`.
    """
    told: dict[str, Any] = {
        "data": name, "about": about, "queries": len(task.queries), "references": len(task.references),
        "articles": len(np.unique(task.articles)), **choices, "figures": for_json(figures(ranking, task.articles)),
    }  # fmt: skip
    if task.conditions:
        told["conditions"] = by_group(ranking, task.articles, task.conditions)
    categories = sorted(by_group(ranking, task.articles, task.categories), key=lambda row: row["name"])
    told |= {
        "categories": categories, "cosines": cosines(pair_cosines(*vectors, task.right)),
        "failures": worst(ranking, task), "interval": METHOD, "left_out": list(left_out),
    }  # fmt: skip
    return told | ({"comparison": list(comparison)} if comparison else {})


def page(
    told: Mapping[str, Any], task: Task, show: Show | None = None, about_conditions: Mapping[str, str] | None = None
) -> Report:
    """The page of a document.

    Args:
        show: gives a picture of the task. None: the page has none.
        about_conditions: a sentence for each condition, shown beside an example.
    """
    report = Report("One-shot retrieval", f"{LEAD} {told['about']}", _facts(told), told)
    section = report.section("All together" if task.conditions else "Figures", MEANING)
    section.table(_columns("queries"), [[told["queries"], *_cells(told["figures"])]])
    if task.conditions:
        _conditions(report, told, task, show, about_conditions or {})
    if told.get("comparison"):
        _comparison(report, told["comparison"])
    section = report.section(
        "Cosines",
        "Of a query with its right references, and with all the others: the less the two overlap, the better.",
    )
    section.table(*_spread(told["cosines"]))
    section.plot(_histogram(told["cosines"]), "Share of the pairs by their cosine, true pairs and false ones.")
    if told["categories"]:
        section = report.section("By category", "The weakest first.")
        rows = sorted(told["categories"], key=lambda row: row["figures"]["mrr"]["value"])
        columns = [Column("category"), Column("articles", "count"), *_columns("queries")]
        section.table(columns, [[r["name"], r["articles"], r["queries"], *_cells(r["figures"])] for r in rows])
    _failures(report, told["failures"], show)
    if told["left_out"]:
        section = report.section("Left out", "What the ground truth names and is not there, or cannot be read.")
        section.table([Column("reason")], [[sentence] for sentence in told["left_out"]])
    return report


def _facts(told: Mapping[str, Any]) -> dict[str, str]:
    facts = {"Data": f"{told['data']}: {told['queries']:,} queries, {told['references']:,} references"}
    return facts | {title: str(told[key]) for key, title in (
        ("cutout", "Background removal"), ("embeddings", "Embedder"), ("filter", "Category filter"),
    ) if told.get(key)}  # fmt: skip


def _columns(first: str) -> list[Column]:
    return [Column(first, "count"), *(Column(title, "figure") for title in TITLES.values())]


def _cells(found: Mapping[str, Mapping[str, float]]) -> list[Cell]:
    return [
        Interval(figure["value"], figure["low"], figure["high"]) if "low" in figure else figure["value"]
        for figure in (found[name] for name in TITLES)
    ]


def _conditions(
    report: Report, told: Mapping[str, Any], task: Task, show: Show | None, about: Mapping[str, str]
) -> None:
    section = report.section("By condition", "The same articles under each; the pictures show one of them.")
    columns = [Column("condition"), Column("what was done"), *_columns("queries")]
    rows = [[r["name"], about.get(r["name"], ""), r["queries"], *_cells(r["figures"])] for r in told["conditions"]]
    section.table(columns, rows)
    first = [list(task.conditions).index(row["name"]) for row in told["conditions"]]
    if show:
        section.pictures([Picture(show("query", task.queries[n]), task.conditions[n]) for n in first])


def _comparison(report: Report, rows: Sequence[Mapping[str, Any]]) -> None:
    section = report.section(
        "By choice",
        "One thing changed at a time, over all queries. A model that is not on this machine was not measured.",
    )
    columns = [
        Column("background removal"), Column("piece finder"), Column("embedder"), Column("category filter"),
        Column("predicted rightly", "percent"), *(Column(title, "figure") for title in TITLES.values()),
    ]  # fmt: skip
    cells: list[list[Cell]] = []
    for row in rows:
        choice: list[Cell] = [row["cutout"], row["pieces"] or "none", row["embeddings"], row["filter"]]
        if "missing" in row:
            cells.append([*choice, None, row["missing"], *[None] * (len(TITLES) - 1)])
        else:
            cells.append([*choice, row.get("predicted rightly"), *_cells(row["figures"])])
    section.table(columns, cells)


def _spread(told: Mapping[str, Any]) -> tuple[list[Column], list[list[Cell]], str]:
    columns = [Column("pairs"), Column("number", "count")]
    columns += [Column(name, "figure") for name in ("mean", "median", "5%", "95%")]
    rows: list[list[Cell]] = [
        [name, *(told[name][key] for key in ("pairs", "mean", "median", "low", "high"))]
        for name in ("true", "false")
        if name in told
    ]
    chance = f"A true pair is nearer than a false one with a chance of {told['auc']:.3f}." if "auc" in told else ""
    return columns, rows, chance


def _histogram(told: Mapping[str, Any]) -> Any:
    with drawing(6.6, 3.2) as figure:
        axes = figure.subplots()
        for name in ("true", "false"):
            if name in told:
                axes.stairs(told[name]["histogram"], told["edges"], fill=True, alpha=0.45, label=f"{name} pairs")
        axes.set(xlabel="cosine", ylabel="share of the pairs")
        axes.legend()
    return figure


def _failures(report: Report, failures: Sequence[Mapping[str, Any]], show: Show | None) -> None:
    if not failures:
        report.section("Failures", "None: every query has a right reference first.")
        return
    section = report.section("The worst failures", "Of each article the query whose right reference stands last.")
    if show is None:
        columns = [Column("query"), Column("right reference"), Column("rank", "count"), Column("found first")]
        rows: list[list[Cell]] = [
            [row["query"], row["reference"], row["rank"], ", ".join(near["reference"] for near in row["top"])]
            for row in failures
        ]
        section.table(columns, rows)
        return
    for number, row in enumerate(failures, 1):
        rank = f"rank {row['rank']}" if row["rank"] else "left out by the filter"
        shown = [
            ("query", row["query"], f"query: {row['query']}"),
            ("reference", row["reference"], f"right: {row['reference']}, {rank}"),
        ]
        shown += [
            ("reference", near["reference"], f"{n}: {near['reference']}, cosine {near['similarity']:.3f}")
            for n, near in enumerate(row["top"], 1)
        ]
        pictures = [Picture(show(side, name), caption) for side, name, caption in shown]
        section.pictures(pictures, f"{number}.")
