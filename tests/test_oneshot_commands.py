"""preprocess, embed, retrieve and evaluate oneshot as scripts use them."""

from __future__ import annotations

import csv
import json
import os
import shutil

import numpy as np
import pytest
from PIL import Image

from pipeline.cli import main
from pipeline.evaluation.comparing import Variant
from pipeline.evaluation.drapes import CATALOGUE, DRAPES
from pipeline.index import Index
from tests.fakes import FakeEmbedder, FakeFinder, FakeRemover, fake_index
from tests.test_catalogue import picture

# Directions far enough apart to be told by a mean colour.
SHADES = {"red": (200, 30, 40), "green": (30, 150, 60), "blue": (40, 60, 200), "yellow": (225, 200, 40)}


class CentreRemover(FakeRemover):
    """The middle of the picture is the garment."""

    def __call__(self, photo):
        cutout = super().__call__(photo)
        height, width = cutout.alpha.shape
        cutout.alpha[:] = 0
        cutout.alpha[height // 4 : 3 * height // 4, width // 4 : 3 * width // 4] = 255
        return cutout


def photo_of(path, colour, ground):
    """A garment in the middle third of a coloured ground."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.new("RGB", (96, 96), ground)
    image.paste(SHADES[colour], (24, 24, 72, 72))
    image.save(path)


@pytest.fixture
def run(capfd, monkeypatch, tmp_path):
    index = Index.open(fake_index(tmp_path / "fake"))
    models = {"load_remover": CentreRemover, "load_embedder": FakeEmbedder, "load_finder": FakeFinder}
    for place in ("retrieving", "catalogue"):
        for name, fake in models.items():
            if place == "catalogue" or name != "load_finder":
                monkeypatch.setattr(f"pipeline.commands.{place}.{name}", lambda settings, fake=fake: fake())
    monkeypatch.setattr("pipeline.commands.retrieving.open_index", lambda *words: index)
    for name, fake in models.items():
        monkeypatch.setattr(f"pipeline.evaluation.comparing.{name}", lambda settings, fake=fake: fake())

    def call(*arguments):
        code = main([str(a) for a in arguments])
        captured = capfd.readouterr()
        return code, captured.out, captured.err

    return call


def rows_of(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def photos(tmp_path):
    photo_of(tmp_path / "photos" / "a.png", "red", (60, 60, 60))
    photo_of(tmp_path / "photos" / "b.png", "green", (60, 60, 60))
    photo_of(tmp_path / "photos" / "bag" / "a.png", "yellow", (60, 60, 60))
    return tmp_path / "photos"


def test_preprocess_writes_cut_outs_and_what_they_show(run, photos, tmp_path):
    code, out, err = run("preprocess", photos, "--out", tmp_path / "cut", "--json")
    assert (code, err) == (0, "")
    assert json.loads(out) == {"made": 3, "kept": 0, "unreadable": [], "table": str(tmp_path / "cut" / "pictures.csv")}
    rows = rows_of(tmp_path / "cut" / "pictures.csv")
    assert [(row["id"], row["category"], row["predicted"], row["source"]) for row in rows] == [
        ("a", "t-shirt", "category", "a.png"), ("b", "skirt", "category", "b.png"), ("bag/a", "bag", "", "bag/a.png"),
    ]  # fmt: skip
    pixels = np.asarray(Image.open(tmp_path / "cut" / rows[0]["image"]).convert("RGB"))
    assert pixels.shape[0] == pixels.shape[1] and pixels[0].min() >= 245
    assert np.abs(pixels[len(pixels) // 2, len(pixels) // 2].astype(int) - SHADES["red"]).max() < 12


def test_preprocess_with_an_alpha_channel(run, photos, tmp_path):
    assert run("preprocess", photos, "--out", tmp_path / "cut", "--form", "rgba")[0] == 0
    image = Image.open(tmp_path / "cut" / "bag" / "a.webp")
    assert image.mode == "RGBA" and image.size == (96, 96)
    alpha = np.asarray(image)[..., 3]
    assert alpha[48, 48] == 255 and alpha[2, 2] == 0


def test_preprocess_goes_on_where_it_was(run, photos, tmp_path):
    out = tmp_path / "cut"
    run("preprocess", photos, "--out", out)
    table = out / "pictures.csv"
    complete = table.read_text()
    # Killed in the middle of the last line, and before another picture was written.
    table.write_text(complete[:-12])
    (out / "a.webp").unlink()
    os.utime(out / "b.webp", ns=(0, 0))
    photo_of(photos / "c.png", "blue", (60, 60, 60))
    told = json.loads(run("preprocess", photos, "--out", out, "--json")[1])
    assert told["kept"] + told["made"] == 4 and told["made"] >= 3
    rows = rows_of(table)
    assert [row["id"] for row in rows] == ["a", "b", "bag/a", "c"] and rows[2]["source"] == "bag/a.png"
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*.webp")}
    told = json.loads(run("preprocess", photos, "--out", out, "--json")[1])
    assert (told["made"], told["kept"]) == (0, 4)
    assert before == {path: path.stat().st_mtime_ns for path in out.rglob("*.webp")}


def test_preprocess_lists_what_cannot_be_read(run, photos, tmp_path):
    (photos / "bad.jpg").write_text("no picture")
    code, out, err = run("preprocess", photos, "--out", tmp_path / "cut")
    assert code == 3 and err.startswith("error: “bad.jpg” is not a picture") and err.count("\n") == 1
    assert "Cut out 3 pictures" in out


def test_preprocess_refuses_in_one_sentence(run, photos, tmp_path):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine.txt").write_text("precious")
    (tmp_path / "empty").mkdir()
    run("preprocess", photos, "--out", tmp_path / "cut")
    for words, says in (
        ((tmp_path / "none", "--out", tmp_path / "cut"), "is no folder"),
        ((tmp_path / "empty", "--out", tmp_path / "new"), "holds no pictures"),
        ((photos, "--out", photos / "cut"), "lie within each other"),
        ((photos, "--out", tmp_path / "other"), "holds something else"),
        ((photos, "--out", tmp_path / "cut", "--form", "rgba"), "was made with white and not rgba"),
    ):
        code, out, err = run("preprocess", *words)
        assert code == 2 and says in err and err.count("\n") == 1 and out == ""


@pytest.fixture
def embedded(run, photos, tmp_path):
    """Photos and shop pictures, cut out and embedded."""
    for colour in ("red", "green", "yellow"):
        picture(tmp_path / "shop" / f"{colour}-one.png", colour)
    for side in ("photos", "shop"):
        assert run("preprocess", tmp_path / side, "--out", tmp_path / f"{side}-cut")[0] == 0
        assert run("embed", tmp_path / f"{side}-cut", "--out", tmp_path / f"{side}.npz")[0] == 0
    return ["--query", tmp_path / "photos.npz", "--reference", tmp_path / "shop.npz"]


def test_embed_tells_pictures_of_one_name_apart(embedded, tmp_path):
    assert np.load(tmp_path / "photos.npz")["ids"].tolist() == ["a", "b", "bag/a"]


def test_retrieve_writes_a_line_a_match(run, embedded, tmp_path):
    code, out, _ = run("retrieve", *embedded, "--out", tmp_path / "m.csv", "--top", 2)
    assert code == 0 and "matches of 3 queries" in out
    rows = rows_of(tmp_path / "m.csv")
    assert [(row["query"], row["rank"]) for row in rows] == [(q, r) for q in ("a", "b", "bag/a") for r in "12"]
    assert [row["reference"] for row in rows[::2]] == ["red-one", "green-one", "yellow-one"]
    assert float(rows[0]["similarity"]) > 0.99


def test_retrieve_within_the_category(run, embedded, tmp_path):
    tables = tmp_path / "photos-cut" / "pictures.csv", tmp_path / "shop-cut" / "pictures.csv"
    words = ("retrieve", *embedded, "--out", tmp_path / "m.csv", "--same-category", "--categories", *tables)
    told = json.loads(run(*words, "--json")[1])
    assert (told["queries"], told["matches"], told["without a match"]) == (3, 3, 0)
    assert [row["reference"] for row in rows_of(tmp_path / "m.csv")] == ["red-one", "green-one", "yellow-one"]
    code, _, err = run(*words[:-3])
    assert code == 2 and "go together" in err and err.count("\n") == 1


def test_retrieve_refuses_two_models(run, embedded, tmp_path):
    with np.load(tmp_path / "shop.npz") as file:
        np.savez(tmp_path / "other.npz", ids=file["ids"], embeddings=file["embeddings"], model=np.array("another@2"))
    code, out, err = run("retrieve", *embedded[:3], tmp_path / "other.npz", "--out", tmp_path / "m.csv")
    assert code == 4 and "fake-embeddings" in err and "another@2" in err and err.count("\n") == 1
    assert out == "" and not (tmp_path / "m.csv").exists()


def test_evaluate_embeddings(run, embedded, tmp_path):
    (tmp_path / "t.csv").write_text("query,reference\na.png,red-one\nbag/a,green-one\nb,nothing\n")
    code, out, err = run("evaluate", "oneshot", tmp_path / "t.csv", *embedded, "--json")
    told = json.loads(out)
    assert code == 3 and err == "error: “nothing” is not among the references.\n"
    assert told["queries"] == 2 and told["references"] == 3 and told["figures"]["top1"]["value"] == 0.5
    assert told["failures"][0]["query"] == "bag/a" and told["failures"][0]["top"][0]["reference"] == "yellow-one"
    assert "top-1   0.500  (0.000 to 1.000)" in run("evaluate", "oneshot", tmp_path / "t.csv", *embedded)[1]


@pytest.fixture
def data(tmp_path):
    """Two photos of each of four garments before a ground in the colour of another one."""
    lines, grounds = ["query,reference,category"], [*SHADES.values()]
    for n, colour in enumerate(SHADES):
        picture(tmp_path / "set" / "reference" / f"{colour}.png", colour)
        for view, ground in enumerate((grounds * 2)[n + 1 : n + 3]):
            photo_of(tmp_path / "set" / "query" / f"{colour}-{view}.png", colour, ground)
            lines.append(f"{colour}-{view},{colour},{colour} thing")
    (tmp_path / "set" / "truth.csv").write_text("\n".join(lines))
    return tmp_path / "set"


def test_evaluate_a_folder_with_a_page(run, data, tmp_path):
    code, out, err = run("evaluate", "oneshot", data, "--json", "--report", tmp_path / "report")
    told = json.loads(out)
    assert code == 0 and "The report is" in err
    assert told["figures"]["top1"] == {"value": 1.0, "low": 1.0, "high": 1.0}
    assert told["models"] == {"cutout": {"bundled": "fake-cutout"}, "embeddings": {"bundled": "fake-embeddings"}}
    assert json.loads((tmp_path / "report" / "figures.json").read_text()) == told
    assert "Worst" not in (tmp_path / "report" / "index.html").read_text()


def test_the_background_matters(run, data, tmp_path):
    code, out, _ = run("evaluate", "oneshot", data, "--keep-background", "--json")
    assert code == 0 and json.loads(out)["figures"]["top1"]["value"] < 1 and json.loads(out)["cutout"] == "none"


def test_compare_measures_every_choice_and_says_what_is_not_here(run, data, monkeypatch):
    monkeypatch.setattr("pipeline.hub.find", lambda spec: None)
    rows = [Variant("bundled", "bundled"), Variant("none", "bundled"), Variant("bundled", "fashionclip")]
    told = json.loads(run("evaluate", "oneshot", data, "--compare", "--json")[1])["comparison"]
    filters = {row["filter"] for row in told}
    assert filters == {"none", "predicted kind", "predicted category", "true category"}
    by_row = {(row["cutout"], row["embeddings"], row["filter"], row["pieces"]): row for row in told}
    for row in rows[:2]:
        assert by_row[row.cutout, row.embeddings, "none", None]["figures"]["top1"]["value"] <= 1
    assert by_row["bundled", "bundled", "true category", None]["figures"]["top1"]["value"] == 1
    assert by_row["none", "bundled", "none", None]["figures"]["top1"]["value"] < 1


def test_models_that_are_not_here_have_no_figures(run, data, monkeypatch):
    from pipeline.errors import ModelMissing

    def load(settings):
        if settings.embeddings == "fashionclip":
            raise ModelMissing("fashionclip is not on this machine; fetch it.")
        return FakeEmbedder()

    monkeypatch.setattr("pipeline.hub.find", lambda spec: None)
    monkeypatch.setattr("pipeline.evaluation.comparing.load_embedder", load)
    code, out, _ = run("evaluate", "oneshot", data, "--compare", "--json")
    rows = [row for row in json.loads(out)["comparison"] if row["embeddings"] == "fashionclip"]
    assert code == 0 and len(rows) == 4
    assert all(row["missing"] == "not fetched" and "figures" not in row for row in rows)
    assert "embedder fashionclip: not fetched" in run("evaluate", "oneshot", data, "--compare")[1]


def test_an_unreadable_picture_is_left_out_and_said(run, data):
    (data / "query" / "red-0.png").write_text("no picture")
    (data / "reference" / "blue.png").write_text("no picture")
    code, out, err = run("evaluate", "oneshot", data, "--json")
    told = json.loads(out)
    assert code == 3 and told["queries"] == 5 and told["references"] == 3 and len(told["left_out"]) == 2
    assert err.count("error: ") == 2


def test_nothing_to_evaluate_is_one_sentence(run, data, tmp_path):
    for path in (data / "reference").iterdir():
        path.write_text("no picture")
    code, out, err = run("evaluate", "oneshot", data)
    assert code == 3 and err.count("\n") == 1 and "No query is left" in err and out == ""
    for words, says in (
        ((), "Name a folder or a CSV"),
        ((data, "--demo"), "Name a folder or a CSV"),
        (("--demo", "--same-category"), "leave those out"),
        ((data, "--query", tmp_path / "q.npz"), "--query and --reference"),
        ((tmp_path / "none",), "neither a folder nor a CSV"),
        ((data, "--report", data / "truth.csv"), "is a file"),
    ):
        code, out, err = run("evaluate", "oneshot", *words)
        assert code == 2 and says in err and err.count("\n") == 1


@pytest.mark.slow
def test_the_bundled_models_find_a_drape_through_all_steps(capfd, tmp_path):
    """Three articles through the command line as a shell calls it."""
    for item in ("tee-01", "hoodie-01", "dress-01"):
        for side, source in (("photos", DRAPES / f"{item}-2.webp"), ("shop", CATALOGUE / f"{item}.webp")):
            (tmp_path / side).mkdir(exist_ok=True)
            shutil.copy(source, tmp_path / side / f"{item}.webp")
    (tmp_path / "t.csv").write_text("query,reference\ntee-01,tee-01\nhoodie-01,hoodie-01\ndress-01,dress-01\n")
    assert main(["preprocess", str(tmp_path / "photos"), "--out", str(tmp_path / "photos-cut")]) == 0
    for folder, side in (("photos-cut", "photos"), ("shop", "shop")):
        assert main(["embed", str(tmp_path / folder), "--out", str(tmp_path / f"{side}.npz")]) == 0
    assert {row["id"] for row in rows_of(tmp_path / "photos-cut" / "pictures.csv")} == {
        "tee-01",
        "hoodie-01",
        "dress-01",
    }
    sides = ["--query", str(tmp_path / "photos.npz"), "--reference", str(tmp_path / "shop.npz")]
    assert main(["retrieve", *sides, "--out", str(tmp_path / "m.csv"), "--top", "1"]) == 0
    assert len(rows_of(tmp_path / "m.csv")) == 3
    capfd.readouterr()
    assert main(["evaluate", "oneshot", str(tmp_path / "t.csv"), *sides, "--json"]) == 0
    told = json.loads(capfd.readouterr().out)
    assert told["references"] == 3 and told["figures"]["top1"]["value"] == 1
