"""A photo on its way through the Match tab, as plain functions: page events in, changes of named parts out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import gradio as gr

from pipeline.draw import annotate, jpeg, piece_at
from pipeline.errors import PipelineError
from pipeline.photo import read_photo
from pipeline.query import Wish
from pipeline.settings import Settings
from pipeline.types import Cutout, Photo
from pipeline.ui import answers, markup, texts
from pipeline.ui.answers import Changes
from pipeline.ui.examples import Example
from pipeline.ui.loading import Loader, problem_of
from pipeline.ui.pictures import webp
from pipeline.ui.visits import Visit, Visits

MAX_WAITING = 12


class MatchHandlers:
    """The events of the Match tab that concern the photo; those of one row are in `acts`.

    Every method takes the session it answers, and returns what changes on the page by the names of the parts:
    drop, examples, stage, photo, status, pieces, box, history, results, options, note, look, chain, dialog, and for
    each row n (from 1) row-n, piece-n, refine-n and cards-n. Pictures are named by their addresses, so nothing is
    written to disk.
    """

    def __init__(self, loader: Loader, visits: Visits, examples: Sequence[Example]) -> None:
        self._loader = loader
        self._visits = visits
        self._examples = examples

    def receive(self, session: str, data: bytes) -> Changes:
        """A photo came, as the bytes of a file: hold it, and make room for what will be found."""
        visit = self._visits.of(session)
        if not visit.waiting and self._visits.waiting() >= MAX_WAITING:
            return {**answers.start(), "status": markup.problem(texts.BUSY)}
        visit.begin(data)
        return {**answers.start(), "status": markup.progress(texts.READING), "history": answers.earlier(visit)}

    def receive_earlier(self, session: str, place: int) -> Changes:
        """An earlier photo of this visit was chosen, by its place from 0; or all of them are to be forgotten."""
        visit = self._visits.of(session)
        if place == markup.FORGET:
            visit.forget_earlier()
            return {"history": ""}
        photos = [past.photo for past in visit.earlier().values()]
        return self.receive(session, photos[place]) if 0 <= place < len(photos) else {}

    def refuse(self, error: Exception) -> Changes:
        """A photo came that cannot be taken."""
        return {**answers.start(), "status": markup.problem(problem_of(error))}

    def receive_example(self, session: str, number: int) -> Changes:
        """An example photo was chosen."""
        if not 0 <= number < len(self._examples):
            return {}
        return self.receive(session, self._examples[number].path.read_bytes())

    def process(self, session: str, top: int, same_kind: bool, min_score: float) -> Iterator[Changes]:
        """Work through the photo that was received, telling each stage's result as it comes.

        The same again for another `min_score` (0..1): models run only where what is known does not answer it.
        """
        visit = self._visits.of(session)
        key = visit.key
        if not key:
            return
        try:
            visit.wish = Wish(top, same_kind)
            for changes in self._process(visit, min_score):
                # Another photo has come meanwhile: its own event tells about it.
                if visit.key != key:
                    return
                yield changes
        except Exception as error:
            if visit.key == key:
                yield self._failed(visit, error)
        finally:
            if visit.key == key:
                visit.waiting = False

    def _process(self, visit: Visit, min_score: float) -> Iterator[Changes]:
        key, again = visit.key, visit.look is not None
        look = visit.recall(min_score)
        if look is None:
            yield from self._until_ready(visit)
            for stage in self._loader.turns.steps(self._loader.matcher.steps(visit.photo, min_score=min_score)):
                # Another photo came while this stage ran, and pictures are held for the current one only.
                if visit.key != key:
                    return
                if isinstance(stage, Photo):
                    address = visit.show("photo.jpg", jpeg(stage.pixels)) if not again else None
                    yield {**answers.staged(address), "status": markup.progress(texts.CUTTING)}
                elif isinstance(stage, Cutout):
                    address = visit.show("cutout.webp", webp(stage.rgba)) if not again else None
                    photo = stage.photo
                    yield {**answers.staged(address), "status": markup.progress(texts.FINDING)}
                elif isinstance(stage, tuple):
                    address = visit.show("pieces.jpg", jpeg(annotate(photo, stage)))
                    yield {**answers.staged(address), "status": markup.progress(texts.COMPARING)}
                else:
                    look = stage
                    visit.keep(key, min_score, look)
        assert look is not None
        matcher = self._loader.matcher
        if again:
            # Other pieces may have come or gone, so what was wished of one would be another's.
            visit.wishes.clear()
            visit.chosen.clear()
        for box in visit.drawn:
            with self._loader.turns.take():
                look = matcher.add_piece(look, box)
        yield answers.results(visit, look, matcher)

    def _until_ready(self, visit: Visit) -> Iterator[Changes]:
        """Wait for the models with the photo in view; a photo that cannot be read need not wait for that."""
        self._loader.start()
        if not self._loader.status.over:
            photo = read_photo(visit.photo, Settings.from_environment())
            yield answers.staged(visit.show("photo.jpg", jpeg(photo.pixels)))
        while not (status := self._loader.status).over:
            yield {"status": markup.progress(texts.waiting(status.what), status.share)}
            self._loader.wait(0.4)
        if status.problem:
            raise PipelineError(status.problem)

    def _failed(self, visit: Visit, error: Exception) -> Changes:
        sentence = problem_of(error)
        visit.end()
        return {**answers.start(), "status": markup.problem(sentence), "history": answers.earlier(visit)}

    def search(self, session: str, top: int, same_kind: bool) -> Changes:
        """Another number of matches, or other kinds, for all pieces: only the search runs again."""
        visit = self._visits.of(session)
        if visit.look is None:
            return {"status": markup.problem(texts.GONE)} if not visit.waiting else {}
        visit.wish = Wish(top, same_kind)
        visit.wishes = {n: replace(wish, top=top, same_kind=same_kind) for n, wish in visit.wishes.items()}
        try:
            return answers.rows(visit, visit.look, self._loader.matcher)
        except Exception as error:
            return {"status": markup.problem(problem_of(error))}

    def select_point(self, session: str, x: int, y: int) -> Changes:
        """A click on the photo, in pixels of the picture that is shown."""
        look = self._visits.of(session).look
        if look is None:
            return {}
        place = piece_at(look.cutout.photo, look.pieces, x, y)
        return {} if place is None else self.select_row(session, place + 1)

    def select_row(self, session: str, number: int) -> Changes:
        """A piece was chosen elsewhere than in the list, which is to follow."""
        changes = self.select(session, number)
        return {**changes, "pieces": gr.update(value=number)} if "photo" in changes else changes

    def select(self, session: str, number: int) -> Changes:
        """A piece was chosen in the list, by its number from 1; the list itself is ahead of us and left alone."""
        visit = self._visits.of(session)
        if visit.look is None:
            return {"status": markup.problem(texts.GONE)} if not visit.waiting else {}
        if not 1 <= number <= len(visit.look.pieces):
            return {}
        visit.selected = number
        return {**answers.selection(number), "photo": {"url": answers.marked(visit, visit.look, number)}}

    def clear(self, session: str) -> Changes:
        """Put the photo away; chosen again during this visit, its pieces are known."""
        visit = self._visits.of(session)
        visit.end()
        return {**answers.start(), "history": answers.earlier(visit)}
