"""A wardrobe -> the HTML of the Wardrobe tab's parts. Whatever comes from a catalogue or a file is escaped here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import TYPE_CHECKING

from pipeline.types import Match
from pipeline.ui import markup, texts
from pipeline.ui import texts_wardrobe as said
from pipeline.ui.languages import heading, number, told, word
from pipeline.ui.pictures import item_address

if TYPE_CHECKING:
    from pipeline.wardrobe import Garment, Sighting, Wardrobe

# Address of a sighting's picture.
Address = Callable[["Sighting"], str]
NO_ROW = 0
# Garments on the contact sheet, and sightings of one in its dialog.
MOST_GARMENTS, MOST_SIGHTINGS = 400, 60


def hint() -> str:
    """What the tab is for."""
    return f"<p class='fp-adding'>{escape(said.HINT)}</p>"


def summary(wardrobe: Wardrobe, top: int, csv: str) -> str:
    """The sentence, the bars, and the way to the table. csv: its address."""
    bars = _bars(said.KIND, wardrobe.count("kind"), wardrobe.pieces("kind"))
    bars += _bars(said.CATEGORY, wardrobe.count("category"), wardrobe.pieces("category"))
    bars += _bars(said.COLOUR, wardrobe.count("colour"), wardrobe.pieces("colour"))
    table = f"<a class='fp-quiet' href='{escape(csv)}' download='wardrobe.csv'>{escape(said.TABLE)}</a>"
    stopped = markup.note(said.stopped(wardrobe.photos, wardrobe.total)) if wardrobe.photos < wardrobe.total else ""
    return (
        f"{stopped}<section class='fp-wardrobe'><h2>{escape(said.sentence(wardrobe, top))}</h2>"
        f"<p class='fp-count'>{escape(said.pieces(len(wardrobe.sightings)))}</p>"
        f"<div class='fp-bars'>{bars if wardrobe.garments else ''}</div>"
        f"<p class='fp-takes'>{table}{markup.button(said.FORGET, 'forget', NO_ROW)}</p></section>"
    )


def _bars(title: str, counts: dict[str, int], pieces: dict[str, int]) -> str:
    most = max(counts.values(), default=1)
    rows = "".join(
        f"<tr><th scope='row'>{escape(word(name))}</th>"
        f"<td><i style='width:{count / most:.0%}'></i></td>"
        f"<td>{number(count)}</td><td>{number(pieces[name])}</td></tr>"
        for name, count in counts.items()
    )
    head = f"<th scope='col'>{escape(said.GARMENTS)}</th><th scope='col'>{escape(said.PIECES)}</th>"
    return (
        f"<table><caption>{escape(title)}</caption><thead><tr><td></td><td></td>{head}</tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )


def garments(wardrobe: Wardrobe, address: Address) -> str:
    """The contact sheet, and what could not be read."""
    shown = wardrobe.garments[:MOST_GARMENTS]
    cards = "".join(_card(garment, address) for garment in shown)
    rest = len(wardrobe.garments) - len(shown)
    more = f"<p class='fp-count'>{escape(said.and_more(rest))}</p>" if rest else ""
    sheet = f"<h2>{escape(said.ALL_GARMENTS)}</h2><div class='fp-cards'>{cards}</div>{more}" if shown else ""
    problems = "".join(f"<li>{escape(told(problem))}</li>" for _, problem in wardrobe.unreadable)
    unread = f"<section class='fp-unread'><h2>{escape(said.UNREAD)}</h2><ul>{problems}</ul></section>"
    return sheet + (unread if problems else "")


def title_of(garment: Garment) -> str:
    """What a garment is called: its colour and category."""
    return f"{word(garment.colour)} {word(garment.category)}".strip()


def _card(garment: Garment, address: Address) -> str:
    title = title_of(garment)
    shade = "rgb({},{},{})".format(*garment.clearest.shade)
    return (
        f"<div class='fp-card'><button type='button' class='fp-open' data-act='open' data-row='{NO_ROW}' "
        f"data-item='{garment.number}'>"
        f"<img src='{escape(address(garment.clearest))}' alt='' loading='lazy'>"
        f"<span class='fp-title'><i class='fp-shade' style='background:{shade}' aria-hidden='true'></i>"
        f"{escape(title)}</span>"
        f"<span class='fp-likeness'>{escape(said.in_photos(len(garment.photos)))}</span></button></div>"
    )


def dialog(garment: Garment, matches: Sequence[Match], address: Address) -> str:
    """An opened garment: its picture, the photos that show it, and what is nearest in the catalogue."""
    facts = {
        said.KIND: heading(garment.kind), said.CATEGORY: word(garment.category), said.COLOUR: word(garment.colour),
    }  # fmt: skip
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts.items())
    seen = "".join(
        f"<li><img src='{escape(address(one))}' alt='' loading='lazy'><span>{escape(name_of(one))}</span></li>"
        for one in garment.sightings[:MOST_SIGHTINGS]
    )
    near = "".join(_match(match) for match in matches) or f"<p>{escape(said.NOTHING_CLOSE)}</p>"
    title = title_of(garment)
    return (
        f"<dialog class='fp-dialog' aria-labelledby='fp-garment-title'>"
        f"<button type='button' class='fp-close' data-close aria-label='{escape(texts.CLOSE)}'>×</button>"
        f"<div class='fp-opened'><img src='{escape(address(garment.clearest))}' alt='{escape(title)}'>"
        f"<div><h2 id='fp-garment-title'>{escape(title[:1].upper() + title[1:])}</h2><dl>{rows}</dl>"
        f"<h3>{escape(said.IN_PHOTOS)}</h3><ul class='fp-sightings'>{seen}</ul></div></div>"
        f"<div class='fp-near'><h3>{escape(said.NEAREST)}</h3><div class='fp-cards'>{near}</div></div></dialog>"
    )


def name_of(sighting: Sighting) -> str:
    """The name of a photo without its folders."""
    return sighting.photo.rpartition("/")[2]


def _match(match: Match) -> str:
    title = markup.title_of(match)
    label = escape(said.search_from(title))
    return (
        f"<div class='fp-card'><button type='button' class='fp-open' data-act='from' data-row='{NO_ROW}' "
        f"data-item='{escape(match.item.id)}' aria-label='{label}' title='{label}'>"
        f"<img src='{escape(item_address(match.item.id))}' alt='' loading='lazy'>"
        f"<span class='fp-title'>{escape(title)}</span>"
        f"<span class='fp-likeness'>{escape(texts.similarity(match.similarity))}</span></button></div>"
    )
