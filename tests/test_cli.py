"""The command line as scripts rely on it: JSON alone on stdout, exit codes, one-line errors."""

from __future__ import annotations

import json

import jsonschema
import numpy as np
import pytest
from PIL import Image

from pipeline.cli import main
from pipeline.matcher import Matcher
from tests.fakes import FakeEmbedder, FakeFinder, FakeRemover

NUMBER, TEXT = {"type": "number"}, {"type": "string"}
MATCH = {
    "type": "object",
    "additionalProperties": False,
    "required": ["id", "image", "category", "title", "similarity"],
    "properties": {
        "id": TEXT, "image": TEXT, "category": TEXT, "title": TEXT,
        "similarity": {"type": "number", "minimum": -1, "maximum": 1},
        "likeness": {"type": ["number", "null"], "minimum": 0, "maximum": 1},
    },
}  # fmt: skip
PIECE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["label", "score", "box", "area", "matches"],
    "properties": {
        "label": TEXT,
        "score": {"type": "number", "minimum": 0, "maximum": 1},
        "box": {"type": "array", "items": NUMBER, "minItems": 4, "maxItems": 4},
        "area": {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
        "matches": {"type": "array", "items": MATCH},
        "mask": TEXT,
    },
}
STAGES = ["decode", "cutout", "pieces", "embeddings", "search", "total"]
DOCUMENT = {
    "type": "object",
    "additionalProperties": False,
    "required": ["photo", "size", "models", "pieces", "timings_ms"],
    "properties": {
        "photo": TEXT,
        "size": {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2},
        "models": {
            "type": "object",
            "required": ["cutout", "pieces", "embeddings"],
            "additionalProperties": False,
            "properties": {"cutout": TEXT, "pieces": TEXT, "embeddings": TEXT},
        },
        "pieces": {"type": "array", "items": PIECE},
        "timings_ms": {
            "type": "object",
            "required": STAGES,
            "additionalProperties": False,
            "properties": {stage: {"type": "number", "minimum": 0} for stage in STAGES},
        },
        "cutout": TEXT,
    },
}


@pytest.fixture(autouse=True)
def use_fakes(fake_matcher, monkeypatch):
    monkeypatch.setattr(Matcher, "load", classmethod(lambda cls, settings=None, progress=None: fake_matcher))
    monkeypatch.setattr("pipeline.commands.catalogue.load_remover", lambda settings: FakeRemover())
    monkeypatch.setattr("pipeline.commands.catalogue.load_finder", lambda settings: FakeFinder())
    monkeypatch.setattr("pipeline.commands.catalogue.load_embedder", lambda settings: FakeEmbedder())


@pytest.fixture
def run(capfd):
    def call(*arguments):
        code = main([str(a) for a in arguments])
        captured = capfd.readouterr()
        return code, captured.out, captured.err

    return call


@pytest.fixture
def picture(tmp_path, photo):
    photo.save(tmp_path / "p.png")
    return tmp_path / "p.png"


def test_match_json_follows_the_contract(run, picture):
    code, out, err = run("match", picture, "--json", "--top", 3)
    document = json.loads(out)
    jsonschema.validate(document, DOCUMENT)
    assert code == 0 and err == ""
    assert document["photo"] == str(picture) and document["size"] == [240, 320]
    assert [piece["label"] for piece in document["pieces"]] == ["top", "skirt", "bag"]
    assert [len(piece["matches"]) for piece in document["pieces"]] == [3, 3, 3]
    assert document["pieces"][0]["box"] == [72.0, 48.0, 169.0, 160.0]


def test_a_folder_is_json_lines_and_a_bad_photo_stops_nothing(run, picture):
    (picture.parent / "broken.jpg").write_bytes(b"nonsense")
    code, out, err = run("match", picture.parent, "--json")
    lines = [json.loads(line) for line in out.splitlines()]
    by_name = {line["photo"].rsplit("/", 1)[-1]: line for line in lines if "fake" not in line["photo"]}
    assert code == 3
    assert by_name["broken.jpg"].keys() == {"photo", "error"}
    jsonschema.validate(by_name["p.png"], DOCUMENT)
    assert err.strip() == f"error: {by_name['broken.jpg']['error']}"


