"""The reports of classification and of retrieval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pipeline.evaluation import classification, plots, retrieval
from pipeline.evaluation.classification import Classification, Reading
from pipeline.evaluation.garments import strip
from pipeline.evaluation.report import Cell, Column, Interval, Picture, Report
from pipeline.evaluation.retrieval import Ranked, Retrieval

SHEET = 12
_CLASSIFICATION = (
    "Which class a garment is given. Its neighbours vote with their labels, each as the data set has it; words choose "
    "among the catalogue's categories; the kind of piece is what the chain hears from the embedder."
)
_RETRIEVAL = (
    "What is found next to a garment. P@k is the share of the first k that is right; average precision weighs the "
    "whole ranking, and mAP is its mean over the garments asked for. Other pictures of the same article are measured "
    "by themselves and not among garments of the same label."
)


def classification_page(result: Classification) -> Report:
    """Top-1 and top-5, figures by class, confusions, and the surest mistakes."""
    document = result.document
    report = Report("Classification", _CLASSIFICATION, _facts(document), document)
    names = [name for name in classification.TITLES if name in document]
    overall = report.section("Overall", f"Bounds: {document['bounds']}.")
    overall.table(
        [
            Column(""),
            Column("garments", "count"),
            Column("classes", "count"),
            *(Column(title, "figure") for title in ("top-1", "top-5", "top-1, mean over classes")),
        ],
        [
            [
                classification.TITLES[name],
                document[name]["garments"],
                document[name]["classes"],
                _interval(document[name]["top1"]),
                _interval(document[name]["top5"]),
                document[name]["top1_mean_over_classes"],
            ]
            for name in names
        ],
    )
    for name in names:
        _reading(report, name, document[name], result)
    return report


def _reading(report: Report, name: str, figures: dict[str, Any], result: Classification) -> None:
    section = report.section(classification.TITLES[name])
    rows = sorted(figures["by_class"].items(), key=lambda row: -row[1]["f1"])
    section.table(
        [Column("class"), Column("garments", "count"), *(Column(n, "figure") for n in ("precision", "recall", "F1"))],
        [[label, *row.values()] for label, row in rows],
        "By class, the best first.",
    )
    counts, classes = np.array(figures["confusion"]["counts"]), figures["confusion"]["classes"]
    there = np.flatnonzero(counts.sum(axis=0) + counts.sum(axis=1))
    shown = [classes[n] for n in there]
    section.plot(
        plots.confusion(counts[np.ix_(there, there)], shown, shown, "answered", "labelled"),
        "What was answered for each label; darker is a larger share of the row.",
    )
    reading = result.readings[name]
    for right, text in ((False, "The surest mistakes."), (True, "The surest of what is right.")):
        rows_shown = classification.surest(reading, right, SHEET if not right else SHEET // 2)
        section.pictures([_answered(reading, row, result) for row in rows_shown], text)


def _answered(reading: Reading, row: int, result: Classification) -> Picture:
    place = int(reading.places[row])
    true, chosen = reading.classes[reading.truth[row]], reading.classes[reading.chosen[row]]
    about = result.garments.about[place]
    said = true if true == chosen else f"{true}, taken for {chosen}"
    return Picture(result.garments.pictures[place], f"{said} ({about.name})")


def retrieval_page(result: Retrieval) -> Report:
    """P@k and mAP, by category, and the worst and best answers."""
    document = result.document
    report = Report("Retrieval", _RETRIEVAL, _facts(document), document)
    names = [name for name in retrieval.TITLES if name in document]
    overall = report.section("Overall", f"Bounds: {document['bounds']}.")
    columns = [*(f"p{first}" for first in retrieval.FIRST), "map"]
    titles = [*(f"P@{first}" for first in retrieval.FIRST), "mAP"]
    overall.table(
        [Column("to be found"), Column("garments", "count"), *(Column(title, "figure") for title in titles)],
        [[retrieval.TITLES[n], document[n]["queries"], *(_interval(document[n][c]) for c in columns)] for n in names],
    )
    for name in names:
        figures = document[name]
        section = report.section(retrieval.TITLES[name])
        rows = sorted(figures["by_category"].items(), key=lambda row: -row[1]["map"])
        section.table(
            [Column("label"), Column("garments", "count"), *(Column(title, "figure") for title in titles)],
            [[label, row["queries"], *(row[c] for c in columns)] for label, row in rows],
            "By label, the best first.",
        )
        section.plot(plots.bars({label: row["map"] for label, row in rows}, "mAP"), "Mean average precision by label.")
        ranked = result.ranked[name]
        order = np.argsort(ranked.average, kind="stable")
        section.pictures(
            _strips(result, ranked, order[:SHEET]), "The worst first: the garment, then its nearest.", 640, True
        )
        section.pictures(_strips(result, ranked, order[::-1][: SHEET // 2]), "The best first.", 640, True)
    return report


def _strips(result: Retrieval, ranked: Ranked, rows: Sequence[int] | np.ndarray) -> list[Picture]:
    pictures = []
    for row in rows:
        place = int(ranked.places[row])
        answers = [int(n) for n in ranked.nearest[row] if n >= 0]
        shown = strip(
            result.queries.pictures[place],
            [result.gallery.pictures[n] for n in answers],
            ranked.right[row][: len(answers)].tolist(),
        )
        about = result.queries.about[place]
        found = ", ".join(dict.fromkeys(result.gallery.about[n].label for n in answers))
        said = f"{about.label} ({about.name}), average precision {ranked.average[row]:.2f}; nearest: {found}"
        pictures.append(Picture(shown, said))
    return pictures


def _facts(document: dict[str, Any]) -> dict[str, str]:
    return {
        "Data": f"{document['data']} ({', '.join(document['formats'])}), {document['split']}",
        "Measured": f"{document['garments']:,} garments",
        "Compared with": document["gallery"],
        "Models": ", ".join(document["models"].values()),
    }


def _interval(figure: dict[str, float]) -> Cell:
    return Interval(**figure) if "low" in figure else figure["value"]
