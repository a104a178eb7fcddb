"""What a visitor does with one row of matches, with fake stages."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from typing import Any

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from pipeline.ui import refine, texts
from pipeline.ui.acts import Acts
from pipeline.ui.pictures import routes
from tests.test_ui import SESSION, Desk, data, desk  # noqa: F401  (fixtures)

FORM = {"act": "wish", "words": "", "strength": "50", "kind": "top", "same": "1"}


@pytest.fixture
def acts(desk: Desk, data: bytes) -> Acts:  # noqa: F811
    """The acts on a photo with a red top, a green skirt and a yellow bag."""
    desk.show(data)
    return Acts(desk.loader, desk.visits)


def do(acts: Acts, act: str, number: int = 1, **fields: str) -> dict[str, Any]:
    return acts.act(SESSION, number, {"act": act, **fields})


def found(desk: Desk, number: int = 1) -> list[str]:  # noqa: F811
    result = desk.visits.of(SESSION).result
    assert result is not None
    return [match.item.id for match in result.pieces[number - 1].matches]


def test_words_kinds_and_filters_change_one_row_only(acts: Acts, desk: Desk) -> None:  # noqa: F811
    changes = do(acts, **{**FORM, "words": "but blue", "strength": "90", "same": ""})
    assert set(changes) == {"cards-1", "look"} and all(item.startswith("blue") for item in found(desk))
    wish = {name: value for name, value in FORM.items() if name != "same"}
    do(acts, **{**wish, "words": "but blue", "strength": "10"})
    assert all(item.startswith("red") for item in found(desk))
    do(acts, **{**FORM, "low": "12", "high": "14,5"})
    assert sorted(found(desk)) == ["red-2", "red-3", "red-4"]
    assert "Wear" not in do(acts, **{**FORM, "colour": "blue"})["cards-1"]
    assert found(desk) == []
    assert all(item.startswith("green") for item in found(desk, 2))


def test_a_wish_that_cannot_be_is_one_sentence_and_forgotten(acts: Acts, desk: Desk) -> None:  # noqa: F811
    assert "no colour “mauve”" in do(acts, **{**FORM, "colour": "mauve"})["cards-1"]
    assert "exchange the two" in do(acts, **{**FORM, "low": "20", "high": "10"})["cards-1"]
    assert desk.visits.of(SESSION).wishes == {}
    assert refine.read("no form") == refine.read("[1]") == refine.read(None) == {}
    assert refine.wish_of({"strength": "nan", "low": "1e999"}, desk.visits.of(SESSION).wish).filters.min_price is None


def test_another_kind_renames_the_piece_everywhere(acts: Acts, desk: Desk) -> None:  # noqa: F811
    changes = do(acts, number=1, **{**FORM, "kind": "skirt"})
    assert "Skirt" in changes["piece-1"] and "1 · skirt" in changes["pieces"]["choices"][0][0]
    assert changes["photo"]["url"] and {item.split("-")[0] for item in found(desk)} <= {"green"}
    assert do(acts, number=1, **{**FORM, "kind": "kilt"})["cards-1"]


def test_opinions_show_as_chips_and_are_taken_back(acts: Acts, desk: Desk) -> None:  # noqa: F811
    liked = do(acts, "more", item="red-3")["cards-1"]
    assert "More like Red t-shirt no. 3" in liked and "aria-pressed='true'" in liked
    less = do(acts, "less", item="red-0")["cards-1"]
    assert "Less like Red t-shirt no. 0" in less and "red-0" not in found(desk)
    do(acts, "back", item="red-0")
    assert "red-0" in found(desk)
    assert "fp-chip" not in do(acts, "more", item="red-3")["cards-1"]
    assert "Searching from Red t-shirt no. 5" in do(acts, "from", item="red-5")["cards-1"]
    assert "red-5" not in found(desk)
    reset = do(acts, "reset")
    assert "fp-chip" not in reset["cards-1"] and "name='words'" in reset["refine-1"]
    assert "does not have this item" in do(acts, "more", item="<b>")["cards-1"]


def test_more_matches_and_far_ones_come_when_asked_for(acts: Acts, desk: Desk) -> None:  # noqa: F811
    assert len(found(desk)) == 8
    assert texts.FURTHER not in do(acts, "further")["cards-1"]
    assert len(found(desk)) == 10
    desk.matcher.embed.none_below = 2.0
    do(acts, "reset")
    assert found(desk) == []
    assert texts.FAR in do(acts, "far")["cards-1"] and len(found(desk)) == 8


def test_an_opened_match_shows_its_data_and_can_be_worn(acts: Acts, desk: Desk) -> None:  # noqa: F811
    shown = do(acts, "open", number=2, item="green-1")["dialog"]
    assert "Green skirt no. 1" in shown and "11.00 €" in shown and "catalogue/large/green-1" in shown
    assert do(acts, "open", number=2, item="red-1") == {} == do(acts, "open", number=9, item="red-1")
    assert "Green skirt no. 1" in do(acts, "wear", number=2, item="green-1")["look"]
    assert texts.WORN in do(acts, "open", number=2, item="green-1")["dialog"]
    assert do(acts, "unknown") == {}


def test_the_whole_look_is_taken_along(acts: Acts, desk: Desk) -> None:  # noqa: F811
    assert "Total 31.00 €" in do(acts, "wear", number=2, item="green-1")["look"]
    without = do(acts, "wear", number=3)["look"]
    assert "Total 21.00 €" in without and "+ bag (3)" in without
    client = TestClient(Starlette(routes=routes(desk.loader, desk.visits, ())))
    links = {suffix: address_in(without, suffix) for suffix in texts.downloads()}
    answers = {suffix: client.get(f"/{link}").content for suffix, link in links.items()}
    rows = list(csv.DictReader(io.StringIO(answers["csv"].decode("utf-8-sig"))))
    assert [(row["piece"], row["id"], row["price"]) for row in rows] == [
        ("top", "red-0", "10.00"),
        ("skirt", "green-1", "11.00"),
    ]
    document = json.loads(answers["json"])
    assert document["total_price"] == 21.0 and [len(p["matches"]) for p in document["pieces"]] == [1, 1]
    assert Image.open(io.BytesIO(answers["jpg"])).width > 600
    names = zipfile.ZipFile(io.BytesIO(answers["zip"])).namelist()
    assert {"look.jpg", "look.csv", "look.json", "photo.jpg", "items/1-top.png", "items/2-skirt.png"} == set(names)
    assert "+ bag (3)" not in do(acts, "unwear", number=3)["look"]


def address_in(html: str, suffix: str) -> str:
    """The address of a download."""
    return re.search(rf"href='(visit/[^']+\.{suffix})'", html).group(1)  # type: ignore[union-attr]


def test_a_drawn_box_is_a_piece_like_the_others_and_can_be_removed(acts: Acts, desk: Desk) -> None:  # noqa: F811
    *_, changes = acts.draw(SESSION, (0.74, 0.49, 0.93, 0.66))
    assert "4 pieces" in changes["status"] and changes["pieces"]["value"] == 4
    assert "drawn by you" in changes["piece-4"] and texts.REMOVE in changes["refine-4"]
    do(acts, number=4, **{**FORM, "kind": "bag"})
    assert found(desk, 4) == found(desk, 3)
    again = desk.process(min_score=0.8)[-1]
    assert "3 pieces" in again["status"] and "drawn by you" in again["piece-3"]
    assert "drawn" not in do(acts, "remove", number=3)["piece-2"]
    assert do(acts, "remove", number=1) == {}
    assert "2 pieces" in desk.process(min_score=0.8)[-1]["status"]
    assert "too small" in list(acts.draw(SESSION, (0.5, 0.5, 0.501, 0.9)))[-1]["status"]


def test_the_chain_shows_each_stage_with_its_model(acts: Acts, desk: Desk, data: bytes) -> None:  # noqa: F811
    shown = desk.show(data)["chain"]
    assert all(name in shown for name in ("fake-cutout", "fake-pieces", "fake-embeddings", "Faiss over 40 items"))
    assert shown.count(" ms") == 5
    client = TestClient(Starlette(routes=routes(desk.loader, desk.visits, ())))
    addresses = [part for part in shown.split("'") if part.startswith("visit/")]
    assert len(addresses) == 6 and all(client.get(f"/{a}").status_code == 200 for a in addresses)


def test_acts_without_a_photo_say_so(desk: Desk) -> None:  # noqa: F811
    acts = Acts(desk.loader, desk.visits)
    assert texts.GONE in do(acts, "further")["status"] and list(acts.draw(SESSION, (0, 0, 1, 1))) == []
