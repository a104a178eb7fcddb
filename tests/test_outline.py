"""A drawn box becomes a piece."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.errors import UsageError
from pipeline.outline import outline
from pipeline.query import Wish
from pipeline.types import Cutout, Photo


def scene(alpha_sees_it: bool) -> tuple[Cutout, np.ndarray]:
    """A blue bag on a speckled grey wall, and its true mask."""
    noise = np.random.default_rng(0).integers(-12, 12, (200, 160, 1))
    pixels = np.clip(170 + noise + np.zeros((200, 160, 3)), 0, 255).astype(np.uint8)
    true = np.zeros((200, 160), bool)
    true[70:150, 50:110] = True
    true[70:100, 50:70] = False
    pixels[true] = (30, 60, 190)
    alpha = np.where(true & alpha_sees_it, 255, 0).astype(np.uint8)
    return Cutout(Photo(pixels), alpha), true


@pytest.mark.parametrize("alpha_sees_it", [True, False])
def test_the_outline_is_the_thing_and_not_the_box(alpha_sees_it):
    cutout, true = scene(alpha_sees_it)
    mask = outline(cutout, (40, 60, 120, 160))
    assert (mask & true).sum() / (mask | true).sum() > 0.9
    # Drawn from any corner, and beyond the photo's edge.
    assert (outline(cutout, (120, 160, 40, 60)) == mask).all()
    assert outline(cutout, (40, 60, 900, 900)).any()


def test_a_garment_on_a_figure_is_parted_from_it():
    cutout, true = scene(True)
    whole = Cutout(cutout.photo, np.full(cutout.alpha.shape, 255, np.uint8))
    mask = outline(whole, (40, 60, 120, 160))
    assert (mask & true).sum() / (mask | true).sum() > 0.9


def test_where_nothing_stands_out_the_box_is_the_piece():
    flat = Cutout(Photo(np.full((100, 100, 3), 128, np.uint8)), np.zeros((100, 100), np.uint8))
    mask = outline(flat, (10, 10, 60, 60))
    assert mask.any() and not mask[:, 60:].any() and not mask[60:].any()
    whole = outline(flat, (0, 0, 100, 100))
    assert whole.all()


@pytest.mark.parametrize("box", [(10, 10, 12, 90), (300, 300, 400, 400)])
def test_a_box_of_nothing_is_refused(box):
    cutout, _ = scene(True)
    with pytest.raises(UsageError, match="too small"):
        outline(cutout, box)


def test_a_drawn_piece_is_a_piece_like_the_others(fake_matcher, photo):
    *_, look = fake_matcher.steps(photo, min_score=0.9)
    assert len(look.pieces) == 1
    wider = fake_matcher.add_piece(look, (60, 155, 180, 300))
    assert len(wider.pieces) == len(wider.crops) == len(wider.embeddings) == 2 and len(look.pieces) == 1
    assert wider.pieces[1].drawn and wider.pieces[1].score == 1
    found = fake_matcher.search(wider, Wish(same_kind=False)).pieces[1].matches
    assert {match.item.colour for match in found} == {"green"}
    assert wider.only([1]).pieces == wider.pieces[1:]
    assert wider.renamed(1, "skirt").pieces[1].label == "skirt"
