"""The catalogue on disk is consistent, and the studio's bpy-free parts do what they say."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.colours import COLOURS, main_colour, name_pixels, shares, to_lab
from studio.cuts import CUTS
from studio.fabrics import FABRICS, PATTERN_OF
from studio.hangers import HANGERS, top_edge
from studio.outlines import OUTLINES
from studio.palette import PALETTE
from studio.picture import SIZE, garment_pixels, on_white
from studio.specs import CATEGORIES, PATTERNS, items
from studio.trims import TRIMS
from studio.variants import HEADER as DRAPE_HEADER
from studio.variants import SIZE as DRAPE_SIZE
from studio.variants import look_of, trimmed, yaw_of
from studio.wardrobe import ROWS

ASSETS = Path(__file__).parent.parent / "assets"
CATALOGUE = ASSETS / "catalogue"
DRAPES = ASSETS / "drapes"
HEADER = ["id", "image", "category", "colour", "pattern", "fabric", "title", "price", "url"]


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with (CATALOGUE / "items.csv").open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        assert reader.fieldnames == HEADER
        return list(reader)


def test_catalogue_is_large_and_varied(rows: list[dict[str, str]]) -> None:
    assert len(rows) >= 240
    assert len({row["category"] for row in rows}) >= 16
    assert len({row["colour"] for row in rows}) >= 15
    assert len({row["pattern"] for row in rows}) >= 10
    assert len({row["id"] for row in rows}) == len(rows)


def test_rows_use_known_words(rows: list[dict[str, str]]) -> None:
    for row in rows:
        assert row["category"] in CATEGORIES
        assert row["colour"] in COLOURS
        assert row["pattern"] in PATTERNS
        assert row["fabric"] and row["title"].endswith(tuple(COLOURS))
        assert float(row["price"]) > 0 and len(row["price"].split(".")[1]) == 2


def test_pictures_match_rows(rows: list[dict[str, str]]) -> None:
    pictures = {path.name for path in CATALOGUE.glob("*.webp")}
    assert pictures == {row["image"] for row in rows}
    assert {row["id"] for row in rows} == {item.id for item in items()}
    assert sum((CATALOGUE / name).stat().st_size for name in pictures) < 12_000_000
    for row in rows:
        assert row["image"] == f"{row['id']}.webp"
        with Image.open(CATALOGUE / row["image"]) as image:
            assert image.size == (SIZE, SIZE)
            pixels = np.asarray(image.convert("RGB"))
        assert pixels[[0, 0, -1, -1], [0, -1, 0, -1]].min() >= 250
        filled = np.argwhere(pixels.min(-1) < 235)
        assert np.ptp(filled, axis=0).max() > 0.6 * SIZE


def test_items_are_deterministic_and_complete() -> None:
    first = items()
    items.cache_clear()
    assert items() == first
    assert len({item.id for item in first}) == len(first)
    for item in first:
        assert item.category in CATEGORIES
        assert item.fabric in FABRICS and PATTERN_OF[item.fabric] in PATTERNS
        assert set(item.colours) <= set(PALETTE) and item.button in PALETTE
        assert item.trim in {"", *PALETTE} and item.thread in {"", *PALETTE}


def test_later_rows_leave_the_first_collection_alone() -> None:
    first = [item.id for item in items()[: sum(len(rows) for rows in ROWS.values())]]
    assert first == [f"{cut}-{number:02d}" for cut, rows in ROWS.items() for number in range(1, len(rows) + 1)]
    # prices and seeds are drawn in order, so these tell whether a row was put in between
    by_id = {item.id: item for item in items()}
    assert (by_id["tee-01"].price, by_id["tee-01"].seed) == (17.9, 261640)
    assert (by_id["plimsolls-04"].price, by_id["plimsolls-04"].seed) == (34.9, 74012)


def test_every_item_has_a_second_drape(rows: list[dict[str, str]]) -> None:
    with (DRAPES / "drapes.csv").open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        assert tuple(reader.fieldnames or ()) == DRAPE_HEADER
        drapes = list(reader)
    assert {row["image"] for row in drapes} == {path.name for path in DRAPES.glob("*.webp")}
    assert {row["item"] for row in drapes} == {row["id"] for row in rows}
    by_id = {item.id: item for item in items()}
    for row in drapes:
        item = by_id[row["item"]]
        assert row["image"] == f"{item.id}-2.webp"
        assert (row["drape"], int(row["seed"])) == (look_of(item).drape, look_of(item).seed)
        assert float(row["yaw"]) == yaw_of(item, look_of(item))


def test_second_drapes_are_small_cut_out_and_filled(rows: list[dict[str, str]]) -> None:
    sizes = []
    for row in rows:
        path = DRAPES / f"{row['id']}-2.webp"
        sizes.append(path.stat().st_size)
        with Image.open(path) as image:
            assert image.mode == "RGBA" and image.size == (DRAPE_SIZE, DRAPE_SIZE)
            alpha = np.asarray(image.getchannel("A"))
        assert alpha[[0, 0, -1, -1], [0, -1, 0, -1]].max() == 0
        assert np.ptp(np.argwhere(alpha > 128), axis=0).max() > 0.8 * DRAPE_SIZE
        assert (alpha > 128).mean() > 0.04
    assert np.mean(sizes) < 15_000


def test_trimmed_fills_the_square_and_refuses_nothing() -> None:
    render = Image.new("RGBA", (90, 60), (0, 0, 0, 0))
    render.paste((10, 200, 10, 255), (40, 5, 60, 45))
    alpha = np.asarray(trimmed(render, 110).getchannel("A"))
    assert alpha.shape == (110, 110)
    y0, x0 = np.argwhere(alpha > 128).min(0)
    y1, x1 = np.argwhere(alpha > 128).max(0)
    assert (y1 - y0, x1 - x0) == pytest.approx((100, 50), abs=4)
    assert y0 + y1 == pytest.approx(110, abs=4) and x0 + x1 == pytest.approx(110, abs=4)
    with pytest.raises(ValueError, match="nothing was rendered"):
        trimmed(Image.new("RGBA", (20, 20), (0, 0, 0, 0)))


def test_hanger_meets_the_neck_between_the_shoulders() -> None:
    alpha = Image.new("L", (200, 200), 0)
    alpha.paste(255, (50, 30, 90, 180))
    alpha.paste(255, (110, 30, 150, 180))
    alpha.paste(255, (90, 48, 110, 180))
    column, row, width = top_edge(alpha)
    assert (column, row) == (100, 48) and width == 100
    for paint in HANGERS.values():
        behind, front = paint((300, 260), 150, 40, width)
        assert behind.size == front.size == (300, 260)
        left, top, right, _ = behind.getbbox() or (0, 0, 0, 0)
        assert top < 40 and (left + right) / 2 == pytest.approx(150, abs=4)


def test_cuts_build_outlines_and_know_their_trims() -> None:
    for cut in CUTS.values():
        outline = OUTLINES[cut.outline](**cut.size)
        assert set(cut.trims) <= set(TRIMS)
        for loop in (outline.front, outline.back):
            for (_, edge), (_, following) in zip(loop, loop[1:] + loop[:1], strict=True):
                np.testing.assert_allclose(edge[-1], following[0], atol=1e-9)


@pytest.mark.parametrize("name", sorted(FABRICS))
def test_fabrics_paint_albedo_and_height(name: str) -> None:
    x, y = np.meshgrid(np.arange(120) * 0.001, -np.arange(90) * 0.001)
    colours = [PALETTE[c] for c in ("navy", "white", "red", "leaf")]
    albedo, height = FABRICS[name](x, y, colours, np.random.default_rng(0))
    again, _ = FABRICS[name](x, y, colours, np.random.default_rng(0))
    assert albedo.shape == (90, 120, 3) and height.shape == (90, 120)
    assert albedo.min() >= 0 and albedo.max() <= 1 and np.isfinite(height).all()
    np.testing.assert_array_equal(albedo, again)


@pytest.mark.parametrize(
    ("rgb", "name"),
    [
        ((0.08, 0.08, 0.09), "black"), ((0.97, 0.96, 0.95), "white"), ((0.55, 0.56, 0.57), "grey"),
        ((0.72, 0.14, 0.16), "red"), ((0.12, 0.17, 0.31), "navy"), ((0.6, 0.75, 0.87), "light blue"),
        ((0.18, 0.48, 0.29), "green"), ((0.38, 0.4, 0.22), "olive"), ((0.42, 0.27, 0.18), "brown"),
        ((0.92, 0.78, 0.25), "yellow"), ((0.88, 0.6, 0.68), "pink"), ((0.84, 0.75, 0.61), "beige"),
    ],
)  # fmt: skip
def test_colour_names(rgb: tuple[float, float, float], name: str) -> None:
    assert name_pixels(np.array([rgb])) == [name]


def test_main_colour_prefers_the_dye_over_neutrals() -> None:
    red, white = np.tile([0.72, 0.14, 0.16], (45, 1)), np.tile([0.96, 0.95, 0.94], (55, 1))
    pixels = np.vstack([red, white])
    assert main_colour(pixels) == "red"
    assert list(shares(pixels)) == ["white", "red"]
    assert sum(shares(pixels).values()) == pytest.approx(1)


def test_lab_of_white_and_grey() -> None:
    np.testing.assert_allclose(to_lab(np.array([1.0, 1.0, 1.0])), [100, 0, 0], atol=0.05)
    assert abs(to_lab(np.array([0.5, 0.5, 0.5]))[0] - 53.4) < 0.1


def test_white_background_and_garment_pixels() -> None:
    render = Image.new("RGBA", (100, 100), (0, 0, 0, 0))
    render.paste((200, 20, 20, 255), (30, 30, 70, 70))
    picture = np.asarray(on_white(render, 0.35))
    assert (picture[0, 0] == 255).all() and (picture[50, 50] == (200, 20, 20)).all()
    assert picture[71, 50].min() < 255
    assert garment_pixels(render).shape == (1600, 3)


def test_panels_are_welded_along_their_seams() -> None:
    pytest.importorskip("shapely")
    from studio.panels import sew

    pattern = sew(OUTLINES["tote"](), 0.03, np.random.default_rng(0))
    assert set(np.unique(pattern.side)) == {-1, 0, 1}
    assert set(np.unique(pattern.panel)) == {0, 1}
    assert pattern.faces.max() == len(pattern.points) - 1 == len(pattern.tags) - 1
    assert pattern.tagged("waist").any()


def test_examples_name_catalogue_items(rows: list[dict[str, str]]) -> None:
    categories = {row["id"]: row["category"] for row in rows}
    truth = json.loads((ASSETS / "examples" / "truth.json").read_text(encoding="utf-8"))
    assert len(truth) >= 6
    assert set(truth) == {path.name for path in (ASSETS / "examples").glob("*.jpg")}
    for name, pieces in truth.items():
        path = ASSETS / "examples" / name
        assert path.stat().st_size < 250_000 and len(pieces) >= 3
        with Image.open(path) as photo:
            width, height = photo.size
        for piece in pieces:
            x0, y0, x1, y1 = piece["box"]
            assert 0 <= x0 < x1 <= width and 0 <= y0 < y1 <= height
            assert categories[piece["id"]] == piece["category"]
            with Image.open(ASSETS / "examples" / piece["mask"]) as mask:
                assert mask.size == (width, height) and mask.getbbox() == (x0, y0, x1, y1)
