"""Parts of the page on their own: what is held of a visit, and the HTML that is written."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable

from PIL import Image

from pipeline.types import Item, Match
from pipeline.ui import markup
from pipeline.ui.visits import Visits


def test_a_closed_page_is_forgotten_unless_it_comes_back(photo: Image.Image, encode: Callable[..., bytes]) -> None:
    data = encode(photo)
    visits = Visits(capacity=2, linger=0.05)
    visits.of("stays").begin(data)
    visits.of("goes").begin(data)
    visits.leave("stays")
    visits.leave("goes")
    visits.of("stays")
    time.sleep(0.3)
    assert visits.of("stays").key and not visits.of("goes").key
    visits.of("third")
    assert not visits.of("stays").key


def test_what_a_catalogue_brings_cannot_become_markup_or_script() -> None:
    item = Item("a/b&c", "x.png", "top", title="<script>alert(1)</script>", url="javascript:alert(1)")
    shown = markup.dialog(Match(item, 0.5)) + markup.cards([Match(item, 0.5)])
    assert "<script" not in shown and "javascript:" not in shown
    assert "&lt;script&gt;" in shown and "catalogue/thumb/a/b%26c" in shown
    shop = markup.dialog(Match(dataclasses.replace(item, url="https://shop.example/?a=1&b=2"), 0.5))
    assert "href='https://shop.example/?a=1&amp;b=2'" in shop and "noopener" in shop
