"""The chain: injected stages, composed. The page takes its steps one by one; `match` takes them all."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from pipeline.cutout import BackgroundRemover
from pipeline.embeddings import Embedder
from pipeline.errors import UsageError
from pipeline.index import Index
from pipeline.photo import Source, read_photo
from pipeline.pieces import PieceFinder
from pipeline.settings import Settings
from pipeline.types import Cutout, Match, MatchResult, Photo, Piece, PieceMatches
from pipeline.weights import SLOTS, bundled_model

Progress = Callable[[str, float], None]


@dataclass(frozen=True, eq=False)
class Look:
    """Everything about a photo that does not depend on how it is searched: made once, searched many times.

    crops: one (S, S, 3) uint8 a piece; embeddings: (N, D) float32, a row a piece; timings: milliseconds by stage.
    """

    cutout: Cutout
    pieces: tuple[Piece, ...]
    crops: tuple[np.ndarray, ...]
    embeddings: np.ndarray
    timings: Mapping[str, float]


@dataclass(frozen=True, eq=False)
class Matcher:
    """Photo -> pieces -> matches. The models are loaded once and kept; safe to share between threads."""

    cut: BackgroundRemover
    find: PieceFinder
    embed: Embedder
    index: Index
    settings: Settings

    @classmethod
    def load(cls, settings: Settings | None = None, progress: Progress | None = None) -> Matcher:
        """Load the models and open the index.

        Args:
            settings: default: from the environment.
            progress: called with what is being loaded and the share (0..1) that is done.

        Raises:
            ModelMissing, IndexMissing, IndexMismatch: with what to do about it.
        """
        settings = settings or Settings.from_environment()
        tell = progress or (lambda what, share: None)
        tell("the background remover", 0.0)
        cut = load_remover(settings)
        tell("the piece finder", 0.3)
        find = PieceFinder(*bundled_model("pieces", settings))
        tell("the embedder", 0.7)
        embed = load_embedder(settings)
        tell("the catalogue", 0.95)
        return cls(cut, find, embed, Index.open(settings.index, embed.name), settings)

    @property
    def models(self) -> dict[str, str]:
        """The name of the model in each slot."""
        return dict(zip(SLOTS, (self.cut.name, self.find.name, self.embed.name), strict=True))

    def match(
        self, source: Source, *, top: int | None = None, same_kind: bool = True, min_score: float | None = None
    ) -> MatchResult:
        """Find the pieces of a photo and their nearest items in the catalogue.

        Args:
            source: what `read_photo` takes.
            top: matches a piece. same_kind: only items of the piece's own kind.
            min_score: confidence (0..1) below which a detection is dropped.

        Raises:
            UnreadablePhoto: the picture cannot be read.
        """
        *_, look = self.steps(source, min_score=min_score)
        assert isinstance(look, Look)
        return self.search(look, top=top, same_kind=same_kind)

    def steps(
        self, source: Source, *, min_score: float | None = None
    ) -> Iterator[Photo | Cutout | tuple[Piece, ...] | Look]:
        """The chain up to the search, yielding what each stage made: Photo, Cutout, pieces, Look."""
        min_score = self.settings.min_score if min_score is None else min_score
        if not 0 < min_score < 1:
            raise UsageError(f"The least confidence must lie between 0 and 1, not {min_score}.")
        timings: dict[str, float] = {}
        with _timed(timings, "decode"):
            photo = read_photo(source, self.settings)
        yield photo
        with _timed(timings, "cutout"):
            cutout = self.cut(photo)
        yield cutout
        with _timed(timings, "pieces"):
            pieces = self.find(cutout, min_score)
        yield pieces
        with _timed(timings, "embeddings"):
            crops = tuple(piece.crop(cutout) for piece in pieces)
            embeddings = self.embed.embed_pictures(crops)
        yield Look(cutout, pieces, crops, embeddings, timings)

    def search(self, look: Look, *, top: int | None = None, same_kind: bool = True) -> MatchResult:
        """The matches of a photo that was looked at before; nothing but the search is computed."""
        timings = dict(look.timings)
        with _timed(timings, "search"):
            kinds = [piece.label if same_kind else None for piece in look.pieces]
            found = self.index.search(look.embeddings, self._top(top), kinds, floor=self.embed.none_below)
        timings["total"] = sum(timings.values())
        rows = zip(look.pieces, look.crops, found, strict=True)
        return MatchResult(look.cutout, tuple(PieceMatches(*row) for row in rows), timings)

    def search_words(
        self, text: str, *, top: int | None = None, categories: Sequence[str] | None = None
    ) -> tuple[Match, ...]:
        """The items nearest to a description such as "navy striped top".

        Raises:
            UsageError: the description is empty, or the catalogue has no such category.
        """
        if not text.strip():
            raise UsageError("The search is empty; describe a piece, for example “navy striped top”.")
        unknown = set(categories or ()) - {item.category for item in self.index.items}
        if unknown:
            known = ", ".join(sorted({item.category for item in self.index.items}))
            raise UsageError(f"The catalogue has no category “{unknown.pop()}”; it has: {known}.")
        query = self.embed.embed_words([text])
        floor = self.embed.none_below_words
        return self.index.search(query, self._top(top), categories=categories, floor=floor)[0]

    def _top(self, top: int | None) -> int:
        top = self.settings.top if top is None else top
        if top < 1:
            raise UsageError(f"At least one match must be asked for, not {top}.")
        return top


def load_remover(settings: Settings) -> BackgroundRemover:
    """The background remover alone, for work that needs no pieces."""
    return BackgroundRemover(*bundled_model("cutout", settings))


def load_embedder(settings: Settings) -> Embedder:
    """The embedder alone, for work that needs no photo."""
    return Embedder(*bundled_model("embeddings", settings))


@contextmanager
def _timed(timings: dict[str, float], stage: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    timings[stage] = (time.perf_counter() - started) * 1000
