"""The fashion map: layouts that keep neighbours, follow their catalogue, and are written as page and picture."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from pipeline.catalogue import remove
from pipeline.cli import main
from pipeline.errors import UnreadablePhoto, UsageError
from pipeline.fashionmap import (
    Layout,
    Points,
    cache,
    follow,
    grid,
    kept_layout,
    make,
    place,
    points_of_folder,
    points_of_index,
    seat,
    write_page,
    write_picture,
)
from pipeline.fashionmap.clusters import clusters_of
from pipeline.fashionmap.document import groups_of, map_document
from pipeline.fashionmap.neighbours import nearest_others
from pipeline.fashionmap.projection import project
from pipeline.fashionmap.sprites import Sheets, sheet, thumbnail
from pipeline.index import Index
from pipeline.matcher import Matcher
from pipeline.types import Item
from tests.fakes import photo_of_pieces

KINDS = ("coat", "boots", "scarf", "belt")


def quiet(what: str, share: float) -> None:
    assert what and 0 <= share <= 1


def points_of(count: int, spread: float = 0.25, seed: int = 0) -> Points:
    """Items in four crowds of directions, named for their crowd."""
    random = np.random.default_rng(seed)
    middles = np.eye(16, dtype=np.float32)[:4]
    vectors = middles[np.arange(count) % 4] + spread * random.normal(size=(count, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    items = tuple(Item(f"{n}", "", KINDS[n % 4], "red", f"Fine {KINDS[n % 4]} no. {n}") for n in range(count))
    return Points(items, vectors, count, lambda n, side: np.full((20, 30, 3), (n % 4) * 60, np.uint8))


def some(points: Points, chosen: np.ndarray) -> Points:
    items = tuple(points.items[n] for n in chosen)
    return Points(items, points.vectors[chosen], len(chosen), points.picture)


@pytest.fixture(scope="module")
def laid() -> tuple[Points, Layout]:
    points = points_of(160)
    return points, make(points, "tsne", 3, 2, quiet)


def test_neighbours_stay_neighbours(laid: tuple[Points, Layout]) -> None:
    points, layout = laid
    told = layout.quality(points)
    assert told.trustworthiness is not None and told.trustworthiness > 0.8
    assert told.neighbours_kept is not None and told.neighbours_kept > 0.3
    assert told.grid_kept is not None and told.random_kept is not None and told.grid_kept > 3 * told.random_kept
    crowds = np.array([layout.places[n::4].mean(axis=0) for n in range(4)])
    for n in range(4):
        own = np.linalg.norm(layout.places[n::4] - crowds[n], axis=1).mean()
        others = np.linalg.norm(crowds[[m for m in range(4) if m != n]] - crowds[n], axis=1).min()
        assert own < others


def test_a_seed_gives_one_map(laid: tuple[Points, Layout]) -> None:
    points, layout = laid
    again, other = make(points, "tsne", 3, 2, quiet), make(points, "tsne", 4, 2, quiet)
    assert np.array_equal(again.places, layout.places) and np.array_equal(again.cells, layout.cells)
    assert layout.is_of(points) and not layout.is_of(some(points, np.arange(159)))
    assert other.seed == 4 and other.ids == layout.ids


@pytest.mark.parametrize("count", [1, 2, 3, 4, 7])
def test_a_few_items_make_a_map_too(count: int) -> None:
    points = points_of(count)
    layout = make(points, "tsne", 0, 1, quiet)
    assert np.isfinite(layout.places).all() and layout.places.min() >= 0 and layout.places.max() <= 1
    assert len({tuple(cell) for cell in layout.cells.tolist()}) == count
    assert layout.quality(points).trustworthiness is None
    assert clusters_of(layout.places, points.items) == ()


def test_equal_items_make_a_map_too() -> None:
    points = points_of(30, spread=0.0)
    layout = make(points, "tsne", 0, 1, quiet)
    assert np.isfinite(layout.places).all() and len(np.unique(layout.cells, axis=0)) == 30


def test_another_method_is_refused() -> None:
    points = points_of(8)
    with pytest.raises(UsageError, match="choose one of: tsne, umap"):
        project(points.vectors, nearest_others(points.vectors, 7), "pca", 0, 1, quiet)


@pytest.mark.slow
def test_umap_keeps_neighbours_and_its_seed() -> None:
    points = points_of(80)
    first, second = (make(points, "umap", 1, 1, quiet) for _ in range(2))
    assert np.array_equal(first.places, second.places)
    told = first.quality(points)
    assert told.trustworthiness is not None and told.trustworthiness > 0.75


@pytest.mark.parametrize("count", [1, 5, 12, 97])
def test_the_grid_has_a_cell_for_each_and_costs_least(count: int) -> None:
    places = np.random.default_rng(count).random((count, 2))
    cells = grid.to_grid(places)
    assert len(np.unique(cells, axis=0)) == count and cells.min() >= 0
    columns = int(np.ceil(np.sqrt(count * grid.ASPECT)))
    assert cells[:, 0].max() < columns and cells[:, 1].max() < -(-count // columns)
    # The order along each axis is what is assigned: no exchange of two cells brings anything nearer.
    rows = -(-count // columns)
    wanted = places.argsort(axis=0).argsort(axis=0) / max(count - 1, 1) * (columns - 1, rows - 1)
    free = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), -1).reshape(-1, 2)
    costs = cdist(wanted, free, "sqeuclidean")
    least = costs[linear_sum_assignment(costs)].sum()
    assert np.square(wanted - cells).sum() == pytest.approx(least)


def test_a_large_grid_is_laid_out_in_parts_at_little_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    places = np.random.default_rng(0).random((333, 2))
    near = nearest_others(places, 10).places
    whole = grid.to_grid(places)
    monkeypatch.setattr(grid, "BLOCK", 50)
    parts = grid.to_grid(places)
    assert len(np.unique(parts, axis=0)) == 333 and parts.min() >= 0

    def kept(cells: np.ndarray) -> float:
        return float((np.abs(cells[near] - cells[:, None]).max(axis=2) <= 2).mean())

    assert kept(parts) > 0.9 * kept(whole) > 0.5


def test_what_comes_lies_among_its_like_and_nothing_else_moves(laid: tuple[Points, Layout]) -> None:
    points, _ = laid
    first = some(points, np.arange(120))
    layout = make(first, "tsne", 0, 2, quiet)
    # Ten leave, forty come, in another order.
    chosen = np.random.default_rng(1).permutation(np.arange(10, 160))
    later = some(points, chosen)
    followed = follow(layout, later)
    assert followed is not None and followed.is_of(later)
    stayed = chosen < 120
    assert np.array_equal(followed.places[stayed], layout.places[chosen[stayed]])
    assert np.array_equal(followed.cells[stayed], layout.cells[chosen[stayed]])
    assert np.array_equal(followed.laid, stayed)
    assert len(np.unique(followed.cells, axis=0)) == len(chosen)
    crowds = np.array([layout.places[n::4].mean(axis=0) for n in range(4)])
    nearest = cdist(followed.places[~stayed], crowds).argmin(axis=1)
    assert (nearest == chosen[~stayed] % 4).mean() > 0.9
    again = follow(followed, first)
    assert again is not None and np.array_equal(again.places[10:], layout.places[10:])


def test_a_changed_picture_moves_and_too_many_changes_lay_all_out_anew(laid: tuple[Points, Layout]) -> None:
    points, layout = laid
    vectors = points.vectors.copy()
    vectors[0] = vectors[1]
    changed = follow(layout, Points(points.items, vectors, len(points), points.picture))
    assert changed is not None and changed.laid.sum() == 159 and not changed.laid[0]
    assert follow(layout, points_of(400, seed=9)) is None


def test_new_points_join_the_side_that_most_of_their_neighbours_are_on() -> None:
    known = np.eye(5, dtype=np.float32)
    places = np.array([[0, 0], [0, 0], [0, 0], [1, 1], [1, 1]])
    vector = np.full((1, 5), 5**-0.5, np.float32)
    assert place(vector, known, places).tolist() == [[0, 0]]


@pytest.mark.parametrize("count", [0, 1, 30, 700])
def test_seats_are_free_and_near(count: int) -> None:
    taken = np.stack(np.meshgrid(np.arange(4), np.arange(3)), -1).reshape(-1, 2)
    seats = seat(np.full((count, 2), 1.0), taken)
    everywhere = np.concatenate([taken, seats])
    assert seats.shape == (count, 2) and len(np.unique(everywhere, axis=0)) == len(everywhere)
    if count == 1:
        assert np.abs(seats[0] - 1).max() == 2


def test_clusters_are_named_by_the_words_that_set_them_apart(laid: tuple[Points, Layout]) -> None:
    points, layout = laid
    found = clusters_of(layout.places, points.items)
    assert {cluster.name.split()[0] for cluster in found} == set(KINDS)
    for cluster in found:
        kinds = [points.items[n].category for n in cluster.members]
        assert kinds.count(cluster.name.split()[0]) > 0.8 * len(kinds)
    assert clusters_of(layout.places, tuple(Item(item.id, "", "") for item in points.items)) == ()


def test_groups_are_coloured_each_in_its_own_colour() -> None:
    items = [Item("a", "", "coat", "navy"), Item("b", "", "coat", "mauve"), Item("c", "", "", "navy")]
    assert [(name, count) for name, count, _ in groups_of(items, "category")] == [("coat", 2), ("", 1)]
    colours = {name: colour for name, _, colour in groups_of(items, "colour")}
    assert colours == {"navy": "#1c264b", "mauve": "#9a948b"}


def test_thumbnails_lie_on_sheets(laid: tuple[Points, Layout]) -> None:
    points, layout = laid
    sheets = Sheets.of(len(points))
    assert (sheets.side, sheets.across, sheets.count) == (128, 16, 1) and Sheets.of(5000).count == 5
    picture = Image.open(io.BytesIO(sheet(points, 0, 2)))
    assert picture.size == (2048, 10 * 128)
    assert abs(picture.getpixel((64 + 3 * 128, 64))[0] - 180) < 6

    def broken(n: int, side: int) -> np.ndarray:
        raise UnreadablePhoto("gone")

    grey = thumbnail(Points(points.items, points.vectors, len(points), broken), 0, 32)
    assert grey.size == (32, 32) and len(np.unique(np.asarray(grey).reshape(-1, 3), axis=0)) == 1
    data = map_document(points, layout, clusters_of(layout.places, points.items), ["x"])
    assert len(data["ids"]) == len(data["free"]) == len(data["groups"]["colour"]["of"]) == 160


# ---- With an index ---------------------------------------------------------------------------------------------------


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
