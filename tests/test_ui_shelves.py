"""The Search and Catalogue tabs as plain functions, with fake stages."""

from __future__ import annotations

import errno
import io
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from pipeline.errors import UsageError
from pipeline.ui import owning, texts
from pipeline.ui.adding import Adder
from pipeline.ui.browse import Browser
from pipeline.ui.catalogue import SHELF as CATALOGUE
from pipeline.ui.pictures import routes
from pipeline.ui.search import SHELF as SEARCH
from pipeline.ui.unpacking import source_of
from tests.test_ui import SESSION, Desk, data, desk  # noqa: F401  (fixtures)


@pytest.fixture
def search(desk: Desk) -> Browser:  # noqa: F811
    return Browser(desk.loader, desk.visits, SEARCH)


@pytest.fixture
def catalogue(desk: Desk) -> Browser:  # noqa: F811
    return Browser(desk.loader, desk.visits, CATALOGUE)


@pytest.fixture
def owner(desk: Desk) -> Adder:  # noqa: F811
    adder = Adder(desk.loader, desk.visits)
    assert adder.open(SESSION, here=True)["panel"]["visible"] is True
    return adder


def act(browser: Browser, name: str, **fields: str) -> dict[str, Any]:
    return browser.act(SESSION, {"act": name, **fields})


def test_words_find_items_and_lead_on(search: Browser) -> None:
    assert texts.SEARCH_EMPTY in search.open(SESSION)["found"]
    found = act(search, "wish", words="something green")["found"]
    assert found.count("fp-open") == 10 and "Green skirt no. 0" in found and "similarity" in found
    assert "Green" not in act(search, "wish", words="something green", category="bag")["found"]
    said = act(search, "say", item="yellow bag")
    assert "Yellow bag" in said["found"] and "value='yellow bag'" in said["form"]
    more = act(search, "more", item="yellow-3")["found"]
    assert "More like Yellow bag no. 3" in more and "aria-pressed='true'" in more
    assert "Searching from" in act(search, "from", item="yellow-3")["found"]
    assert "Searching from" not in act(search, "back", item="yellow-3")["found"]
    assert texts.SEARCH_EMPTY in act(search, "reset")["found"]


def test_the_catalogue_is_looked_through_by_filters(catalogue: Browser) -> None:
    first = catalogue.open(SESSION)["found"]
    assert "40 items" in first and first.count("fp-open") == 24 and "similarity" not in first
    assert act(catalogue, "further")["found"].count("fp-open") == 40
    reds = act(catalogue, "wish", colour="red", low="15")["found"]
    assert "5 items" in reds and "Red t-shirt no. 9" in reds
    assert "no colour “mauve”" in act(catalogue, "wish", colour="mauve")["found"]
    bags = act(catalogue, "category", item="bag")
    assert "5 items" not in bags["found"] and "aria-pressed='true'>bag" in bags["form"]
    assert "40 items" in act(catalogue, "reset")["found"]
    assert "10 items" in act(catalogue, "category", item="bag")["found"]
    assert "5 items" in act(catalogue, "wish", low="15")["found"]
    assert "20 items" in act(catalogue, "category", item="")["found"]
    assert "40 items" in act(catalogue, "reset")["found"]
    assert act(catalogue, "unknown") == {} == act(catalogue, "delete", item="red-0")


