"""Many photos counted: pieces become garments, garments are counted, named and written down; with fake stages."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from pipeline.catalogue.predicting import votes_in
from pipeline.cli import main
from pipeline.errors import UsageError
from pipeline.kinds import CATEGORIES, KINDS
from pipeline.matcher import Matcher
from pipeline.types import Photo
from pipeline.wardrobe import (
    Sighting,
    Wardrobe,
    as_csv,
    checked,
    look_through,
    named,
    plural,
    sentence,
    threshold_of,
    top_words,
)
from pipeline.wardrobe.grouping import garments_of, same_garments
from pipeline.wardrobe.threshold import FILE
from tests.fakes import COLOURS

Run = Callable[..., tuple[int, str, str]]


def outfit(path: Path, *colours: str) -> Path:
    """A photo with a patch of each colour on white; each colour is a garment of its own."""
    image = Image.new("RGB", (240, 120), "white")
    for n, colour in enumerate(colours):
        ImageDraw.Draw(image).rectangle((10 + 56 * n, 20, 54 + 56 * n, 100), fill=COLOURS[colour])
    image.save(path)
    return path


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Three photos of a red t-shirt, two of green skirts, one of a yellow bag; and a file that is no photo."""
    folder = tmp_path / "photos"
    folder.mkdir()
    outfit(folder / "a.png", "red", "green")
    outfit(folder / "b.png", "red", "green", "yellow")
    outfit(folder / "c.png", "red")
    (folder / "d.jpg").write_bytes(b"nonsense")
    return folder


def counted(folder: Path, matcher: Matcher, same: float = 0.9) -> Wardrobe:
    paths = sorted(folder.iterdir())
    seen = list(look_through([(path.name, path) for path in paths], matcher.steps))
    return Wardrobe.of(seen, len(paths), named([one for s in seen for one in s.sightings], matcher), same)


def test_a_garment_in_several_photos_counts_once(photos: Path, fake_matcher: Matcher) -> None:
    wardrobe = counted(photos, fake_matcher)
    assert [(one.photo, one.number, one.kind) for one in wardrobe.sightings] == [
        ("a.png", 1, "top"), ("a.png", 2, "skirt"), ("b.png", 1, "top"), ("b.png", 2, "skirt"), ("b.png", 3, "bag"),
        ("c.png", 1, "top"),
    ]  # fmt: skip
    assert [(garment.category, garment.photos) for garment in wardrobe.garments] == [
        ("t-shirt", ("a.png", "b.png", "c.png")), ("skirt", ("a.png", "b.png")), ("bag", ("b.png",)),
    ]  # fmt: skip
    assert wardrobe.count("kind") == {"bag": 1, "skirt": 1, "top": 1}
    assert wardrobe.pieces("category") == {"t-shirt": 3, "skirt": 2, "bag": 1}
    assert set(wardrobe.count("colour")) == {"red", "green", "yellow"}
    assert [name for name, _ in wardrobe.unreadable] == ["d.jpg"] and "d.jpg" in wardrobe.unreadable[0][1]
    assert sentence(wardrobe) == "3 garments in 3 photos: bag, skirt and t-shirt."
    assert np.isclose(np.linalg.norm(wardrobe.garments[0].vector), 1)


def test_the_threshold_parts_and_joins_without_a_model(photos: Path, fake_matcher: Matcher) -> None:
    wardrobe = counted(photos, fake_matcher)
    calls = fake_matcher.embed.calls  # type: ignore[attr-defined]
    lowest = wardrobe.regrouped(-1.0)
    assert len(lowest.garments) == 1 and lowest.garments[0].kind == "top"
    assert len(wardrobe.regrouped(1.0).garments) == 3
    assert fake_matcher.embed.calls == calls  # type: ignore[attr-defined]


def sighting(kind: str, category: str, score: float, angle: float, place: int = 0) -> Sighting:
    vector = np.array([np.cos(angle), np.sin(angle)], np.float32)
    return Sighting(f"{place}.jpg", place, 1, kind, score, "red", (200, 0, 0), vector, b"", category)


def test_groups_are_joined_by_the_mean_of_all_pairs() -> None:
    # Steps of 0.3: neighbours are nearer than 0.9, the ends of the row are not, and the mean over all decides.
    row = np.array([[np.cos(a), np.sin(a)] for a in (0.0, 0.3, 0.6, 2.0)], np.float32)
    assert len(set(same_garments(row, 0.85).tolist())) == 2
    assert len(set(same_garments(row, 0.94).tolist())) == 3
    labels = same_garments(row, 0.99)
    assert sorted(labels.tolist()) == [0, 1, 2, 3]
    assert same_garments(row[:0], 0.9).tolist() == [] and same_garments(row[:1], 0.9).tolist() == [0]
    assert same_garments(np.repeat(row[:1], 2500, axis=0), 1.0).max() == 0


