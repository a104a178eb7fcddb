"""One-shot retrieval on what comes with the repository: second drapes under photographic conditions, against the
catalogue's pictures.

The bundled embedder learned from the second drapes of nine tenths of the articles, so queries show only the tenth that
no training of an embedder saw, by the hash that the trainings use. They are searched for among all articles. (The
segmenter learned outlines from all second drapes; it takes part in rows that name it alone.)
"""

from __future__ import annotations

import csv
from functools import partial
from pathlib import Path

import numpy as np

from pipeline.errors import UsageError
from pipeline.evaluation.conditions import CONDITIONS, Condition, photograph
from pipeline.evaluation.oneshot import Task
from pipeline.evaluation.preparations import Shown
from pipeline.evaluation.tasks import Asked
from pipeline.photo import read_photo
from pipeline.settings import ROOT
from pipeline.training.rendered import Drape, read_drapes
from pipeline.types import Photo

CATALOGUE, DRAPES = ROOT / "assets" / "catalogue", ROOT / "assets" / "drapes"
# Photos of an article under each condition.
VIEWS = 2


def demo_asked(views: int = VIEWS, catalogue: Path = CATALOGUE, drapes: Path = DRAPES) -> Asked:
    """Every unseen article under every condition, `views` times each, and all articles to find it among.

    Raises:
        UsageError: the renderings are not there.
    """
    unseen = [drape for drape in read_drapes(drapes, catalogue) if drape.held_out]
    if not unseen:
        raise UsageError(f"“{drapes}” holds no second drapes of unseen articles; get it again from the repository.")
    with (catalogue / "items.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    place = {row["id"]: n for n, row in enumerate(rows)}
    asked = [(drape, condition, view) for drape in unseen for condition in CONDITIONS for view in range(views)]
    about = (
        f"{len(unseen)} articles that no embedder was trained with, each in another drape, photographed by our own "
        f"code {views} times under each of {len(CONDITIONS)} conditions, among the catalogue's {len(rows)} articles."
    )
    task = Task(
        [f"{drape.item}, {condition.name}, {view + 1}" for drape, condition, view in asked],
        [row["id"] for row in rows],
        [np.array([place[drape.item]]) for drape, *_ in asked],
        [drape.category for drape, *_ in asked],
        [row["category"] for row in rows],
        [condition.name for _, condition, _ in asked],
    )
    return Asked(
        "rendered drapes",
        about,
        task,
        [partial(_photographed, *one) for one in asked],
        [partial(_read, catalogue / row["image"]) for row in rows],
        conditions={condition.name: condition.about for condition in CONDITIONS},
    )


def _photographed(drape: Drape, condition: Condition, view: int) -> Shown:
    shot = photograph(drape, condition, view)
    return Shown(Photo(shot.pixels), shot.mask)


def _read(path: Path) -> Shown:
    return Shown(read_photo(path))
