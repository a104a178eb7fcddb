"""Results -> the HTML of the page's parts. Whatever comes from a catalogue or a file is escaped here."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

from pipeline.colours import swatches
from pipeline.draw import colour_of, dot_centre, dot_radius, outlines
from pipeline.query import Wish
from pipeline.types import Item, Match, Photo, Piece, PieceMatches
from pipeline.ui import texts
from pipeline.ui.examples import Example
from pipeline.ui.languages import heading, number, told, word
from pipeline.ui.pictures import example_address, item_address

if TYPE_CHECKING:
    from pipeline.ui.loading import Status

# What the wish to forget all earlier photos selects, in place of one of them.
FORGET = -1
# A click on anything that carries data-index selects it.
SELECT_JS = """
element.addEventListener('click', event => {
  const chosen = event.target.closest('[data-index]');
  if (chosen) trigger('select', {index: Number(chosen.dataset.index), value: chosen.dataset.index});
});
"""
# A click on anything that carries data-act says what is to be done, and of which row.
ACT_JS = """
element.addEventListener('click', event => {
  const button = event.target.closest('[data-act]');
  if (!button || (button.dataset.confirm && !confirm(button.dataset.confirm))) return;
  trigger('select', {index: Number(button.dataset.row), value: JSON.stringify({...button.dataset})});
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
    return problem(told(status.problem)) if status.problem else progress(texts.loading(status.what), status.share)


def empty(sentence: str) -> str:
    """The place of the rows while there are none."""
    return f"<div class='fp-empty'><p>{escape(sentence)}</p></div>"


def no_pieces() -> str:
    """Nothing found, and what to try."""
    tips = "".join(f"<li>{escape(tip)}</li>" for tip in texts.tips())
    return f"<div class='fp-empty'><h2>{texts.NO_PIECES}</h2><p>{texts.YOU_COULD}</p><ul>{tips}</ul></div>"


def button(
    shown: str, act: str, row: int, item: str = "", *, label: str = "", pressed: bool | None = None, confirm: str = ""
) -> str:
    """A button that asks for an act on a row.

    label: what it is called where `shown` is a mere sign. confirm: what is asked before it is done.
    """
    name = f" aria-label='{escape(label)}' title='{escape(label)}'" if label else ""
    state = "" if pressed is None else f" aria-pressed='{str(pressed).lower()}'"
    about = f" data-item='{escape(item)}'" if item else ""
    about += f" data-confirm='{escape(confirm)}'" if confirm else ""
    return (
        f"<button type='button' class='fp-quiet' data-act='{act}' data-row='{row}'{about}{name}{state}>"
        f"{escape(shown)}</button>"
    )


def piece(number: int, found: PieceMatches, photo: Photo, crop: str) -> str:
    """The left part of a row. number: from 1; crop: address of the piece's picture."""
    shown = found.piece
    name, colour = escape(heading(shown.label)), "rgb({},{},{})".format(*colour_of(shown.label))
    return (
        f"<div class='fp-piece' id='piece-{number}'>"
        f"<button type='button' class='fp-crop' data-index='{number}' title='{texts.ON_PHOTO}'>"
        f"<img src='{escape(crop)}' alt='{escape(texts.crop(shown.label))}'></button>"
        f"<div class='fp-name'><b class='fp-dot' style='background:{colour}' aria-hidden='true'>{number}</b>"
        f"<div><h2>{name}</h2>{_colours(shown, photo)}<p>{texts.confidence(shown)}</p></div></div></div>"
    )


def _colours(shown: Piece, photo: Photo) -> str:
    """The piece's colours, as they are in the photo, with their names."""
    found = swatches(photo.pixels, shown.mask)
    dots = "".join(f"<i style='background:rgb{rgb}' title='{escape(word(name))}'></i>" for name, rgb in found.items())
    return f"<p class='fp-colours'><span aria-hidden='true'>{dots}</span>{escape(texts.listed(list(found)))}</p>"


def cards(row: int, matches: Sequence[Match], wish: Wish, more: bool = False, likeness: bool = True) -> str:
    """The matches of one piece, nearest first. row: its number; more: there may be further ones.

    likeness: whether their similarity means anything.
    """
    shown = "".join(_card(row, match, wish, likeness) for match in matches)
    further = button(texts.FURTHER, "further", row) if more else ""
    return f"<div class='fp-cards'>{shown}</div>{further}"


def none(row: int, sentence: str, offer: bool = False) -> str:
    """The place of the matches of a piece that has none. offer: what lies far away can be shown all the same."""
    far = button(texts.SHOW_FAR, "far", row) if offer else ""
    return f"<div class='fp-none'><p>{escape(sentence)}</p>{far}</div>"


def _card(row: int, match: Match, wish: Wish, likeness: bool) -> str:
    item, title = match.item, title_of(match)
    price = "" if item.price is None else f"<span class='fp-price'>{texts.price(item.price)}</span>"
    near = f"<span class='fp-likeness'>{texts.similarity(match.similarity)}</span>" if likeness else ""
    alike = f"<span class='fp-alike'>{texts.alike(len(match.alike))}</span>" if match.alike else ""
    liked = item.id in wish.more
    acts = button("+", "more", row, item.id, label=texts.more_like(title), pressed=liked)
    acts += button("−", "less", row, item.id, label=texts.less_like(title))
    return (
        f"<div class='fp-card'><button type='button' class='fp-open' data-act='open' data-row='{row}' "
        f"data-item='{escape(item.id)}'>"
        f"<img src='{escape(item_address(item.id))}' alt='' loading='lazy'>"
        f"<span class='fp-title'>{escape(title)}</span>"
        f"{price}{near}{alike}</button>"
        f"<span class='fp-acts'>{acts}</span></div>"
    )


def categories(counts: Mapping[str, int], chosen: Sequence[str]) -> str:
    """The catalogue's categories as buttons, each with how many items it has."""
    ways = button(texts.ALL, "category", 0, pressed=not chosen)
    for name in sorted(filter(None, counts), key=word):
        pressed = str(name in chosen).lower()
        ways += (
            f"<button type='button' class='fp-quiet' data-act='category' data-row='0' data-item='{escape(name)}' "
            f"aria-pressed='{pressed}'>{escape(word(name))}<small>{counts[name]}</small></button>"
        )
    return f"<div class='fp-said fp-kinds' role='group' aria-label='{texts.CATEGORY}'>{ways}</div>"


def adding() -> str:
    """What the owner's part of the catalogue says of itself."""
    return f"<p class='fp-adding'>{escape(texts.ADD_HINT)}</p>"


def over_photo(photo: Photo, pieces: Sequence[Piece]) -> str:
    """What works over the photo: the names of its pieces, and the start of a box around one that was missed."""
    marks = {
        "size": photo.size,
        "reach": dot_radius(photo.size),
        # Smaller ones lie on top.
        "pieces": [
            {"name": f"{n} · {heading(p.label)}", "dot": dot_centre(p.mask), "outlines": outlines(p.mask)}
            for n, p in sorted(enumerate(pieces, 1), key=lambda numbered: numbered[1].area)
        ],
    }
    return f"<div hidden data-marks='{escape(json.dumps(marks))}'></div>" + _box_button(len(pieces))


def _box_button(count: int) -> str:
    return (
        f"<button type='button' class='fp-quiet' data-draw>{texts.DRAW if count else texts.DRAW_FIRST}</button>"
        f"<p class='fp-draw-hint' role='status' hidden>{texts.DRAW_HINT}</p>"
    )


def dialog(match: Match, row: int, wish: Wish, worn: str) -> str:
    """An opened match: a large picture, its data, its link, and what can be done with it.

    row: number of its piece; worn: id of the item that is in the whole look for that piece.
    """
    item, title = match.item, title_of(match)
    acts = button(texts.MORE_LIKE, "more", row, item.id, pressed=item.id in wish.more)
    acts += button(texts.LESS_LIKE, "less", row, item.id) + button(texts.SEARCH_FROM, "from", row, item.id)
    acts += f"<p>{texts.WORN}</p>" if worn == item.id else button(texts.WEAR, "wear", row, item.id)
    alike = "".join(f"<li>{escape(name_of(other))}</li>" for other in match.alike)
    twins = f"<h3>{texts.alike(len(match.alike))}</h3><ul>{alike}</ul>" if alike else ""
    return opened(
        item, title, {texts.SIMILARITY: number(match.similarity, 2)}, f"<div class='fp-does'>{acts}</div>{twins}"
    )


def opened(item: Item, title: str, further: dict[str, str], below: str) -> str:
    """The dialog of an item. further: facts beside the catalogue's; below: HTML that follows them."""
    facts = {
        texts.CATEGORY: word(item.category),
        texts.COLOUR: word(item.colour),
        **{heading(name): word(value) for name, value in item.attributes.items()},
        texts.PRICE: "" if item.price is None else texts.price(item.price),
        **further,
    }
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts.items() if value)
    return (
        f"<dialog class='fp-dialog' aria-labelledby='fp-dialog-title'>"
        f"<button type='button' class='fp-close' data-close aria-label='{texts.CLOSE}'>×</button>"
        f"<div class='fp-opened'><img src='{escape(item_address(item.id, large=True))}' alt='{escape(title)}'>"
        f"<div><h2 id='fp-dialog-title'>{escape(title)}</h2><dl>{rows}</dl>{_link(item.url)}{below}</div></div>"
        f"</dialog>"
    )


def examples(photos: Sequence[Example]) -> str:
    """The example photos as buttons."""
    if not photos:
        return ""
    buttons = "".join(
        f"<button type='button' class='fp-example' data-index='{n}'>"
        f"<img src='{example_address(n)}' alt=''><span>{escape(texts.example(photo.name))}</span></button>"
        for n, photo in enumerate(photos)
    )
    return f"<section class='fp-examples'><h2>{texts.EXAMPLES}</h2><div>{buttons}</div></section>"


def earlier(pictures: Sequence[str]) -> str:
    """The photos of this visit as buttons. pictures: their addresses, the latest first."""
    if not pictures:
        return ""
    buttons = "".join(
        f"<button type='button' class='fp-past' data-index='{n}'><img src='{escape(address)}' "
        f"alt='{escape(texts.past(n + 1))}' loading='lazy'></button>"
        for n, address in enumerate(pictures)
    )
    forget = f"<button type='button' class='fp-forget' data-index='{FORGET}'>{texts.FORGET}</button>"
    return f"<section class='fp-examples fp-history'><h2>{texts.HISTORY}{forget}</h2><div>{buttons}</div></section>"


def footer(sentence: str) -> str:
    """The last lines of the page."""
    lines = f"<p>{escape(sentence)}</p>" if sentence else ""
    return f"<footer class='fp-footer'>{lines}<p>{texts.PRIVACY} · <a href='api'>API</a></p></footer>"


def title_of(match: Match) -> str:
    """What the item of a match is called."""
    return name_of(match.item)


def name_of(item: Item) -> str:
    """What an item is called; one without a title goes by its colour and category."""
    return item.title or f"{word(item.colour)} {word(item.category)}".strip() or item.id


def _link(url: str) -> str:
    # Only web addresses: a catalogue of unknown origin must not bring script links along.
    if not url.startswith(("http://", "https://")):
        return ""
    return f"<a class='fp-link' href='{escape(url)}' target='_blank' rel='noopener noreferrer'>{texts.OPEN_LINK}</a>"
