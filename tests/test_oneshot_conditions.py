"""The made-up photos: the same at every run, each condition doing what its name says; which articles are asked for."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from pipeline.errors import UsageError
from pipeline.evaluation.conditions import CONDITIONS, SIDE, SIZE, TEXTURES, photograph
from pipeline.evaluation.drapes import CATALOGUE, demo_asked
from pipeline.training.datasets import held_out
from pipeline.training.rendered import Drape
from pipeline.types import mask_box

BY_NAME = {condition.name: condition for condition in CONDITIONS}


@pytest.fixture
def drape():
    """A red garment, 120 wide and 200 high, in a picture of 240."""
    mask = np.zeros((240, 240), bool)
    mask[20:220, 60:180] = True
    rgb = np.where(mask[..., None], np.uint8([200, 30, 40]), np.uint8(0)).astype(np.uint8)
    return Drape("tee-01", "t-shirt", rgb, mask)


def shot(drape, name, view=0):
    return photograph(drape, BY_NAME[name], view)


@pytest.mark.parametrize("name", BY_NAME)
def test_a_condition_is_the_same_at_every_run_and_another_in_another_view(drape, name):
    first, again, other = shot(drape, name), shot(drape, name), shot(drape, name, 1)
    assert first.pixels.shape == (SIDE, SIDE, 3) and first.pixels.dtype == np.uint8 and first.mask.shape == (SIDE, SIDE)
    assert np.array_equal(first.pixels, again.pixels) and np.array_equal(first.mask, again.mask)
    assert not np.array_equal(first.pixels, other.pixels)
    assert 0.01 < first.mask.mean() < 0.6


def height(found):
    box = mask_box(found.mask)
    return box[3] - box[1]


def test_the_garment_stands_out_from_its_ground(drape):
    for name in ("white", "plain", *TEXTURES):
        found = shot(drape, name)
        red = found.pixels[found.mask].mean(axis=0)
        assert red == pytest.approx([200, 30, 40], abs=6)
        assert height(found) == pytest.approx(SIZE * SIDE, abs=4)
    white = shot(drape, "white")
    assert (white.pixels[~white.mask].min(axis=-1) > 200).mean() > 0.99


def test_textures_differ_from_each_other_and_are_shared_by_the_conditions_of_a_view(drape):
    corners = {name: shot(drape, name).pixels[:40, :40] for name in TEXTURES}
    assert len({corner.tobytes() for corner in corners.values()}) == len(TEXTURES)
    small = shot(drape, "small").pixels[:40, :40]
    assert any(np.array_equal(small, corner) for corner in corners.values())


def test_light_moves_colours_and_leaves_the_outline(drape):
    plain, lit = shot(drape, "blur"), shot(drape, "light")
    assert np.array_equal(plain.mask, lit.mask)
    assert abs(lit.pixels[lit.mask].mean() - 90) > 8


def test_crop_loses_a_quarter_at_an_edge(drape):
    whole, cropped = shot(drape, "wood").mask.sum(), shot(drape, "crop")
    assert cropped.mask.sum() == pytest.approx(0.75 * whole, rel=0.03)
    edges = cropped.mask[0], cropped.mask[-1], cropped.mask[:, 0], cropped.mask[:, -1]
    assert sum(edge.any() for edge in edges) == 1


def test_blur_takes_the_sharpness(drape):
    sharpness = {
        name: np.abs(np.diff(shot(drape, name).pixels.astype(int), axis=1)).mean() for name in ("carpet", "blur")
    }
    assert sharpness["blur"] < 0.5 * sharpness["carpet"]


def test_occlusion_covers_a_part_that_is_no_garment_any_more(drape):
    covered = shot(drape, "occlusion").mask.sum() / shot(drape, "wood").mask.sum()
    assert 0.55 < covered < 0.9


def test_small_is_small(drape):
    assert height(shot(drape, "small")) == pytest.approx(0.3 * SIDE, abs=3)


def test_an_empty_drape_is_refused(drape):
    with pytest.raises(ValueError, match="tee-01"):
        photograph(Drape("tee-01", "t-shirt", drape.rgb, np.zeros_like(drape.mask)), CONDITIONS[0])


def test_only_articles_that_no_embedder_saw_are_asked_for_among_all():
    asked = demo_asked(views=2)
    articles = {name.partition(",")[0] for name in asked.task.queries}
    assert articles and all(held_out(f"item {item}") for item in articles)
    with (CATALOGUE / "items.csv").open(newline="") as file:
        items = [row["id"] for row in csv.DictReader(file)]
    assert asked.task.references == items
    assert articles == {item for item in items if held_out(f"item {item}")}
    assert len(asked.task.queries) == len(set(asked.task.queries)) == 2 * len(CONDITIONS) * len(articles)
    for name, (own,) in zip(asked.task.queries, asked.task.right, strict=True):
        assert items[own] == name.partition(",")[0]
    shown = asked.queries[0]()
    assert shown.mask is not None and shown.photo.size == (SIDE, SIDE) and asked.references[0]().mask is None


def test_without_the_renderings_one_sentence_says_so(tmp_path):
    with pytest.raises(UsageError, match="holds no second drapes"):
        demo_asked(catalogue=tmp_path, drapes=tmp_path)
