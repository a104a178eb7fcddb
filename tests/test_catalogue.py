"""Pictures into an index: from a folder, from a CSV, again, and with bad ones among them."""

from __future__ import annotations

import csv
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from pipeline import catalogue
from pipeline.errors import UnreadablePhoto, UsageError
from pipeline.index import Index
from pipeline.settings import Settings
from tests.fakes import COLOURS, FakeEmbedder, FakeFinder, FakeRemover

STAGES = SimpleNamespace(cut=FakeRemover(), find=FakeFinder(), embed=FakeEmbedder(), settings=Settings())


def picture(path, colour, mark=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    canvas = Image.new("RGB", (60, 60), "white")
    canvas.paste(COLOURS[colour], (10, 10, 50, 50 - mark))
    canvas.save(path)


@pytest.fixture
def folder(tmp_path):
    picture(tmp_path / "shop" / "skirt" / "a-line_midi.png", "green")
    picture(tmp_path / "shop" / "bag" / "tote.png", "yellow")
    return tmp_path / "shop"


def add(source, index, **options):
    return catalogue.add(source, index, STAGES, **options)


def test_sub_folders_are_categories(folder, tmp_path):
    done = add(folder, tmp_path / "index")
    index = Index.open(tmp_path / "index")
    assert (done.added, done.duplicates, done.unreadable) == (2, 0, ())
    assert [(i.id, i.category, i.title) for i in index.items] == [
        ("bag/tote", "bag", "tote"),
        ("skirt/a-line_midi", "skirt", "a line midi"),
    ]
    assert all(index.picture(item).is_file() for item in index.items)


def write_csv(path, rows):
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def test_csv_columns_and_attributes(folder, tmp_path):
    row = {"id": "s1", "image": "skirt/a-line_midi.png", "category": "Skirt", "colour": "green", "title": "Midi"}
    write_csv(folder / "items.csv", [{**row, "price": "39.90", "url": "https://shop.example/s1", "fabric": "linen"}])
    add(folder / "items.csv", tmp_path / "index")
    item = Index.open(tmp_path / "index").item("s1")
    assert (item.category, item.price, item.url, item.attributes) == (
        "skirt", 39.9, "https://shop.example/s1", {"fabric": "linen"},
    )  # fmt: skip


def test_adding_again_replaces_by_id_and_keeps_the_rest(folder, tmp_path):
    add(folder, tmp_path / "index")
    picture(folder / "skirt" / "a-line_midi.png", "red")
    picture(folder / "top" / "tee.png", "red", mark=5)
    add(folder, tmp_path / "index")
    index = Index.open(tmp_path / "index")
    assert sorted(item.id for item in index.items) == ["bag/tote", "skirt/a-line_midi", "top/tee"]
    red = FakeEmbedder().embed_words(["red"])
    assert {m.item.id for m in index.search(red, 2)[0]} == {"skirt/a-line_midi", "top/tee"}


def test_replace_drops_what_was_there(folder, tmp_path):
    add(folder, tmp_path / "index")
    picture(tmp_path / "other" / "bag" / "new.png", "yellow")
    add(tmp_path / "other", tmp_path / "index", replace_all=True)
    assert [item.id for item in Index.open(tmp_path / "index").items] == ["bag/new"]


def test_pictures_of_another_folder_join(folder, tmp_path):
    add(folder, tmp_path / "index")
    picture(tmp_path / "other" / "bag" / "new.png", "red")
    assert add(tmp_path / "other", tmp_path / "index").manifest.count == 3
    index = Index.open(tmp_path / "index")
    assert all(index.picture(item).is_file() for item in index.items)


def test_the_same_file_twice_is_skipped(folder, tmp_path):
    (folder / "bag" / "copy.png").write_bytes((folder / "bag" / "tote.png").read_bytes())
    done = add(folder, tmp_path / "index")
    assert (done.added, done.duplicates, done.manifest.count) == (2, 1, 2)


def test_bad_files_are_listed_and_stop_nothing(folder, tmp_path):
    (folder / "bag" / "broken.jpg").write_bytes(b"\xff\xd8\xff nonsense")
    seen = []
    done = catalogue.add(
        folder, tmp_path / "index", STAGES, progress=lambda step: seen.append((step.what, step.done, step.total))
    )
    assert done.added == 2 and len(done.unreadable) == 1 and "broken.jpg" in done.unreadable[0]
    assert [(done, total) for what, done, total in seen if what == "Pictures"] == [(n, 3) for n in range(4)]


def test_nothing_readable_publishes_nothing(tmp_path):
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "broken.jpg").write_bytes(b"nonsense")
    with pytest.raises(UnreadablePhoto, match="None of the 1 pictures"):
        add(tmp_path / "shop", tmp_path / "index")
    assert not (tmp_path / "index").exists()


