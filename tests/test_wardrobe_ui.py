"""The Wardrobe tab as plain functions, with fake stages."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from pipeline.errors import IndexMissing, UsageError
from pipeline.matcher import Matcher
from pipeline.ui import search, wardrobe_job
from pipeline.ui import texts_wardrobe as said
from pipeline.ui.languages import speaking
from pipeline.ui.loading import Loader
from pipeline.ui.pictures import routes
from pipeline.ui.unpacking import photos_of
from pipeline.ui.visits import Visits
from pipeline.ui.wardrobe_counting import Counter
from tests.test_ui import SESSION, Desk, desk  # noqa: F401  (fixtures)
from tests.test_wardrobe import outfit


@pytest.fixture
def counter(desk: Desk) -> Counter:  # noqa: F811
    return Counter(desk.loader, desk.visits)


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Two photos, a file that is none, and a ZIP with two more: uploads that the counter removes."""
    folder = tmp_path / "uploads"
    folder.mkdir()
    (folder / "broken.jpg").write_bytes(b"nonsense")
    with zipfile.ZipFile(folder / "more.zip", "w") as archive:
        archive.write(outfit(tmp_path / "c.png", "red"), "holiday/c.png")
        archive.write(outfit(tmp_path / "d.png", "yellow"), "holiday/d.png")
    photos = [outfit(folder / "a.png", "red", "green"), outfit(folder / "b<i>.png", "red", "green")]
    return [*photos, folder / "broken.jpg", folder / "more.zip"]


def count(counter: Counter, files: list[Path]) -> list[dict[str, Any]]:
    return list(counter.count(SESSION, files))


def test_many_photos_are_counted_with_progress(desk: Desk, counter: Counter, files: list[Path]) -> None:  # noqa: F811
    first, *between, last = count(counter, files)
    assert first["stop"]["visible"] and said.UNPACKING in first["told"]
    assert all("role='status'" in step["told"] for step in between)
    assert "3 garments in 4 photos: bag, skirt and t-shirt." in last["summary"]
    assert last["summary"].count("<caption>") == 3 and last["garments"].count("fp-open") == 3
    assert "in 3 photos" in last["garments"] and "broken.jpg" in last["garments"]
    assert last["start"]["visible"] and last["files"]["value"] is None and last["told"] == ""
    assert last["same"]["visible"] and "estimated from the catalogue" in last["same"]["info"]
    assert not any(path.exists() for path in files)
    client = TestClient(Starlette(routes=routes(desk.loader, desk.visits, ())))
    for address in re.findall(r"src='(visit/[^']+)'", last["garments"]):
        assert client.get(f"/{address}").headers["content-type"] == "image/webp"
    (table,) = re.findall(r"href='([^']+)'", last["summary"])
    assert client.get(f"/{table}").text.count("\n") == 7
    assert counter.act(SESSION, {"act": "forget"})["summary"] == ""
    assert client.get(f"/{table}").status_code == 404
    assert counter.act(SESSION, {"act": "open", "item": "1"}) == {}


def test_another_threshold_runs_no_model(desk: Desk, counter: Counter, files: list[Path]) -> None:  # noqa: F811
    count(counter, files)
    calls = desk.calls
    assert "2 garments in 4 photos" in counter.regroup(SESSION, 0.01)["summary"]
    assert "3 garments" in counter.regroup(SESSION, 0.95)["summary"]
    assert desk.calls == calls
    assert "between 0 and 1" in counter.regroup(SESSION, 7)["told"]
    assert said.GONE in counter.regroup("another session", 0.5)["told"]


def test_a_garment_opens_with_its_photos_and_matches(desk: Desk, counter: Counter, files: list[Path]) -> None:  # noqa: F811
    count(counter, files)
    opened = counter.act(SESSION, {"act": "open", "item": "1"})["dialog"]
    assert "Red t-shirt" in opened and "Search from Red t-shirt no. 0" in opened
    assert "b&lt;i&gt;.png" in opened and "<i>.png" not in opened and ">c.png<" in opened
    assert counter.act(SESSION, {"act": "from", "item": "red-3"}) == {"dialog": ""}
    assert desk.visits.of(SESSION).browsed[search.SHELF.name].origin == "red-3"
    assert counter.act(SESSION, {"act": "open", "item": "99"}) == {} == counter.act(SESSION, {"act": "dance"})


def test_stopping_counts_what_was_seen(counter: Counter, files: list[Path]) -> None:
    steps = counter.count(SESSION, files)
    for step in steps:
        if "of 5 photos" in step["told"] and "0 of" not in step["told"]:
            break
    assert counter.stop(SESSION)["stop"] == {"interactive": False, "__type__": "update"}
    last = list(steps)[-1]
    assert "garment" in last["summary"] and last["start"]["visible"]


def test_one_visitor_after_the_other_and_closing_the_page_ends_it(
    desk: Desk,  # noqa: F811
    counter: Counter,
    files: list[Path],
) -> None:
    with wardrobe_job._line:
        steps = counter.count(SESSION, files)
        assert any(said.WAITING in step["told"] for step in steps)
        desk.visits._linger = 0.0
        desk.visits.of(SESSION).leave()
        last = list(steps)[-1]
    assert "Stopped after 0 of 4 photos" in last["summary"] and not any(path.exists() for path in files)


def test_what_cannot_be_counted_is_one_sentence(desk: Desk, counter: Counter, tmp_path: Path) -> None:  # noqa: F811
    assert said.FILES_FIRST in count(counter, [])[-1]["told"]
    odd = tmp_path / "a.exe"
    odd.write_bytes(b"")
    last = count(counter, [odd])[-1]
    assert "neither a picture nor a ZIP" in last["told"] and last["start"]["visible"]
    with zipfile.ZipFile(tmp_path / "empty.zip", "w") as archive:
        archive.writestr("notes.txt", "x")
    for files, limits, words in (
        ([tmp_path / "empty.zip"], (3, 2**30), "no photo in it"),
        ([outfit(tmp_path / f"{n}.png", "red") for n in range(4)], (3, 2**30), "At most 3 photos"),
        ([outfit(tmp_path / "0.png", "red")], (3, 10), "larger than 0 GB"),
    ):
        into = tmp_path / words[:3]
        into.mkdir()
        with pytest.raises(UsageError, match=words):
            photos_of(files, into, *limits)


def test_models_that_cannot_be_loaded_are_named(tmp_path: Path) -> None:
    def load(progress: object) -> Matcher:
        raise IndexMissing("There is no index here; make one.")

    last = count(Counter(Loader(load), Visits()), [outfit(tmp_path / "a.png", "red")])[-1]
    assert "There is no index here" in last["told"] and not (tmp_path / "a.png").exists()


def test_the_sentence_follows_the_language(counter: Counter, desk: Desk, files: list[Path]) -> None:  # noqa: F811
    count(counter, files)
    wardrobe = desk.visits.of(SESSION).wardrobe
    assert wardrobe is not None
    with speaking("de"):
        assert said.sentence(wardrobe, 3) == "3 Kleidungsstücke auf 4 Fotos: Tasche, Rock und T-Shirt."
        assert said.sentence(wardrobe, 1) == "3 Kleidungsstücke auf 4 Fotos: darunter Tasche."
    assert said.looking(3, 200, 95) == "3 of 200 photos, about 2 min left"
    assert said.looking(3, 200, 30) == "3 of 200 photos, about 30 s left"
