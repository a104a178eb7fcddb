"""Parts of the page on their own: what is held of a visit, and the HTML that is written."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from pipeline.errors import UnreadablePhoto
from pipeline.query import Wish
from pipeline.types import Item, Match
from pipeline.ui import markup, texts, uploads
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


def test_a_photo_has_a_largest_size_and_is_taken_from_the_uploads_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "uploads"
    folder.mkdir()
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(folder))
    monkeypatch.setattr(uploads, "MAX_PHOTO", 10)
    for path, size in ((folder / "a.jpg", 10), (folder / "b.jpg", 11), (tmp_path / "secret.jpg", 5)):
        path.write_bytes(b"x" * size)
    assert uploads.take({"path": str(folder / "a.jpg")}) == b"x" * 10
    with pytest.raises(UnreadablePhoto, match="larger than"):
        uploads.take({"path": str(folder / "b.jpg")})
    assert not (folder / "b.jpg").exists()
    for other in ({"path": str(folder / ".." / "secret.jpg")}, {"path": str(folder / "none.jpg")}, {}, None):
        with pytest.raises(UnreadablePhoto, match=texts.GONE):
            uploads.take(other)


def test_what_a_catalogue_brings_cannot_become_markup_or_script() -> None:
    item = Item("a/b&c", "x.png", "top", title="<script>alert(1)</script>", url="javascript:alert(1)")
    match = Match(item, 0.5, alike=(item,))
    shown = markup.dialog(match, 1, Wish(), "") + markup.cards(1, [match], Wish())
    assert "<script" not in shown and "javascript:" not in shown
    assert "&lt;script&gt;" in shown and "catalogue/thumb/a/b%26c" in shown
    sold = dataclasses.replace(item, url="https://shop.example/?a=1&b=2")
    shop = markup.dialog(Match(sold, 0.5), 1, Wish(), "")
    assert "href='https://shop.example/?a=1&amp;b=2'" in shop and "noopener" in shop
