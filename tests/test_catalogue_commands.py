"""The catalogue's verbs, and the filters of the verbs that search."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.test_catalogue import picture, write_csv
from tests.test_cli import run, use_fakes  # noqa: F401  (fixtures)


@pytest.fixture
def shop(tmp_path):
    picture(tmp_path / "shop" / "a.png", "green")
    picture(tmp_path / "shop" / "b.png", "yellow", mark=5)
    picture(tmp_path / "shop" / "c.png", "red", mark=10)
    rows = [
        {"image": "a.png", "category": "Skirt", "price": "20", "fabric": "linen"},
        {"image": "b.png", "category": "bag", "price": "30", "fabric": "Canvas"},
        {"image": "c.png", "category": "", "price": "", "fabric": ""},
    ]
    write_csv(tmp_path / "shop" / "items.csv", rows)
    return tmp_path / "shop" / "items.csv"


@pytest.fixture
def index(run, shop, tmp_path):  # noqa: F811
    assert run("catalogue", "add", shop, "--index", tmp_path / "index")[0] == 0
    return tmp_path / "index"


def listed(run, index, *options):  # noqa: F811
    code, out, _ = run("catalogue", "list", "--index", index, "--json", *options)
    return [item["id"] for item in json.loads(out)] if code == 0 else code


def test_list_filters(run, index):  # noqa: F811
    assert listed(run, index, "--category", "SKIRT") == ["a"]
    assert listed(run, index, "--colour", "Yellow", "--colour", "green") == ["a", "b"]
    assert listed(run, index, "--min-price", 25) == ["b"] and listed(run, index, "--max-price", 25) == ["a"]
    assert listed(run, index, "--where", "Fabric=canvas") == ["b"]
    assert listed(run, index, "--category", "bag", "--where", "fabric=linen") == []


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--category", "kilt"], "no category “kilt”; it has: bag, skirt"),
        (["--where", "fabric"], "write it as NAME=VALUE, like fabric=linen"),
        (["--where", "size=xl"], "no attribute “size”; it has: fabric"),
        (["--min-price", "9", "--max-price", "1"], "exchange the two"),
    ],
)
def test_filters_that_make_no_sense_are_said(run, index, options, says):  # noqa: F811
    for verb in (["catalogue", "list"], ["catalogue", "export", "--out", index.parent / "x.csv"]):
        code, _, err = run(*verb, "--index", index, *options)
        assert code == 2 and says in err and err.count("\n") == 1


def test_what_was_predicted_is_marked(run, index):  # noqa: F811
    items = json.loads(run("catalogue", "list", "--index", index, "--json")[1])
    assert [item["predicted"] for item in items] == [["colour"], ["colour"], ["category", "colour"]]
    line = next(row for row in run("catalogue", "list", "--index", index)[1].splitlines() if row.split()[0] == "c")
    assert "~red" in line


def test_search_and_match_take_the_filters(run, photo, tmp_path):  # noqa: F811
    code, out, _ = run("search", "green", "--max-price", 12, "--category", "Skirt", "--json")
    assert code == 0 and [m["id"] for m in json.loads(out)["matches"]] == ["green-0", "green-1", "green-2"]
    photo.save(tmp_path / "p.png")
    code, out, _ = run("match", tmp_path / "p.png", "--json", "--colour", "RED")
    assert [len(piece["matches"]) for piece in json.loads(out)["pieces"]] == [8, 0, 0]
    assert run("match", tmp_path / "p.png", "--json", "--colour", "mauve")[0] == 2


def test_adding_twice_counts_duplicates(run, shop, index):  # noqa: F811
    code, out, err = run("catalogue", "add", shop, "--index", index, "--json")
    assert code == 0 and json.loads(out) == {"added": 0, "duplicates": 3, "unreadable": [], "items": 3}
    assert err == ""


def test_near_duplicates_are_named(run, shop, index):  # noqa: F811
    (shop.parent / "again.png").write_bytes((shop.parent / "a.png").read_bytes())
    (shop.parent / "more.csv").write_text("image\nagain.png\n")
    code, _, err = run("catalogue", "add", shop.parent / "more.csv", "--index", index)
    assert code == 0 and err == "skipped: again.png is the same file as the picture of a\n"
    _, out, _ = run("catalogue", "add", shop.parent / "more.csv", "--keep-duplicates", "--index", index, "--json")
    assert json.loads(out)["items"] == 4


def test_remove(run, index):  # noqa: F811
    code, out, _ = run("catalogue", "remove", "a", "b", "--index", index, "--json")
    assert code == 0 and json.loads(out) == {"removed": 2, "items": 1}
    code, _, err = run("catalogue", "remove", "c", "a", "--index", index)
    assert code == 2 and "no item “a”" in err and listed(run, index) == ["c"]


def test_export(run, index, tmp_path):  # noqa: F811
    code, out, _ = run("catalogue", "export", "--out", tmp_path / "out", "--index", index, "--json")
    files = json.loads(out)["files"]
    assert code == 0 and [name.rsplit("/", 1)[1] for name in files] == ["items.csv", "embeddings.npz"]
    assert np.load(files[1])["embeddings"].shape == (3, 8)
    code, out, _ = run("catalogue", "export", "--out", tmp_path / "one.npz", "--category", "skirt", "--index", index)
    assert code == 0 and out.startswith("Wrote 1 items")


def test_info_names_what_can_be_filtered_by(run, index):  # noqa: F811
    assert "beside category, colour and price: fabric" in run("catalogue", "info", "--index", index)[1]


def test_label_maps_reach_the_reader(run, tmp_path):  # noqa: F811
    picture(tmp_path / "set" / "a.png", "green")
    (tmp_path / "set" / "list.csv").write_text("image_name,category_label\na.png,4\n")
    (tmp_path / "set" / "map.json").write_text('{"4": "Skirt"}')
    words = ("catalogue", "add", tmp_path / "set" / "list.csv", "--index", tmp_path / "new")
    assert run(*words)[0] == 2
    assert run(*words, "--labels", tmp_path / "set" / "map.json")[0] == 0
    assert listed(run, tmp_path / "new", "--category", "skirt") == ["a"]


def test_the_clothing_dataset_from_a_local_copy(run, tmp_path):  # noqa: F811
    picture(tmp_path / "set" / "images" / "x1.png", "green")
    (tmp_path / "set" / "images.csv").write_text("image,sender_id,label,kids\nx1,4,Skirt,True\n")
    words = ("catalogue", "add", "clothing-dataset", "--index", tmp_path / "new")
    assert run(*words, "--from", tmp_path / "set")[0] == 0
    assert listed(run, tmp_path / "new", "--where", "kids=yes") == ["x1"]
    code, _, err = run(*words, "--from", tmp_path)
    assert code == 2 and "images.csv is missing" in err
    code, _, err = run("catalogue", "add", tmp_path / "set", "--from", tmp_path, "--index", tmp_path / "new")
    assert code == 2 and "--from belongs to clothing-dataset" in err