def test_missing_categories_are_predicted_and_marked(tmp_path):
    picture(tmp_path / "shop" / "loose.png", "red")
    add(tmp_path / "shop", tmp_path / "index")
    item = Index.open(tmp_path / "index").items[0]
    assert (item.category, item.colour, item.predicted) == ("t-shirt", "red", ("category", "colour"))


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([{"drawing": "a.png"}], "no column “image”"),
        ([{"image": "a.png", "price": "cheap"}], "line 2: the price “cheap”"),
        ([{"image": "a.png"}, {"image": "b/a.png"}], "the id “a” more than once"),
    ],
)
def test_csvs_that_make_no_sense(tmp_path, rows, says):
    write_csv(tmp_path / "items.csv", rows)
    with pytest.raises(UsageError, match=says):
        catalogue.read_source(tmp_path / "items.csv")


def test_sources_that_are_none(tmp_path):
    with pytest.raises(UsageError, match="neither a folder nor a CSV"):
        catalogue.read_source(tmp_path / "gone")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="holds no pictures"):
        catalogue.read_source(tmp_path / "empty")


def test_a_shop_picture_on_white_needs_no_background_remover():
    pixels = np.full((40, 40, 3), 255, np.uint8)
    pixels[10:30, 15:25] = (200, 30, 40)
    square = catalogue.prepare_picture(pixels, np.zeros((40, 40), np.uint8))
    assert square.shape == (22, 22, 3) and (square == (200, 30, 40)).all(axis=2).sum() == 200


def test_elsewhere_the_alpha_decides():
    pixels = np.full((40, 40, 3), 90, np.uint8)
    alpha = np.zeros((40, 40), np.uint8)
    alpha[10:30, 10:30] = 255
    assert (catalogue.prepare_picture(pixels, alpha) == 90).all(axis=2).sum() == 400


def test_one_stem_with_two_suffixes_is_two_items(folder, tmp_path):
    picture(folder / "bag" / "tote.jpg", "red")
    add(folder, tmp_path / "index")
    ids = sorted(item.id for item in Index.open(tmp_path / "index").items)
    assert ids == ["bag/tote.jpg", "bag/tote.png", "skirt/a-line_midi"]


def test_adding_only_known_pictures_adds_nothing(folder, tmp_path):
    add(folder, tmp_path / "index")
    write_csv(folder / "again.csv", [{"id": "other", "image": "bag/tote.png"}])
    done = add(folder / "again.csv", tmp_path / "index")
    assert (done.added, done.duplicates, done.manifest.count) == (0, 1, 2)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"image,title\n,Nothing\n", "line 2 names no picture"),
        (b"image,price\na.png,inf\n", "is no number"),
        ("image,title\na.png,Ärmel\n".encode("latin-1"), "not in UTF-8"),
    ],
)
def test_csvs_of_other_programs(tmp_path, content, says):
    (tmp_path / "items.csv").write_bytes(content)
    with pytest.raises(UsageError, match=says):
        catalogue.read_source(tmp_path / "items.csv")
