"""The Match tab's handlers as plain functions, with fake stages."""

from __future__ import annotations

import dataclasses
import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from pipeline.errors import IndexMissing
from pipeline.matcher import Matcher
from pipeline.types import Photo, Piece, mask_box
from pipeline.ui import markup, texts
from pipeline.ui.answers import ROWS
from pipeline.ui.examples import Example, find_examples
from pipeline.ui.handlers import MAX_WAITING, MatchHandlers
from pipeline.ui.loading import Loader, Progress
from pipeline.ui.pictures import routes
from pipeline.ui.visits import Visits
from tests.fakes import photo_of_pieces

SESSION = "a-session"
Updates = dict[str, Any]


@dataclasses.dataclass
class Desk:
    """The handlers with all they work on."""

    matcher: Matcher
    loader: Loader
    visits: Visits
    handlers: MatchHandlers

    def process(self, top: int = 8, same_kind: bool = True, min_score: float = 0.35) -> list[Updates]:
        return list(self.handlers.process(SESSION, top, same_kind, min_score))

    def show(self, data: bytes) -> Updates:
        self.handlers.receive(SESSION, data)
        return self.process()[-1]

    @property
    def calls(self) -> list[int]:
        m: Any = self.matcher
        return [m.cut.calls, m.find.calls, m.embed.calls]


def desk_of(load: Callable[[Progress], Matcher], matcher: Matcher, examples: tuple[Example, ...] = ()) -> Desk:
    loader, visits = Loader(load), Visits()
    return Desk(matcher, loader, visits, MatchHandlers(loader, visits, examples))


@pytest.fixture
def desk(fake_matcher: Matcher) -> Desk:
    desk = desk_of(lambda progress: fake_matcher, fake_matcher)
    desk.loader.start()
    desk.loader.wait(5)
    return desk


@pytest.fixture
def data(photo: Image.Image, encode: Callable[..., bytes]) -> bytes:
    return encode(photo)


def test_results_come_stage_by_stage(desk: Desk, data: bytes) -> None:
    first = desk.handlers.receive(SESSION, data)
    assert texts.READING in first["status"]
    photo, cutout, pieces, rows = desk.process()
    assert texts.CUTTING in photo["status"] and photo["photo"]["url"].endswith("photo.jpg")
    assert texts.FINDING in cutout["status"] and cutout["photo"]["url"].endswith("cutout.webp")
    assert texts.COMPARING in pieces["status"] and pieces["photo"]["url"].endswith("pieces.jpg")
    assert "3 pieces found" in rows["status"]
    assert [row["visible"] for row in (rows[f"row-{n}"] for n in range(1, ROWS + 1))] == [True] * 3 + [False] * 9
    assert rows["pieces"]["choices"] == [("1 · top 95%", 1), ("2 · skirt 85%", 2), ("3 · bag 65%", 3)]
    assert "Top" in rows["piece-1"] and "very sure · 95%" in rows["piece-1"]
    assert rows["cards-1"].count("fp-open") == 8
    assert "Red t-shirt no. 0" in rows["cards-1"] and "similarity 1.00" in rows["cards-1"]


def test_pictures_are_served_from_memory_until_the_visit_is_over(desk: Desk, data: bytes) -> None:
    address = desk.show(data)["photo"]["url"]
    client = TestClient(Starlette(routes=routes(desk.loader, desk.visits, ())))
    answer = client.get(f"/{address}")
    assert answer.status_code == 200 and "no-store" in answer.headers["cache-control"]
    assert Image.open(io.BytesIO(answer.content)).size == (240, 320)
    assert client.get(f"/visit/another/{address.rpartition('/')[2]}").status_code == 404
    desk.handlers.clear(SESSION)
    assert client.get(f"/{address}").status_code == 404


def test_catalogue_pictures_are_served_by_id_only(desk: Desk) -> None:
    client = TestClient(Starlette(routes=routes(desk.loader, desk.visits, ())))
    assert client.get("/catalogue/thumb/red-1").headers["content-type"] == "image/webp"
    assert client.get("/catalogue/large/..%2F..%2Fsecret").status_code == 404
    assert client.get("/example/0").status_code == 404


def test_changing_the_matches_runs_no_model_again(desk: Desk, data: bytes) -> None:
    desk.show(data)
    before = desk.calls
    more = desk.handlers.search(SESSION, 24, True)
    any_kind = desk.handlers.search(SESSION, 24, False)
    assert more["cards-1"].count("fp-open") == 10
    assert any_kind["cards-1"].count("<button") > 10
    assert desk.calls == before


def test_a_higher_confidence_runs_no_model_again_and_a_lower_one_does(desk: Desk, data: bytes) -> None:
    desk.show(data)
    before = desk.calls
    assert len(desk.process(min_score=0.8)[-1]["pieces"]["choices"]) == 2
    assert len(desk.process(min_score=0.4)[-1]["pieces"]["choices"]) == 3
    assert desk.calls == before
    desk.process(min_score=0.2)
    assert desk.calls != before


