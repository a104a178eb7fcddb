"""Two opinions on the kind of a piece."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.doubles import Found, without_doubles
from pipeline.kinds import KINDS
from pipeline.naming import KindReader, named
from pipeline.pieces import Parts, completed
from pipeline.types import Piece

MASK = np.ones((8, 8), bool)


def piece(label: str, score: float, **more: Any) -> Piece:
    return Piece(label, score, (0, 0, 8, 8), MASK, **more)


def opinion(kind: str, share: float) -> np.ndarray:
    shares = np.full(len(KINDS), (1 - share) / (len(KINDS) - 1))
    shares[KINDS.index(kind)] = share
    return shares[None]


def test_a_garment_alone_takes_the_kind_that_its_crop_shows() -> None:
    (found,) = named([piece("top", 0.5, alone=True)], opinion("bag", 0.9))
    assert found.label == "bag"
    assert 0 < found.score < 1


def test_a_worn_piece_keeps_what_the_detector_is_sure_of() -> None:
    (found,) = named([piece("top", 0.8)], opinion("sweater", 0.9))
    assert (found.label, found.score) == ("top", 0.8)


def test_an_embedder_that_is_sure_renames_a_piece_that_is_not_alone() -> None:
    (found,) = named([piece("hat", 0.8)], opinion("sweater", 0.99))
    assert (found.label, found.score) == ("sweater", 0.8)


def test_of_two_of_one_kind_on_the_same_ground_the_surer_stays() -> None:
    assert without_doubles([piece("hat", 0.3), piece("hat", 0.6)]) == [1]
    elsewhere = Piece("hat", 0.6, (0, 0, 8, 8), np.zeros((8, 8), bool))
    assert without_doubles([piece("hat", 0.3), elsewhere]) == [0, 1]


def test_agreement_makes_a_faint_garment_sure_and_dissent_makes_it_doubtful() -> None:
    faint = piece("hat", 0.1, alone=True)
    assert named([faint], opinion("hat", 0.95))[0].score > 0.9
    assert named([faint], np.full((1, len(KINDS)), 1 / len(KINDS)))[0].score < 0.15


@pytest.mark.parametrize("untouched", [piece("cape", 0.5, alone=True), piece("hat", 0.5, drawn=True)])
def test_foreign_kinds_and_drawn_pieces_keep_their_names(untouched: Piece) -> None:
    assert named([untouched], opinion("bag", 0.99)) == (untouched,)


def test_a_reader_is_the_same_after_writing_and_reading(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    reader = KindReader(rng.normal(size=(len(KINDS), 4)).astype(np.float32), rng.normal(size=len(KINDS)))
    reader.write(tmp_path / "kinds.json")
    rows = rng.normal(size=(3, 4)).astype(np.float32)
    again = KindReader.read(tmp_path / "kinds.json")(rows)
    assert np.allclose(again, reader(rows), atol=0.01)
    assert np.allclose(again.sum(axis=1), 1)


def test_a_second_opinion_decides_between_kinds_that_the_detector_wavers_between() -> None:
    wavering = tuple(0.5 if kind == "top" else 0.45 if kind == "sweater" else 0.0 for kind in KINDS)
    sure = tuple(0.5 if kind == "top" else 0.0 for kind in KINDS)
    read = opinion("sweater", 0.8)
    assert named([piece("top", 0.5, opinion=wavering)], read)[0].label == "sweater"
    assert named([piece("top", 0.5, opinion=sure)], read)[0].label == "top"


def front_of(*boxes: tuple[int, int, int, int]) -> np.ndarray:
    front = np.zeros((40, 60), bool)
    for x0, y0, x1, y1 in boxes:
        front[y0:y1, x0:x1] = True
    return front


def painted(front: np.ndarray) -> np.ndarray:
    return np.where(front[..., None], (200, 60, 60), (30, 30, 30)).astype(np.uint8)


def found(label: str, score: float, box: tuple[int, int, int, int]) -> Found:
    x0, y0, x1, y1 = box
    return Found(label, score, box, np.ones((y1 - y0, x1 - x0), bool), score * (np.array(KINDS) == label))


def test_a_piece_that_fills_its_figure_gets_all_of_it() -> None:
    front = front_of((5, 5, 25, 35), (35, 5, 55, 35))
    (whole,) = completed([found("dress", 0.1, (5, 5, 25, 28))], Parts.of(front), painted(front), min_score=0.3)
    assert whole.alone
    assert whole.box == (5, 5, 25, 35)
    assert whole.mask.sum() == 20 * 30


def test_a_faint_piece_of_somebody_is_left_out_and_a_sure_one_keeps_its_mask() -> None:
    parts = Parts.of(front_of((5, 5, 25, 35)))
    faint = found("top", 0.1, (5, 5, 25, 15))
    pixels = painted(front_of((5, 5, 25, 15)))
    assert completed([faint], parts, pixels, min_score=0.3) == ()
    (sure,) = completed([replace(faint, score=0.4)], parts, pixels, min_score=0.3)
    assert (sure.label, sure.score, sure.box, sure.alone) == ("top", 0.4, (5, 5, 25, 15), False)
    assert np.array_equal(sure.mask, front_of((5, 5, 25, 15)))


def test_only_one_piece_can_be_alone_in_a_figure() -> None:
    front = front_of((5, 5, 25, 35))
    pieces = [found(label, score, (5, 5, 25, 35)) for label, score in (("dress", 0.6), ("skirt", 0.1))]
    assert [p.label for p in completed(pieces, Parts.of(front), painted(front), min_score=0.3)] == ["dress"]
