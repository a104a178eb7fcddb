"""Looking through the catalogue by words, filters and likeness: what the Search and Catalogue tabs share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING

from pipeline.query import Wish
from pipeline.types import Match
from pipeline.ui import markup, refine, texts
from pipeline.ui.answers import Changes
from pipeline.ui.languages import heading
from pipeline.ui.loading import Loader, problem_of
from pipeline.ui.visits import Visit, Visits

if TYPE_CHECKING:
    from pipeline.matcher import Matcher

PAGE, MOST = 24, 480
# Seconds that a tab waits for the catalogue to be opened.
PATIENCE = 300.0
# Rows belong to pieces of a photo; what is browsed belongs to none.
NO_ROW = 0


@dataclass(frozen=True)
class Shelf:
    """One of the tabs. everything: without any wish, the whole catalogue is shown; otherwise a hint."""

    name: str
    everything: bool


class Browser:
    """The events of one shelf, as plain functions; the changed parts are form, found and dialog."""

    def __init__(self, loader: Loader, visits: Visits, shelf: Shelf) -> None:
        self._loader = loader
        self._visits = visits
        self._shelf = shelf

    def waiting(self) -> Iterator[Changes]:
        """The tab came into view, maybe before the catalogue was opened: say so, and wait for it."""
        self._loader.start()
        if not self._loader.status.over:
            yield {"found": markup.empty(texts.NOT_READY)}
            self._loader.wait(PATIENCE)

    def open(self, session: str) -> Changes:
        """Everything of the tab, as the catalogue is now."""
        if not self._loader.status.ready:
            return {"found": markup.problem(self._loader.status.problem or texts.NOT_READY)}
        visit, matcher = self._visits.of(session), self._loader.matcher
        return {"form": self._form(visit, matcher), "found": self._found(visit, matcher), "dialog": ""}

    def act(self, session: str, fields: Mapping[str, str]) -> Changes:
        """A form was sent, or a button was pressed; anybody can send anything here."""
        if not self._loader.status.ready:
            return {}
        visit, matcher = self._visits.of(session), self._loader.matcher
        before = self._wish(visit)
        try:
            return self._act(visit, matcher, fields.get("act", ""), dict(fields))
        except Exception as error:
            visit.browsed[self._shelf.name] = before
            return {"found": markup.problem(problem_of(error))}

    def _act(self, visit: Visit, matcher: Matcher, act: str, fields: dict[str, str]) -> Changes:
        wish, item = self._wish(visit), fields.get("item", "")
        if act == "open":
            return {"dialog": self._dialog(visit, matcher, item)}
        if act == "wish":
            chosen = wish.filters.categories
            wish = replace(refine.wish_of(fields, wish), top=PAGE)
            if self._shelf.everything:
                # Categories are chosen by buttons here, and are no field of the form.
                wish = replace(wish, filters=replace(wish.filters, categories=chosen))
        elif act == "say":
            wish = Wish(PAGE, words=item[: refine.MAX_WORDS])
        elif act == "category":
            wish = replace(wish, filters=replace(wish.filters, categories=(item,) if item else ()), top=PAGE)
        elif act == "reset":
            wish = Wish(PAGE)
        elif act == "further":
            wish = replace(wish, top=min((wish.top or PAGE) + PAGE, MOST))
        elif act == "far":
            wish = replace(wish, far=True)
        elif act in _OPINIONS:
            wish = replace(_OPINIONS[act](wish, item), top=PAGE)
        else:
            return {}
        visit.browsed[self._shelf.name] = wish
        changes: Changes = {"found": self._found(visit, matcher), "dialog": ""}
        return {**changes, "form": self._form(visit, matcher)} if act in ("say", "category", "reset") else changes

    def _wish(self, visit: Visit) -> Wish:
        return visit.browsed.get(self._shelf.name, Wish(PAGE))

    def _form(self, visit: Visit, matcher: Matcher) -> str:
        wish, facets = self._wish(visit), matcher.index.facets
        hint = texts.BROWSE_HINT if self._shelf.everything else texts.SEARCH_HINT
        opened = " open" if replace(wish.filters, categories=()) else ""
        if self._shelf.everything:
            ways = markup.categories(facets.categories, wish.filters.categories)
        else:
            said = "".join(markup.button(shown, "say", NO_ROW, words) for words, shown in texts.suggestions().items())
            ways = f"<div class='fp-said'>{said}</div>"
        return (
            f"<form class='fp-refine fp-browse' data-row='{NO_ROW}' data-made='{refine.next_made()}' "
            f"autocomplete='off'>"
            f"<input type='text' enterkeyhint='search' name='words' maxlength='{refine.MAX_WORDS}' "
            f"value='{escape(wish.words)}' placeholder='{escape(hint)}' aria-label='{texts.SEARCH_WORDS}'>"
            f"<button type='submit' class='fp-main-button'>{texts.SEARCH}</button>"
            f"<details{opened}><summary>{texts.FILTERS}</summary><div class='fp-fields'>"
            f"{refine.filter_fields(wish.filters, facets, categories=not self._shelf.everything)}</div>"
            f"<div class='fp-actions'>"
            f"<button type='button' class='fp-quiet' data-act='reset' data-row='{NO_ROW}'>{texts.RESET}</button></div>"
            f"</details></form>{ways}"
        )

    def _found(self, visit: Visit, matcher: Matcher) -> str:
        wish, index = self._wish(visit), matcher.index
        top = wish.top or PAGE
        if wish.words.strip() or wish.more or wish.origin:
            matches = matcher.items(wish)
            chips = refine.chips(NO_ROW, wish, index)
            if not matches:
                return chips + markup.none(NO_ROW, texts.NOTHING_FOUND, offer=not wish.far)
            far = f"<p class='fp-far'>{texts.FAR}</p>" if wish.far else ""
            more = len(matches) >= top and top < MOST
            return chips + far + markup.cards(NO_ROW, matches, wish, more=more)
        if not self._shelf.everything and not wish.filters:
            return markup.empty(texts.SEARCH_EMPTY)
        items = index.select(wish.filters, 0, top + len(wish.less))
        shown = [Match(item, 0.0) for item in items if item.id not in wish.hidden][:top]
        count = len(index.rows(wish.filters))
        head = f"<p class='fp-count' role='status'>{texts.count(count)}</p>"
        return head + (markup.cards(NO_ROW, shown, wish, more=count > top, likeness=False) if shown else "")

    def _dialog(self, visit: Visit, matcher: Matcher, item_id: str) -> str:
        try:
            item = matcher.index.item(item_id)
        except KeyError:
            return ""
        wish = self._wish(visit)
        acts = markup.button(texts.MORE_LIKE, "more", NO_ROW, item.id, pressed=item.id in wish.more)
        acts += markup.button(texts.LESS_LIKE, "less", NO_ROW, item.id)
        acts += markup.button(texts.SEARCH_FROM, "from", NO_ROW, item.id)
        if visit.owner and self._shelf.everything:
            acts += markup.button(texts.DELETE, "delete", NO_ROW, item.id, confirm=texts.DELETE_SURE)
        predicted = {texts.MEASURED: ", ".join(map(heading, item.predicted))} if item.predicted else {}
        return markup.opened(item, markup.name_of(item), predicted, f"<div class='fp-does'>{acts}</div>")


_OPINIONS = {
    "more": lambda wish, item: wish.without(item) if item in wish.more else wish.liking(item),
    "less": lambda wish, item: wish.disliking(item),
    "from": lambda wish, item: replace(wish, origin=item, more=(), less=(), far=False),
    "back": lambda wish, item: wish.without(item),
}