def test_masks_and_cutouts_are_at_the_photos_full_size(run, tmp_path, photo):
    photo.resize((1920, 2560), Image.Resampling.NEAREST).save(tmp_path / "large.png")
    code, out, _ = run(
        "match", tmp_path / "large.png", "--json", "--masks", tmp_path / "m", "--cutouts", tmp_path / "c"
    )
    document = json.loads(out)
    jsonschema.validate(document, DOCUMENT)
    assert code == 0 and document["size"] == [1920, 2560]
    for piece in document["pieces"]:
        mask = Image.open(piece["mask"])
        assert mask.mode == "L" and mask.size == (1920, 2560)
        pixels = np.asarray(mask)
        assert set(np.unique(pixels)) == {0, 255}
        assert abs((pixels == 255).mean() - piece["area"]) < 0.005
        x0, y0, x1, y1 = (round(edge) for edge in piece["box"])
        assert (pixels[y0:y1, x0:x1] == 255).sum() == (pixels == 255).sum()
    cutout = Image.open(document["cutout"])
    assert cutout.mode == "RGBA" and cutout.size == (1920, 2560)


def test_photos_of_one_name_keep_their_own_masks(run, tmp_path, photo):
    paths = []
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        photo.save(tmp_path / folder / "p.png")
        paths.append(tmp_path / folder / "p.png")
    _, out, _ = run("match", *paths, "--json", "--masks", tmp_path / "m")
    names = [piece["mask"] for line in out.splitlines() for piece in json.loads(line)["pieces"]]
    assert len(set(names)) == 6


def test_any_kind_and_min_score_reach_the_chain(run, picture):
    _, out, _ = run("match", picture, "--json", "--min-score", 0.9)
    assert [piece["label"] for piece in json.loads(out)["pieces"]] == ["top"]
    _, out, _ = run("match", picture, "--json", "--any-kind", "--top", 40)
    assert any(len({m["category"] for m in piece["matches"]}) > 1 for piece in json.loads(out)["pieces"])


def test_the_sheet_is_one_self_contained_page(run, picture):
    out = picture.parent / "sheet.html"
    code, _, err = run("match", picture, "--out", out)
    page = out.read_text()
    assert code == 0 and "sheet.html" in err
    assert page.count("data:image/webp;base64,") == 1 + 3 + 3 * 8
    assert "Red t-shirt no. 0" in page and 'src="http' not in page and "<script" not in page


def test_without_json_it_is_readable(run, picture):
    code, out, _ = run("match", picture)
    assert code == 0 and "top 95%" in out and "red-0" in out


def test_no_garment_is_fine_and_says_so(run, tmp_path):
    Image.new("RGB", (80, 80), "white").save(tmp_path / "white.png")
    code, out, _ = run("match", tmp_path / "white.png")
    assert code == 0 and "No garment found" in out
    code, out, _ = run("match", tmp_path / "white.png", "--json")
    assert code == 0 and json.loads(out)["pieces"] == []


def test_search(run):
    code, out, err = run("search", "green skirt", "--top", 5, "--category", "skirt", "--json")
    document = json.loads(out)
    assert code == 0 and err == "" and document["query"] == "green skirt"
    assert [m["category"] for m in document["matches"]] == ["skirt"] * 5
    for match in document["matches"]:
        jsonschema.validate(match, MATCH)


def test_catalogue_info_and_list(run, fake_matcher):
    index = fake_matcher.settings.index
    code, out, _ = run("catalogue", "info", "--json", "--index", index)
    assert code == 0 and json.loads(out) == {
        "items": 40, "embedder": "fake-embeddings", "dimension": 8, "index_type": "Flat",
        "categories": {"bag": 10, "jeans": 10, "skirt": 10, "t-shirt": 10},
    }  # fmt: skip
    _, out, _ = run("catalogue", "list", "--category", "bag", "--json", "--index", index)
    assert len(json.loads(out)) == 10
    assert "40 items" in run("catalogue", "info", "--index", index)[1]


def test_the_index_comes_from_the_variable(run, fake_matcher, monkeypatch):
    monkeypatch.setenv("FASHION_INDEX", str(fake_matcher.settings.index))
    assert json.loads(run("catalogue", "info", "--json")[1])["items"] == 40


def test_catalogue_add_ends_with_counts(run, tmp_path, photo):
    (tmp_path / "shop" / "dress").mkdir(parents=True)
    photo.save(tmp_path / "shop" / "dress" / "a.png")
    (tmp_path / "shop" / "dress" / "b.png").write_bytes(b"nonsense")
    code, out, err = run("catalogue", "add", tmp_path / "shop", "--index", tmp_path / "new", "--json")
    document = json.loads(out)
    assert code == 3 and "b.png" in err
    assert {**document, "unreadable": len(document["unreadable"])} == {
        "added": 1, "duplicates": 0, "unreadable": 1, "items": 1,
    }  # fmt: skip


