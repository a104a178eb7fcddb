"""Outfits put together anew: whose garments are where, and who cannot be taken apart."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.kinds import KINDS
from pipeline.training.datasets import Street
from pipeline.training.recombined import halves, recombined, with_recombined

NAMES = ("", "skin", "hair", "t-shirt", "jeans", "skirt", "sneakers", "dress", "handbag")
COLOURS = np.array([
    (120, 120, 120), (230, 190, 160), (60, 40, 20), (200, 0, 0), (0, 0, 200), (200, 200, 0), (20, 20, 20),
    (0, 200, 0), (200, 0, 200),
], np.uint8)  # fmt: skip


def person(stem: str, *parts: tuple[int, slice, slice]) -> Street:
    """A photo of 120 x 80 in which each (label, rows, columns) is a rectangle of its colour."""
    labels = np.zeros((120, 80), np.uint8)
    for label, rows, columns in parts:
        labels[rows, columns] = label
    return Street(stem, COLOURS[labels], labels, NAMES)


@pytest.fixture
def in_jeans() -> Street:
    """Arms hang beside the jeans, to below the hem."""
    return person(
        "jeans", (2, np.s_[5:15], np.s_[35:45]), (3, np.s_[20:50], np.s_[28:52]),
        (1, np.s_[25:62], np.s_[22:28]), (1, np.s_[25:62], np.s_[52:58]),
        (4, np.s_[50:105], np.s_[30:50]), (6, np.s_[105:112], np.s_[28:52]),
    )  # fmt: skip


@pytest.fixture
def in_skirt() -> Street:
    """A third wider, and standing elsewhere."""
    return person(
        "skirt", (3, np.s_[10:40], np.s_[21:49]), (5, np.s_[40:75], np.s_[21:49]), (1, np.s_[75:100], np.s_[23:30]),
        (1, np.s_[75:100], np.s_[40:47]), (6, np.s_[100:108], np.s_[22:48]), (8, np.s_[30:45], np.s_[56:70]),
    )  # fmt: skip


def shown(street: Street) -> set[str]:
    return {KINDS[kind] for kind, _ in street.pieces()}


def test_upper_clothes_meet_another_persons_skirt_legs_and_shoes(in_jeans, in_skirt) -> None:
    made = recombined(in_jeans, in_skirt)
    assert made is not None and shown(made) == {"top", "skirt", "shoes"}
    masks = {KINDS[kind]: mask for kind, mask in made.pieces()}
    assert np.array_equal(masks["top"], in_jeans.labels == 3), "what is worn above stays as it is"
    rows, columns = np.nonzero(masks["skirt"])
    # It hangs from the same hem, as wide as the jeans were there.
    assert rows.min() == 50 and abs(np.ptp(columns[rows == 52]) - 20) <= 3 and abs(columns.mean() - 39.5) < 1.5
    for label, name in ((5, "skirt"), (6, "shoes"), (3, "top")):
        inside = made.rgb[masks[name]].astype(int)
        assert np.mean(np.abs(inside - COLOURS[label]).max(axis=1) < 30) > 0.7, name


def test_arms_stay_legs_and_bags_go_with_their_half(in_jeans, in_skirt) -> None:
    one, other = halves(in_jeans), halves(in_skirt)
    assert one and other
    skin = in_jeans.labels == 1
    assert (one.upper & skin).sum() == skin.sum(), "arms that hang below the hem are no legs"
    skin = in_skirt.labels == 1
    assert (other.lower & skin).sum() == skin.sum()
    assert not other.lower[in_skirt.labels == 8].any(), "the bag stays with the upper half"
    assert not (one.upper & one.lower).any() and np.array_equal(one.upper | one.lower, in_jeans.person)


def test_a_garment_that_went_leaves_nothing_behind(in_jeans, in_skirt) -> None:
    made = recombined(in_jeans, in_skirt)
    assert made is not None
    bare = made.rgb[~made.person].astype(int)
    assert not (np.abs(bare - COLOURS[4]).max(axis=1) < 60).any(), "blue of the jeans"


@pytest.mark.parametrize("change", ["dress", "two people", "no skirt", "far too narrow"])
def test_who_cannot_be_taken_apart_is_left_alone(in_jeans, in_skirt, change: str) -> None:
    labels = in_skirt.labels.copy()
    if change == "dress":
        labels[labels == 5] = 7
    elif change == "no skirt":
        labels[labels == 5] = 0
    elif change == "far too narrow":
        labels[:, :28][labels[:, :28] == 5] = 0
        labels[:, 40:][labels[:, 40:] == 5] = 0
    other = replace(in_skirt, labels=labels, alone=change != "two people")
    assert recombined(in_jeans, other) is None


def test_a_set_has_its_photos_first_and_each_pair_once(in_jeans, in_skirt) -> None:
    dressed = replace(in_jeans, stem="dress", labels=np.where(in_jeans.labels == 4, 7, in_jeans.labels))
    streets = [in_jeans, dressed, in_skirt]
    both = with_recombined(streets, 50, seed=3)
    assert [street.stem for street in both[:3]] == ["jeans", "dress", "skirt"]
    assert sorted(street.stem for street in both[3:]) == ["jeansxskirt", "skirtxjeans"]
    assert np.array_equal(both[3].rgb, both[3].rgb), "made anew, it is the same"
    assert len(with_recombined(streets, 0, seed=3)) == 3
    assert len(with_recombined([in_jeans, dressed], 5, seed=3)) == 2, "one person cannot be recombined"
