"""An index that changes: duplicates, several garments in a picture, words that change, removal, export."""

from __future__ import annotations

import csv
import os

import numpy as np
import pytest
from PIL import Image, ImageDraw

from pipeline import catalogue
from pipeline.catalogue.duplicates import are_same, fingerprint_of
from pipeline.errors import IndexMissing, UnreadablePhoto, UsageError
from pipeline.index import Index
from pipeline.kinds import kind_of
from pipeline.types import Filters
from tests.fakes import FakeFinder, FakeRemover, photo_of_pieces
from tests.index_worker import stages
from tests.test_catalogue import add, picture, write_csv


@pytest.fixture
def folder(tmp_path):
    picture(tmp_path / "shop" / "skirt" / "a.png", "green")
    picture(tmp_path / "shop" / "bag" / "b.png", "yellow")
    return tmp_path / "shop"


@pytest.fixture
def index(tmp_path):
    return tmp_path / "index"


def ids(index):
    return sorted(item.id for item in Index.open(index).items)


def test_adding_again_does_no_work_and_changes_nothing(folder, index):
    add(folder, index)
    before = Index.open(index).manifest
    remover = FakeRemover()
    done = catalogue.add(folder, index, stages(remover))
    assert (done.added, done.unchanged, done.duplicates, remover.calls) == (0, 2, 2, 0)
    assert Index.open(index).manifest == before


def test_a_touched_file_is_the_same_picture(folder, index):
    add(folder, index)
    os.utime(folder / "bag" / "b.png", (1, 1))
    assert (add(folder, index).added, add(folder, index).unchanged) == (0, 2)


def test_words_change_without_a_look_at_the_picture(folder, index):
    write_csv(folder / "items.csv", [{"id": "s", "image": "skirt/a.png", "price": "20", "fabric": "linen"}])
    add(folder / "items.csv", index)
    vector, kind = Index.open(index).embeddings_of(["s"]), kind_of(Index.open(index).item("s").category)
    write_csv(folder / "items.csv", [{"id": "s", "image": "skirt/a.png", "price": "15", "category": "Kilt"}])
    remover = FakeRemover()
    done = catalogue.add(folder / "items.csv", index, stages(remover))
    opened = Index.open(index)
    item = opened.item("s")
    assert (done.added, done.updated, remover.calls) == (0, 1, 0)
    assert (item.price, item.category, item.attributes, item.predicted) == (15.0, "kilt", {}, ("colour",))
    assert np.array_equal(opened.embeddings_of(["s"]), vector) and item.kind == kind
    assert opened.facets.attributes == {}


def test_file_names_do_not_replace_what_a_table_said(folder, index):
    write_csv(folder / "items.csv", [{"id": "skirt/a", "image": "skirt/a.png", "title": "Midi skirt"}])
    add(folder / "items.csv", index)
    add(folder, index)
    assert Index.open(index).item("skirt/a").title == "Midi skirt"


def test_an_item_whose_new_picture_cannot_be_read_keeps_the_old_one(folder, index):
    add(folder, index)
    (folder / "bag" / "b.png").write_bytes(b"nonsense")
    done = add(folder, index)
    assert len(done.unreadable) == 1 and done.manifest.count == 2
    assert Index.open(index).embeddings_of(["bag/b"]).any()
    (folder / "bag" / "b.png").unlink()
    write_csv(folder / "items.csv", [{"id": "bag/b", "image": "bag/b.png", "category": "bag"}])
    assert "There is no file" in add(folder / "items.csv", index).unreadable[0] and ids(index) == ["bag/b", "skirt/a"]


def test_pictures_saved_anew_are_near_duplicates(folder, index):
    image = photo_of_pieces((480, 640)).crop((120, 60, 360, 330))
    image.save(folder / "bag" / "c.png")
    add(folder, index)
    image.resize((320, 360), Image.Resampling.LANCZOS).save(folder / "bag" / "larger.jpg", quality=80)
    image.resize((120, 135), Image.Resampling.LANCZOS).save(folder / "bag" / "smaller.webp", quality=70)
    done = add(folder, index)
    assert [(d.image, d.of, d.exact) for d in done.skipped] == [
        ("bag/larger.jpg", "bag/c", False), ("bag/smaller.webp", "bag/c", False),
    ]  # fmt: skip
    assert add(folder, index, keep_duplicates=True).added == 2
    assert ids(index) == ["bag/b", "bag/c", "bag/larger", "bag/smaller", "skirt/a"]


