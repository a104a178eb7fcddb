"""Coarse masks come to lie on the photo's edges, and stay as they are where it has none."""

import numpy as np
import pytest

from pipeline.edges import snapped

CELL = 8.0


def iou(one: np.ndarray, other: np.ndarray) -> float:
    return np.count_nonzero(one & other) / np.count_nonzero(one | other)


@pytest.fixture
def garment() -> np.ndarray:
    """(160, 120) bool: a garment whose outline no grid of cells fits."""
    rows, columns = np.mgrid[:160, :120]
    return np.hypot((rows - 80) / 61, (columns - 57) / 35) < 1


def photo(garment: np.ndarray, front: tuple[int, int, int], back: tuple[int, int, int]) -> np.ndarray:
    grain = np.random.default_rng(0).normal(0, 3, (*garment.shape, 3))
    return np.clip(np.where(garment[..., None], front, back) + grain, 0, 255).astype(np.uint8)


def coarse(mask: np.ndarray) -> np.ndarray:
    """The mask as cells of CELL pixels have it."""
    cells = mask[: 160 // 8 * 8, : 120 // 8 * 8].reshape(20, 8, 15, 8).mean((1, 3)) > 0.3
    return np.kron(cells, np.ones((8, 8))).astype(np.float32)


# The second pair is as bright in grey: colours count, not brightness alone.
@pytest.mark.parametrize("colours", [((200, 40, 60), (70, 90, 80)), ((180, 60, 60), (60, 112, 80))])
def test_a_coarse_outline_comes_to_lie_on_the_garments_own(garment, colours):
    rough = coarse(garment)
    found = snapped(photo(garment, *colours), rough, CELL) > 0.5
    assert iou(rough > 0.5, garment) < 0.92
    assert iou(found, garment) > 0.96


def test_where_the_photo_has_no_edge_the_mask_keeps_its_own(garment):
    rough = coarse(garment)
    found = snapped(photo(garment, (90, 90, 90), (90, 90, 90)), rough, CELL) > 0.5
    assert iou(found, rough > 0.5) > 0.93


@pytest.mark.parametrize("level", [0.0, 0.3, 1.0])
def test_an_even_mask_stays_even(garment, level):
    even = np.full(garment.shape, level, np.float32)
    assert snapped(photo(garment, (200, 40, 60), (70, 90, 80)), even, CELL) == pytest.approx(even, abs=1e-3)


@pytest.mark.parametrize("size", [(1, 1), (3, 40), (40, 3)])
def test_tiny_pictures_and_cells_below_a_pixel_are_fine(size):
    mask = np.ones(size, np.float32)
    found = snapped(np.full((*size, 3), 128, np.uint8), mask, 0.4)
    assert found.shape == size
    assert found == pytest.approx(mask, abs=1e-3)
