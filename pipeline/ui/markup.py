"""Results -> the HTML of the page's parts. Whatever comes from a catalogue or a file is escaped here."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from pipeline.draw import colour_of
from pipeline.types import Match, Piece
from pipeline.ui import texts
from pipeline.ui.examples import Example
from pipeline.ui.pictures import example_address, item_address

if TYPE_CHECKING:
    from pipeline.ui.loading import Status

# What the offer to show far items selects, in place of a match's position.
FAR = -1
# A click on anything that carries data-index selects it.
SELECT_JS = """
element.addEventListener('click', event => {
  const chosen = event.target.closest('[data-index]');
  if (chosen) trigger('select', {index: Number(chosen.dataset.index), value: chosen.dataset.index});
});
"""
# The browser's own dialog: it keeps the focus inside, and Escape closes it.
DIALOG_JS = """
element.addEventListener('click', event => {
  const dialog = element.querySelector('dialog');
  if (dialog && (event.target === dialog || event.target.closest('[data-close]'))) dialog.close();
});
watch('value', () => {
  const dialog = element.querySelector('dialog');
  if (!dialog || dialog.open) return;
  dialog.addEventListener('close', () => { props.value = ''; }, {once: true});
  dialog.showModal();
});
"""


def header() -> str:
    """The page's title and its one sentence."""
    return f"<header class='fp-header'><h1>{texts.TITLE}</h1><p>{texts.INTRO}</p></header>"


def progress(sentence: str, share: float | None = None) -> str:
    """A sentence about work that goes on; share: 0..1 that is done, None where nobody knows."""
    width = "" if share is None else f" style='width:{share:.0%}'"
    moving = " class='fp-endless'" if share is None else ""
    return (
        f"<div class='fp-status' role='status'><span>{escape(sentence)}</span>"
        f"<div class='fp-bar' aria-hidden='true'><i{moving}{width}></i></div></div>"
    )


def note(sentence: str) -> str:
    """A quiet sentence."""
    return f"<div class='fp-status' role='status'><span>{escape(sentence)}</span></div>"


def problem(sentence: str) -> str:
    """A sentence about something that did not work."""
    return f"<div class='fp-problem' role='alert'>{escape(sentence)}</div>"


def loading(status: Status) -> str:
    """The strip that shows how far the models are; nothing once they are ready."""
    if status.ready:
        return ""
    return problem(status.problem) if status.problem else progress(texts.loading(status.what), status.share)


def empty(sentence: str) -> str:
    """The place of the rows while there are none."""
    return f"<div class='fp-empty'><p>{escape(sentence)}</p></div>"


def no_pieces() -> str:
    """Nothing found, and what to try."""
    tips = "".join(f"<li>{escape(tip)}</li>" for tip in texts.TIPS)
    return f"<div class='fp-empty'><h2>{texts.NO_PIECES}</h2><p>You could</p><ul>{tips}</ul></div>"


def piece(number: int, found: Piece, crop: str) -> str:
    """The left part of a row. number: from 1; crop: address of the piece's picture."""
    name, colour = escape(found.label), "rgb({},{},{})".format(*colour_of(found.label))
    return (
        f"<div class='fp-piece' id='piece-{number}'>"
        f"<button type='button' class='fp-crop' data-index='{number}' title='{texts.ON_PHOTO}'>"
        f"<img src='{escape(crop)}' alt='The {name} cut out of the photo'></button>"
        f"<div class='fp-name'><b class='fp-dot' style='background:{colour}' aria-hidden='true'>{number}</b>"
        f"<div><h2>{name.capitalize()}</h2><p>{texts.confidence(found.score)}</p></div></div></div>"
    )


def cards(matches: Sequence[Match]) -> str:
    """The matches of one piece, nearest first."""
    return f"<div class='fp-cards'>{''.join(_card(n, match) for n, match in enumerate(matches))}</div>"


def none(sentence: str, offer: bool = False) -> str:
    """The place of the matches of a piece that has none. offer: what lies far away can be shown all the same."""
    button = f"<button type='button' data-index='{FAR}'>{texts.SHOW_FAR}</button>" if offer else ""
    return f"<div class='fp-none'><p>{escape(sentence)}</p>{button}</div>"


def far_cards(matches: Sequence[Match]) -> str:
    """Items that are not close enough to be matches, and said to be so."""
    return f"<p class='fp-far'>{texts.FAR}</p>{cards(matches)}"


def _card(place: int, match: Match) -> str:
    title = escape(title_of(match))
    return (
        f"<button type='button' class='fp-card' data-index='{place}'>"
        f"<img src='{escape(item_address(match.item.id))}' alt='' loading='lazy'>"
        f"<span class='fp-title'>{title}</span>"
        f"<span class='fp-likeness'>{texts.similarity(match.similarity)}</span></button>"
    )


def dialog(match: Match) -> str:
    """An opened match: a large picture, its data, its link."""
    item, title = match.item, escape(title_of(match))
    facts = {
        "Category": item.category,
        "Colour": item.colour,
        **{name.replace("_", " ").capitalize(): value for name, value in item.attributes.items()},
        "Price": "" if item.price is None else texts.price(item.price),
        "Similarity": f"{match.similarity:.2f}",
    }
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts.items() if value)
    return (
        f"<dialog class='fp-dialog' aria-labelledby='fp-dialog-title'>"
        f"<button type='button' class='fp-close' data-close aria-label='{texts.CLOSE}'>×</button>"
        f"<div class='fp-opened'><img src='{escape(item_address(item.id, large=True))}' alt='{title}'>"
        f"<div><h2 id='fp-dialog-title'>{title}</h2><dl>{rows}</dl>{_link(item.url)}</div></div></dialog>"
    )


def examples(photos: Sequence[Example]) -> str:
    """The example photos as buttons."""
    if not photos:
        return ""
    buttons = "".join(
        f"<button type='button' class='fp-example' data-index='{n}'>"
        f"<img src='{example_address(n)}' alt=''><span>{escape(photo.name)}</span></button>"
        for n, photo in enumerate(photos)
    )
    return f"<section class='fp-examples'><h2>{texts.EXAMPLES}</h2><div>{buttons}</div></section>"


def footer(sentence: str) -> str:
    """The last lines of the page."""
    lines = f"<p>{escape(sentence)}</p>" if sentence else ""
    return f"<footer class='fp-footer'>{lines}<p>{texts.PRIVACY}</p></footer>"


def title_of(match: Match) -> str:
    """What an item is called; one without a title goes by its colour and category."""
    return match.item.title or f"{match.item.colour} {match.item.category}".strip() or match.item.id


def _link(url: str) -> str:
    # Only web addresses: a catalogue of unknown origin must not bring script links along.
    if not url.startswith(("http://", "https://")):
        return ""
    return f"<a class='fp-link' href='{escape(url)}' target='_blank' rel='noopener noreferrer'>{texts.OPEN_LINK}</a>"
