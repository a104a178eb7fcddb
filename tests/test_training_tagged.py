"""Garments that a segmenter outlines on photos which have tags: named by a review, or else by the tags."""

from pathlib import Path

import numpy as np
import pytest

from pipeline.kinds import KINDS
from pipeline.training import datasets
from pipeline.training.datasets.review import Sight
from pipeline.training.embedder_data import tagged_pieces
from pipeline.training.tagged import LEAST_NAMED, LEAST_RENAMED, Finding, recognised, settled, tagged_pictures
from tests.test_training_datasets import make_data

UPPER, LOWER = np.s_[20:50, 20:44], np.s_[50:90, 22:42]


def finding(kind: str, score: float, where: tuple[slice, slice] = UPPER) -> Finding:
    mask = np.zeros((96, 64), bool)
    mask[where] = True
    return KINDS.index(kind), score, mask


def names(found: list[Finding], tags: set[str]) -> set[str] | None:
    pieces = settled(found, tags)
    return None if pieces is None else {KINDS[kind] for kind, _ in pieces}


@pytest.mark.parametrize(("found", "tags", "expected"), [
    ([finding("top", LEAST_NAMED), finding("trousers", 0.9, LOWER)], {"top", "trousers"}, {"top", "trousers"}),
    ([finding("top", LEAST_NAMED - 0.01)], {"top"}, None),
    ([finding("top", LEAST_RENAMED)], {"sweater"}, {"sweater"}),
    ([finding("top", LEAST_RENAMED - 0.01)], {"sweater"}, None),
    ([finding("bag", 0.9)], {"sweater"}, None),
    ([finding("top", 0.9)], {"sweater", "outerwear"}, None),
    ([finding("top", 0.9), finding("sweater", 0.2)], {"top", "sweater"}, None),
    ([finding("top", 0.9)], {"top", "belt"}, {"top"}),
    ([finding("hat", 0.9)], {"belt"}, None),
], ids=[
    "named", "too faint", "renamed", "too faint to rename", "no such confusion", "two names left", "one ground twice",
    "a small piece missed", "nothing that the tags name",
])  # fmt: skip
def test_the_tags_settle_what_was_found(found: list[Finding], tags: set[str], expected: set[str] | None) -> None:
    assert names(found, tags) == expected


# UPPER's and LOWER's boxes in shares of the picture, one of them read off a little askew.
TOP, LEGS = (0.31, 0.21, 0.69, 0.52), (22 / 64, 50 / 96, 42 / 64, 90 / 96)


@pytest.mark.parametrize(("sights", "whole", "expected"), [
    ([("sweater", TOP), ("trousers", LEGS)], True, {"sweater", "trousers"}),
    ([("sweater", TOP), ("trousers", None)], True, None),
    ([("sweater", TOP), ("trousers", None)], False, {"sweater"}),
    ([("sweater", TOP), ("belt", None)], True, {"sweater"}),
    ([("skirt", (0.0, 0.8, 0.3, 1.0))], False, None),
    ([], False, None),
], ids=[
    "named", "one missed", "one missed, no matter", "a small one missed", "found elsewhere", "nothing seen",
])  # fmt: skip
def test_a_review_names_what_was_found(sights: list[Sight], whole: bool, expected: set[str] | None) -> None:
    pieces = recognised([finding("dress", 0.1, LOWER), finding("top", 0.9)], sights, whole)
    assert (None if pieces is None else {KINDS[kind] for kind, _ in pieces}) == expected
    for kind, mask in pieces or []:
        assert mask[30, 30] == (KINDS[kind] == "sweater"), "each name lies on its own outline"


def test_a_photo_that_was_looked_at_goes_by_the_review(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = make_data(tmp_path)
    monkeypatch.setattr("pipeline.training.tagged.held_out", lambda key: False)
    seen = {"0007.mat": [("dress", TOP)], "0008.mat": []}
    monkeypatch.setattr("pipeline.training.datasets.review.sights", lambda annotation: seen[annotation.name])
    ((stem, _, (_, pieces)),) = tagged_pictures(data, found_in, whole=True)
    assert stem == "0007" and [KINDS[kind] for kind, _ in pieces] == ["dress"]


def found_in(rgb: np.ndarray) -> list[Finding]:
    return [finding("sweater", 0.8), finding("trousers", 0.7, LOWER)]


def test_tags_are_read_as_categories(tmp_path: Path) -> None:
    photos = datasets.opened(make_data(tmp_path)).tagged()
    assert {stem: photo.tags for stem, photo in photos.items()} == dict.fromkeys(("0007", "0008"), {"t-shirt", "jeans"})
    assert photos["0007"].kinds == {"top", "trousers"} and photos["0007"].sights is None


def test_held_out_photos_teach_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = make_data(tmp_path)
    monkeypatch.setattr("pipeline.training.tagged.held_out", lambda key: key == "photo 0007")
    ((stem, meanings, (rgb, pieces)),) = tagged_pictures(data, found_in, whole=True)
    assert stem == "0008" and meanings == {"t-shirt", "jeans"} and rgb.shape == (96, 64, 3)
    assert [KINDS[kind] for kind, _ in pieces] == ["trousers", "top"]


def test_garments_of_tagged_photos_have_the_tags_category(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = make_data(tmp_path)
    monkeypatch.setattr("pipeline.training.tagged.held_out", lambda key: False)
    pieces = tagged_pieces(data, found_in)
    assert {(p.kind, p.category, p.garment) for p in pieces} == {
        (kind, category, f"tagged {stem} {kind}")
        for stem in ("0007", "0008")
        for kind, category in (("top", "t-shirt"), ("trousers", "jeans"))
    }
    assert {(p.source, p.held_out, p.extra) for p in pieces} == {("tagged", False, False)}
    corners = np.stack([p.rgb[[0, 0, -1, -1], [0, -1, 0, -1]] for p in pieces])
    assert corners.min() == 255, "cut out, on white"


def test_a_kind_that_two_tags_name_has_no_category(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = make_data(tmp_path)
    monkeypatch.setattr("pipeline.training.tagged.held_out", lambda key: False)
    monkeypatch.setattr("pipeline.training.datasets.ccp.MEANINGS", {"t-shirt": "t-shirt", "jeans": "blouse"})
    assert {(p.kind, p.category, p.label) for p in tagged_pieces(data, found_in)} == {("top", "", "blouse or t-shirt")}
