"""Pictures -> what a catalogue knows of them: the garments, each with its embedding and colour."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np

from pipeline.catalogue.duplicates import fingerprint_of
from pipeline.catalogue.preparing import ahead, foreground
from pipeline.colours import colour_name, colour_shares, in_full_light
from pipeline.cutout import BackgroundRemover
from pipeline.embeddings import BATCH, Embedder
from pipeline.errors import PipelineError, UnreadablePhoto
from pipeline.index.manifest import file_hash
from pipeline.photo import crop_to, read_photo
from pipeline.pieces import PieceFinder
from pipeline.settings import Settings
from pipeline.types import Cutout, Photo, Piece, square_on_white

Box = tuple[int, int, int, int]

# Pictures are looked at with this long side in pixels: the models see less, and a hundred wait for their batch.
SIDE = 800
# A piece is one of several garments of a picture, and not a detail of one, from this share of the foreground and
# this confidence on; and pieces that share more than this of the smaller one are one garment (docs/catalogue-own.md).
LARGE = 0.1
SURE = 0.5
OVERLAP = 0.3
# A box that a catalogue states is the garment of the piece that agrees with it this well (intersection over union).
SAME_BOX = 0.5


class Stages(Protocol):
    """What pictures pass through; a `Matcher` is one."""

    @property
    def cut(self) -> BackgroundRemover: ...
    @property
    def find(self) -> PieceFinder: ...
    @property
    def embed(self) -> Embedder: ...
    @property
    def settings(self) -> Settings: ...


@dataclass(frozen=True)
class Task:
    """A picture to be looked at: all of it, or what is in a box (xyxy in pixels of the upright original)."""

    path: Path
    box: Box | None = None


@dataclass(frozen=True, eq=False)
class Garment:
    """A garment as a picture shows it.

    vector: (D,) float32 of unit length. label: kind of piece that the segmenter sees, "" for none. box: xyxy in pixels
    of the upright original, None for all of the picture. fingerprint: see `duplicates`.
    """

    vector: np.ndarray
    label: str
    colour: str
    box: Box | None
    fingerprint: bytes


@dataclass(frozen=True, eq=False)
class Look:
    """What was seen of a picture.

    garments: the whole picture first, then, only where there are several, its large garments; empty with a problem.
    problem: the sentence to say if the picture cannot be read.
    """

    task: Task
    bytes: int
    mtime_ns: int
    sha256: str
    garments: tuple[Garment, ...] = ()
    problem: str = ""

    @property
    def ok(self) -> bool:
        """Whether the picture could be read, or need not be."""
        return not self.problem


@dataclass(frozen=True, eq=False)
class _Prepared:
    """A look before its crops are embedded, and those crops."""

    look: Look
    crops: tuple[np.ndarray, ...] = ()
    facts: tuple[tuple[str, str, Box | None, bytes], ...] = ()


def look_at(
    tasks: Sequence[Task],
    stages: Stages,
    known: Callable[[str], bool],
    keep: Callable[[Sequence[Look]], None],
    tell: Callable[[int], None],
) -> Iterator[Look]:
    """Look at pictures, in their order; decoding, cutting out and finding go on in threads beside the embedding.

    Args:
        known: asked with the sha256 of each file; where it is known, the picture itself is not looked at.
        keep: called with each finished batch. tell: called with the number of pictures that were seen.
    """
    waiting: list[_Prepared] = []
    prepared_ones = ahead(lambda task: _prepare(task, stages, known), tasks, stages.settings.threads)
    for seen, prepared in enumerate(prepared_ones, 1):
        waiting.append(prepared)
        try:
            tell(seen)
        except PipelineError:
            # Stopped: what is ready is kept.
            keep(_embedded(waiting, stages.embed))
            raise
        if seen == len(tasks) or sum(len(one.crops) for one in waiting) >= BATCH or len(waiting) >= 2 * BATCH:
            looks, waiting = _embedded(waiting, stages.embed), []
            keep(looks)
            yield from looks


def _prepare(task: Task, stages: Stages, known: Callable[[str], bool]) -> _Prepared:
    try:
        facts = os.stat(task.path)
        digest = file_hash(task.path)
    except OSError:
        # The reader says best what is wrong with a file that cannot be opened.
        facts, digest = None, ""
    if digest and known(digest):
        return _Prepared(_look(task, facts, digest))
    try:
        photo = read_photo(task.path, replace(stages.settings, max_side=SIDE))
    except UnreadablePhoto as error:
        return _Prepared(_look(task, facts, digest, str(error)))
    cutout = Cutout(photo, foreground(photo, stages.cut))
    pieces = large_garments(stages.find(cutout, SURE), cutout.alpha)
    alphas: list[tuple[np.ndarray, str, Box | None]]
    if task.box is not None:
        alphas = [(_alpha_in(task.box, cutout, pieces), _label_in(task.box, pieces, photo), task.box)]
    else:
        label = max(pieces, key=lambda piece: piece.area).label if pieces else ""
        alphas = [(cutout.alpha, label, None)]
        if len(pieces) > 1:
            alphas += [(_alpha(p.mask), p.label, full_box(p, photo)) for p in pieces]
    crops = tuple(square_on_white(photo.pixels, alpha) for alpha, *_ in alphas)
    lit = in_full_light(photo.pixels)
    found = tuple(
        (label, _colour(lit, alpha), box, fingerprint_of(crop_to(photo, box), crop))
        for (alpha, label, box), crop in zip(alphas, crops, strict=True)
    )
    return _Prepared(_look(task, facts, digest), crops, found)


def _colour(pixels: np.ndarray, alpha: np.ndarray) -> str:
    mask = alpha >= 128
    return colour_name(colour_shares(pixels, mask)) if mask.any() else ""


def _look(task: Task, facts: os.stat_result | None, digest: str, problem: str = "") -> Look:
    size, date = (facts.st_size, facts.st_mtime_ns) if facts else (0, 0)
    return Look(task, size, date, digest, problem=problem)


def _embedded(prepared: Sequence[_Prepared], embed: Embedder) -> list[Look]:
    crops = [crop for one in prepared for crop in one.crops]
    vectors = iter(embed.embed_pictures(crops) if crops else ())
    looks = []
    for one in prepared:
        garments = tuple(
            Garment(next(vectors), label, colour, box, fingerprint) for label, colour, box, fingerprint in one.facts
        )
        looks.append(replace(one.look, garments=garments))
    return looks


def large_garments(pieces: Sequence[Piece], alpha: np.ndarray) -> list[Piece]:
    """The pieces that may stand for a garment of their own, the largest first, without doubles."""
    whole = max(1, int(np.count_nonzero(alpha >= 128)))
    kept: list[Piece] = []
    for piece in sorted(pieces, key=lambda piece: piece.area, reverse=True):
        size = int(np.count_nonzero(piece.mask))
        shared = (int(np.count_nonzero(piece.mask & other.mask)) for other in kept)
        if piece.score >= SURE and size >= LARGE * whole and all(s <= OVERLAP * size for s in shared):
            kept.append(piece)
    return kept


def full_box(piece: Piece, photo: Photo) -> Box:
    """The piece's box in whole pixels of the upright original."""
    full = photo.full_size or photo.size
    scale = (full[0] / photo.size[0], full[1] / photo.size[1])
    x0, y0, x1, y1 = (round(edge * scale[n % 2]) for n, edge in enumerate(piece.box))
    return x0, y0, x1, y1


def _alpha(mask: np.ndarray) -> np.ndarray:
    return np.where(mask, 255, 0).astype(np.uint8)


def _piece_in(box: Box, pieces: Sequence[Piece], photo: Photo) -> Piece | None:
    best = max(pieces, key=lambda piece: _iou(full_box(piece, photo), box), default=None)
    return best if best and _iou(full_box(best, photo), box) >= SAME_BOX else None


def _label_in(box: Box, pieces: Sequence[Piece], photo: Photo) -> str:
    piece = _piece_in(box, pieces, photo)
    return piece.label if piece else ""


def _alpha_in(box: Box, cutout: Cutout, pieces: Sequence[Piece]) -> np.ndarray:
    photo = cutout.photo
    piece = _piece_in(box, pieces, photo)
    if piece:
        return _alpha(piece.mask)
    full = photo.full_size or photo.size
    x0, y0, x1, y1 = (round(edge * photo.size[n % 2] / full[n % 2]) for n, edge in enumerate(box))
    alpha = np.zeros_like(cutout.alpha)
    alpha[y0:y1, x0:x1] = cutout.alpha[y0:y1, x0:x1]
    return alpha


def _iou(a: Sequence[float], b: Sequence[float]) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - width * height
    return width * height / union
