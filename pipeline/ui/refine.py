"""The wishes of one row: their form, the chips that show them, and what a browser sends back."""

from __future__ import annotations

import dataclasses
import itertools
import json
import math
from html import escape
from typing import TYPE_CHECKING, Any

from pipeline.kinds import KINDS
from pipeline.query import STRENGTH, Wish
from pipeline.types import Filters, Piece
from pipeline.ui import texts
from pipeline.ui.languages import heading, word

if TYPE_CHECKING:
    from pipeline.index import Facets, Index

MAX_WORDS = 120
MAX_MATCHES = 48
# An attribute with more values than this is text, and no choice.
MAX_VALUES = 40
ATTRIBUTE = "attribute "
# A change of the form, or words that were entered, send the whole form; the same again is not sent.
FORM_JS = """
let sent = '';
const send = form => {
  const value = JSON.stringify({...Object.fromEntries(new FormData(form)), act: 'wish'});
  if (value === sent) return;
  sent = value;
  trigger('select', {index: Number(form.dataset.row), value});
};
element.addEventListener('submit', event => { event.preventDefault(); send(event.target); });
element.addEventListener('change', event => send(event.target.closest('form')));
element.addEventListener('input', event => {
  const shown = event.target.closest('label')?.querySelector('output');
  if (shown) shown.value = event.target.value + ' %';
});
element.addEventListener('click', event => {
  const button = event.target.closest('[data-act]');
  if (button) trigger('select', {index: Number(button.dataset.row), value: JSON.stringify({...button.dataset})});
});
watch('value', () => {
  sent = '';
  const form = element.querySelector('form');
  form?.reset();
  for (const shown of form?.querySelectorAll('output') ?? []) shown.value = shown.defaultValue;
});
"""


_made = itertools.count()


def next_made() -> int:
    """A number that no other form has: a browser leaves what was typed alone when it is sent the same form again."""
    return next(_made)


def form(number: int, piece: Piece, wish: Wish, facets: Facets) -> str:
    """What can be wished for the piece of that number, as the wish has it now."""
    kinds = "".join(_option(kind, heading(kind), piece.label) for kind in KINDS)
    same = " checked" if wish.same_kind else ""
    remove = (
        f"<button type='button' class='fp-quiet' data-act='remove' data-row='{number}'>{texts.REMOVE}</button>"
        if piece.drawn
        else ""
    )
    return (
        f"<form class='fp-refine' data-row='{number}' data-made='{next_made()}' autocomplete='off'>"
        f"<input type='text' enterkeyhint='search' name='words' maxlength='{MAX_WORDS}' value='{escape(wish.words)}' "
        f"placeholder='{texts.WORDS_HINT}' aria-label='{escape(texts.words(piece.label))}'>"
        f"<details><summary>{texts.REFINE}</summary><div class='fp-fields'>"
        f"<label class='fp-wide'><span>{texts.STRENGTH}</span><input type='range' name='strength' min='0' max='100' "
        f"step='5' value='{round(wish.strength * 100)}'><output>{round(wish.strength * 100)} %</output></label>"
        f"<label><span>{texts.KIND}</span><select name='kind'>{kinds}</select></label>"
        f"{filter_fields(wish.filters, facets)}"
        f"<label class='fp-check'><input type='checkbox' name='same' value='1'{same}><span>{texts.SAME_KIND}</span>"
        f"</label></div><div class='fp-actions'>{remove}<button type='button' class='fp-quiet' data-act='reset' "
        f"data-row='{number}'>{texts.RESET}</button></div></details></form>"
    )