def test_embed_writes_ids_vectors_and_the_models_name(run, tmp_path, photo):
    (tmp_path / "garments").mkdir()
    photo.save(tmp_path / "garments" / "one.png")
    photo.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(tmp_path / "garments" / "two.png")
    code, _, _ = run("embed", tmp_path / "garments", "--out", tmp_path / "e.npz")
    stored = np.load(tmp_path / "e.npz")
    assert code == 0 and stored["ids"].tolist() == ["one", "two"] and str(stored["model"]) == "fake-embeddings"
    assert stored["embeddings"].shape == (2, 8) and stored["embeddings"].dtype == np.float32
    assert np.allclose(np.linalg.norm(stored["embeddings"], axis=1), 1)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ([], 2, "Missing command"),
        (["catalogue"], 2, "Missing command"),
        (["match"], 2, "Missing argument"),
        (["match", "p.jpg", "--frobnicate"], 2, "No such option"),
        (["nonsense"], 2, "No such command"),
        (["match", "gone.jpg", "--top", "0"], 2, "greater than or equal to 1"),
        (["match", "gone.jpg", "--masks", "m"], 2, "add --json"),
        (["match", "gone.jpg"], 3, "There is no file “gone.jpg”"),
        (["search", " "], 2, "The search is empty"),
        (["search", "red", "--category", "kilt"], 2, "no category “kilt”"),
        (["catalogue", "info", "--index", "gone"], 4, "There is no index in “gone”"),
        (["catalogue", "add", "gone", "--index", "new"], 2, "neither a folder nor a CSV"),
        (["embed", "gone", "--out", "e.npz"], 2, "is no folder"),
    ],
)
def test_errors_are_one_line_with_their_exit_code(run, arguments, code, says, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ended, out, err = run(*arguments)
    assert ended == code and out == ""
    assert err.startswith("error: ") and says in err and err.count("\n") == 1 and "Traceback" not in err


def test_what_nobody_foresaw_is_one_line_too(run, picture, fake_matcher, monkeypatch):
    def explode(*args, **kwargs):
        raise RuntimeError("internal detail")

    monkeypatch.setattr(type(fake_matcher.cut), "__call__", explode)
    code, _, err = run("match", picture)
    assert code == 1 and err.count("\n") == 1 and "internal detail" not in err and "--debug" in err
    code, _, err = run("match", picture, "--debug")
    assert code == 1 and "Traceback" in err and "internal detail" in err


def test_ctrl_c_says_that_it_stopped(run, picture, monkeypatch):
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(FakeFinder, "__call__", interrupted)
    assert run("match", picture, "--json") == (130, "", "error: Stopped.\n")


def test_a_missing_output_folder_is_said(run, picture):
    code, _, err = run("match", picture, "--out", picture.parent / "no" / "sheet.html")
    assert code == 2 and "There is no folder for" in err and err.count("\n") == 1


def test_cutouts_never_replace_the_photo(run, picture):
    before = picture.read_bytes()
    code, out, _ = run("match", picture, "--json", "--cutouts", picture.parent, "--masks", picture.parent)
    assert code == 0 and picture.read_bytes() == before and json.loads(out)["cutout"] != str(picture)


def test_an_empty_folder_among_photos_stops_nothing(run, picture, tmp_path):
    (tmp_path / "empty").mkdir()
    code, out, _ = run("match", tmp_path / "empty", picture, "--json")
    lines = [json.loads(line) for line in out.splitlines()]
    assert code == 3 and "holds no pictures" in lines[0]["error"] and lines[1]["photo"] == str(picture)


def test_brackets_in_titles_are_printed_as_they_are(run, tmp_path, photo):
    photo.save(tmp_path / "a.png")
    (tmp_path / "items.csv").write_text("image,category,title\na.png,dress,Coat [/sale] [xl]\n")
    assert run("catalogue", "add", tmp_path / "items.csv", "--index", tmp_path / "new")[0] == 0
    code, out, _ = run("catalogue", "list", "--index", tmp_path / "new")
    assert code == 0 and "[/sale] [xl]" in out


def test_json_is_ascii_whatever_the_locale(run, tmp_path):
    out = run("match", tmp_path / "gone.jpg", "--json")[1]
    assert out.isascii() and "“gone.jpg”" in json.loads(out)["error"]
