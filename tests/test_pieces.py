"""Which parts of a photo get a look of their own, and how what is found twice becomes one piece."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.doubles import Found, merge, without_doubles
from pipeline.kinds import KINDS
from pipeline.pieces import Parts, on_edges
from pipeline.types import Piece
from pipeline.views import View, figures, windows


def alpha_with(*boxes: tuple[int, int, int, int], shape=(300, 400)) -> np.ndarray:
    alpha = np.zeros(shape, np.uint8)
    for x0, y0, x1, y1 in boxes:
        alpha[y0:y1, x0:x1] = 255
    return alpha


def test_figures_are_padded_boxes_largest_first():
    assert figures(alpha_with((100, 50, 150, 100), (200, 100, 300, 200))) == [(190, 90, 310, 210), (96, 46, 154, 104)]


def test_specks_and_a_figure_that_fills_the_photo_are_not_looked_at():
    assert figures(alpha_with((10, 10, 30, 30))) == []
    assert figures(alpha_with((5, 5, 395, 295))) == []
    assert figures(alpha_with()) == []


def test_padding_stays_inside_the_photo():
    assert figures(alpha_with((0, 0, 100, 100))) == [(0, 0, 110, 110)]


def test_garments_that_touch_by_a_thin_bridge_are_two_figures():
    side_by_side = alpha_with((20, 50, 180, 250), (190, 50, 350, 250), (170, 100, 200, 106))
    assert len(figures(side_by_side)) == 2
    fog = alpha_with((20, 50, 180, 250), (190, 50, 350, 250))
    fog[fog == 0] = 150
    assert len(figures(fog)) == 2


def test_windows_cover_the_photo_and_overlap():
    assert windows((1000, 500)) == [(0, 0, 600, 500), (400, 0, 1000, 500)]
    assert windows((500, 1000)) == [(0, 0, 300, 700), (200, 0, 500, 700), (0, 300, 300, 1000), (200, 300, 500, 1000)]


def test_a_mirrored_view_puts_what_is_seen_in_it_where_it_is_in_the_photo():
    photo = np.zeros((60, 100, 3), np.uint8)
    photo[20:30, 40:55] = (200, 10, 10)
    for view in (View((30, 10, 90, 50)), View((30, 10, 90, 50), mirrored=True)):
        seen = view.of(photo)
        rows, columns = np.nonzero(seen[..., 2] > 100)
        box = (int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1)
        assert view.placed(box) == (40, 20, 55, 30)
        assert (seen[..., 0] == 10).sum() == 150, "ultralytics takes BGR"
        assert np.array_equal(view.turned(seen)[..., ::-1], photo[10:50, 30:90])


FRONT = np.ones((300, 400), bool)


def found(label: str, score: float, box: tuple[int, int, int, int]) -> Found:
    x0, y0, x1, y1 = box
    return Found(label, score, box, np.ones((y1 - y0, x1 - x0), bool), score * (np.array(KINDS) == label))


def test_a_piece_seen_in_two_views_is_one():
    pieces = merge([found("skirt", 0.6, (100, 100, 200, 200)), found("skirt", 0.9, (102, 98, 200, 200))], FRONT)
    assert [(p.label, p.score, p.box) for p in pieces] == [("skirt", 0.9, (102, 98, 200, 200))]


def test_two_names_for_the_same_ground_keep_the_surer_one():
    pieces = merge([found("top", 0.8, (0, 0, 100, 100)), found("sweater", 0.5, (0, 0, 98, 100))], FRONT)
    assert [p.label for p in pieces] == ["top"]


def test_a_faint_second_name_stays_for_who_asks_for_faint_pieces():
    ground = (100, 100, 200, 200)
    pieces = merge([found("dress", 0.7, ground), found("skirt", 0.2, ground), found("dress", 0.1, ground)], FRONT)
    assert [(p.label, p.score) for p in pieces] == [("dress", 0.7), ("skirt", 0.2)]
    assert pieces[0].opinion[KINDS.index("skirt")] == pytest.approx(0.2)


def test_the_other_name_for_the_same_ground_remains_as_an_opinion():
    (piece,) = merge([found("top", 0.8, (0, 0, 100, 100)), found("sweater", 0.5, (0, 0, 98, 100))], FRONT)
    opinion = dict(zip(KINDS, piece.opinion, strict=True))
    assert opinion["top"] == 0.8
    assert opinion["sweater"] == pytest.approx(0.5 * 0.98)
    assert opinion["hat"] == 0


@pytest.mark.parametrize(
    ("label", "score", "box", "stays"),
    [
        ("dress", 0.4, (50, 100, 100, 300), False),
        ("dress", 0.6, (50, 100, 100, 300), True),
        ("dress", 0.4, (50, 60, 100, 300), True),
        ("scarf", 0.4, (50, 100, 100, 300), True),
        ("dress", 0.2, (50, 100, 100, 300), True),
    ],
    ids=["a half called a dress", "nearly as sure", "reaches beyond", "lies on it", "for who asks for faint pieces"],
)
def test_a_part_of_a_much_surer_garment_is_no_other_garment(label, score, box, stays):
    skirt = found("skirt", 0.9, (0, 100, 100, 300))
    assert (label in [p.label for p in merge([skirt, found(label, score, box)], FRONT)]) is stays


@pytest.mark.parametrize(
    ("label", "score", "stays"), [("top", 0.8, False), ("belt", 0.8, True), ("top", 0.95, True)], ids=str
)
@pytest.mark.parametrize("surer", ["bag", "trousers", "shorts"])
def test_within_a_surer_bag_or_leg_there_is_no_garment(surer, label, score, stays):
    pieces = merge([found(surer, 0.9, (0, 100, 100, 300)), found(label, score, (20, 120, 80, 220))], FRONT)
    assert (label in [p.label for p in pieces]) is stays


@pytest.mark.parametrize(
    ("score", "shirt", "box", "stays"),
    [
        (0.6, "top", (0, 0, 100, 100), False),
        (0.85, "top", (0, 0, 100, 100), True),
        (0.2, "top", (0, 0, 100, 100), True),
        (0.6, "bag", (0, 0, 100, 100), True),
        (0.6, "top", (0, 0, 100, 60), True),
        (0.6, "top", (0, 0, 200, 100), True),
    ],
    ids=["made up", "surer than one", "for who asks for faint pieces", "no garment", "more than both", "less than one"],
)
def test_a_garment_made_up_of_surer_ones_is_none(score, shirt, box, stays):
    parts = [found(shirt, 0.9, box), found("shorts", 0.8, (0, 100, 100, 160))]
    whole = found("dress", score, (0, 0, 100, 160))
    assert ("dress" in [p.label for p in merge([*parts, whole], FRONT)]) is stays
    shown = [Piece(p.label, p.score, p.box, p.whole(FRONT.shape)) for p in (*parts, whole)]
    assert (2 in without_doubles(shown)) is stays


def test_only_a_box_that_covers_most_of_a_part_may_fill_it():
    front = np.zeros((300, 400), bool)
    front[50:250, 100:200] = True
    parts = Parts.of(front)
    assert parts.may_fill((90, 50, 210, 200))
    assert not parts.may_fill((90, 50, 210, 180))
    assert not Parts.of(np.zeros((300, 400), bool)).may_fill((0, 0, 400, 300))


def test_a_belt_on_trousers_and_two_peoples_tops_all_stay():
    pieces = merge(
        [
            found("trousers", 0.9, (0, 100, 100, 300)),
            found("belt", 0.5, (0, 100, 100, 115)),
            found("top", 0.8, (0, 0, 100, 100)),
            found("top", 0.7, (200, 0, 300, 100)),
        ],
        FRONT,
    )
    assert [p.label for p in pieces] == ["trousers", "top", "top", "belt"]


def test_nothing_found_and_masks_too_small_to_embed():
    assert merge([], FRONT) == ()
    assert merge([found("hat", 0.9, (0, 0, 5, 5))], FRONT) == ()


def test_what_lies_behind_is_no_piece():
    front = np.zeros((300, 400), bool)
    front[:, :200] = True
    pieces = merge([found("top", 0.9, (100, 0, 220, 100)), found("bag", 0.9, (190, 150, 300, 250))], front)
    assert [p.label for p in pieces] == ["top"]


def test_the_cutout_trims_a_mask_that_it_nearly_agrees_with():
    front = np.zeros((300, 400), bool)
    front[:, :195] = True
    trimmed, kept = (merge([found("top", 0.9, box)], front)[0] for box in ((100, 0, 200, 100), (170, 0, 200, 100)))
    assert trimmed.box == (100, 0, 195, 100)
    assert kept.box == (170, 0, 200, 100)


def test_specks_of_a_mask_go_and_the_second_shoe_stays():
    detection = found("shoes", 0.9, (0, 0, 300, 300))
    detection.mask[...] = False
    detection.mask[0:40, 0:60] = detection.mask[100:130, 100:150] = detection.mask[200:203, 200:203] = True
    assert merge([detection], FRONT)[0].box == (0, 0, 150, 130)


def test_a_mask_moves_onto_the_photos_edge_and_brings_its_box_along():
    pixels = np.full((120, 160, 3), 40, np.uint8)
    pixels[30:90, 50:110] = (190, 60, 40)
    rough = Found("top", 0.9, (45, 34, 106, 96), np.ones((62, 61), bool), np.zeros(len(KINDS)), cell=8.0)
    fine = on_edges(rough, pixels)
    assert np.abs(np.subtract(fine.box, (50, 30, 110, 90))).max() <= 4
    garment, found = (pixels[..., 0] > 100), fine.whole((120, 160))
    assert np.count_nonzero(garment & found) > 0.9 * np.count_nonzero(garment | found)


def test_a_mask_at_the_photos_border_stays_within_it():
    pixels = np.full((40, 40, 3), 90, np.uint8)
    corner = Found("bag", 0.9, (0, 0, 40, 40), np.ones((40, 40), bool), np.zeros(len(KINDS)), cell=8.0)
    assert on_edges(corner, pixels).box == (0, 0, 40, 40)


def test_a_speck_that_no_window_of_the_filter_holds_is_kept_as_it_was():
    pixels = np.full((200, 200, 3), 90, np.uint8)
    speck = Found("glasses", 0.9, (100, 100, 108, 103), np.ones((3, 8), bool), np.zeros(len(KINDS)), cell=16.0)
    assert on_edges(speck, pixels) is speck
