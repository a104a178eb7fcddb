"""Wishes about matches, and the query that comes of them."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.errors import UsageError
from pipeline.query import Pull, Wish, bend, fold
from pipeline.types import Filters, Item, Match

EAST, NORTH = np.eye(2, dtype=np.float32)


def test_the_query_is_the_normalised_weighted_sum():
    query, _ = bend([Pull(EAST, 0.75, 0.0), Pull(NORTH, 0.25, 0.0)])
    assert query == pytest.approx(np.array([3, 1]) / np.sqrt(10))
    away, _ = bend([Pull(EAST, 1.0, 0.0), Pull(NORTH, -0.5, 0.0)])
    assert away @ NORTH < 0 < away @ EAST


def test_what_lies_on_every_floor_lies_on_the_floor_of_the_sum():
    pulls = [Pull(EAST, 0.7, 0.6), Pull(NORTH, 0.3, 0.8)]
    query, floor = bend(pulls)
    assert floor == pytest.approx(np.array([0.6, 0.8]) @ query)
    assert bend([Pull(EAST, 1.0, 0.4)])[1] == pytest.approx(0.4)


def test_wishes_that_cancel_are_refused():
    with pytest.raises(UsageError, match="cancel each other"):
        bend([Pull(EAST, 1.0, 0.0), Pull(EAST, -1.0, 0.0)])
    with pytest.raises(UsageError, match="between 0 and 1"):
        Wish(strength=1.2)


def test_near_duplicates_are_put_under_the_nearest_of_them():
    names = ["a", "b", "c", "d"]
    matches = [Match(Item(n, f"{n}.png", "skirt" if n == "d" else "top"), 0.9 - i / 10) for i, n in enumerate(names)]
    vectors = np.array([EAST, NORTH, EAST, EAST])
    folded = fold(matches, vectors, 0.98)
    assert [match.item.id for match in folded] == ["a", "b", "d"]
    assert [item.id for item in folded[0].alike] == ["c"] and folded[1].alike == ()
    assert fold(matches, vectors, 1.5) == tuple(matches)


def test_words_bend_towards_themselves(fake_matcher, photo):
    *_, look = fake_matcher.steps(photo)

    def colours(**wish):
        found = fake_matcher.matches(look, 0, Wish(top=6, **wish)).matches
        return {match.item.colour for match in found}

    assert colours() == {"red"}
    assert colours(same_kind=False, words="but blue", strength=0.9) == {"blue"}
    assert colours(same_kind=False, words="but blue", strength=0.1) == {"red"}
    assert colours(same_kind=False, words="   ", strength=1.0) == {"red"}


def test_items_like_words_or_items_with_no_piece_to_start_from(fake_matcher):
    def found(**wish):
        return {match.item.colour for match in fake_matcher.items(Wish(top=6, **wish))}

    assert found(words="something green") == {"green"}
    assert found(words="something green", filters=Filters(max_price=11.0, categories=("skirt",))) == {"green"}
    assert found(origin="blue-2") == found(more=("blue-2",)) == {"blue"}
    for nothing in ({}, {"words": "  "}, {"less": ("red-0",)}):
        with pytest.raises(UsageError, match="nothing to search for"):
            fake_matcher.items(Wish(**nothing))


def test_more_like_less_like_and_search_from(fake_matcher, photo):
    *_, look = fake_matcher.steps(photo)

    def found(**wish):
        return fake_matcher.matches(look, 0, Wish(top=40, same_kind=False, far=True, **wish)).matches

    def nearest_of(colour, matches):
        return next((n for n, match in enumerate(matches) if match.item.colour == colour), 99)

    plain = found()
    towards = found(more=("blue-0",))
    assert nearest_of("blue", towards) < nearest_of("blue", plain)
    without = found(less=("red-0",))
    assert "red-0" not in {match.item.id for match in without} and len(without) == 39
    from_item = found(origin="yellow-3")
    assert {match.item.colour for match in from_item[:9]} == {"yellow"}
    assert "yellow-3" not in {match.item.id for match in from_item}
    with pytest.raises(UsageError, match="does not have this item"):
        found(more=("gone",))


def test_folding_still_gives_as_many_as_exist(fake_matcher, photo):
    *_, look = fake_matcher.steps(photo)
    fake_matcher.embed.same_above = 0.9
    rows = fake_matcher.matches(look, 0, Wish(top=4)).matches
    # All ten red items look the same to the fake, so one is shown with nine under it.
    assert len(rows) == 1 and len(rows[0].alike) == 9
