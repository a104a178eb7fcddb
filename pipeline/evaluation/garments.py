"""Labelled garments as the product embeds them: cut out on white squares, with what is known of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from pipeline.catalogue import Meter, prepare_picture
from pipeline.embeddings import BATCH, Embedder
from pipeline.evaluation.sets import Labelled
from pipeline.training.datasets import DataUnreadable
from pipeline.training.datasets.records import category_of_meaning, kind_of_meaning
from pipeline.training.embedder_data import LEAST_STREET, WIDE_LABELS
from pipeline.types import Cutout, Photo, square_on_white

Gallery = Literal["same", "rest"]
# What is kept of a picture to show it.
SHOWN = 160


@dataclass(frozen=True)
class About:
    """What is known of a garment. label: as its set has it; article: the same word for the same article elsewhere.

    category: of the catalogue's, "" where only the kind is known.
    """

    name: str
    label: str
    category: str
    kind: str
    article: str


@dataclass(frozen=True, eq=False)
class Garments:
    """N garments: what is known of each, its embedding (N, D) float32 of unit length, and a small picture."""

    about: tuple[About, ...]
    units: np.ndarray
    pictures: tuple[np.ndarray, ...]

    def __len__(self) -> int:
        return len(self.about)

    def column(self, name: str) -> np.ndarray:
        """(N,) words: one field of `About`."""
        return np.array([getattr(about, name) for about in self.about])


def embedded(data: Labelled, cut: Callable[[Photo], Cutout], embed: Embedder, meter: Meter) -> Garments:
    """Every labelled garment, prepared as the product prepares what it embeds.

    Pictures of single garments where the sets have such, the background removed; else the garments of the photos, cut
    out by their masks.

    Raises:
        DataUnreadable: there are none.
    """
    about: list[About] = []
    pictures: list[np.ndarray] = []
    rows: list[np.ndarray] = []
    waiting: list[np.ndarray] = []
    for told, square in _squares(data, cut, meter):
        about.append(told)
        pictures.append(cv2.resize(square, (SHOWN, SHOWN), interpolation=cv2.INTER_AREA))
        waiting.append(square)
        if len(waiting) == BATCH:
            rows.append(embed.embed_pictures(waiting))
            waiting = []
    rows.append(embed.embed_pictures(waiting))
    if not about:
        where = "held out; add --split all to measure on everything" if data.split == "held-out" else "labelled"
        raise DataUnreadable(f"“{data.root}”: no garment of our kinds is {where}.")
    return Garments(tuple(about), np.concatenate(rows), tuple(pictures))


def _squares(data: Labelled, cut: Callable[[Photo], Cutout], meter: Meter) -> Iterator[tuple[About, np.ndarray]]:
    garments = data.garments()
    for done, garment in enumerate(garments):
        meter.tell("Embedding garments", done, len(garments))
        photo = Photo(garment.read())
        # Labels that are wider than any category tell the kind alone.
        category = "" if garment.label in WIDE_LABELS else garment.category
        # An article's pictures may be each other's copies; a home's are not.
        article = garment.sender if garment.sender.startswith("deepfashion") else garment.stem
        square = prepare_picture(photo.pixels, cut(photo).alpha)
        yield About(garment.stem, garment.label, category, garment.kind, article), square
    if garments or not data.has_masks():
        return
    photos, count = data.photos(), 0
    for done, street in enumerate(photos):
        meter.tell("Embedding garments", done, len(photos))
        for meaning, article, mask in street.labelled():
            if mask.mean() < LEAST_STREET:
                continue
            square = square_on_white(street.rgb, np.where(mask, 255, 0).astype(np.uint8))
            name = f"{street.stem} {meaning} {count}"
            told = About(name, meaning, category_of_meaning(meaning), kind_of_meaning(meaning), article)
            yield told, square
            count += 1
            if count == data.limit:
                return


def comparable(queries: Garments, gallery: Garments) -> np.ndarray:
    """(Q, G) bool: which pairs count. Pictures of one article do not: they are often each other's copies."""
    return queries.column("article")[:, None] != gallery.column("article")[None]


def strip(query: np.ndarray, answers: Sequence[np.ndarray], right: Sequence[bool]) -> np.ndarray:
    """The query's picture, and beside it its answers, framed in green where they are right and in red elsewhere."""
    tiles = [_framed(query, (255, 255, 255))]
    tiles += [
        _framed(picture, (42, 140, 90) if good else (196, 60, 60)) for picture, good in zip(answers, right, strict=True)
    ]
    return np.hstack(tiles)


def _framed(picture: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    return cv2.copyMakeBorder(
        cv2.copyMakeBorder(picture, 4, 4, 4, 4, cv2.BORDER_CONSTANT, value=colour),
        4, 4, 4, 4, cv2.BORDER_CONSTANT, value=(255, 255, 255),
    )  # fmt: skip
