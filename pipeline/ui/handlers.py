"""What happens on the Match tab, as plain functions: page events in, changes of named parts out."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import gradio as gr

from pipeline.draw import annotate, piece_at
from pipeline.errors import PipelineError
from pipeline.kinds import kind_of
from pipeline.photo import read_photo
from pipeline.settings import Settings
from pipeline.types import Cutout, Photo, PieceMatches
from pipeline.ui import markup, texts
from pipeline.ui.examples import Example
from pipeline.ui.loading import Loader, problem_of
from pipeline.ui.pictures import THUMB_SIDE, jpeg, webp
from pipeline.ui.visits import Visit, Visits

if TYPE_CHECKING:
    from pipeline.matcher import Look, Matcher

ROWS = 12
MAX_WAITING = 12
ROW, SELECTED_ROW = ["fp-row"], ["fp-row", "fp-selected"]

Changes = dict[str, Any]


class MatchHandlers:
    """The events of the Match tab.

    Every method takes the session it answers, and returns what changes on the page by the names of the parts:
    drop, examples, stage, photo, status, pieces, results, options, note, dialog, and for each row n (from 1) row-n,
    piece-n and cards-n. Pictures are named by their addresses, so nothing is written to disk.
    """

    def __init__(self, loader: Loader, visits: Visits, examples: Sequence[Example]) -> None:
        self._loader = loader
        self._visits = visits
        self._examples = examples
        self._kinds: frozenset[str] | None = None

    def receive(self, session: str, data: bytes) -> Changes:
        """A photo came, as the bytes of a file: hold it, and make room for what will be found."""
        visit = self._visits.of(session)
        if not visit.waiting and self._visits.waiting() >= MAX_WAITING:
            return {**_start(), "status": markup.problem(texts.BUSY)}
        visit.begin(data)
        return {**_start(), "status": markup.progress(texts.READING)}

    def refuse(self, error: Exception) -> Changes:
        """A photo came that cannot be taken."""
        return {**_start(), "status": markup.problem(problem_of(error))}

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
            for changes in self._process(visit, top, same_kind, min_score):
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

    def _process(self, visit: Visit, top: int, same_kind: bool, min_score: float) -> Iterator[Changes]:
        key, again = visit.key, visit.look is not None
        look = visit.recall(min_score)
        if look is None:
            yield from self._until_ready(visit)
            for stage in self._loader.matcher.steps(visit.photo, min_score=min_score):
                # Another photo came while this stage ran, and pictures are held for the current one only.
                if visit.key != key:
                    return
                if isinstance(stage, Photo):
                    address = visit.show("photo.jpg", jpeg(stage.pixels)) if not again else None
                    yield {**_staged(address), "status": markup.progress(texts.CUTTING)}
                elif isinstance(stage, Cutout):
                    address = visit.show("cutout.webp", webp(stage.rgba)) if not again else None
                    photo = stage.photo
                    yield {**_staged(address), "status": markup.progress(texts.FINDING)}
                elif isinstance(stage, tuple):
                    address = visit.show("pieces.jpg", jpeg(annotate(photo, stage)))
                    yield {**_staged(address), "status": markup.progress(texts.COMPARING)}
                else:
                    look = stage
                    visit.keep(key, min_score, look)
        assert look is not None
        visit.look = look
        yield self._results(visit, look, top, same_kind)

    def _until_ready(self, visit: Visit) -> Iterator[Changes]:
        """Wait for the models with the photo in view; a photo that cannot be read need not wait for that."""
        self._loader.start()
        if not self._loader.status.over:
            photo = read_photo(visit.photo, Settings.from_environment())
            yield _staged(visit.show("photo.jpg", jpeg(photo.pixels)))
        while not (status := self._loader.status).over:
            yield {"status": markup.progress(texts.waiting(status.what), status.share)}
            self._loader.wait(0.4)
        if status.problem:
            raise PipelineError(status.problem)

    def _failed(self, visit: Visit, error: Exception) -> Changes:
        sentence = problem_of(error)
        visit.end()
        return {**_start(), "status": markup.problem(sentence)}

    def _results(self, visit: Visit, look: Look, top: int, same_kind: bool) -> Changes:
        started = time.perf_counter()
        rows = self._rows(visit, look, top, same_kind, elem_classes=ROW)
        seconds = sum(look.timings.values()) / 1000 + time.perf_counter() - started
        count = len(look.pieces)
        choices = [(texts.choice(n, p.label, p.score), n) for n, p in enumerate(look.pieces, 1)]
        return {
            **_staged(_marked(visit, look, None)),
            **rows,
            "status": markup.note(texts.found(count, seconds)) if count else "",
            "pieces": gr.update(choices=choices, value=None, visible=count > 0),
            # With nothing found, the way to find more is there.
            "options": gr.update(visible=True) if count else gr.update(visible=True, open=True),
        }

    def _rows(self, visit: Visit, look: Look, top: int, same_kind: bool, **row_props: Any) -> Changes:
        matcher = self._loader.matcher
        visit.result, visit.asked = matcher.search(look, top=top, same_kind=same_kind), (top, same_kind)
        count = len(look.pieces)
        changes: Changes = {}
        for n in range(1, ROWS + 1):
            if n > count:
                changes |= {f"row-{n}": gr.update(visible=False), f"piece-{n}": "", f"cards-{n}": ""}
                continue
            row = visit.result.pieces[n - 1]
            crop = visit.show(f"crop-{n}-{count}.webp", webp(row.crop, THUMB_SIDE))
            changes |= {
                f"row-{n}": gr.update(visible=True, **row_props),
                f"piece-{n}": markup.piece(n, row.piece, crop),
                f"cards-{n}": self._cards(row, same_kind, matcher),
            }
        more = markup.note(texts.more(count - ROWS)) if count > ROWS else ""
        return {**changes, "note": more if count else markup.no_pieces()}

    def _cards(self, row: PieceMatches, same_kind: bool, matcher: Matcher) -> str:
        if row.matches:
            return markup.cards(row.matches)
        if self._kinds is None:
            self._kinds = frozenset(kind_of(item.category) for item in matcher.index.items)
        if same_kind and row.piece.label not in self._kinds:
            return markup.none(texts.none_of_kind(row.piece.label))
        return markup.none(texts.NOTHING_CLOSE, offer=True)

    def search(self, session: str, top: int, same_kind: bool) -> Changes:
        """Another number of matches, or other kinds: only the search runs again."""
        visit = self._visits.of(session)
        if visit.look is None:
            return {"status": markup.problem(texts.GONE)} if not visit.waiting else {}
        try:
            return self._rows(visit, visit.look, top, same_kind)
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
        return {
            **_selection(number),
            "photo": {"url": _marked(visit, visit.look, number)},
        }

    def open_match(self, session: str, number: int, place: int) -> Changes:
        """A match was clicked. number: of its piece, from 1; place: in the piece's row, from 0, or the offer of FAR."""
        visit = self._visits.of(session)
        result = visit.result
        if result is None:
            return {"status": markup.problem(texts.GONE)}
        if place == markup.FAR:
            return self._show_far(visit, number)
        if not (1 <= number <= len(result.pieces) and 0 <= place < len(result.pieces[number - 1].matches)):
            return {}
        return {"dialog": markup.dialog(result.pieces[number - 1].matches[place])}

    def _show_far(self, visit: Visit, number: int) -> Changes:
        look, result = visit.look, visit.result
        if look is None or result is None or not 1 <= number <= len(look.pieces):
            return {}
        top, same_kind = visit.asked
        kinds = [look.pieces[number - 1].label if same_kind else None]
        far = self._loader.matcher.index.search(look.embeddings[number - 1 : number], top, kinds)[0]
        rows = list(result.pieces)
        rows[number - 1] = replace(rows[number - 1], matches=far)
        visit.result = replace(result, pieces=tuple(rows))
        return {f"cards-{number}": markup.far_cards(far)}

    def clear(self, session: str) -> Changes:
        """Put the photo away; chosen again during this visit, its pieces are known."""
        self._visits.of(session).end()
        return _start()


