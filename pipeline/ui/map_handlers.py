"""The events of the Map tab, as plain functions: what stands out on the map, what is opened, where pieces lie."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from pipeline.draw import colour_of
from pipeline.fashionmap.markup import viewer
from pipeline.fashionmap.projection import METHODS
from pipeline.fashionmap.wording import NAMES_OF_METHODS
from pipeline.types import Match
from pipeline.ui import markup, refine, texts, texts_map
from pipeline.ui.answers import Changes
from pipeline.ui.browse import MOST, NO_ROW, PAGE, Browser, Shelf
from pipeline.ui.loading import Loader
from pipeline.ui.map_layouts import Map, Maps
from pipeline.ui.pictures import webp
from pipeline.ui.visits import Visit, Visits

if TYPE_CHECKING:
    from pipeline.matcher import Matcher

SHELF = Shelf("map", everything=False)
# Side in pixels of a piece's picture on the map.
CROP_SIDE = 160
# Seconds from one word on the progress to the next.
_EVERY = 0.4


class MapBrowser(Browser):
    """A browser whose answers stand out on the map; the changed parts are form, told, map, pieces, found, dialog."""

    def __init__(self, loader: Loader, visits: Visits, maps: Maps) -> None:
        super().__init__(loader, visits, SHELF)
        self._maps = maps

    def show(self, session: str, method: str = "") -> Iterator[Changes]:
        """The tab came into view, or another method was chosen: lay out, telling how far it is, and show."""
        if not self._loader.status.ready:
            yield self.open(session)
            return
        visit = self._visits.of(session)
        if method in METHODS:
            visit.mapped = method
        job = self._maps.ask(visit.mapped)
        while not job.over:
            yield {"told": markup.progress(texts_map.LAYING_OUT, job.share or None)}
            job.wait(_EVERY)
        if job.map is None:
            yield {"told": markup.problem(job.problem), "map": ""}
            return
        shown = self._viewer(job.map)
        yield {"told": "", **({"map": shown} if shown else {}), **self.open(session)}

    def open(self, session: str) -> Changes:
        """Everything of the tab but the map itself."""
        if not self._loader.status.ready:
            return {"told": markup.problem(self._loader.status.problem or texts.NOT_READY)}
        visit = self._visits.of(session)
        return {**super().open(session), "pieces": self._pieces(visit)}

    def _act(self, visit: Visit, matcher: Matcher, act: str, fields: dict[str, str]) -> Changes:
        if act == "piece":
            return {"found": self._near_piece(visit, matcher, fields)}
        return super()._act(visit, matcher, act, fields)

    def _viewer(self, shown: Map) -> str:
        ways = "".join(
            markup.button(name, "method", NO_ROW, method, pressed=method == shown.layout.method)
            for method, name in NAMES_OF_METHODS.items()
        )
        group = f"<div role='group' aria-label='{texts_map.BY}'><span>{texts_map.BY}</span>{ways}</div>"
        words = escape(json.dumps(texts_map.viewer()))
        return f"<div data-map-key='{shown.key}' data-words='{words}'>{viewer(texts_map.viewer(), group)}</div>"

    def _pieces(self, visit: Visit) -> str:
        """The pieces of the visit's photo as buttons, with what the viewer draws of them."""
        shown = self._maps.ask(visit.mapped).map
        if visit.look is None or visit.result is None or shown is None or not visit.look.pieces:
            return ""
        labels = [piece.label for piece in visit.look.pieces]
        free, grid = shown.whereabouts(visit.look.embeddings, labels)
        drawn = [
            {
                "number": n + 1,
                "label": texts_map.piece(label, n + 1),
                "colour": "rgb({},{},{})".format(*colour_of(label)),
                "picture": _crop(visit, n),
                "free": np.round(free[n], 4).tolist(),
                "grid": grid[n].tolist(),
            }
            for n, label in enumerate(labels)
        ]
        buttons = "".join(markup.button(texts_map.piece(label, n), "piece", n) for n, label in enumerate(labels, 1))
        data = escape(json.dumps(drawn))
        return (
            f"<div class='fp-said' role='group' aria-label='{texts_map.PIECES}' data-pieces='{data}'>"
            f"<span>{texts_map.PIECES}</span>{buttons}</div>"
        )

    def _near_piece(self, visit: Visit, matcher: Matcher, fields: Mapping[str, str]) -> str:
        number = int(fields.get("row", "")) if fields.get("row", "").isdecimal() else 0
        if visit.result is None or not 1 <= number <= len(visit.result.pieces):
            return self._found(visit, matcher)
        row = visit.result.pieces[number - 1]
        head = texts_map.near_piece(row.piece.label, number)
        back = markup.button(texts.RESET, "reset", NO_ROW)
        return self._answer(visit, matcher, list(row.matches), f"<span>{escape(head)}</span>{back}", marks=True)

    def _found(self, visit: Visit, matcher: Matcher) -> str:
        wish, index = self._wish(visit), matcher.index
        top = wish.top or PAGE
        chips = refine.chips(NO_ROW, wish, index)
        if wish.words.strip() or wish.more or wish.origin:
            matches = list(matcher.items(replace(wish, top=MOST)))
            if not matches:
                return chips + markup.none(NO_ROW, texts_map.NOTHING_THERE, offer=not wish.far) + _lit(b"")
            return self._answer(
                visit, matcher, matches, f"<span>{texts_map.lit(len(matches))}</span>", chips, marks=True
            )
        hidden = wish.hidden
        items = [item for item in index.select(wish.filters) if item.id not in hidden] if wish.filters else index.items
        matches = [Match(item, 0.0) for item in items]
        if not wish.filters:
            job = self._maps.ask(visit.mapped)
            shown = len(job.map.points) if job.map else len(matches)
            head = texts_map.everything(shown, len(index))
            return self._answer(visit, matcher, matches, f"<span>{head}</span>", chips, every=True, top=top)
        return self._answer(visit, matcher, matches, f"<span>{texts_map.lit(len(matches))}</span>", chips, top=top)

    def _answer(
        self, visit: Visit, matcher: Matcher, matches: list[Match], head: str, chips: str = "", *,
        marks: bool = False, every: bool = False, top: int = 0,
    ) -> str:  # fmt: skip
        """What stands out, for the map and as a list. marks: similarities mean something. every: nothing is dimmed."""
        wish = self._wish(visit)
        top = top or wish.top or PAGE
        job = self._maps.ask(visit.mapped)
        lit = "" if every or job.map is None else _lit(_bits(job.map, matches))
        cards = markup.cards(NO_ROW, matches[:top], wish, more=len(matches) > top and top < MOST, likeness=marks)
        return (
            f"{chips}<div class='fp-said fp-lit' role='status'>{head}</div>{lit}"
            f"<details class='fp-map-list'><summary>{texts_map.LIST}</summary>{cards}</details>"
        )


def _crop(visit: Visit, place: int) -> str:
    """The address of the small picture of a piece."""
    assert visit.look is not None
    # A piece that was drawn may take the number of one that was removed: its picture needs another address.
    piece, crop = visit.look.pieces[place], visit.look.crops[place]
    name = f"map-{place}-{'-'.join(str(round(edge)) for edge in piece.box)}.webp"
    return visit.address(name) if visit.shows(name) else visit.show(name, lambda: webp(crop, CROP_SIDE))


def _bits(shown: Map, matches: list[Match]) -> bytes:
    """One bit for each point of a map, the first in the highest bit of the first byte: whether it stands out."""
    flags = np.zeros(len(shown.points), bool)
    flags[[shown.place_of[match.item.id] for match in matches if match.item.id in shown.place_of]] = True
    return np.packbits(flags).tobytes()


def _lit(bits: bytes) -> str:
    return f"<i hidden data-lit='{base64.b64encode(bits).decode()}'></i>"