def filter_fields(filters: Filters, facets: Facets, categories: bool = False) -> str:
    """A field for everything that the catalogue's items can be filtered by."""
    fields = _choice("category", texts.CATEGORY, facets.categories, filters.categories[:1]) if categories else ""
    fields += _choice("colour", texts.COLOUR, facets.colours, filters.colours[:1])
    for name, values in sorted(facets.attributes.items()):
        if 1 < len(values) <= MAX_VALUES:
            chosen = tuple(value for other, value in filters.attributes if other == name)[:1]
            fields += _choice(ATTRIBUTE + name, heading(name), values, chosen)
    if facets.prices:
        low, high = math.floor(facets.prices[0]), math.ceil(facets.prices[1])
        ends = ((texts.PRICE_FROM, "low", filters.min_price, low), (texts.PRICE_TO, "high", filters.max_price, high))
        for label, name, value, bound in ends:
            shown = "" if value is None else f"{value:g}"
            fields += (
                f"<label><span>{label}</span><input type='number' name='{name}' min='0' step='any' inputmode='decimal' "
                f"value='{shown}' placeholder='{bound} €'></label>"
            )
    return fields


def _choice(name: str, label: str, values: Any, chosen: tuple[str, ...]) -> str:
    known = [value for value in values if value]
    if not known:
        return ""
    options = "".join(_option(value, f"{word(value)} ({values[value]})", *chosen) for value in sorted(known, key=word))
    return (
        f"<label><span>{escape(label)}</span><select name='{escape(name)}'>"
        f"<option value=''>{texts.ANY}</option>{options}</select></label>"
    )


def _option(value: str, shown: str, *chosen: str) -> str:
    selected = " selected" if value in chosen else ""
    return f"<option value='{escape(value)}'{selected}>{escape(shown)}</option>"


def read(value: Any) -> dict[str, str]:
    """What a browser sent: the fields of a form, or a button's data; whatever is no such thing has no fields."""
    try:
        fields = json.loads(value)
    except (TypeError, ValueError):
        return {}
    return {str(k): v for k, v in fields.items() if isinstance(v, str)} if isinstance(fields, dict) else {}


def wish_of(fields: dict[str, str], before: Wish) -> Wish:
    """The wish that the fields of a form make of the one before."""
    strength = number(fields.get("strength", ""))
    return dataclasses.replace(
        before,
        words=fields.get("words", "").strip()[:MAX_WORDS],
        strength=STRENGTH if strength is None else min(max(strength / 100, 0.0), 1.0),
        same_kind="same" in fields,
        filters=filters_of(fields),
        far=False,
    )


def filters_of(fields: dict[str, str]) -> Filters:
    """The filters that the fields of a form make."""
    named = {name: (fields[name],) if fields.get(name) else () for name in ("category", "colour")}
    attributes = [(name.removeprefix(ATTRIBUTE), v) for name, v in fields.items() if name.startswith(ATTRIBUTE) and v]
    return Filters(
        named["category"],
        named["colour"],
        number(fields.get("low", "")),
        number(fields.get("high", "")),
        tuple(attributes),
    )


def number(text: str) -> float | None:
    """A number as people write it, None for anything else."""
    try:
        amount = float(text.replace(",", "."))
    except ValueError:
        return None
    return amount if math.isfinite(amount) else None


def chips(row: int, wish: Wish, index: Index) -> str:
    """The items that a wish is about, each to be taken back."""
    about = [(texts.CHIP_FROM, wish.origin)] if wish.origin else []
    about += [(texts.CHIP_MORE, item) for item in wish.more] + [(texts.CHIP_LESS, item) for item in wish.less]
    shown = "".join(_chip(row, said, item_id, index) for said, item_id in about)
    return f"<div class='fp-chips'>{shown}</div>" if shown else ""


def _chip(row: int, said: str, item_id: str, index: Index) -> str:
    try:
        item = index.item(item_id)
    except KeyError:
        title = item_id
    else:
        title = item.title or word(item.category)
    what = escape(f"{said} {title}")
    return (
        f"<button type='button' class='fp-chip' data-act='back' data-row='{row}' data-item='{escape(item_id)}' "
        f"aria-label='{texts.TAKE_BACK}: {what}'>{what}<span aria-hidden='true'>×</span></button>"
    )
