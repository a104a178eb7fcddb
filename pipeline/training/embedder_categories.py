"""How well the category can be read from the embedding: the classifier trained along with the towers, put to the test.

It is the teacher's own layer of categories on the exported weights' embeddings, not a probe fitted afterwards, and no
part of the exported model.
"""

import csv
from pathlib import Path
from typing import Any

import numpy as np
import torch

from pipeline.training.embedder_data import Piece
from pipeline.training.embedder_loss import CATEGORIES, Teacher
from pipeline.training.exporting import write_json


@torch.no_grad()
def category_logits(teacher: Teacher, units: np.ndarray) -> np.ndarray:
    """(N, D) unit embeddings -> (N, len(CATEGORIES)) cosines; the classes of which only the kind is known left out."""
    weights = torch.nn.functional.normalize(teacher.classes.weight[: len(CATEGORIES)], dim=1).cpu()
    return (torch.from_numpy(units) @ weights.T).numpy()


def top_scores(logits: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    """Top-1 and top-5 over pictures, and top-1 averaged over the categories that occur.

    Args:
        logits: (N, C); truth: (N,) int, the right column.
    """
    ranks = (logits > np.take_along_axis(logits, truth[:, None], 1)).sum(1)
    right = ranks == 0
    return {
        "pictures": len(truth),
        "categories": len(np.unique(truth)),
        "top-1": round(float(right.mean()), 4),
        "top-5": round(float((ranks < 5).mean()), 4),
        "top-1, mean over categories": round(float(np.mean([right[truth == c].mean() for c in np.unique(truth)])), 4),
    }


def confusion(truth: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """(C, C) int: how often the category of a row was taken for that of a column."""
    table = np.zeros((len(CATEGORIES), len(CATEGORIES)), int)
    np.add.at(table, (truth, chosen), 1)
    return table


def write_confusion(table: np.ndarray, run: Path) -> None:
    """Write confusion.csv (counts) and confusion.png (shares of each row), only categories that occur."""
    from matplotlib.figure import Figure

    there = np.flatnonzero(table.sum(0) + table.sum(1))
    names, table = [CATEGORIES[i] for i in there], table[np.ix_(there, there)]
    with (run / "confusion.csv").open("w", newline="") as file:
        csv.writer(file).writerows(
            [["true \\ chosen", *names], *([n, *row] for n, row in zip(names, table, strict=True))]
        )
    side = 2.5 + 0.32 * len(names)
    figure = Figure(figsize=(side, side), layout="constrained")
    axes = figure.subplots()
    axes.imshow(table / np.maximum(1, table.sum(1, keepdims=True)), cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(names)), names, rotation=90)
    axes.set_yticks(range(len(names)), names)
    axes.set(xlabel="chosen", ylabel="true")
    for (row, column), count in np.ndenumerate(table):
        if count:
            dark = count > 0.5 * table[row].sum()
            axes.text(column, row, str(count), ha="center", va="center", fontsize=7, color="white" if dark else "black")
    figure.savefig(run / "confusion.png", dpi=100)


def report_categories(teacher: Teacher, pieces: list[Piece], units: np.ndarray, run: Path) -> dict[str, Any]:
    """Measure the held-out pieces of known category, by source; write categories.json and the confusion into `run`.

    units: (N, D), the pieces' embeddings. Returns the figures, by source; empty where there is nothing to measure.
    """
    keep = [i for i, p in enumerate(pieces) if p.held_out and p.category in CATEGORIES]
    if not keep:
        return {}
    logits = category_logits(teacher, units[keep])
    truth = np.array([CATEGORIES.index(pieces[i].category) for i in keep])
    sources = np.array([pieces[i].source for i in keep])
    figures = {
        name: top_scores(logits[sources == name], truth[sources == name]) for name in np.unique(sources).tolist()
    }
    run.mkdir(parents=True, exist_ok=True)
    write_json(run / "categories.json", figures)
    write_confusion(confusion(truth, logits.argmax(1)), run)
    return figures
