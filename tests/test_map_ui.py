"""The Map tab as plain functions, with fake stages: what stands out, what is opened, where pieces lie."""

from __future__ import annotations

import base64
import json
import re
from html import unescape
from typing import Any

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from pipeline.catalogue import remove
from pipeline.errors import UsageError
from pipeline.ui import map_layouts, texts, texts_map
from pipeline.ui.languages import speaking
from pipeline.ui.map_handlers import MapBrowser
from pipeline.ui.map_layouts import Map, Maps
from pipeline.ui.map_serving import map_routes
from tests.test_ui import SESSION, Desk, data, desk, desk_of  # noqa: F401  (fixtures)


@pytest.fixture
def maps(desk: Desk) -> Maps:  # noqa: F811
    return Maps(desk.loader)


@pytest.fixture
def browser(desk: Desk, maps: Maps) -> MapBrowser:  # noqa: F811
    return MapBrowser(desk.loader, desk.visits, maps)


def opened(browser: MapBrowser, method: str = "") -> dict[str, Any]:
    """The tab once the map is there."""
    *_, last = browser.show(SESSION, method)
    return last


def act(browser: MapBrowser, name: str, **fields: str) -> str:
    return browser.act(SESSION, {"act": name, **fields}).get("found", "")


def lit(found: str, maps: Maps) -> set[str]:
    """Ids of the items that stand out."""
    told = re.search("data-lit='(.*?)'", found)
    shown = maps.ask("tsne").map
    assert told and shown
    flags = np.unpackbits(np.frombuffer(base64.b64decode(told[1]), np.uint8))[: len(shown.points)]
    return {shown.layout.ids[n] for n in np.flatnonzero(flags)}


def test_the_map_is_laid_out_once_with_progress_and_then_shown(browser: MapBrowser, maps: Maps) -> None:
    *waiting, last = browser.show(SESSION)
    assert waiting and all(texts_map.LAYING_OUT in step["told"] for step in waiting)
    shown = maps.ask("tsne").map
    assert shown and f"data-map-key='{shown.key}'" in last["map"] and last["told"] == "" == last["pieces"]
    assert "40 items on the map" in last["found"] and "data-lit" not in last["found"]
    (again,) = browser.show("another visitor")
    assert again["map"] == last["map"]
    with speaking("de"):
        assert "40 Artikel auf der Karte" in opened(browser)["found"]


def test_words_filters_and_likeness_stand_out(browser: MapBrowser, maps: Maps) -> None:
    opened(browser)
    green = {f"green-{n}" for n in range(10)}
    found = act(browser, "wish", words="something green")
    assert lit(found, maps) == green and "10 items stand out" in found and "Green skirt no. 0" in found
    assert lit(act(browser, "wish", words="", category="skirt", low="15"), maps) == {f"green-{n}" for n in range(5, 10)}
    assert texts_map.NOTHING_THERE in act(browser, "wish", words="something green", category="bag")
    assert "data-lit" not in act(browser, "reset")
    dialog = browser.act(SESSION, {"act": "open", "item": "green-3"})["dialog"]
    assert "Green skirt no. 3" in dialog and texts.SEARCH_FROM in dialog
    found = act(browser, "from", item="green-3")
    assert lit(found, maps) == green - {"green-3"} and "Searching from Green skirt no. 3" in found
    assert act(browser, "further").count("fp-open") == 9
    assert "no colour “mauve”" in act(browser, "wish", colour="mauve")


def test_the_pieces_of_the_photo_lie_among_their_like(
    browser: MapBrowser,
    maps: Maps,
    desk: Desk,  # noqa: F811
    data: bytes,  # noqa: F811
) -> None:
    desk.show(data)
    told = opened(browser)["pieces"]
    found = re.search("data-pieces='(.*?)'", told)
    assert found and told.count("data-act='piece'") == 3
    pieces = json.loads(unescape(found[1]))
    shown = maps.ask("tsne").map
    assert shown and [piece["label"] for piece in pieces] == ["1 · top", "2 · skirt", "3 · bag"]
    for piece, colour in zip(pieces, ("red", "green", "yellow"), strict=True):
        nearest = np.linalg.norm(shown.layout.places - piece["free"], axis=1).argmin()
        assert shown.layout.ids[nearest].startswith(colour)
    near = act(browser, "piece", row="2")
    assert "Near piece 2 of your photo: skirt" in near and len(lit(near, maps)) == 8
    assert all(item.startswith("green") for item in lit(near, maps))
    for row in ("", "0", "9", "-1", "x"):
        assert "40 items on the map" in act(browser, "piece", row=row)
    token = desk.visits.of(SESSION).token
    assert desk.visits.file(token, pieces[0]["picture"].rpartition("/")[2])


def test_a_changed_catalogue_is_followed(browser: MapBrowser, maps: Maps, desk: Desk) -> None:  # noqa: F811
    before = opened(browser)["map"]
    remove(desk.matcher.index.folder, ["red-0"])
    last = opened(browser)
    assert last["map"] != before and "39 items on the map" in last["found"]


def test_what_goes_wrong_is_one_sentence(browser: MapBrowser, maps: Maps, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise UsageError("The catalogue is empty; add items first.")

    monkeypatch.setattr(map_layouts, "points_of_index", broken)
    last = opened(browser)
    assert "The catalogue is empty" in last["told"] and "role='alert'" in last["told"]
    # Without a map, the list still answers.
    assert "Green skirt no. 0" in act(browser, "wish", words="something green")
    monkeypatch.undo()
    assert opened(browser)["told"] == ""
    with pytest.raises(ValueError, match="pca"):
        maps.ask("pca")


def test_the_tab_waits_for_the_catalogue(fake_matcher: Any) -> None:
    waiting = desk_of(lambda progress: fake_matcher, fake_matcher)
    browser = MapBrowser(waiting.loader, waiting.visits, Maps(waiting.loader))
    (told,) = browser.show(SESSION)
    assert "role='alert'" in told["told"]


def test_a_map_is_served_in_the_language_of_whoever_asks(browser: MapBrowser, maps: Maps) -> None:
    opened(browser)
    shown = maps.ask("tsne").map
    assert isinstance(shown, Map)
    client = TestClient(Starlette(routes=map_routes(maps)))
    english = client.get(f"/map/{shown.key}/data.json").json()
    german = client.get(f"/map/{shown.key}/data.json", headers={"Accept-Language": "de"}).json()
    assert len(english["ids"]) == 40 and set(english["groups"]["colour"]["names"]) == {"red", "green", "blue", "yellow"}
    assert "rot" in german["groups"]["colour"]["names"]
    (address,) = english["sprites"]["sheets"]
    answer = client.get(f"/{address}")
    assert answer.headers["content-type"] == "image/webp" and answer.content == client.get(f"/{address}").content
    for odd in ("/map/0/data.json", "/map/0/0.webp", f"/map/{shown.key}/1.webp"):
        assert client.get(odd).status_code == 404
