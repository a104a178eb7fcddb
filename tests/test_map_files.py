"""The fashion map with an index: kept layouts, folders of photos, and what is written as page and picture."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.catalogue import remove
from pipeline.cli import main
from pipeline.errors import UnreadablePhoto, UsageError
from pipeline.fashionmap import (
    Points,
    cache,
    kept_layout,
    make,
    points_of_folder,
    points_of_index,
    write_page,
    write_picture,
)
from pipeline.index import Index
from pipeline.matcher import Matcher
from pipeline.types import Item
from tests.fakes import photo_of_pieces
from tests.test_map import points_of, quiet


@pytest.fixture
def index(fake_matcher: Matcher) -> Index:
    return fake_matcher.index


def refuse(what: str, share: float) -> None:
    raise AssertionError("it is laid out once more")


def test_a_layout_is_kept_beside_the_index_and_follows_it(index: Index, tmp_path: Path) -> None:
    points = points_of_index(index)
    layout = kept_layout(index, points, "tsne", 0, 1, quiet)
    again = kept_layout(index, points, "tsne", 0, 1, refuse)
    assert np.array_equal(again.places, layout.places) and again.is_of(points)
    (path,) = (index.folder / cache.FOLDER).iterdir()
    remove(index.folder, ["red-0", "blue-3"])
    later = index.current()
    after = kept_layout(later, points_of_index(later), "tsne", 0, 1, refuse)
    assert len(after.ids) == 38 and "red-0" not in after.ids
    old = dict(zip(layout.ids, layout.places.tolist(), strict=True))
    assert all(old[item] == where for item, where in zip(after.ids, after.places.tolist(), strict=True))
    # A damaged file, or one of another form, costs the time that it would have saved.
    path.write_bytes(b"nothing")
    assert cache.read(path) is None and kept_layout(later, points_of_index(later), "tsne", 0, 1, quiet).ids == after.ids
    np.savez(path, ids=np.array(["a"], object))
    assert cache.read(path) is None


def test_beside_a_folder_that_may_not_be_written_the_cache_is_used(
    index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FASHION_CACHE", str(tmp_path / "cache"))
    (index.folder / cache.FOLDER).write_text("in the way")
    layout = kept_layout(index, points_of_index(index), "tsne", 0, 1, quiet)
    assert len(list((tmp_path / "cache" / cache.FOLDER).rglob("*.npz"))) == 1
    assert kept_layout(index, points_of_index(index), "tsne", 0, 1, refuse).ids == layout.ids


def test_of_a_large_catalogue_a_sample_that_stays_is_shown(index: Index) -> None:
    sample = points_of_index(index, most=12)
    assert len(sample) == 12 and sample.total == 40
    ids = {item.id for item in sample.items}
    remove(index.folder, ["red-0", "green-1"])
    later = {item.id for item in points_of_index(index.current(), most=12).items}
    assert ids - {"red-0", "green-1"} <= later
    assert sample.picture(0, 32).shape[0] <= 64


def test_a_folder_of_photos_is_cut_into_pieces(fake_matcher: Matcher, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    (folder / "more").mkdir(parents=True)
    photo_of_pieces().save(folder / "a.png")
    photo_of_pieces((300, 400)).save(folder / "more" / "b.png")
    (folder / "c.png").write_bytes(b"no picture")
    refused: list[UnreadablePhoto] = []
    points = points_of_folder(folder, fake_matcher, lambda name, share: None, refused.append)
    assert [item.id for item in points.items][-1] == "more/b.png#3" and len(refused) == 1
    assert {item.category for item in points.items} == {"top", "skirt", "bag"}
    assert points.items[0].colour == "red" and max(points.picture(0, 64).shape) <= 128
    with pytest.raises(UsageError, match="no folder"):
        points_of_folder(tmp_path / "nowhere", fake_matcher, quiet, refused.append)
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="no photos"):
        points_of_folder(tmp_path / "empty", fake_matcher, quiet, refused.append)
    Image.new("RGB", (64, 64), "white").save(tmp_path / "empty" / "white.png")
    with pytest.raises(UsageError, match="No garment"):
        points_of_folder(tmp_path / "empty", fake_matcher, lambda name, share: None, refused.append)


# ---- Written ---------------------------------------------------------------------------------------------------------


def test_the_page_is_self_contained_and_survives_odd_titles(tmp_path: Path) -> None:
    points = points_of(12)
    odd = Item("odd", "", "coat", "red", "</script><script>alert(1)</script>", url="javascript:alert(1)")
    points = Points((odd, *points.items[1:]), points.vectors, 12, points.picture)
    layout = make(points, "tsne", 0, 1, quiet)
    write_page(tmp_path / "m.html", points, layout, grid=True, grouping="colour", threads=1, tell=quiet)
    page = (tmp_path / "m.html").read_text()
    assert (
        page.count("</script>") == 2 and "javascript:" not in page and "https://" not in page and "http://" not in page
    )
    found = re.search(r'id="data">(.*?)</script>', page, re.DOTALL)
    assert found
    data = json.loads(found[1])
    assert data["titles"][0] == odd.title and data["start"] == {"layout": "grid", "grouping": "colour"}
    assert data["sprites"]["sheets"][0].startswith("data:image/webp;base64,")


@pytest.mark.parametrize(("as_grid", "grouping"), [(True, "category"), (False, ""), (False, "colour")])
def test_the_picture_shows_everything(tmp_path: Path, as_grid: bool, grouping: str) -> None:
    points = points_of(30)
    layout = make(points, "tsne", 0, 1, quiet)
    write_picture(tmp_path / "m.png", points, layout, grid=as_grid, grouping=grouping, threads=2, tell=quiet)
    shown = np.asarray(Image.open(tmp_path / "m.png"))
    for n in range(4):
        assert (shown == n * 60).all(axis=2).sum() > 500


def test_map_on_the_command_line(index: Index, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "m.html"
    assert main(["map", "--index", str(index.folder), "--out", str(out), "--json", "--grid", "--seed", "5"]) == 0
    facts = json.loads(capfd.readouterr().out)
    assert facts["items"] == 40 == facts["of"] and facts["seed"] == 5 and out.exists()
    assert set(facts["quality"]) == {"trustworthiness", "neighbours_kept", "grid_kept", "random_kept"}
    assert main(["map", "--index", str(index.folder), "--out", str(tmp_path / "m.png"), "--colour-by", "colour"]) == 0
    said = capfd.readouterr()
    assert "trustworthiness" in said.out and "Wrote" in said.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--out", "m.pdf"], "end it in .html or .png"),
        (["--out", "nowhere/m.png"], "There is no folder"),
        (["--method", "pca"], "--method"),
    ],
)
def test_wrong_use_is_one_sentence(arguments: list[str], words: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["map", *arguments]) == 2
    said = capfd.readouterr().err
    assert words in said and said.count("\n") == 1
