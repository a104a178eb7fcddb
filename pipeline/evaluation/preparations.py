"""Pictures -> embeddings under several preparations and embedders at once, each picture read and cut out only once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.catalogue.preparing import ahead, foreground
from pipeline.cutout import BackgroundRemover
from pipeline.embeddings import BATCH, Embedder
from pipeline.errors import UnreadablePhoto
from pipeline.pieces import PieceFinder
from pipeline.settings import Settings
from pipeline.types import Cutout, Photo, square_on_white

# What can stand for a background remover: the picture as it is, and the outline that is known to be true.
WHOLE, EXACT = "none", "exact outline"


@dataclass(frozen=True)
class Preparation:
    """How a picture becomes the square that is embedded.

    cutout: WHOLE, EXACT (the remover in use where no outline is known), or the name of a background remover.
    pieces: name of a piece finder, whose largest piece is embedded; "" for all of the foreground.
    """

    cutout: str
    pieces: str = ""


@dataclass(frozen=True, eq=False)
class Shown:
    """A picture to be embedded, and its true outline, (H, W) bool, where somebody knows it."""

    photo: Photo
    mask: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Models:
    """The loaded models, by name; the first remover is the one in use."""

    removers: Mapping[str, BackgroundRemover]
    finders: Mapping[str, PieceFinder]
    embedders: Mapping[str, Embedder]
    settings: Settings


Way = tuple[Preparation, str]
Load = Callable[[], Shown]


def embed_all(
    loads: Sequence[Load], ways: Iterable[Way], models: Models, tell: Callable[[int], None]
) -> tuple[list[int], dict[Way, np.ndarray], list[str]]:
    """Embed every picture in every way: a preparation and the name of an embedder.

    Args:
        loads: called once each, in threads; may raise UnreadablePhoto. tell: called with the number that are done.

    Returns:
        the positions of the pictures that could be read, for each way their (N, D) float32 embeddings, and one sentence
        for each picture that could not.
    """
    ways = list(dict.fromkeys(ways))
    preparations = list(dict.fromkeys(preparation for preparation, _ in ways))
    rows: dict[Way, list[np.ndarray]] = {
        way: [np.empty((0, models.embedders[way[1]].dimension), np.float32)] for way in ways
    }
    read: list[int] = []
    unreadable: list[str] = []
    waiting: list[dict[Preparation, np.ndarray]] = []

    def prepare(load: Load) -> dict[Preparation, np.ndarray] | str:
        try:
            shown = load()
        except UnreadablePhoto as error:
            return str(error)
        return squares(shown, preparations, models)

    for place, made in enumerate(ahead(prepare, loads, models.settings.threads)):
        if isinstance(made, str):
            unreadable.append(made)
        else:
            read.append(place)
            waiting.append(made)
        # Every picture waits in as many forms as there are preparations.
        if len(waiting) * len(preparations) >= BATCH or (waiting and place + 1 == len(loads)):
            for preparation, embedder in ways:
                crops = [one[preparation] for one in waiting]
                rows[preparation, embedder].append(models.embedders[embedder].embed_pictures(crops))
            waiting = []
        tell(place + 1)
    return read, {way: np.concatenate(parts) for way, parts in rows.items()}, unreadable


def squares(shown: Shown, preparations: Sequence[Preparation], models: Models) -> dict[Preparation, np.ndarray]:
    """What is embedded of a picture under each preparation, (S, S, 3) uint8."""
    alphas: dict[str, np.ndarray] = {}
    for name in dict.fromkeys(preparation.cutout for preparation in preparations):
        if name == WHOLE:
            alphas[name] = np.full(shown.photo.pixels.shape[:2], 255, np.uint8)
        elif name == EXACT and shown.mask is not None:
            alphas[name] = np.where(shown.mask, 255, 0).astype(np.uint8)
        else:
            first = next(iter(models.removers))
            alphas[name] = foreground(shown.photo, models.removers[first if name == EXACT else name])
    return {one: _square(shown.photo, alphas[one.cutout], one.pieces, models) for one in preparations}


def _square(photo: Photo, alpha: np.ndarray, finder: str, models: Models) -> np.ndarray:
    if finder:
        cutout = Cutout(photo, alpha)
        pieces = models.finders[finder](cutout, models.settings.min_score)
        if pieces:
            return max(pieces, key=lambda piece: piece.area).crop(cutout)
    return square_on_white(photo.pixels, alpha)
