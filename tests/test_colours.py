"""Colour words, and the light that they are measured in."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.colours import MIXED, PALETTE, colour_name, colour_shares, colour_word, in_full_light

ALL = np.ones((20, 20), bool)


def plain(rgb, size=20):
    return np.full((size, size, 3), rgb, np.uint8)


@pytest.mark.parametrize("word", PALETTE)
def test_the_middle_of_a_word_is_called_by_it(word):
    for rgb in PALETTE[word]:
        assert colour_name(colour_shares(plain(rgb), ALL)) == word


def test_many_colours_are_mixed_and_nothing_is_even():
    stripes = np.concatenate([plain(rgb) for rgb in ((190, 30, 40), (50, 90, 175), (240, 205, 60), (50, 130, 70))])
    assert colour_name(colour_shares(stripes, np.ones((80, 20), bool))) == MIXED
    shares = colour_shares(plain((0, 0, 0)), ~ALL)
    assert np.allclose(shares, 1 / len(PALETTE))


def test_a_white_garment_in_dim_light_is_white():
    photo = plain((60, 50, 40), 40)
    photo[10:30, 10:30] = (168, 168, 166)
    mask = np.zeros((40, 40), bool)
    mask[10:30, 10:30] = True
    assert colour_name(colour_shares(photo, mask)) == "grey"
    assert colour_name(colour_shares(in_full_light(photo), mask)) == "white"
    shop = np.full((40, 40, 3), 255, np.uint8)
    shop[10:30, 10:30] = (128, 128, 130)
    assert np.array_equal(in_full_light(shop), shop)


def test_words_that_people_use():
    assert [colour_word(word) for word in ("Dark Blue", "khaki", "mauve")] == ["navy", "olive", ""]
