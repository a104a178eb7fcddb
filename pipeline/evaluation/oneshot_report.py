"""One-shot retrieval as a document for programs and a page to read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
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
# What the comparison shows of each choice; the document has all.
COMPARED = ("top1", "top10", "mrr")
# (side, name) -> (H, W, 3) uint8, for the picture sheets; a side is query, reference, or embedded: what was made of a
# query.
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
    conditions: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Everything that was measured.

    Args:
        about: what the data are, in a sentence. choices: the models and options of this ranking.
        vectors: (Q, D) and (R, D), what was ranked. left_out: one sentence each.
        comparison: the rows of `Comparison.document`. conditions: what those of the task mean, by name.
    """
    told: dict[str, Any] = {
        "data": name, "about": about, "queries": len(task.queries), "references": len(task.references),
        "articles": len(np.unique(task.articles)), **choices, "figures": for_json(figures(ranking, task.articles)),
    }  # fmt: skip
    if task.conditions:
        first = {name: task.queries[list(task.conditions).index(name)] for name in dict.fromkeys(task.conditions)}
        told["conditions"] = [
            {
                "name": row["name"],
                "about": (conditions or {}).get(row["name"], ""),
                "example": first[row["name"]],
                **row,
            }
            for row in by_group(ranking, task.articles, task.conditions)
        ]
    categories = sorted(by_group(ranking, task.articles, task.categories), key=lambda row: row["name"])
    told |= {
        "categories": categories, "cosines": cosines(pair_cosines(*vectors, task.right)),
        "failures": worst(ranking, task), "interval": METHOD, "left_out": list(left_out),
    }  # fmt: skip
    return told | ({"comparison": list(comparison)} if comparison else {})


def page(told: Mapping[str, Any], show: Show | None = None) -> Report:
    """The page of a document. show: gives a picture of the task; without it the page has none."""
    titles = telling(told)
    report = Report("One-shot retrieval", f"{LEAD} {told['about']}", _facts(told), told)
    section = report.section("All together" if "conditions" in told else "Figures", MEANING)
    section.table(_columns(TITLES, "queries"), [[told["queries"], *_cells(told["figures"], TITLES)]])
    if "conditions" in told:
        _conditions(report, told["conditions"], titles, show)
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
        ranked = sorted(told["categories"], key=lambda row: row["figures"]["mrr"]["value"])
        columns = [Column("category"), *_columns(titles, "articles", "queries")]
        section.table(
            columns, [[r["name"], r["articles"], r["queries"], *_cells(r["figures"], titles)] for r in ranked]
        )
    _failures(report, told["failures"], show)
    if told["left_out"]:
        section = report.section("Left out", "What the ground truth names and is not there, or cannot be read.")
        section.table([Column("reason")], [[sentence] for sentence in told["left_out"]])
    return report


def telling(told: Mapping[str, Any]) -> dict[str, str]:
    """The metrics that say something of their own: mAP goes where it is MRR, with one right reference a query."""
    alike = told["figures"]["map"] == told["figures"]["mrr"]
    return {name: title for name, title in TITLES.items() if name != "map" or not alike}


def _facts(told: Mapping[str, Any]) -> dict[str, str]:
    names = told["models"]
    facts = {"Data": f"{told['data']}: {told['queries']:,} queries, {told['references']:,} references"}
    cutout = told.get("cutout", "")
    facts |= {"Background removal": names.get("cutout", {}).get(cutout, cutout)} if cutout else {}
    embedder = told.get("embeddings", "")
    facts["Embedder"] = names["embeddings"][embedder] if embedder else names["embeddings"]
    return facts | {"Category filter": told["filter"]}


def _columns(titles: Mapping[str, str], *counts: str) -> list[Column]:
    return [*(Column(name, "count") for name in counts), *(Column(title, "figure") for title in titles.values())]


def _cells(found: Mapping[str, Mapping[str, float]], titles: Iterable[str]) -> list[Cell]:
    return [
        Interval(figure["value"], figure["low"], figure["high"]) if "low" in figure else figure["value"]
        for figure in (found[name] for name in titles)
    ]


def _conditions(
    report: Report, rows: Sequence[Mapping[str, Any]], titles: Mapping[str, str], show: Show | None
) -> None:
    section = report.section("By condition", "The same articles under each; the pictures show one of them.")
    cells = [[row["name"], row["queries"], *_cells(row["figures"], titles)] for row in rows]
    section.table([Column("condition"), *_columns(titles, "queries")], cells)
    if show:
        section.pictures([Picture(show("query", row["example"]), f"{row['name']}: {row['about']}") for row in rows])


def _comparison(report: Report, rows: Sequence[Mapping[str, Any]]) -> None:
    titles = {name: TITLES[name] for name in COMPARED}
    section = report.section(
        "By choice",
        "One thing changed at a time, over all queries. A model that is not on this machine was not measured. A filter "
        "leaves only references of the category, or kind of piece, that is predicted for the query, or of its true "
        "one: where the prediction is wrong, the right reference cannot be found. “right”: how often it is not.",
    )
    choice = [Column("cut-out"), Column("largest piece by"), Column("embedder"), Column("filter")]
    measured: list[list[Cell]] = []
    missing: list[list[Cell]] = []
    for row in rows:
        chosen: list[Cell] = [row["cutout"], row["pieces"], row["embeddings"], row["filter"]]
        if "missing" in row:
            missing.append([*chosen, row["missing"]])
        else:
            measured.append([*chosen, row.get("predicted rightly"), *_cells(row["figures"], titles)])
    section.table([*choice, Column("right", "percent"), *_columns(titles)], measured)
    if missing:
        section.table([*choice, Column("why not")], missing, "Not measured")


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
        place = f"The right one has rank {row['rank']}." if row["rank"] else "The filter left the right one out."
        shown = [
            ("query", row["query"], f"query: {row['query']}"),
            ("embedded", row["query"], "as it was embedded"),
            ("reference", row["reference"], f"right: {row['reference']}"),
        ]
        shown += [
            ("reference", near["reference"], f"{n}: {near['reference']}, cosine {near['similarity']:.3f}")
            for n, near in enumerate(row["top"], 1)
        ]
        pictures = [Picture(show(side, name), caption) for side, name, caption in shown]
        section.pictures(pictures, f"{number}. {place}")