def test_the_same_shape_in_another_colour_is_no_duplicate(folder, index):
    picture(folder / "bag" / "red.png", "red")
    assert add(folder, index).added == 3


@pytest.fixture
def outfit(tmp_path):
    (tmp_path / "looks").mkdir()
    photo_of_pieces().save(tmp_path / "looks" / "look.png")
    return tmp_path / "looks"


def test_several_garments_are_several_items_of_one_picture(outfit, index):
    add(outfit, index)
    opened = Index.open(index)
    first, second = opened.items
    # The bag is too small to be a garment of its own.
    assert [(i.id, i.category, i.colour) for i in opened.items] == [
        ("look", "skirt", "green"), ("look-2", "t-shirt", "red"),
    ]  # fmt: skip
    assert first.image == second.image == "look.png"
    assert first.box == (72, 160, 169, 289) and second.box == (72, 48, 169, 160)
    red = opened.search(stages().embed.embed_words(["red"]), 1)[0][0]
    assert red.item.id == "look-2" and red.similarity > 0.99
    assert add(outfit, index).duplicates == 1


def test_of_several_garments_the_stated_one_is_meant(outfit, index):
    write_csv(outfit / "items.csv", [{"id": "tee", "image": "look.png", "category": "t-shirt"}])
    add(outfit / "items.csv", index)
    (item,) = Index.open(index).items
    assert item.box == (72, 48, 169, 160) and item.colour == "red"


def test_another_name_is_found_for_a_further_garment(outfit, index):
    picture(outfit / "look-2.png", "blue")
    add(outfit, index)
    assert ids(index) == ["look", "look-2", "look-3"]


def test_a_picture_that_shows_less_now_drops_what_it_showed(outfit, index):
    add(outfit, index)
    picture(outfit / "look.png", "blue")
    add(outfit, index)
    assert ids(index) == ["look"] and Index.open(index).item("look").colour == "blue"


def test_a_word_that_nobody_knows_is_found_by_what_the_picture_shows(tmp_path, index):
    picture(tmp_path / "shop" / "weekend" / "c.png", "red")
    add(tmp_path / "shop", index)
    opened = Index.open(index)
    assert opened.item("weekend/c").category == "weekend" and opened.item("weekend/c").kind == "top"
    red = stages().embed.embed_words(["red"])
    assert [m.item.id for m in opened.search(red, 3, kinds=["top"])[0]] == ["weekend/c"]


def test_what_is_not_said_is_predicted_in_the_catalogues_own_words(folder, index):
    for n in range(5):
        picture(folder / "Pants" / f"{n}.png", "blue", mark=6 * n)
    add(folder, index)
    picture(folder / "loose.png", "blue", mark=33)
    add(folder, index)
    item = Index.open(index).item("loose")
    assert (item.category, item.predicted) == ("pants", ("category", "colour"))


def test_stopping_keeps_what_was_seen(tmp_path, index):
    for n in range(5):
        picture(tmp_path / "shop" / f"{n}.png", "red", mark=5 * n)
    told = []

    def cancelled():
        return len(told) >= 3

    with pytest.raises(catalogue.Stopped, match="kept for the next time"):
        catalogue.add(tmp_path / "shop", index, stages(), progress=told.append, cancelled=cancelled)
    assert not (index / "manifest.json").exists()
    remover = FakeRemover()
    grey = Image.new("RGB", (60, 60), (90, 90, 90))
    grey.save(tmp_path / "shop" / "on-grey.png")
    assert catalogue.add(tmp_path / "shop", index, stages(remover)).manifest.count == 6
    assert remover.calls == 1


