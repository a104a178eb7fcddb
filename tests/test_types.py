"""Types refuse what they were not made for, and the crop has one form."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pipeline.types import Cutout, Photo, Piece, mask_box, square_on_white


def test_photo_wants_rgb_bytes():
    with pytest.raises(ValueError, match=r"expected a non-empty \(H, W, 3\) array of uint8, got shape \(4, 4\)"):
        Photo(np.zeros((4, 4), np.uint8))
    with pytest.raises(ValueError, match="float64"):
        Photo(np.zeros((4, 4, 3)))


def test_cutout_wants_an_alpha_of_the_photos_size():
    photo = Photo(np.zeros((4, 6, 3), np.uint8))
    with pytest.raises(ValueError, match=r"expected \(4, 6\) of uint8"):
        Cutout(photo, np.zeros((6, 4), np.uint8))
    assert Cutout(photo, np.full((4, 6), 7, np.uint8)).rgba.shape == (4, 6, 4)


@pytest.mark.parametrize(
    "change", [{"score": 1.2}, {"box": (5, 0, 1, 1)}, {"mask": np.zeros((4, 4))}], ids=["score", "box", "mask"]
)
def test_piece_checks_its_fields(change):
    right = {"label": "top", "score": 0.5, "box": (0, 0, 1, 1), "mask": np.zeros((4, 4), bool)}
    with pytest.raises(ValueError, match="Piece"):
        Piece(**{**right, **change})


def test_mask_box_is_tight_and_half_open():
    mask = np.zeros((10, 20), bool)
    assert mask_box(mask) is None
    mask[3:5, 7:12] = True
    assert mask_box(mask) == (7, 3, 12, 5)


def test_square_on_white_centres_the_foreground():
    rgb = np.full((50, 80, 3), 90, np.uint8)
    alpha = np.zeros((50, 80), np.uint8)
    alpha[10:30, 20:60] = 255
    square = square_on_white(rgb, alpha, margin=0.1)
    assert square.shape == (48, 48, 3)
    assert mask_box((square == 90).all(axis=2)) == (4, 14, 44, 34)
    assert (square[:14] == 255).all()


def test_square_on_white_blends_soft_edges_and_survives_nothing():
    rgb = np.zeros((20, 20, 3), np.uint8)
    assert (square_on_white(rgb, np.full((20, 20), 128, np.uint8), margin=0) == 127).all()
    assert square_on_white(rgb, np.zeros((20, 20), np.uint8), margin=0).shape == (20, 20, 3)


def test_what_the_cut_out_doubts_is_fainter_in_the_crop_of_a_garment_alone():
    alpha = np.full((40, 40), 255, np.uint8)
    alpha[:, 10:20] = 153
    alpha[:, 20:] = 100
    alone = Piece("top", 0.9, (0, 0, 20, 40), alpha >= 128, alone=True)
    cutout = Cutout(Photo(np.zeros((40, 40, 3), np.uint8)), alpha)
    assert set(np.unique(alone.crop(cutout))) == {0, 102, 255}
    assert set(np.unique(replace(alone, alone=False).crop(cutout))) == {0, 255}, "a worn one has the detector's outline"


def test_a_pieces_crop_shows_nothing_of_its_neighbours():
    pixels = np.full((40, 40, 3), 10, np.uint8)
    pixels[:, 20:] = 200
    mask = np.zeros((40, 40), bool)
    mask[:, :20] = True
    piece = Piece("top", 0.9, (0, 0, 20, 40), mask)
    crop = piece.crop(Cutout(Photo(pixels), np.full((40, 40), 255, np.uint8)))
    assert set(np.unique(crop)) == {10, 255}
    assert piece.area == 0.5
