"""What a visitor does with one row of matches: wishes, likes, looks on, renames, draws, puts into the look."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.kinds import KINDS
from pipeline.types import Match
from pipeline.ui import answers, markup, refine, texts, whole_look
from pipeline.ui.answers import ROWS, Changes
from pipeline.ui.loading import Loader, problem_of
from pipeline.ui.visits import Visit, Visits

if TYPE_CHECKING:
    from pipeline.matcher import Matcher

PAGE = 8

Act = Callable[["Visit", "Matcher", int, Mapping[str, str]], Changes]


class Acts:
    """Every act is a name that a button or a form of the page sends, and a function of this module."""

    def __init__(self, loader: Loader, visits: Visits) -> None:
        self._loader = loader
        self._visits = visits

    def act(self, session: str, number: int, fields: Mapping[str, str]) -> Changes:
        """Do what was asked of the row of that number, from 1; anybody can send anything here."""
        visit = self._visits.of(session)
        if visit.look is None or visit.result is None:
            return {} if visit.waiting else {"status": markup.problem(texts.GONE)}
        act = ACTS.get(fields.get("act", ""))
        if act is None or not 1 <= number <= min(len(visit.look.pieces), ROWS):
            return {}
        before = dict(visit.wishes)
        try:
            return act(visit, self._loader.matcher, number, fields)
        except Exception as error:
            visit.wishes = before
            return {f"cards-{number}": markup.problem(problem_of(error))}

    def draw(self, session: str, box: tuple[float, float, float, float]) -> Iterator[Changes]:
        """A box was drawn. box: xyxy as shares (0..1) of the photo's width and height."""
        visit = self._visits.of(session)
        look = visit.look
        if look is None or not self._loader.status.ready:
            return
        if len(look.pieces) >= ROWS:
            yield {"status": markup.problem(texts.TOO_MANY)}
            return
        yield {"status": markup.progress(texts.OUTLINING)}
        width, height = look.cutout.photo.size
        try:
            scaled = (box[0] * width, box[1] * height, box[2] * width, box[3] * height)
            matcher = self._loader.matcher
            with self._loader.turns.take():
                wider = matcher.add_piece(look, scaled)
            if visit.look is look:
                visit.drawn.append(scaled)
                yield answers.results(visit, wider, matcher, len(wider.pieces))
        except Exception as error:
            yield {"status": markup.problem(problem_of(error))}


def _wish(visit: Visit, matcher: Matcher, number: int, fields: Mapping[str, str]) -> Changes:
    wish = refine.wish_of(dict(fields), visit.wished(number - 1))
    assert visit.look is not None
    kind = fields.get("kind", "")
    visit.wishes[number - 1] = wish
    if kind in KINDS and kind != visit.look.pieces[number - 1].label:
        # The name shows on the photo and in the list, too.
        return answers.results(visit, visit.look.renamed(number - 1, kind), matcher, number)
    return answers.row(visit, number, matcher)


def _more(visit: Visit, matcher: Matcher, number: int, fields: Mapping[str, str]) -> Changes:
    wish, item = visit.wished(number - 1), fields.get("item", "")
    # The same again takes it back.
    visit.wishes[number - 1] = wish.without(item) if item in wish.more else wish.liking(item)
    return {**answers.row(visit, number, matcher), "dialog": ""}


def _less(visit: Visit, matcher: Matcher, number: int, fields: Mapping[str, str]) -> Changes:
    visit.wishes[number - 1] = visit.wished(number - 1).disliking(fields.get("item", ""))
    return {**answers.row(visit, number, matcher), "dialog": ""}


def _from(visit: Visit, matcher: Matcher, number: int, fields: Mapping[str, str]) -> Changes:
    visit.wishes[number - 1] = replace(
        visit.wished(number - 1), origin=fields.get("item", ""), more=(), less=(), far=False
    )
    return {**answers.row(visit, number, matcher), "dialog": ""}


def _back(visit: Visit, matcher: Matcher, number: int, fields: Mapping[str, str]) -> Changes:
    visit.wishes[number - 1] = visit.wished(number - 1).without(fields.get("item", ""))
    return answers.row(visit, number, matcher)


def _further(visit: Visit, matcher: Matcher, number: int, fields: Mapping[str, str]) -> Changes:
    top = visit.wished(number - 1).top or matcher.settings.top
    visit.wishes[number - 1] = replace(visit.wished(number - 1), top=min(top + PAGE, refine.MAX_MATCHES))
    return answers.row(visit, number, matcher)


def _far(visit: Visit, matcher: Matcher, number: int, fields: Mapping[str, str]) -> Changes:
    visit.wishes[number - 1] = replace(visit.wished(number - 1), far=True)
    return answers.row(visit, number, matcher)


def _reset(visit: Visit, matcher: Matcher, number: int, fields: Mapping[str, str]) -> Changes:
    visit.wishes.pop(number - 1, None)
    return answers.row(visit, number, matcher, form=True)


def _remove(visit: Visit, matcher: Matcher, number: int, fields: Mapping[str, str]) -> Changes:
    look, place = visit.look, number - 1
    if look is None or not look.pieces[place].drawn:
        return {}
    # Drawn pieces come after the found ones, in the order they were drawn in.
    visit.drawn.pop(sum(piece.drawn for piece in look.pieces[:place]))
    for held in (visit.wishes, visit.chosen):
        shifted = {p - (p > place): value for p, value in held.items() if p != place}
        held.clear()
        held.update(shifted)  # type: ignore[arg-type]
    left = look.only([n for n in range(len(look.pieces)) if n != place])
    return answers.results(visit, left, matcher)


def _open(visit: Visit, matcher: Matcher, number: int, fields: Mapping[str, str]) -> Changes:
    match = _match(visit, number, fields.get("item", ""))
    if match is None:
        return {}
    return {"dialog": markup.dialog(match, number, visit.wished(number - 1), whole_look.worn(visit, number - 1))}


def _wear(visit: Visit, matcher: Matcher, number: int, fields: Mapping[str, str]) -> Changes:
    item = fields.get("item", "")
    if item and _match(visit, number, item) is None:
        return {}
    visit.chosen[number - 1] = item
    return {"look": whole_look.section(visit, matcher), "dialog": ""}


def _unwear(visit: Visit, matcher: Matcher, number: int, fields: Mapping[str, str]) -> Changes:
    visit.chosen.pop(number - 1, None)
    return {"look": whole_look.section(visit, matcher)}


def _match(visit: Visit, number: int, item: str) -> Match | None:
    assert visit.result is not None
    return next((m for m in visit.result.pieces[number - 1].matches if m.item.id == item), None)


ACTS: dict[str, Act] = {
    "wish": _wish, "more": _more, "less": _less, "from": _from, "back": _back, "further": _further, "far": _far,
    "reset": _reset, "remove": _remove, "open": _open, "wear": _wear, "unwear": _unwear,
}  # fmt: skip
