"""The whole look: one item a piece beside the photo, what it costs, and everything to take along."""

from __future__ import annotations

import hashlib
from html import escape
from typing import TYPE_CHECKING

from pipeline.draw import jpeg
from pipeline.outfit import Outfit, as_csv, as_json, as_picture, as_zip, best
from pipeline.types import Match
from pipeline.ui import texts
from pipeline.ui.markup import button, title_of
from pipeline.ui.pictures import item_address
from pipeline.ui.visits import Visit

if TYPE_CHECKING:
    from pipeline.matcher import Matcher


def section(visit: Visit, matcher: Matcher) -> str:
    """The part of the page; nothing while no piece has a match."""
    if visit.result is None:
        return ""
    outfit = best(visit.result, visit.chosen)
    left_out = [place for place, item in visit.chosen.items() if item == ""]
    if not outfit.taken and not left_out:
        return ""
    cards = "".join(_card(number, row.piece.label, match) for number, row, match in outfit.rows)
    missing = "".join(
        button(texts.put_back(place + 1, visit.result.pieces[place].piece.label), "unwear", place + 1)
        for place in sorted(left_out)
    )
    total = texts.total(outfit.total, outfit.unpriced)
    return (
        f"<section class='fp-look' aria-labelledby='fp-look-title'><h2 id='fp-look-title'>{texts.LOOK}</h2>"
        f"<p>{texts.LOOK_HINT}</p><div class='fp-look-body'>"
        f"<img class='fp-look-photo' src='{_photo(visit)}' alt='{texts.LOOK_PHOTO}' loading='lazy'>"
        f"<div class='fp-look-items'>{cards}</div></div>"
        f"<div class='fp-look-foot'><b>{escape(total)}</b>{missing}<span class='fp-takes'>{texts.TAKE}"
        f"{_downloads(visit, outfit, matcher)}</span></div></section>"
    )


def worn(visit: Visit, place: int) -> str:
    """The id of the item that is in the look for the piece at that place, "" for none."""
    assert visit.result is not None
    taken = best(visit.result, visit.chosen).taken.get(place)
    return taken.item.id if taken else ""


def _photo(visit: Visit) -> str:
    name = "look-photo.jpg"
    if not visit.shows(name):
        assert visit.result is not None
        photo = visit.result.cutout.photo
        visit.show(name, lambda: jpeg(photo.pixels))
    return visit.address(name)


def _card(number: int, label: str, match: Match) -> str:
    item, title = match.item, escape(title_of(match))
    price = "" if item.price is None else f"<span class='fp-price'>{texts.price(item.price)}</span>"
    leave = texts.leave_out(number, label)
    return (
        f"<div class='fp-card'><button type='button' class='fp-open' data-act='open' data-row='{number}' "
        f"data-item='{escape(item.id)}'><img src='{escape(item_address(item.id))}' alt='' loading='lazy'>"
        f"<span class='fp-title'>{number} · {title}</span>{price}</button>"
        f"<span class='fp-acts'>{button('×', 'wear', number, label=leave)}</span></div>"
    )


def _downloads(visit: Visit, outfit: Outfit, matcher: Matcher) -> str:
    makers = {
        "jpg": lambda: jpeg(as_picture(outfit, matcher)),
        "csv": lambda: as_csv(outfit),
        "json": lambda: as_json(outfit, matcher),
        "zip": lambda: as_zip(outfit, matcher),
    }
    # Whatever changes the look changes the address, since browsers keep what they once got from one.
    facts = repr([(number, row.piece.label, match.item.id) for number, row, match in outfit.rows])
    mark = hashlib.sha256(facts.encode()).hexdigest()[:8]
    links, names = "", texts.downloads()
    for suffix, maker in makers.items():
        address = visit.show(f"look-{mark}.{suffix}", maker)
        links += f"<a href='{address}' download='look.{suffix}'>{names[suffix]}</a>"
    return links
