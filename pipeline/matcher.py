"""The chain: injected stages, composed. The page takes its steps one by one; `match` takes them all."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np

from pipeline.choice import choose
from pipeline.cutout import BackgroundRemover
from pipeline.demo import open_index
from pipeline.doubles import without_doubles
from pipeline.embeddings import Embedder
from pipeline.errors import UsageError
from pipeline.index import Index
from pipeline.kinds import CATEGORIES, KINDS, kind_of
from pipeline.naming import named
from pipeline.outline import outline
from pipeline.photo import Source, read_photo
from pipeline.pieces import PieceFinder
from pipeline.query import NO_WISH, Wish
from pipeline.seeking import Seeker
from pipeline.settings import Settings
from pipeline.types import Cutout, Filters, Look, Match, MatchResult, Photo, Piece, PieceMatches, mask_box
from pipeline.weights import SLOTS, Model

Progress = Callable[[str, float], None]


@dataclass(frozen=True, eq=False)
class Matcher:
    """Photo -> pieces -> matches. The models are loaded once and kept; safe to share between threads.

    note: a sentence on the choice of the models that whoever sees the matches should know; empty: none.
    """

    cut: BackgroundRemover
    find: PieceFinder
    embed: Embedder
    index: Index
    settings: Settings
    note: str = ""

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
        # What is not here is said before seconds are spent on the rest.
        chosen = {slot: choose(slot, settings) for slot in SLOTS}
        tell("the background remover", 0.0)
        cut = _remover(chosen["cutout"], settings)
        tell("the piece finder", 0.3)
        find = _finder(chosen["pieces"], settings)
        tell("the embedder", 0.7)
        embed = _embedder(chosen["embeddings"], settings)
        tell("the catalogue", 0.95)
        index = open_index(settings, cut, embed, tell)
        return cls(cut, find, embed, index, settings, chosen["embeddings"].note)

    @property
    def models(self) -> dict[str, str]:
        """The name of the model in each slot."""
        return dict(zip(SLOTS, (self.cut.name, self.find.name, self.embed.name), strict=True))

    def match(
        self,
        source: Source,
        *,
        top: int | None = None,
        same_kind: bool = True,
        min_score: float | None = None,
        filters: Filters | None = None,
    ) -> MatchResult:
        """Find the pieces of a photo and their nearest items in the catalogue.

        Args:
            source: what `read_photo` takes.
            top: matches a piece. same_kind: only items of the piece's own kind.
            min_score: confidence (0..1) below which a detection is dropped.
            filters: what all matches must be like.

        Raises:
            UnreadablePhoto: the picture cannot be read.
            UsageError: the filters name what the catalogue does not have.
        """
        *_, look = self.steps(source, min_score=min_score)
        assert isinstance(look, Look)
        return self.search(look, Wish(top, same_kind, filters or Filters()))

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
            if self.embed.read_kinds:
                pieces = named(pieces, self.embed.read_kinds(embeddings))
        kept = [place for place in without_doubles(pieces) if pieces[place].score >= min_score]
        yield Look(cutout, tuple(pieces[i] for i in kept), tuple(crops[i] for i in kept), embeddings[kept], timings)

    def add_piece(self, look: Look, box: Sequence[float]) -> Look:
        """The look with one more piece: what lies in a box that somebody drew, named by the embedder.

        Args:
            box: xyxy in photo pixels.

        Raises:
            UsageError: the box leaves next to nothing of the photo.
        """
        mask = outline(look.cutout, box)
        piece = Piece("", 1.0, mask_box(mask) or (0, 0, 0, 0), mask, drawn=True)
        crop = piece.crop(look.cutout)
        embedding = self.embed.embed_pictures([crop])
        if self.embed.read_kinds:
            kind = KINDS[int(self.embed.read_kinds(embedding)[0].argmax())]
        else:
            kind = kind_of(CATEGORIES[int((embedding @ self.embed.embed_words(CATEGORIES).T).argmax())])
        piece = replace(piece, label=kind)
        return replace(
            look,
            pieces=(*look.pieces, piece),
            crops=(*look.crops, crop),
            embeddings=np.concatenate([look.embeddings, embedding]),
        )

    def search(self, look: Look, wish: Wish = NO_WISH, otherwise: Mapping[int, Wish] | None = None) -> MatchResult:
        """The matches of a photo that was looked at before; nothing but the search is computed.

        Args:
            wish: what is wanted of every piece's matches. otherwise: the wishes of single pieces, by their places.
        """
        timings, single = dict(look.timings), otherwise or {}
        with _timed(timings, "search"):
            rows = tuple(self.matches(look, place, single.get(place, wish)) for place in range(len(look.pieces)))
        timings["total"] = sum(timings.values())
        return MatchResult(look.cutout, rows, timings)

    def matches(self, look: Look, place: int, wish: Wish) -> PieceMatches:
        """The piece at that place of `look.pieces` with the matches that are wished for, near-duplicates folded.

        Raises:
            UsageError: the wishes cancel each other, or name what the catalogue does not have.
        """
        piece = look.pieces[place]
        kind = piece.label if wish.same_kind else ""
        return PieceMatches(piece, look.crops[place], self._seeker.nearest(look.embeddings[place], kind, wish))

    def search_words(self, text: str, *, top: int | None = None, filters: Filters | None = None) -> tuple[Match, ...]:
        """The items nearest to a description such as "navy striped top".

        Raises:
            UsageError: the description is empty, or the filters name what the catalogue does not have.
        """
        if not text.strip():
            raise UsageError("The search is empty; describe a piece, for example “navy striped top”.")
        return self.items(Wish(top, words=text, filters=filters or Filters()))

    def items(self, wish: Wish) -> tuple[Match, ...]:
        """What is wished for with no piece to start from: items like words, or like other items.

        Raises:
            UsageError: see `matches`; or nothing is wished for.
        """
        return self._seeker.nearest(None, "", wish)

    @property
    def _seeker(self) -> Seeker:
        return Seeker(self.index, self.embed, self.settings.top)

    def current(self) -> Matcher:
        """This matcher, or one over the index that was published since."""
        index = self.index.current()
        return self if index is self.index else replace(self, index=index)


def load_remover(settings: Settings) -> BackgroundRemover:
    """The background remover alone, for work that needs no pieces."""
    return _remover(choose("cutout", settings), settings)


def load_finder(settings: Settings) -> PieceFinder:
    """The piece finder alone."""
    return _finder(choose("pieces", settings), settings)


def load_embedder(settings: Settings) -> Embedder:
    """The embedder alone, for work that needs no photo."""
    return _embedder(choose("embeddings", settings), settings)


def _remover(model: Model, settings: Settings) -> BackgroundRemover:
    return BackgroundRemover(model.path, model.name, settings.threads, model.form)


def _finder(model: Model, settings: Settings) -> PieceFinder:
    return PieceFinder(model.path, model.name, settings.threads, settings.allow_pickle)


def _embedder(model: Model, settings: Settings) -> Embedder:
    return Embedder(model.path, model.name, settings.threads)


@contextmanager
def _timed(timings: dict[str, float], stage: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    timings[stage] = (time.perf_counter() - started) * 1000
