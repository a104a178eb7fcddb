"""Pieces drawn on their photo, and clicks on it."""

from __future__ import annotations

import numpy as np

from pipeline.draw import annotate, colour_of, dot_centre, outlines, piece_at
from pipeline.kinds import KINDS
from pipeline.matcher import Matcher
from pipeline.photo import read_photo
from pipeline.types import Photo, Piece
from tests.fakes import photo_of_pieces


def test_drawing_keeps_the_size_and_tells_the_selected_piece(fake_matcher: Matcher) -> None:
    photo = read_photo(np.asarray(photo_of_pieces()))
    pieces = fake_matcher.find(fake_matcher.cut(photo), 0.3)
    plain, selected = annotate(photo, pieces), annotate(photo, pieces, 1)
    assert plain.shape == selected.shape == photo.pixels.shape and plain.dtype == np.uint8
    assert (photo.pixels == np.asarray(photo_of_pieces())).all()
    assert (plain != selected).any()
    assert len({colour_of(kind) for kind in KINDS}) == len(KINDS)
    assert annotate(photo, ()).shape == photo.pixels.shape


def test_the_smallest_piece_under_a_point_wins_and_dots_come_first() -> None:
    photo = Photo(np.full((400, 300, 3), 255, np.uint8))
    large, small = np.zeros((400, 300), bool), np.zeros((400, 300), bool)
    large[50:350, 50:250] = True
    small[300:330, 60:240] = True
    pieces = tuple(
        Piece(label, 0.9, (0.0, 0.0, 1.0, 1.0), mask) for label, mask in (("trousers", large), ("belt", small))
    )
    assert piece_at(photo, pieces, 70, 310) == 1
    assert piece_at(photo, pieces, *dot_centre(large)) == 0
    assert piece_at(photo, pieces, 5, 5) is None and piece_at(photo, pieces, -3, 900) is None


def test_a_dot_lies_on_its_piece_even_if_the_middle_does_not() -> None:
    ring = np.zeros((200, 200), bool)
    ring[20:180, 20:180] = True
    ring[60:140, 60:180] = False
    x, y = dot_centre(ring)
    assert ring[y, x]
    assert dot_centre(np.zeros((10, 20), bool)) == (10, 5)


def test_outlines_are_few_points_around_every_part() -> None:
    mask = np.zeros((100, 200), bool)
    mask[10:60, 20:90] = mask[70:90, 120:180] = True
    parts = sorted(outlines(mask))
    assert [sorted(map(tuple, part)) for part in parts] == [
        [(20, 10), (20, 59), (89, 10), (89, 59)],
        [(120, 70), (120, 89), (179, 70), (179, 89)],
    ]
    assert outlines(np.zeros((10, 10), bool)) == []
