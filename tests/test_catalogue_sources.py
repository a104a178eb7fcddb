"""What folders, CSVs and label maps of all sorts say."""

from __future__ import annotations

import json

import pytest

from pipeline.catalogue import clothing_dataset, read_folder, read_labels, read_source
from pipeline.errors import UsageError


def table(tmp_path, text, name="items.csv", encoding="utf-8"):
    (tmp_path / name).write_bytes(text.encode(encoding))
    return tmp_path / name


def test_columns_of_other_programs(tmp_path):
    (tmp_path / "img").mkdir()
    (tmp_path / "img" / "0001.jpg").touch()
    path = table(
        tmp_path, "Image_Name;Article Type;Color;Product-Name;Price;Fabric\n0001;Shirt;Navy;Work shirt;49,90;\n"
    )
    (item,) = read_source(path).items
    assert (item.id, item.image, item.category, item.colour, item.title) == (
        "0001", "img/0001.jpg", "shirt", "navy", "Work shirt",
    )  # fmt: skip
    assert item.price == 49.9 and item.attributes == {}


def test_a_spreadsheets_own_marks_are_no_column(tmp_path):
    path = table(tmp_path, "\ufeffimage,category\r\na.png,Skirt\r\n")
    assert read_source(path).items[0].category == "skirt"


def test_of_two_columns_that_would_do_the_plainer_one_counts(tmp_path):
    path = table(tmp_path, "label,image,category\nTop 10,a.png,skirt\n")
    (item,) = read_source(path).items
    assert item.category == "skirt" and item.attributes == {"label": "Top 10"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("map.json", json.dumps({"0": "shirt", "1": "Skirt"})),
        ("map.json", json.dumps(["shirt", "Skirt"])),
        ("map.csv", "0,shirt\n1,Skirt\n"),
        ("map.csv", "label;category\n0;shirt\n1;Skirt\n"),
    ],
)
def test_label_maps(tmp_path, name, text):
    labels = read_labels(table(tmp_path, text, name))
    path = table(tmp_path, "image_name,category_label\na.png,0\nb.png,1\nc.png,hat\n")
    assert [item.category for item in read_source(path, labels).items] == ["shirt", "skirt", "hat"]


def test_numbers_without_a_map_are_asked_for(tmp_path):
    path = table(tmp_path, "image_name,category_label\na.png,7\n")
    with pytest.raises(UsageError, match="line 2: the category “7” is a number; .*--labels"):
        read_source(path)


@pytest.mark.parametrize("text", ["nonsense", "[1, 2]", '{"0": 5}'])
def test_label_maps_that_are_none(tmp_path, text):
    with pytest.raises(UsageError, match="is no label map"):
        read_labels(table(tmp_path, text, "map.json"))
    with pytest.raises(UsageError, match="is no label map"):
        read_labels(tmp_path / "gone.csv")


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("39.90", 39.9), ("39,90", 39.9), ("€ 1.299,00", 1299.0), ("1,299.00 USD", 1299.0), ("1,299", 1299.0),
        ("$5", 5.0), ("", None),
    ],
)  # fmt: skip
def test_prices_as_people_write_them(tmp_path, text, price):
    assert read_source(table(tmp_path, f'image,price\na.png,"{text}"\n')).items[0].price == price


def test_boxes(tmp_path):
    path = table(tmp_path, 'id,image,box\na,a.png,"[1, 2, 30, 40]"\nb,a.png,\n')
    assert [item.box for item in read_source(path).items] == [(1, 2, 30, 40), None]
    with pytest.raises(UsageError, match="line 2: the box “5 5 1 1” is none"):
        read_source(table(tmp_path, "image,box\na.png,5 5 1 1\n"))


def test_what_programs_hide_in_folders_is_no_picture(tmp_path):
    for name in ("a.jpg", ".thumbs/a.jpg", "__MACOSX/a.jpg", "bag/._b.jpg", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "folder.jpg").mkdir()
    assert [item.image for item in read_folder(tmp_path).items] == ["a.jpg"]


def test_the_clothing_dataset_in_its_own_layout(tmp_path):
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "x1.jpg").touch()
    table(tmp_path, "image,sender_id,label,kids\nx1,4,Pants,True\nx2,4,Not sure,False\n", "images.csv")
    source = clothing_dataset(tmp_path, fetch=False)
    first, second = source.items
    assert (first.image, first.category, first.attributes) == ("images/x1.jpg", "trousers", {"kids": "yes"})
    assert (second.category, second.attributes) == ("", {"kids": "no"})
    with pytest.raises(UsageError, match=r"images\.csv is missing"):
        clothing_dataset(tmp_path / "images", fetch=False)