def test_only_the_owner_changes_the_catalogue(
    desk: Desk,  # noqa: F811
    catalogue: Browser,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    adder = Adder(desk.loader, desk.visits)
    stranger = adder.open(SESSION, here=False)
    assert stranger["panel"]["visible"] is False is stranger["sign-in"]["visible"] and stranger["take"] == ""
    assert texts.ADDING_OFF in next(adder.add(SESSION, [tmp_path / "a.png"]))["told"]
    assert texts.ADDING_OFF in adder.delete(SESSION, "red-0")["told"]
    assert texts.DELETE not in act(catalogue, "open", item="red-0")["dialog"]
    monkeypatch.setenv(owning.PASSWORD, "opén sesame")
    monkeypatch.setattr(owning, "WAIT", 0.0)
    monkeypatch.setattr(owning.time, "sleep", lambda seconds: None)
    assert adder.open(SESSION, here=True)["sign-in"]["visible"] is True
    assert texts.WRONG in adder.sign_in(SESSION, "sesame")["told"]
    assert adder.sign_in(SESSION, "opén sesame")["panel"]["visible"] is True
    assert texts.DELETE in act(catalogue, "open", item="red-0")["dialog"]
    assert adder.open("another visitor", here=True)["panel"]["visible"] is False


def test_nobody_gets_in_where_there_is_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(owning.PASSWORD, raising=False)
    assert not owning.is_right("", wait=0)

    def request(host: str, **headers: str) -> Any:
        return SimpleNamespace(headers=headers, client=SimpleNamespace(host=host))

    assert owning.sits_here(request("127.0.0.1")) and owning.sits_here(request("::1"))
    assert not owning.sits_here(request("192.168.1.7"))
    assert not owning.sits_here(request("127.0.0.1", **{"X-Forwarded-For": "1.2.3.4"}))
    monkeypatch.setenv("SPACE_ID", "someone/something")
    assert not owning.sits_here(request("127.0.0.1"))


def picture(path: Path, colour: tuple[int, int, int]) -> Path:
    canvas = Image.new("RGB", (80, 80), "white")
    canvas.paste(colour, (10, 10, 70, 66))
    canvas.save(path)
    return path


def test_pictures_are_added_seen_and_removed(
    desk: Desk,  # noqa: F811
    owner: Adder,
    catalogue: Browser,
    tmp_path: Path,
) -> None:
    fresh = picture(tmp_path / "poncho.png", (120, 30, 140))
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"nothing")
    *told, last = owner.add(SESSION, [fresh, broken])
    assert any(step["told"].count("role='status'") for step in told)
    assert "1 added; the catalogue has 41 items" in last["told"] and "broken.png" in last["told"]
    assert last["stop"]["visible"] is False and last["files"]["value"] is None
    assert "41 items" in catalogue.open(SESSION)["found"]
    assert "poncho" in act(catalogue, "open", item="poncho")["dialog"]
    client = TestClient(Starlette(routes=routes(desk.loader, desk.visits, ())))
    assert client.get("/catalogue/thumb/poncho").status_code == 200
    address = last["take"].split("'")[3]
    assert b"poncho" in client.get(f"/{address}").content
    assert not fresh.exists()
    assert "removed" in owner.delete(SESSION, "poncho")["told"]
    assert "40 items" in catalogue.open(SESSION)["found"]
    assert "role='alert'" in owner.delete(SESSION, "poncho")["told"]


def test_adding_is_stopped(desk: Desk, owner: Adder, tmp_path: Path) -> None:  # noqa: F811
    files = [picture(tmp_path / f"{n}.png", (n, 90, 140)) for n in range(30)]
    steps = owner.add(SESSION, files)
    next(steps)
    owner.stop(SESSION)
    assert "Stopped" in list(steps)[-1]["told"]
    assert texts.ADD_NOTHING in next(owner.add(SESSION, []))["told"]


def packed(path: Path, **files: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def test_a_zip_is_laid_out_with_nothing_outside(tmp_path: Path) -> None:
    into = tmp_path / "into"
    into.mkdir()
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, "PNG")
    names = ("tops/a.png", "../evil.png", "/abs.png", "C:/x.png", "__MACOSX/._a.png", "notes.txt", "list.csv")
    path = packed(tmp_path / "all.zip", **{name: buffer.getvalue() for name in names})
    assert source_of([path], into) == into / "list.csv"
    assert sorted(p.name for p in tmp_path.rglob("*.png")) == ["a.png"]
    with pytest.raises(UsageError, match="more than one CSV"):
        source_of([packed(tmp_path / "two.zip", **{"b.csv": b"x"})], into)


def test_what_cannot_be_unpacked_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"PK nothing")
    bomb = packed(tmp_path / "bomb.zip", **{"a.png": b"\0" * (40 * 2**20)})
    odd = tmp_path / "a.exe"
    odd.write_bytes(b"")
    for path, words in ((tmp_path / "a.zip", "cannot be unpacked"), (bomb, "too large"), (odd, "neither a picture")):
        with pytest.raises(UsageError, match=words):
            source_of([path], tmp_path)


@pytest.mark.parametrize("compression", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_damaged_within_is_one_sentence(tmp_path: Path, compression: int) -> None:
    path = tmp_path / "torn.zip"
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("a.png", bytes(range(256)) * 40)
    content = bytearray(path.read_bytes())
    content[44:60] = b"\xff" * 16
    path.write_bytes(content)
    with pytest.raises(UsageError, match="cannot be unpacked"):
        source_of([path], tmp_path)


def test_a_full_disk_is_not_blamed_on_the_zip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = packed(tmp_path / "fine.zip", **{"a.png": b"x"})

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("pipeline.ui.unpacking._extract", full)
    with pytest.raises(OSError, match="No space left"):
        source_of([path], tmp_path)