def _start() -> Changes:
    """The page as it is before a photo is chosen."""
    rows = {f"row-{n}": gr.update(visible=False, elem_classes=ROW) for n in range(1, ROWS + 1)}
    return {
        **rows,
        "drop": gr.update(visible=True, value=None),
        "stage": gr.update(visible=False),
        "results": gr.update(visible=False),
        "photo": None,
        "examples": gr.update(visible=True),
        "status": "",
        "pieces": gr.update(choices=[], value=None, visible=False),
        "options": gr.update(visible=False),
        "note": markup.empty(texts.EMPTY),
        "dialog": "",
    }


def _staged(address: str | None) -> Changes:
    """The photo takes the place of the drop zone. address: the picture to show, None for the one that is there."""
    hidden = {"drop": gr.update(visible=False), "examples": gr.update(visible=False)}
    picture = {} if address is None else {"photo": {"url": address}}
    return {**hidden, **picture, "stage": gr.update(visible=True), "results": gr.update(visible=True)}


def _selection(number: int | None) -> Changes:
    return {f"row-{n}": gr.update(elem_classes=SELECTED_ROW if n == number else ROW) for n in range(1, ROWS + 1)}


def _marked(visit: Visit, look: Look, number: int | None) -> str:
    """The address of the photo with its pieces marked, drawn once for each selection."""
    name = f"marked-{len(look.pieces)}-{number or 0}.jpg"
    if not visit.shows(name):
        selected = None if number is None else number - 1
        visit.show(name, jpeg(annotate(look.cutout.photo, look.pieces, selected)))
    return visit.address(name)
