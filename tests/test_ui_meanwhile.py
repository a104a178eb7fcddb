"""What a visitor does while a photo is being worked on: its results must not come back to haunt the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

from pipeline.ui import texts
from tests.test_ui import SESSION, Desk, data, desk  # noqa: F401  (fixtures)

STAGES_BEFORE_ROWS = 3


def half_done(desk: Desk, photo: bytes) -> Any:  # noqa: F811
    """A photo that is worked on, stopped while its pieces are being compared with the catalogue."""
    desk.handlers.receive(SESSION, photo)
    work = desk.handlers.process(SESSION, 8, True, 0.35)
    for _ in range(STAGES_BEFORE_ROWS):
        last = next(work)
    assert texts.COMPARING in last["status"]
    return work


def test_putting_the_photo_away_ends_its_work(desk: Desk, data: bytes) -> None:  # noqa: F811
    work = half_done(desk, data)
    desk.handlers.clear(SESSION)
    assert list(work) == []
    visit = desk.visits.of(SESSION)
    assert visit.look is None and not visit.files and not visit.waiting


def test_the_next_photo_does_not_get_the_pieces_of_the_last(
    desk: Desk,  # noqa: F811
    data: bytes,  # noqa: F811
    encode: Callable[..., bytes],
) -> None:
    work = half_done(desk, data)
    white = encode(Image.new("RGB", (100, 100), "white"))
    desk.handlers.receive(SESSION, white)
    assert list(work) == []
    assert texts.NO_PIECES in desk.process()[-1]["note"]


def test_a_photo_chosen_again_after_another_is_known(
    desk: Desk,  # noqa: F811
    data: bytes,  # noqa: F811
) -> None:
    desk.show(data)
    desk.handlers.clear(SESSION)
    before = desk.calls
    assert desk.show(data)["pieces"]["choices"]
    assert desk.calls == before


@pytest.mark.parametrize("visits", [30])
def test_a_visit_that_had_to_make_room_ends_its_work(desk: Desk, data: bytes, visits: int) -> None:  # noqa: F811
    work = half_done(desk, data)
    for n in range(visits):
        desk.visits.of(f"another-{n}")
    assert list(work) == []