def test_the_same_photo_again_runs_no_model_again(desk: Desk, data: bytes, encode: Callable[..., bytes]) -> None:
    desk.show(data)
    desk.show(encode(photo_of_pieces((300, 300))))
    before = desk.calls
    assert "3 pieces" in desk.show(data)["status"]
    assert desk.calls == before


@pytest.mark.parametrize(("point", "number"), [((120, 100), 1), ((120, 230), 2), ((200, 185), 3)])
def test_a_click_on_the_photo_selects_the_piece_under_it(
    desk: Desk, data: bytes, point: tuple[int, int], number: int
) -> None:
    marked = desk.show(data)["photo"]["url"]
    changes = desk.handlers.select_point(SESSION, *point)
    assert changes["pieces"]["value"] == number
    assert "fp-selected" in changes[f"row-{number}"]["elem_classes"]
    assert sum("fp-selected" in changes[f"row-{n}"]["elem_classes"] for n in range(1, ROWS + 1)) == 1
    assert changes["photo"]["url"] != marked


def test_a_click_beside_every_piece_changes_nothing(desk: Desk, data: bytes) -> None:
    desk.show(data)
    assert desk.handlers.select_point(SESSION, 2, 2) == {}


def test_the_list_follows_a_piece_chosen_by_its_crop_but_is_not_told_what_it_said(desk: Desk, data: bytes) -> None:
    desk.show(data)
    assert desk.handlers.select_row(SESSION, 2)["pieces"]["value"] == 2
    assert "pieces" not in desk.handlers.select(SESSION, 2)
    assert desk.handlers.select_row(SESSION, 9) == {}


@pytest.mark.parametrize("bad", [b"", b"\xff\xd8 nothing", b"hello", b"\x89PNG\r\n\x1a\n"])
def test_an_unreadable_photo_is_one_sentence_without_a_path(desk: Desk, bad: bytes) -> None:
    desk.handlers.receive(SESSION, bad)
    last = desk.process()[-1]
    assert "role='alert'" in last["status"] and "The file" in last["status"]
    assert "/" not in last["status"].replace("</div>", "") and "Error" not in last["status"]
    assert last["drop"]["visible"] is True and last["stage"]["visible"] is False
    assert desk.visits.waiting() == 0


