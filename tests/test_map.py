"""The fashion map: layouts that keep neighbours and follow their points, named and coloured crowds, sheets."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from pipeline.errors import UnreadablePhoto, UsageError
from pipeline.fashionmap import (
    Layout,
    Points,
    follow,
    grid,
    make,
    place,
    seat,
)
from pipeline.fashionmap.clusters import clusters_of
from pipeline.fashionmap.document import groups_of, map_document
from pipeline.fashionmap.neighbours import nearest_others
from pipeline.fashionmap.projection import project
from pipeline.fashionmap.sprites import Sheets, sheet, thumbnail
from pipeline.types import Item

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