def test_copies_stay_when_the_source_goes(folder, index):
    add(folder, index, copy=True)
    for path in folder.rglob("*.png"):
        path.unlink()
    opened = Index.open(index)
    assert all(opened.picture(item).is_file() for item in opened.items)
    assert len(list((index / "pictures").iterdir())) == 2
    catalogue.remove(index, ["bag/b"])
    assert len(list((index / "pictures").iterdir())) == 1


def test_removing(folder, index):
    add(folder, index)
    assert catalogue.remove(index, ["bag/b"]).count == 1 and ids(index) == ["skirt/a"]
    assert (folder / "bag" / "b.png").is_file()
    with pytest.raises(UsageError, match="no item “bag/b”"):
        catalogue.remove(index, ["skirt/a", "bag/b"])
    assert ids(index) == ["skirt/a"]
    assert catalogue.remove(index, ["skirt/a"]).count == 0
    assert Index.open(index).search(stages().embed.embed_words(["red"]), 3) == [()]
    assert add(folder, index).added == 2
    with pytest.raises(IndexMissing, match="There is no index in “gone”"):
        catalogue.remove(index.parent / "gone", ["a"])
    assert not (index.parent / "gone").exists()


def test_what_is_exported_can_be_added_again(folder, outfit, index, tmp_path):
    write_csv(folder / "items.csv", [{"id": "s", "image": "skirt/a.png", "price": "39.9", "fabric": "linen"}])
    add(folder / "items.csv", index)
    add(outfit, index)
    opened = Index.open(index)
    paths, count = catalogue.export(opened, tmp_path / "out")
    assert [path.name for path in paths] == ["items.csv", "embeddings.npz"] and count == 3
    stored = np.load(paths[1])
    assert stored["ids"].tolist() == ["s", "look", "look-2"] and str(stored["model"]) == "fake-embeddings"
    assert np.array_equal(stored["embeddings"], opened.vectors(range(3)))
    add(paths[0], tmp_path / "again")
    again = Index.open(tmp_path / "again")
    for item in opened.items:
        other = again.item(item.id)
        assert (other.category, other.colour, other.price, other.box, other.attributes, other.predicted) == (
            item.category, item.colour, item.price, item.box, item.attributes, item.predicted,
        )  # fmt: skip
        assert again.picture(other) == opened.picture(item)
    assert np.allclose(again.vectors(range(3)), opened.vectors(range(3)), atol=1e-5)


def test_exporting_a_part_and_nonsense(folder, index, tmp_path):
    add(folder, index)
    opened = Index.open(index)
    assert catalogue.export(opened, tmp_path / "bags.csv", Filters(categories=("BAG",)))[1] == 1
    with (tmp_path / "bags.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["id"] == "bag/b" and row["predicted"] == "colour"
    for out, says in ((tmp_path / "items.xlsx", "neither .csv nor .npz"), (tmp_path / "no" / "i.csv", "no folder for")):
        with pytest.raises(UsageError, match=says):
            catalogue.export(opened, out)


def test_nothing_readable_leaves_nothing_behind(tmp_path, index):
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "a.jpg").write_bytes(b"nonsense")
    with pytest.raises(UnreadablePhoto):
        add(tmp_path / "shop", index)
    assert not index.exists()


class BlindFinder(FakeFinder):
    """Sees nothing."""

    def __call__(self, cutout, min_score):
        return ()


def test_a_picture_without_any_piece_is_an_item_all_the_same(outfit, index):
    chain = stages()
    chain.find = BlindFinder()
    catalogue.add(outfit, index, chain)
    (item,) = Index.open(index).items
    assert item.box is None and item.category and item.kind == ""


def test_a_thin_thing_in_another_colour_is_no_duplicate():
    def ring(colour):
        image = Image.new("RGB", (240, 240), "white")
        ImageDraw.Draw(image).ellipse((40, 90, 200, 150), outline=colour, width=5)
        return np.asarray(image)

    red, brown = (fingerprint_of(ring(colour), ring(colour)) for colour in ("firebrick", "saddlebrown"))
    assert not are_same(red, brown, 0.99) and are_same(red, red, 0.99) and not are_same(red, red, 0.5)