def test_an_unexpected_error_is_one_neutral_sentence(desk: Desk, data: bytes, caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        def __call__(self, *_: object) -> None:
            raise RuntimeError("cannot open /secret/place")

    broken = dataclasses.replace(desk.matcher, find=Broken())  # type: ignore[arg-type]
    desk = desk_of(lambda progress: broken, broken)
    status = desk.show(data)["status"]
    assert texts.UNEXPECTED in status and "secret" not in status
    assert "cannot open /secret/place" in caplog.text


def test_nothing_found_says_what_to_try(desk: Desk, encode: Callable[..., bytes]) -> None:
    last = desk.show(encode(Image.new("RGB", (200, 200), "white")))
    assert texts.NO_PIECES in last["note"] and all(tip in last["note"] for tip in texts.tips())
    assert last["pieces"]["visible"] is False and last["options"]["visible"] is True


def test_a_row_without_a_match_says_why(desk: Desk, encode: Callable[..., bytes]) -> None:
    far = dataclasses.replace(desk.matcher)
    far.embed.none_below = 2.0  # type: ignore[misc]
    none = desk.show(encode(photo_of_pieces()))["cards-1"]
    assert texts.NOTHING_CLOSE in none and "similarity" not in none
    known = dataclasses.replace(desk.matcher.find(read_cutout(desk), 0.3)[0], label="belt")
    lonely = dataclasses.replace(desk.matcher, find=Finder((known,)))  # type: ignore[arg-type]
    other = desk_of(lambda progress: lonely, lonely)
    assert "no belt" in other.show(encode(photo_of_pieces()))["cards-1"]


@dataclasses.dataclass
class Finder:
    """Finds the same in every photo."""

    pieces: tuple[Piece, ...]
    name = "finder"

    def __call__(self, *_: object) -> tuple[Piece, ...]:
        return self.pieces


def read_cutout(desk: Desk) -> Any:
    return desk.matcher.cut(Photo(np.asarray(photo_of_pieces())))


def test_more_pieces_than_rows_are_counted(desk: Desk, data: bytes) -> None:
    top = desk.matcher.find(read_cutout(desk), 0.3)[0]
    # Strips side by side: pieces that share their pixels would count as one.
    strips = np.array_split(np.argwhere(top.mask), ROWS + 3)
    pieces = tuple(piece_of(strip, top.mask.shape) for strip in strips)
    crowd = dataclasses.replace(desk.matcher, find=Finder(pieces))  # type: ignore[arg-type]
    other = desk_of(lambda progress: crowd, crowd)
    assert "3 more pieces were found" in other.show(data)["note"]


def piece_of(points: np.ndarray, shape: tuple[int, ...]) -> Piece:
    """A top that covers the given (row, column) points of a photo of that height and width."""
    mask = np.zeros(shape, bool)
    mask[tuple(points.T)] = True
    box = mask_box(mask)
    assert box
    return Piece("top", 0.9, box, mask)


def test_a_photo_that_comes_before_the_models_waits_and_is_processed(fake_matcher: Matcher, data: bytes) -> None:
    held: list[Callable[[], None]] = []

    def load(progress: Progress) -> Matcher:
        import threading

        gate = threading.Event()
        held.append(gate.set)
        progress("the piece finder", 0.3)
        gate.wait(10)
        return fake_matcher

    desk = desk_of(load, fake_matcher)
    desk.handlers.receive(SESSION, data)
    steps: Iterator[Updates] = desk.handlers.process(SESSION, 8, True, 0.35)
    assert "photo.jpg" in next(steps)["photo"]["url"]
    waiting = next(steps)
    while "piece finder" not in waiting["status"]:
        waiting = next(steps)
    assert "Your photo is next" in waiting["status"] and "30%" in waiting["status"]
    held[0]()
    assert "3 pieces" in list(steps)[-1]["status"]


def test_a_bad_photo_is_refused_before_the_models_are_there(fake_matcher: Matcher) -> None:
    desk = desk_of(lambda progress: fake_matcher, fake_matcher)
    desk.loader.start = lambda: None  # type: ignore[method-assign]
    desk.handlers.receive(SESSION, b"nothing")
    assert "role='alert'" in desk.process()[-1]["status"]


def test_when_loading_fails_the_sentence_is_shown(fake_matcher: Matcher, data: bytes) -> None:
    def load(progress: Progress) -> Matcher:
        raise IndexMissing("There is no index in “index”; make one.")

    desk = desk_of(load, fake_matcher)
    assert "There is no index" in desk.show(data)["status"]
    assert "There is no index" in markup.loading(desk.loader.status)


def test_too_many_waiting_photos_are_told_to_come_back(desk: Desk, data: bytes) -> None:
    for n in range(MAX_WAITING):
        desk.handlers.receive(f"visitor-{n}", data)
    assert texts.BUSY in desk.handlers.receive(SESSION, data)["status"]
    assert desk.process() == []


def test_another_photo_meanwhile_silences_the_first(desk: Desk, data: bytes, encode: Callable[..., bytes]) -> None:
    desk.handlers.receive(SESSION, data)
    steps = desk.handlers.process(SESSION, 8, True, 0.35)
    next(steps)
    desk.handlers.receive(SESSION, encode(photo_of_pieces((300, 300))))
    assert list(steps) == []
    assert "3 pieces" in desk.process()[-1]["status"]


def test_clear_leaves_nothing_behind(desk: Desk, data: bytes) -> None:
    desk.show(data)
    start = desk.handlers.clear(SESSION)
    assert start["photo"]["value"] is None and start["drop"]["visible"] is True
    assert desk.process() == []
    assert texts.GONE in desk.handlers.select(SESSION, 1)["status"]
    assert texts.GONE in desk.handlers.search(SESSION, 8, True)["status"]


def test_earlier_photos_of_the_visit_are_returned_to_and_forgotten(
    desk: Desk, data: bytes, encode: Callable[..., bytes]
) -> None:
    assert desk.show(data)["history"] == ""
    second = desk.show(encode(photo_of_pieces((300, 300))))["history"]
    assert second.count("fp-past") == 1
    client = TestClient(Starlette(routes=routes(desk.loader, desk.visits, ())))
    address = next(part for part in second.split("'") if part.startswith("visit/"))
    assert client.get(f"/{address}").status_code == 200
    before = desk.calls
    assert texts.READING in desk.handlers.receive_earlier(SESSION, 0)["status"]
    assert "3 pieces" in desk.process()[-1]["status"] and desk.calls == before
    assert desk.handlers.receive_earlier(SESSION, 7) == {}
    assert desk.handlers.clear(SESSION)["history"].count("fp-past") == 2
    assert desk.handlers.receive_earlier(SESSION, markup.FORGET) == {"history": ""}
    assert client.get(f"/{address}").status_code == 404
    desk.show(data)
    assert desk.calls != before


def test_example_photos_are_found_and_chosen(desk: Desk, tmp_path: Path) -> None:
    photo_of_pieces().save(tmp_path / "flat-lay.png")
    examples = find_examples(tmp_path)
    assert examples[0].name == "Flat lay" and len({e.path for e in examples}) == len(examples)
    handlers = MatchHandlers(desk.loader, desk.visits, examples)
    assert texts.READING in handlers.receive_example(SESSION, 0)["status"]
    assert "3 pieces" in list(handlers.process(SESSION, 8, True, 0.35))[-1]["status"]
    assert handlers.receive_example(SESSION, 999) == {}


def test_a_replaced_catalogue_picture_is_served_anew(desk: Desk) -> None:
    client = TestClient(Starlette(routes=routes(desk.loader, desk.visits, ())))
    before = client.get("/catalogue/thumb/red-1").content
    index = desk.loader.matcher.index
    path = index.picture(index.item("red-1"))
    Image.new("RGB", (40, 40), "blue").save(path)
    os.utime(path, ns=(1, 1))
    assert client.get("/catalogue/thumb/red-1").content != before