def test_parts_of_the_graph_change_nothing() -> None:
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import pdist

    rng = np.random.default_rng(1)
    vectors = np.repeat(rng.normal(size=(12, 8)), 6, axis=0) + rng.normal(scale=0.35, size=(72, 8))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    whole = fcluster(linkage(pdist(vectors.astype(float), "cosine"), "average"), 0.3, "distance")
    parts = same_garments(vectors, 0.7)
    assert 5 < len(set(whole)) < 40
    assert len(set(zip(whole.tolist(), parts.tolist(), strict=True))) == len(set(whole)) == len(set(parts.tolist()))


def test_the_surer_sightings_name_a_garment() -> None:
    seen = [sighting("sweater", "hoodie", 0.4, 0, 0), sighting("top", "shirt", 0.7, 0.01, 1),
            sighting("top", "t-shirt", 0.4, 0.02, 2), sighting("top", "t-shirt", 0.4, 0.02, 2)]  # fmt: skip
    (garment,) = garments_of(seen, 0.9)
    assert (garment.kind, garment.category, garment.clearest.score) == ("top", "t-shirt", 0.7)
    assert garment.photos == ("0.jpg", "1.jpg", "2.jpg")
    assert garments_of([], 0.9) == ()


def test_every_word_for_clothes_has_a_plural() -> None:
    same = {"trousers", "jeans", "leggings", "shorts", "shoes", "boots", "sandals", "heels", "sneakers", "glasses",
            "socks", "outerwear", "legwear"}  # fmt: skip
    odd = {"dress": "dresses", "scarf": "scarves"}
    for name in {*CATEGORIES, *KINDS}:
        assert plural(name) == (name if name in same else odd.get(name, f"{name}s"))
    others = {
        "Midi skirt": "Midi skirts", "Body": "Bodies", "Jeans": "Jeans", "ankle boots": "ankle boots",
        "Evening Dress": "Evening Dresses", "clutch": "clutches", "Silk Scarf": "Silk Scarves", "hosiery": "hosiery",
        "toy": "toys", "top (2024)": "top (2024)", "": "", "Box": "Boxes", "photo": "photos",
    }  # fmt: skip
    assert {name: plural(name) for name in others} == others


def test_what_there_is_most_of_is_named(fake_matcher: Matcher) -> None:
    seen = [sighting("trousers", "jeans", 0.9, angle, n) for n, angle in enumerate((0.0, 1.0, 2.0))]
    seen += [sighting("top", "t-shirt", 0.9, 3.0, 3), sighting("top", "t-shirt", 0.9, 4.0, 4)]
    seen += [sighting("dress", "dress", 0.9, 5.0, 5), sighting("bag", "bag", 0.9, 6.1, 6)]
    wardrobe = Wardrobe(7, 7, tuple(seen), (), 0.99)
    assert sentence(wardrobe) == "7 garments in 7 photos: mostly jeans and t-shirts."
    assert sentence(wardrobe, 1) == "7 garments in 7 photos: mostly jeans."
    one_of_each = Wardrobe(2, 2, tuple(seen[-2:]), (), 0.99)
    assert sentence(one_of_each, 1) == "2 garments in 2 photos: among them bag."
    assert top_words(wardrobe, 2) == ["jeans", "t-shirts"]
    assert sentence(Wardrobe(2, 2, (), (("a", "bad"),), 0.9)) == "No garment found in 1 photo."


def test_looking_ends_between_two_stages(photos: Path, fake_matcher: Matcher) -> None:
    asked = iter([False] * 5 + [True] * 100)
    paths = [(path.name, path) for path in sorted(photos.iterdir())]
    seen = list(look_through(paths, fake_matcher.steps, lambda: next(asked)))
    assert [one.photo for one in seen] == ["a.png"]


