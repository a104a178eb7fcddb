"""Made-up photos and other dyes of rendered garments: what changes, and what has to stay."""

import numpy as np
import pytest

from pipeline.training.datasets import Street
from pipeline.training.rendered import Drape, dyed, photographed

NO_STREETS: list[Street] = []


@pytest.fixture
def drape() -> Drape:
    """A red garment with white stripes, 90 wide and 120 high."""
    mask = np.zeros((160, 160), bool)
    mask[20:140, 35:125] = True
    rgb = np.zeros((160, 160, 3), np.uint8)
    rgb[20:140, 35:125] = (190, 40, 50)
    rgb[20:140:10, 35:125] = 250
    return Drape("tee-01", "t-shirt", rgb, mask)


@pytest.mark.parametrize("rough", [False, True])
def test_a_photo_knows_which_of_its_pixels_are_the_garments(drape, rough) -> None:
    rng = np.random.default_rng(0)
    photos = [photo for photo in (photographed(drape, NO_STREETS, rng, rough) for _ in range(20)) if photo]
    assert len(photos) > 12
    for rgb, mask in photos:
        assert rgb.shape[:2] == mask.shape and rgb.dtype == np.uint8 and mask.dtype == bool
        red, green, _ = rgb[mask].mean(0)
        assert red > 1.3 * green


def test_rough_photos_hide_more_and_reach_further_out_of_the_light(drape) -> None:
    def measured(rough: bool) -> tuple[float, float]:
        rng = np.random.default_rng(1)
        photos = [photo for photo in (photographed(drape, NO_STREETS, rng, rough) for _ in range(60)) if photo]
        light = [float(rgb[mask].mean()) for rgb, mask in photos]
        return float(np.mean([mask.mean() for _, mask in photos])), float(np.std(light))

    (shown, spread), (rough_shown, rough_spread) = measured(False), measured(True)
    assert rough_shown < 0.9 * shown
    assert rough_spread > 1.2 * spread


def test_a_dye_is_the_same_for_two_pictures_and_leaves_the_ground_alone(drape) -> None:
    one, other = (dyed(drape.rgb, drape.mask, np.random.default_rng(3)) for _ in range(2))
    assert one is not None and np.array_equal(one, other)
    assert np.array_equal(one[~drape.mask], drape.rgb[~drape.mask])
    red, green, blue = np.median(one[drape.mask], axis=0)
    assert not (red > 2 * green and red > 2 * blue), "it is red still"
    assert np.ptp(one[drape.mask].sum(1)) > 100, "its stripes are gone"


def test_what_cannot_be_dyed_is_no_new_article() -> None:
    black = np.zeros((20, 20, 3), np.uint8)
    assert dyed(black, np.ones((20, 20), bool), np.random.default_rng(0)) is None
    assert dyed(black, np.zeros((20, 20), bool), np.random.default_rng(0)) is None
