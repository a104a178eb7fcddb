"""The chain, with fakes in its slots."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from pipeline.errors import UnreadablePhoto, UsageError
from pipeline.index import editing
from pipeline.matcher import Look
from pipeline.query import Wish
from pipeline.types import Cutout, Filters, Photo


def test_each_piece_finds_items_of_its_kind_and_colour(fake_matcher, photo):
    result = fake_matcher.match(photo)
    assert [row.piece.label for row in result.pieces] == ["top", "skirt", "bag"]
    for row, colour in zip(result.pieces, ["red", "green", "yellow"], strict=True):
        assert len(row.matches) == 8
        assert {match.item.colour for match in row.matches} == {colour}
        assert list(row.matches) == sorted(row.matches, key=lambda m: -m.similarity)


def test_the_stages_come_one_by_one(fake_matcher, photo):
    made = list(fake_matcher.steps(photo))
    assert [type(step) for step in made] == [Photo, Cutout, tuple, Look]
    assert list(made[-1].timings) == ["decode", "cutout", "pieces", "embeddings"]


def test_all_pieces_are_embedded_in_one_call(fake_matcher, photo):
    fake_matcher.match(photo)
    assert fake_matcher.embed.calls == 1


def test_searching_again_runs_no_model(fake_matcher, photo):
    *_, look = fake_matcher.steps(photo)
    before = (fake_matcher.cut.calls, fake_matcher.find.calls, fake_matcher.embed.calls)
    assert [len(row.matches) for row in fake_matcher.search(look, Wish(top=3)).pieces] == [3, 3, 3]
    anything = fake_matcher.search(look, Wish(top=40, same_kind=False))
    assert (fake_matcher.cut.calls, fake_matcher.find.calls, fake_matcher.embed.calls) == before
    assert all(match.similarity >= 0.3 for row in anything.pieces for match in row.matches)


def test_no_garment_is_an_empty_result(fake_matcher):
    result = fake_matcher.match(Image.new("RGB", (100, 100), "white"))
    assert result.pieces == () and result.timings["total"] > 0


def test_far_matches_are_not_shown(fake_matcher, photo):
    fake_matcher.embed.none_below = 1.01
    assert all(row.matches == () for row in fake_matcher.match(photo).pieces)


def test_least_confidence(fake_matcher, photo):
    assert [row.piece.label for row in fake_matcher.match(photo, min_score=0.9).pieces] == ["top"]
    with pytest.raises(UsageError, match="between 0 and 1"):
        fake_matcher.match(photo, min_score=1.5)
    with pytest.raises(UsageError, match="At least one match"):
        fake_matcher.match(photo, top=0)


def test_words(fake_matcher):
    found = fake_matcher.search_words("something red", top=4)
    assert [match.item.colour for match in found] == ["red"] * 4
    skirts = fake_matcher.search_words("green", filters=Filters(categories=("skirt",)))
    assert len(skirts) == 8 and {match.item.category for match in skirts} == {"skirt"}
    with pytest.raises(UsageError, match="The search is empty"):
        fake_matcher.search_words("  ")
    with pytest.raises(UsageError, match="no category “kilt”; it has: bag, jeans, skirt, t-shirt"):
        fake_matcher.search_words("red", filters=Filters(categories=("kilt",)))


def test_an_unreadable_photo_stops_before_any_model(fake_matcher):
    with pytest.raises(UnreadablePhoto):
        fake_matcher.match(b"no picture")
    assert fake_matcher.cut.calls == 0


def test_crops_are_white_squares_of_one_piece(fake_matcher, photo):
    for row in fake_matcher.match(photo).pieces:
        assert row.crop.shape[0] == row.crop.shape[1] and (row.crop[0] == 255).all()
        assert np.unique(row.crop.reshape(-1, 3), axis=0).shape[0] == 2


def test_what_is_published_later_is_found_without_loading_again(fake_matcher):
    assert fake_matcher.current() is fake_matcher
    index = fake_matcher.index
    with editing(index.folder, fake_matcher.embed.name, 8, index.folder) as draft:
        draft.put([replace(index.item("red-0"), id="new")], index.embeddings_of(["red-0"]))
        draft.publish()
    later = fake_matcher.current()
    assert later.embed is fake_matcher.embed and later.index.item("new").colour == "red"
    # Whoever holds the old one goes on with it.
    assert fake_matcher.search_words("red", top=1) and len(index) == 40
