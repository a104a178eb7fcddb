"""Readers of the public formats, on tiny sets in their upstream layout."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from pipeline.kinds import CATEGORIES, KINDS
from pipeline.training.datasets import (
    FORMATS,
    DataUnreadable,
    TrainingData,
    ccp,
    deepfashion,
    deepfashion2,
    fashionpedia,
    modanet,
    read_garments,
    read_streets,
)
from pipeline.training.datasets import folders as folders_format
from pipeline.training.datasets.records import kind_of_meaning
from tests import training_sets as sets
from tests.test_training_datasets import make_data


@pytest.mark.parametrize("name", sets.MAKERS)
def test_each_format_is_told_by_its_files(name: str, tmp_path: Path) -> None:
    folder = sets.MAKERS[name](tmp_path / "set")
    assert [source.format for source in TrainingData(folder).sources] == [name]
    assert [source.format for source in TrainingData(tmp_path).sources] == [name], "a folder that holds the set will do"


def test_every_class_means_something_that_we_know() -> None:
    tables = (fashionpedia.MEANINGS, modanet.MEANINGS, deepfashion2.MEANINGS, deepfashion.MEANINGS, ccp.MEANINGS)
    for table in tables:
        for label, meaning in table.items():
            assert not meaning or kind_of_meaning(meaning) in KINDS, label
    assert (len(fashionpedia.MEANINGS), len(deepfashion.MEANINGS), len(deepfashion2.MEANINGS)) == (46, 50, 13)
    for meaning in folders_format.USUAL_WORDS.values():
        assert kind_of_meaning(meaning) in KINDS
    assert all(folders_format.meaning_of_folder(category.title()) == category for category in CATEGORIES)


def test_fashionpedia_masks_of_every_form(tmp_path: Path) -> None:
    data, cache = sets.fashionpedia(tmp_path / "set"), tmp_path / "cache"
    streets = read_streets(data, cache, "train")
    assert len(streets) == 5 and len(read_streets(data, cache, "val")) == 2, "the authors' split"
    street = streets[0]
    kinds = {KINDS[kind]: mask for kind, mask in street.pieces()}
    for kind, box in (("top", sets.TOP), ("trousers", sets.LOWER)):
        expected = np.zeros(street.labels.shape, bool)
        expected[box[1] : box[3], box[0] : box[2]] = True
        assert (kinds[kind] & expected).sum() / (kinds[kind] | expected).sum() > 0.9, kind
    assert kinds["shoes"][110, 30] and kinds["shoes"][110, 60], "both shoes are one piece"
    assert set(kinds) == {"top", "trousers", "shoes"} and street.person[55, 74], "a watch is worn and no piece"
    assert {category for category, _ in street.categories()} == set(), "its tops and trousers are wider than a category"
    assert not (cache / "ccp").exists() and len(list(cache.glob("fashionpedia-*/*.png"))) == 7
    assert all(
        np.array_equal(a.labels, b.labels) for a, b in zip(streets, read_streets(data, cache, "train"), strict=True)
    )


def test_two_people_make_two_pieces_of_a_kind(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    left, right = (4, 20, 30, 100), (60, 20, 90, 100)
    shapes = {}
    for n in range(3):
        sets.photo(folder / "images" / f"{n}.jpg", [left, right], n)
        shapes[f"{n}.jpg"] = [("dress", sets.polygon(left)), ("dress", sets.polygon(right))]
    sets.coco_file(folder / "modanet2018_instances_train.json", ["dress"], shapes)
    street = next(iter(read_streets(folder, tmp_path / "cache", "all")))
    assert not street.alone and [KINDS[kind] for kind, _ in street.pieces()] == ["dress", "dress"]
    assert len({own for _, own, _ in street.labelled()}) == 2


def test_a_named_format_needs_no_usual_file_name(tmp_path: Path) -> None:
    folder = sets.modanet(tmp_path / "set")
    (folder / "modanet2018_instances_val.json").unlink()
    (folder / "modanet2018_instances_train.json").rename(folder / "instances_all.json")
    with pytest.raises(DataUnreadable, match="holds no data set"):
        TrainingData(folder).streets(tmp_path / "cache", "all")
    assert len(TrainingData(folder, "modanet").streets(tmp_path / "cache", "all")) == 24


def test_modanet_goes_without_its_empty_file(tmp_path: Path) -> None:
    data, cache = sets.modanet(tmp_path / "set"), tmp_path / "cache"
    parts = [{s.stem for s in read_streets(data, cache, part)} for part in ("train", "val")]
    assert len(parts[0] | parts[1]) == 24 and not parts[0] & parts[1]
    assert {category for category, _ in read_streets(data, cache, "all")[0].categories()} == {"bag"}


def test_deepfashion2_knows_the_same_article(tmp_path: Path) -> None:
    data = sets.deepfashion2(tmp_path / "set")
    streets = {s.stem[-6:]: s for s in read_streets(data, tmp_path / "cache", "train")}
    own = {n: [name for _, name, _ in streets[n].labelled()] for n in ("000001", "000002", "000003")}
    assert own["000001"][0] == own["000002"][0] != own["000003"][0]
    assert own["000001"][1] != own["000002"][1], "style 0 has no counterpart"


def test_deepfashion_is_cut_to_its_boxes(tmp_path: Path) -> None:
    data = sets.deepfashion(tmp_path / "set")
    train, val = read_garments(data, "train"), read_garments(data, "val")
    assert (len(train), len(val)) == (8, 4), "val and test are both held out"
    assert train[0].read().shape == (108, 80, 3)
    assert {(g.label, g.kind, g.category) for g in train} == {
        ("Tee", "top", "t-shirt"), ("Top", "top", ""), ("Dress", "dress", "dress"),
    }  # fmt: skip
    assert len({g.stem for g in train + val}) == 12


def test_folders_go_by_usual_names_and_by_ones_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = sets.folders(tmp_path / "set")
    assert {(g.label, g.category, g.held_out) for g in read_garments(data)} == {
        (label, category, out)
        for label, category in (("Dresses", "dress"), ("T-Shirt", "t-shirt"), ("trainers", "sneakers"))
        for out in (False, True)
    }
    assert "misc" in capsys.readouterr().err
    own = tmp_path / "own"
    sets.photo(own / "Kleider" / "1.jpg", [sets.TOP], 0)
    (own / "classes.csv").write_text("name,category\nKleider,some dress\n")
    (garment,) = read_garments(own)
    assert (garment.kind, garment.category) == ("dress", "")


def test_sets_side_by_side_are_read_together(tmp_path: Path) -> None:
    make_data(tmp_path)
    sets.fashionpedia(tmp_path / "fashionpedia")
    data = TrainingData(tmp_path)
    assert {source.format for source in data.sources} == {"ccp", "clothing-dataset", "fashionpedia"}
    assert len(data.streets(tmp_path / "cache", "all")) == 6 + 7 and len(data.garments()) == 6
    assert not data.bundled and data.key and "Fashionpedia" in data.card
    only = TrainingData(tmp_path, "ccp")
    assert [source.format for source in only.sources] == ["ccp"] and "Fashionpedia" not in only.card
    bundled = make_data(tmp_path / "bundled")
    assert TrainingData(bundled).bundled and not TrainingData(bundled).key and not only.bundled


def test_the_split_stays_when_a_set_moves(tmp_path: Path) -> None:
    parts = []
    for place in ("here", "there"):
        modanet, folder = sets.modanet(tmp_path / place / "m"), sets.folders(tmp_path / place / "f")
        shutil.rmtree(folder / "val")
        streets = read_streets(modanet, tmp_path / "cache", "val")
        parts.append(([s.stem.split("-")[-2] for s in streets], [g.sender for g in read_garments(folder)]))
    assert parts[0] == parts[1] and len(parts[0][0]) == 4


def test_most_takes_a_fixed_choice(tmp_path: Path) -> None:
    folder = sets.modanet(tmp_path / "set")
    chosen = [{s.stem for s in TrainingData(folder, most=n).streets(tmp_path / "cache", "all")} for n in (5, 9)]
    assert [len(c) for c in chosen] == [5, 9] and chosen[0] < chosen[1]


def without_photos(folder: Path) -> Path:
    for path in sets.modanet(folder).rglob("*.jpg"):
        path.unlink()
    return folder


def with_another_class(folder: Path) -> Path:
    path = sets.fashionpedia(folder) / "annotations" / "instances_attributes_train2020.json"
    path.write_text(path.read_text().replace('"dress"', '"kimono"'))
    return folder


def cut_off(folder: Path) -> Path:
    path = sets.fashionpedia(folder) / "annotations" / "instances_attributes_train2020.json"
    path.write_text(path.read_text()[:200])
    return folder


def without_segmentation(folder: Path) -> Path:
    for path in sets.deepfashion2(folder).rglob("*.json"):
        content = json.loads(path.read_text())
        del content["item1"]["segmentation"]
        path.write_text(json.dumps(content))
    return folder


def numbered_wrongly(folder: Path) -> Path:
    path = sets.deepfashion(folder) / "Anno" / "list_category_img.txt"
    path.write_text(path.read_text().replace("    3", "    30"))
    return folder


def of_another_program(folder: Path) -> Path:
    make_data(folder)
    (folder / "clothing-co-parsing" / "label_list.mat").write_text("not MATLAB")
    return folder


def of_unknown_words(folder: Path) -> Path:
    sets.photo(folder / "misc" / "1.jpg", [sets.TOP], 0)
    (folder / "classes.csv").write_text("name,category\n")
    return folder


@pytest.mark.parametrize(
    ("make", "format", "names"),
    [
        (lambda folder: folder, "auto", "no folder"),
        (lambda folder: sets.modanet(folder), "deepfashion2", "train/annos/"),
        (lambda folder: sets.modanet(folder), "coco", "no format “coco”"),
        (without_photos, "auto", "None of the annotated photos of ModaNet"),
        (with_another_class, "auto", "“kimono”"),
        (cut_off, "auto", "not a whole JSON file"),
        (without_segmentation, "auto", "'segmentation'"),
        (numbered_wrongly, "auto", "category 30"),
        (of_another_program, "auto", "not a whole MATLAB file"),
        (of_unknown_words, "auto", "named after a category"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_set_is_said(make, format: str, names: str, tmp_path: Path) -> None:
    folder = make(tmp_path / "set")
    with pytest.raises(DataUnreadable, match=names):
        data = TrainingData(folder, format)
        data.streets(tmp_path / "cache", "train")
        data.garments("train")


def test_every_format_tells_a_card_and_its_files() -> None:
    assert all(f.needs and f.card and (f.streets or f.garments) for f in FORMATS.values())
