"""What is known of a photo -> the changes of the Match tab's parts, by their names."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import gradio as gr

from pipeline.draw import annotate, jpeg
from pipeline.types import Look, PieceMatches
from pipeline.ui import chain, markup, refine, texts, whole_look
from pipeline.ui.pictures import THUMB_SIDE, webp
from pipeline.ui.visits import Visit, past_name

if TYPE_CHECKING:
    from pipeline.matcher import Matcher

ROWS = 12
ROW, SELECTED_ROW = ["fp-row"], ["fp-row", "fp-selected"]

Changes = dict[str, Any]


def start() -> Changes:
    """The page as it is before a photo is chosen."""
    rows = {f"row-{n}": gr.update(visible=False, elem_classes=ROW) for n in range(1, ROWS + 1)}
    return {
        **rows,
        "drop": gr.update(visible=True, value=None),
        "stage": gr.update(visible=False),
        "results": gr.update(visible=False),
        "photo": gr.update(value=None, alt_text=texts.PHOTO_ALT),
        "examples": gr.update(visible=True),
        "status": "",
        "pieces": gr.update(choices=[], value=None, visible=False),
        "box": "",
        "options": gr.update(visible=False),
        "note": markup.empty(texts.EMPTY),
        "look": "",
        "chain": "",
        "dialog": "",
    }


def earlier(visit: Visit) -> str:
    """The photos of this visit that can be returned to."""
    shown = [
        visit.keep_file(past_name(key), lambda look=past.look: webp(look.cutout.photo.pixels, THUMB_SIDE))  # type: ignore[misc]
        for key, past in visit.earlier().items()
    ]
    return markup.earlier(shown)


def staged(address: str | None) -> Changes:
    """The photo takes the place of the drop zone. address: the picture to show, None for the one that is there."""
    hidden = {"drop": gr.update(visible=False), "examples": gr.update(visible=False)}
    picture = {} if address is None else {"photo": {"url": address}}
    return {**hidden, **picture, "stage": gr.update(visible=True), "results": gr.update(visible=True)}


def results(visit: Visit, look: Look, matcher: Matcher, selected: int | None = None) -> Changes:
    """Everything about a photo whose pieces are known. selected: number of the chosen piece, from 1."""
    started = time.perf_counter()
    visit.look, visit.selected = look, selected
    changes = rows(visit, look, matcher)
    seconds = sum(look.timings.values()) / 1000 + time.perf_counter() - started
    count = len(look.pieces)
    choices = [(texts.choice(n, piece), n) for n, piece in enumerate(look.pieces, 1)]
    return {
        **staged(marked(visit, look, selected)),
        **changes,
        "status": markup.note(texts.found(count, seconds)) if count else "",
        "pieces": gr.update(choices=choices, value=selected, visible=count > 0),
        "box": markup.over_photo(look.cutout.photo, look.pieces),
        # With nothing found, the way to find more is there.
        "options": gr.update(visible=True) if count else gr.update(visible=True, open=True),
        "chain": chain.section(visit, matcher),
        "history": earlier(visit),
    }


def rows(visit: Visit, look: Look, matcher: Matcher) -> Changes:
    """The row of every piece, searched anew."""
    visit.result = matcher.search(look, visit.wish, visit.wishes)
    count, changes = len(look.pieces), Changes()
    for n in range(1, ROWS + 1):
        if n > count:
            hidden = {f"row-{n}": gr.update(visible=False)}
            changes |= {**hidden, f"piece-{n}": "", f"refine-{n}": "", f"cards-{n}": ""}
            continue
        found = visit.result.pieces[n - 1]
        changes |= {
            f"row-{n}": gr.update(visible=True, elem_classes=SELECTED_ROW if n == visit.selected else ROW),
            f"piece-{n}": piece(visit, n, found),
            f"refine-{n}": refine.form(n, found.piece, visit.wished(n - 1), matcher.index.facets),
            f"cards-{n}": cards(visit, n, found, matcher),
        }
    more = markup.note(texts.more(count - ROWS)) if count > ROWS else ""
    return {**changes, "note": more if count else markup.no_pieces(), "look": whole_look.section(visit, matcher)}


def row(visit: Visit, number: int, matcher: Matcher, *, form: bool = False) -> Changes:
    """One piece's matches, searched anew. form: its wishes are shown anew, too."""
    look, place = visit.look, number - 1
    assert look is not None
    found = matcher.matches(look, place, visit.wished(place))
    visit.replace_row(place, found)
    changes = {f"cards-{number}": cards(visit, number, found, matcher), "look": whole_look.section(visit, matcher)}
    if form:
        shown = refine.form(number, found.piece, visit.wished(place), matcher.index.facets)
        changes[f"refine-{number}"] = shown
    return changes


def piece(visit: Visit, number: int, found: PieceMatches) -> str:
    """The left part of a row."""
    assert visit.look is not None
    # A piece that was drawn may take the number of one that was removed: its crop needs another address.
    name = f"crop-{number}-{'-'.join(str(round(edge)) for edge in found.piece.box)}.webp"
    if not visit.shows(name):
        visit.show(name, webp(found.crop, THUMB_SIDE))
    return markup.piece(number, found, visit.look.cutout.photo, visit.address(name))


def cards(visit: Visit, number: int, found: PieceMatches, matcher: Matcher) -> str:
    """The right part of a row: what was wished for, and the matches."""
    wish, label = visit.wished(number - 1), found.piece.label
    chips = refine.chips(number, wish, matcher.index)
    if not found.matches:
        if wish.same_kind and label not in matcher.index.kinds:
            return chips + markup.none(number, texts.none_of_kind(label))
        filtered = bool(wish.filters)
        sentence = texts.NOTHING_FILTERED if filtered and wish.far else texts.NOTHING_CLOSE
        return chips + markup.none(number, sentence, offer=not wish.far)
    far = f"<p class='fp-far'>{texts.FAR}</p>" if wish.far else ""
    more = len(found.matches) >= (wish.top or matcher.settings.top) and len(found.matches) < refine.MAX_MATCHES
    return chips + far + markup.cards(number, found.matches, wish, more=more)


def selection(number: int | None) -> Changes:
    """Which row stands out."""
    return {f"row-{n}": gr.update(elem_classes=SELECTED_ROW if n == number else ROW) for n in range(1, ROWS + 1)}


def marked(visit: Visit, look: Look, number: int | None) -> str:
    """The address of the photo with its pieces marked, drawn once for each selection."""
    # A browser keeps what it once got from an address, and pieces can be drawn, removed and renamed.
    pieces = "".join(f"{piece.label[:3]}{piece.area:.5f}" for piece in look.pieces)
    name = f"marked-{hash(pieces) & 0xFFFFFFFF:08x}-{number or 0}.jpg"
    if not visit.shows(name):
        selected = None if number is None else number - 1
        visit.show(name, jpeg(annotate(look.cutout.photo, look.pieces, selected)))
    return visit.address(name)