def test_the_table_has_a_line_for_each_piece(photos: Path, fake_matcher: Matcher) -> None:
    (photos / "c.png").rename(photos / "=c.png")
    lines = list(csv.DictReader(io.StringIO(as_csv(counted(photos, fake_matcher)).decode("utf-8-sig"))))
    assert list(lines[0]) == ["photo", "piece", "kind", "category", "colour", "score", "garment"]
    by_photo = {(line["photo"], line["piece"]): line for line in lines}
    assert len(lines) == 6 and by_photo["'=c.png", "1"]["garment"] == by_photo["a.png", "1"]["garment"]
    assert by_photo["b.png", "3"]["category"] == "bag" and by_photo["b.png", "3"]["score"] == "0.6500"


def test_the_catalogues_own_words_name_the_pieces(fake_matcher: Matcher) -> None:
    vector = fake_matcher.embed.embed_words(["green"])
    (votes,) = votes_in(fake_matcher.index, vector)
    assert max(votes, key=lambda word: votes[word]) == "skirt"
    assert votes_in(fake_matcher.index, vector[:0]) == []


def test_the_threshold_is_measured_or_told_by_the_catalogue(tmp_path: Path, fake_matcher: Matcher) -> None:
    told = threshold_of("fake-embeddings", fake_matcher.index, tmp_path)
    assert not told.measured and 0.5 < told.same <= 1
    (tmp_path / FILE).write_text(json.dumps({"fake-embeddings": {"same": 0.71}}))
    known = threshold_of("fake-embeddings", fake_matcher.index, tmp_path)
    assert known.measured and known.same == 0.71
    assert not threshold_of("another", fake_matcher.index, tmp_path).measured
    with pytest.raises(UsageError, match="between 0 and 1"):
        checked(1.2)


@pytest.fixture
def run(fake_matcher: Matcher, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator[Run]:
    monkeypatch.setattr(Matcher, "load", classmethod(lambda cls, settings=None, progress=None: fake_matcher))

    def call(*arguments: object) -> tuple[int, str, str]:
        code = main([str(argument) for argument in arguments])
        captured = capfd.readouterr()
        return code, captured.out, captured.err

    yield call


def test_count_tells_writes_and_lists_what_it_could_not_read(run: Run, photos: Path, tmp_path: Path) -> None:
    code, out, err = run("count", photos, "--same", 0.9, "--csv", tmp_path / "w.csv", "--out", tmp_path / "w.html")
    assert code == 3 and out.startswith("3 garments in 3 photos: bag, skirt and t-shirt.")
    assert "0.90 on (--same)" in out and "d.jpg" in err and "Wrote" in err
    assert len((tmp_path / "w.csv").read_text("utf-8-sig").splitlines()) == 7
    page = (tmp_path / "w.html").read_text()
    assert page.count("data:image/webp") == 6 and "In 3 photos:" in page and 'src="http' not in page
    assert "d.jpg" in page and "<caption>Category</caption>" in page


def test_counts_json_is_one_document(run: Run, photos: Path) -> None:
    code, out, _ = run("count", photos, "--json", "--top", 1, "--same", 0.9)
    document = json.loads(out)
    assert code == 3 and document["photos"] == 4 and document["same"] == 0.9
    assert document["top"] == [{"category": "bag", "garments": 1}]
    assert document["counts"]["kind"] == {"bag": 1, "skirt": 1, "top": 1}
    assert [len(garment["pieces"]) for garment in document["garments"]] == [3, 2, 1]
    assert [entry["photo"] for entry in document["unreadable"]] == [str(photos / "d.jpg")]


def test_ctrl_c_keeps_what_was_counted(
    run: Run, photos: Path, tmp_path: Path, fake_matcher: Matcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = type(fake_matcher.cut).__call__

    def cut(self: object, photo: Photo) -> object:
        if self.calls == 2:  # type: ignore[attr-defined]
            raise KeyboardInterrupt
        return whole(self, photo)  # type: ignore[arg-type]

    monkeypatch.setattr(type(fake_matcher.cut), "__call__", cut)
    code, out, err = run("count", photos, "--csv", tmp_path / "w.csv", "--same", 0.9)
    assert code == 130 and "3 garments in 2 photos" in out
    assert "Stopped after 2 of 4 photos" in err
    assert len((tmp_path / "w.csv").read_text("utf-8-sig").splitlines()) == 6


def test_count_says_what_is_wrong(run: Run, photos: Path, tmp_path: Path) -> None:
    assert run("count", photos, "--same", 2)[0] == 2
    code, _, err = run("count", photos, "--csv", tmp_path / "no" / "w.csv")
    assert code == 2 and "no folder" in err
    (tmp_path / "empty").mkdir()
    code, out, err = run("count", tmp_path / "empty")
    assert code == 3 and "holds no pictures" in err and "No garment found" in out
