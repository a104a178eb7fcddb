"""Single garments for the segmenter: whose outline is believed, what they are laid on, and their dyes."""

from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from pipeline.kinds import KINDS
from pipeline.training import homes, segmenter_data
from pipeline.training.datasets import Garment
from pipeline.training.homes import believed_mask
from pipeline.training.rendered import Drape
from pipeline.training.segmenter_pictures import PictureMaker
from tests.test_training_datasets import make_data

SHIRT = np.s_[20:70, 20:60]


def alpha_of(*parts: tuple[slice, slice], level: int = 255) -> np.ndarray:
    alpha = np.zeros((100, 80), np.uint8)
    for part in parts:
        alpha[part] = level
    return alpha


def test_an_alpha_is_believed_where_it_shows_one_garment():
    mask = believed_mask(alpha_of(SHIRT))
    assert mask is not None and mask.dtype == bool
    assert (mask == (alpha_of(SHIRT) > 0)).mean() > 0.99


def test_a_pair_of_shoes_is_one_garment_and_a_crumb_is_none_of_it():
    pair = believed_mask(alpha_of(np.s_[30:70, 8:35], np.s_[30:70, 45:72]))
    assert pair is not None and pair[50, 20] and pair[50, 60]
    crumb = believed_mask(alpha_of(SHIRT, np.s_[90:96, 4:12]))
    assert crumb is not None and not crumb[93, 8]


@pytest.mark.parametrize(
    "alpha",
    [
        alpha_of(),
        alpha_of(np.s_[40:46, 40:46]),
        alpha_of(np.s_[:, :]),
        alpha_of(np.s_[0:60, :]),
        alpha_of(SHIRT, level=150),
        alpha_of(SHIRT, np.s_[80:98, 5:35]),
    ],
    ids=["nothing", "a speck", "the whole photo", "half of the border", "all in doubt", "something beside it"],
)
def test_other_alphas_are_not_believed(alpha):
    assert believed_mask(alpha) is None


def test_the_cut_out_outlines_what_grabcut_is_not_sure_of(tmp_path: Path, monkeypatch):
    grey = tmp_path / "grey.png"
    cv2.imwrite(str(grey), np.full((100, 80, 3), 128, np.uint8))
    garments = [Garment(stem, grey, "somebody", "Skirt", "skirt") for stem in ("sure", "unsure", "hopeless")]
    sure = np.zeros((100, 80), bool)
    sure[5:95, 5:75] = True
    alphas = {"unsure": alpha_of(SHIRT), "hopeless": alpha_of()}
    monkeypatch.setattr(homes, "read_garments", lambda data, part: garments)
    monkeypatch.setattr(homes, "sure_mask", lambda g, cache: sure if g.stem == "sure" else None)
    cutout = SimpleNamespace(cached_alpha=lambda path, rgb, cache, stem: alphas[stem])
    found = homes.home_pieces(tmp_path, tmp_path, 9, 0, cutout=cutout)
    assert sorted(int(mask.sum()) for _, mask, _ in found) == [pytest.approx(2000, rel=0.01), sure.sum()]
    assert {kind for *_, kind in found} == {KINDS.index("skirt")}
    (alone,) = homes.home_pieces(tmp_path, tmp_path, 9, 0)
    assert (alone[1] == sure).all(), "without a cut-out model only sure outlines count"
    assert len(homes.home_pieces(tmp_path, tmp_path, 1, 0, cutout=cutout)) == 1


def test_some_pieces_get_another_dye_and_nothing_else_changes():
    rgb = np.full((40, 40, 3), 200, np.uint8)
    mask = np.zeros((40, 40), bool)
    mask[10:30, 10:30] = True
    rgb[mask] = (200, 30, 40)
    rng, dyed = np.random.default_rng(0), 0
    for _ in range(200):
        other, pieces = segmenter_data.in_other_dyes((rgb, [(3, mask)]), rng)
        assert (other[~mask] == 200).all() and pieces[0][1] is mask and pieces[0][0] == 3
        dyed += bool((other[mask] != rgb[mask]).any())
    assert 0.7 * segmenter_data.DYED < dyed / 200 < 1.3 * segmenter_data.DYED
    assert (rgb[mask] == (200, 30, 40)).all(), "the picture that was given stays as it was"


@pytest.mark.parametrize("sort", ["home moved", "home laid out"])
def test_garments_at_home_are_laid_on_the_grounds_of_other_photos(sort):
    garment = np.full((64, 64, 3), 250, np.uint8)
    mask = np.zeros((64, 64), bool)
    mask[16:48, 16:48] = True
    garment[mask] = (0, 0, 200)
    ground = (np.full((50, 40, 3), (10, 120, 60), np.uint8), np.zeros((50, 40), bool))
    made = PictureMaker([], [(garment, mask, 0)], 0, [ground])
    pictures = [made.make(sort)[0] for _ in range(40)]
    on_ground = sum(bool((abs(picture[0, 0].astype(int) - (10, 120, 60)) < 3).all()) for picture in pictures)
    assert 10 < on_ground < 30
    plain = PictureMaker([], [(garment, mask, 0)], 0)
    assert not any((plain.make(sort)[0][0, 0] == (10, 120, 60)).all() for _ in range(10))


def test_the_set_holds_no_drape_of_an_article_that_is_held_out(tmp_path: Path, monkeypatch):
    pixels = np.full((64, 64, 3), 255, np.uint8)
    mask = np.zeros((64, 64), bool)
    cv2.circle(pixels, (32, 32), 20, (0, 200, 0), cv2.FILLED)
    mask[12:52, 12:52] = True
    drapes = [Drape(item, "skirt", pixels, mask) for item in ("a", "b", "c")]
    monkeypatch.setattr(segmenter_data, "read_drapes", lambda drapes_, catalogue: iter(drapes))
    monkeypatch.setattr("pipeline.training.rendered.held_out", lambda key: key == "item b")
    monkeypatch.setattr("pipeline.training.datasets.records.held_out", lambda key: key == "photo 0003")
    shown: list[int] = []

    def watched(streets, homes, *others, **options):
        shown.append(sum(rgb is pixels for rgb, *_ in homes))
        return PictureMaker(streets, homes, *others, **options)

    monkeypatch.setattr(segmenter_data, "PictureMaker", watched)
    segmenter_data.write_set(make_data(tmp_path / "data"), tmp_path / "cache", tmp_path / "set", 0, share=0.01)
    assert shown == [2]
