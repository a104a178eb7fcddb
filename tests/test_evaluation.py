"""Evaluations give the figures that can be worked out by hand, on tiny sets and with models whose answers are known."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from pipeline.catalogue import Meter
from pipeline.evaluation import classification, retrieval, segmentation
from pipeline.evaluation.garments import About, Garments, embedded, strip
from pipeline.evaluation.sets import Labelled
from pipeline.kinds import KINDS
from pipeline.training.datasets import DataUnreadable
from pipeline.training.segmenter_score import Finding, box_overlaps, mask_overlaps, partners
from pipeline.types import Cutout, Photo
from tests import training_sets as sets
from tests.fakes import FakeEmbedder, FakeRemover

# What ultralytics gives to a finder without a mistake.
PERFECT = 0.995
TOP, TROUSERS, SHOES, BAG, SKIRT = (KINDS.index(kind) for kind in ("top", "trousers", "shoes", "bag", "skirt"))


def labelled(root: Path, format: str = "auto", split: str = "held-out", limit: int | None = None) -> Labelled:
    return Labelled(root, format, split, limit, root.parent / "cache")  # type: ignore[arg-type]


def square(x: int, y: int, side: int = 10) -> np.ndarray:
    mask = np.zeros((40, 40), bool)
    mask[y : y + side, x : x + side] = True
    return mask


class KnownFinder:
    """Finds what it is told to make of the truth of a photo that it knows by its pixels."""

    def __init__(self, data: Labelled, answer) -> None:
        self._truth = {street.rgb.tobytes(): street.pieces() for street in data.photos()}
        self._answer = answer

    def cut(self, photo: Photo) -> Cutout:
        return FakeRemover()(photo)

    def chain(self, cutout: Cutout) -> list[Finding]:
        return self._answer(self._truth[cutout.photo.pixels.tobytes()])

    def alone(self, rgb: np.ndarray) -> list[Finding]:
        return [(kind, 0.9, mask) for kind, mask in self._truth[rgb.tobytes()]]


def measured(data: Labelled, answer) -> segmentation.Segmentation:
    return segmentation.measure(data, KnownFinder(data, answer), {"pieces": "known"}, 0.3, Meter(), pictures=True)


def cell(figures: dict, true: str, found: str) -> int:
    names = figures["confusion"]["kinds"]
    return figures["confusion"]["counts"][names.index(true)][names.index(found)]


def test_overlaps_of_masks_and_of_their_boxes() -> None:
    ring = square(0, 0)
    ring[2:8, 2:8] = False
    assert mask_overlaps([ring, square(5, 0)], [square(0, 0), square(20, 20)]) == pytest.approx(
        np.array([[0.64, 0], [1 / 3, 0]])
    )
    assert box_overlaps([ring], [square(0, 0)]) == pytest.approx(np.array([[1.0]]))
    assert mask_overlaps([], [ring]).shape == box_overlaps([], [ring]).shape == (0, 1)
    assert not mask_overlaps([np.zeros((40, 40), bool)], [np.zeros((40, 40), bool)]).any()


def test_each_piece_has_one_partner_the_best() -> None:
    assert partners(np.array([[0.6, 0.9], [0.8, 0.7], [0.55, 0.2]])) == [(0, 1), (1, 0)]
    assert partners(np.zeros((0, 2))) == []


def test_a_finder_without_mistakes(tmp_path: Path) -> None:
    data = labelled(sets.fashionpedia(tmp_path / "set"))
    result = measured(data, lambda truth: [(kind, 0.9, mask) for kind, mask in truth])
    told = result.document
    assert (told["photos"], told["pieces"], told["split"], told["formats"]) == (2, 6, "held-out", ["fashionpedia"])
    for way in ("as_run", "photo_alone"):
        figures = told[way]
        assert figures["mask"] == figures["box"] == {"map50": PERFECT, "map50_95": PERFECT}
        assert figures["mean_iou"] == figures["precision"] == figures["recall"] == 1
        assert {kind: row["pieces"] for kind, row in figures["by_kind"].items()} == {
            "top": 2,
            "trousers": 2,
            "shoes": 2,
        }
        counts = np.array(figures["confusion"]["counts"])
        assert counts.trace() == counts.sum() == 6
    assert [example.outcome.quality for example in result.worst] == [1, 1]


def test_known_mistakes_are_in_the_cells_that_they_belong_to(tmp_path: Path) -> None:
    data = labelled(sets.fashionpedia(tmp_path / "set"))

    def answer(truth: list) -> list[Finding]:
        masks = dict(truth)
        behind = np.zeros_like(masks[TOP])
        behind[:12, :12] = True
        # The trousers are a skirt, the shoes are too faint, and there is a bag where nothing is.
        return [(TOP, 0.9, masks[TOP]), (SKIRT, 0.8, masks[TROUSERS]), (SHOES, 0.2, masks[SHOES]), (BAG, 0.7, behind)]

    figures = measured(data, answer).document["as_run"]
    assert cell(figures, "top", "top") == cell(figures, "trousers", "skirt") == 2
    assert cell(figures, "shoes", "nothing") == cell(figures, "nothing", "bag") == 2
    assert np.array(figures["confusion"]["counts"]).sum() == 8
    assert (figures["precision"], figures["recall"]) == (round(1 / 3, 4), round(1 / 3, 4))
    # Faint findings count for the curve, whose whole range of confidence is looked at.
    assert {kind: row["mask_ap50"] for kind, row in figures["by_kind"].items()} == {
        "top": PERFECT, "trousers": 0, "shoes": PERFECT,
    }  # fmt: skip
    assert figures["mask"]["map50"] == round(2 * PERFECT / 3, 4)


def test_half_a_mask_counts_at_half_an_iou_only(tmp_path: Path) -> None:
    def answer(truth: list) -> list[Finding]:
        found = []
        for kind, mask in truth:
            rows = np.flatnonzero(mask.any(axis=1))
            half = mask.copy()
            half[rows[int(len(rows) * 0.625)] :] = False
            found.append((kind, 0.9, half))
        return found

    figures = measured(labelled(sets.modanet(tmp_path / "set"), "modanet"), answer).document["as_run"]
    # An IoU of about 0.6 passes the steps 0.5, 0.55 and, for some kinds, 0.6.
    assert figures["mask"]["map50"] == PERFECT and 0.2 * PERFECT <= figures["mask"]["map50_95"] < 0.4
    assert 0.55 < figures["mean_iou"] < 0.7


def test_nothing_found_is_zero_and_no_error(tmp_path: Path) -> None:
    result = measured(labelled(sets.fashionpedia(tmp_path / "set")), lambda truth: [])
    figures = result.document["as_run"]
    assert figures["mask"] == {"map50": 0, "map50_95": 0} and figures["recall"] == figures["precision"] == 0
    assert result.worst[0].outcome.quality == 0 and result.best == ()


@pytest.mark.parametrize(
    ("maker", "format", "split", "said"),
    [
        (sets.folders, "auto", "held-out", "labels but no masks"),
        (sets.deepfashion, "auto", "all", "classification or retrieval"),
        (lambda folder: folder.mkdir() or folder, "auto", "all", "holds no data set"),
        (lambda folder: folder, "auto", "all", "There is no folder"),
    ],
)
def test_what_cannot_be_segmented_is_said(maker, format: str, split: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(DataUnreadable, match=said):
        labelled(maker(tmp_path / "set"), format, split).photos()


def test_photos_of_no_kind_of_ours_are_refused(tmp_path: Path) -> None:
    root = tmp_path / "set"
    sets.photo(root / "train" / "1.jpg", [sets.HAND], 1)
    watch = {"1.jpg": [("watch", sets.polygon(sets.HAND))]}
    sets.coco_file(root / "instances_attributes_train2020.json", ["watch"], watch)
    with pytest.raises(DataUnreadable, match="None of the 1 photos"):
        measured(labelled(root, split="all"), lambda truth: [])


def test_a_limit_takes_the_same_garments_each_time(tmp_path: Path) -> None:
    root = sets.folders(tmp_path / "set")
    every, few = labelled(root, split="all").garments(), labelled(root, split="all", limit=5).garments()
    assert len(every) == 18 and few == every[:5] == labelled(root, split="all", limit=5).garments()
    assert len(labelled(root).garments()) == 6 and len(labelled(root).rest().garments()) == 12


def test_garments_are_prepared_and_known(tmp_path: Path) -> None:
    folders = embedded(labelled(sets.folders(tmp_path / "folders")), FakeRemover(), FakeEmbedder(), Meter())
    assert len(folders) == len(folders.pictures) == len(folders.units) == 6
    assert set(folders.column("label")) == {"Dresses", "T-Shirt", "trainers"}
    assert set(folders.column("category")) == {"dress", "t-shirt", "sneakers"}
    masks = embedded(labelled(sets.deepfashion2(tmp_path / "masks")), FakeRemover(), FakeEmbedder(), Meter())
    assert sorted(masks.column("label")) == ["skirt", "skirt", "some top", "some top"]
    tops = masks.column("article")[masks.column("label") == "some top"]
    assert len(set(tops)) == 1 and len(set(masks.column("name"))) == 4
    few = embedded(labelled(tmp_path / "masks", split="all", limit=3), FakeRemover(), FakeEmbedder(), Meter())
    assert len(few) == 3
    with pytest.raises(DataUnreadable, match="--split all"):
        only = labelled(sets.modanet(tmp_path / "none"), "modanet")
        object.__setattr__(only, "photos", lambda: [])
        embedded(only, FakeRemover(), FakeEmbedder(), Meter())


def garments(labels: list[str], units: list[list[float]], articles: list[str] | None = None) -> Garments:
    """Garments whose label is their category; a kind of "top"."""
    own = articles or [str(n) for n in range(len(labels))]
    about = tuple(About(f"n{n}", label, label, "top", own[n]) for n, label in enumerate(labels))
    rows = np.array(units, np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return Garments(about, rows, tuple(np.zeros((8, 8, 3), np.uint8) for _ in labels))


NEAR, FAR = [1.0, 0.0, 0.1], [0.0, 1.0, 0.1]


def test_neighbours_vote(tmp_path: Path) -> None:
    queries = garments(["dress", "dress", "dress", "skirt", "skirt"], [NEAR, NEAR, FAR, FAR, FAR])
    reading = classification.vote(queries, queries)
    # Each of five has the four others to vote: three of the own label or two, or one against three.
    told = reading.document(queries.column("article"))
    assert reading.chosen.tolist() == [0, 0, 1, 0, 0]
    assert told["top1"]["value"] == 0.4 and told["top5"]["value"] == 1
    assert told["confusion"] == {"classes": ["dress", "skirt"], "counts": [[2, 1], [2, 0]]}
    assert told["by_class"]["dress"] == {"garments": 3, "precision": 0.5, "recall": 0.6667, "f1": 0.5714}
    assert told["top1_mean_over_classes"] == 0.3333


def test_the_nearer_decides_between_equal_votes_and_what_got_none_is_no_answer() -> None:
    query = garments(["dress", "coat"], [[1, 0], [1, 0.1]], ["q", "r"])
    gallery = garments(["dress", "skirt", "skirt", "dress"], [[1, 0.2], [1, 0.1], [1, 0.9], [1, 0.5]], list("abcd"))
    reading = classification.vote(query, gallery)
    assert [reading.classes[n] for n in reading.chosen] == ["skirt", "skirt"]
    assert reading.within(1).tolist() == [0, 0] and reading.within(5).tolist() == [1, 0]


def test_pictures_of_one_article_do_not_vote_for_each_other() -> None:
    queries = garments(["dress", "dress", "skirt"], [NEAR, NEAR, FAR], ["a", "a", "b"])
    reading = classification.vote(queries, queries)
    assert [reading.classes[n] for n in reading.chosen] == ["skirt", "skirt", "dress"]


class Reader(FakeEmbedder):
    """Reads kinds from the first component; words are axes."""

    def read_kinds(self, units: np.ndarray) -> np.ndarray:  # type: ignore[override]
        shares = np.full((len(units), len(KINDS)), 0.01)
        shares[np.arange(len(units)), np.where(units[:, 0] > 0.5, TOP, SKIRT)] = 0.9
        return shares

    def embed_words(self, texts) -> np.ndarray:
        return np.eye(3, dtype=np.float32)[[int("dress" in text) for text in texts]]


def test_words_and_kinds_are_read() -> None:
    found = garments(["dress", "dress", "skirt", "no such"], [[0, 1, 0], [1, 0, 0], [1, 0, 0], [1, 0, 0]])
    result = classification.measure(found, found, Reader(), {"garments": 4}, {})
    words, kinds = result.document["words"], result.document["kinds"]
    # The fourth has no category that words could name.
    assert (words["garments"], words["classes"], words["top1"]["value"]) == (3, 2, 0.6667)
    assert kinds["garments"] == 4 and kinds["top1"]["value"] == 0.75
    row, column = (kinds["confusion"]["classes"].index(kind) for kind in ("top", "skirt"))
    assert kinds["confusion"]["counts"][row][column] == 1
    assert classification.surest(result.readings["words"], right=False, count=5) == [1]
    assert "kinds" not in classification.measure(found, found, SimpleNamespace(
        read_kinds=None, embed_words=Reader().embed_words
    ), {}, {}).document  # type: ignore[arg-type]  # fmt: skip


def test_retrieval_by_hand() -> None:
    # The first finds the second, then a skirt, then the third; skirts have one another only, behind all dresses.
    found = garments(["dress", "dress", "dress", "skirt"], [[1, 0], [1, 0.1], [1, 0.9], [1, 0.5]])
    result = retrieval.measure(found, found, {}, {})
    told, ranked = result.document["same_label"], result.ranked["same_label"]
    assert told["queries"] == 3 and set(told["by_category"]) == {"dress"}
    # Of its three others the first finds: right, skirt, right; so does the second; the third: skirt, right, right.
    assert ranked.average == pytest.approx([5 / 6, 5 / 6, 7 / 12])
    assert told["p1"]["value"] == 0.6667 and told["p5"]["value"] == 0.4 and told["p10"]["value"] == 0.2
    assert told["map"]["value"] == round((5 / 6 + 5 / 6 + 7 / 12) / 3, 4)
    assert ranked.nearest[0].tolist() == [1, 3, 2, -1, -1] and ranked.right[0].tolist() == [
        True,
        False,
        True,
        False,
        False,
    ]
    assert "same_article" not in result.document


def test_perfect_retrieval_and_the_same_article() -> None:
    near, far = [[1.0, 0.0], [1.0, 0.01], [1.0, 0.05]], [[0.0, 1.0], [0.01, 1.0], [0.05, 1.0]]
    found = garments(["dress"] * 3 + ["skirt"] * 3, near + far, ["a", "a", "b", "c", "c", "d"])
    told = retrieval.measure(found, found, {}, {}).document
    assert told["same_label"]["p1"]["value"] == told["same_label"]["map"]["value"] == 1
    # Only a and c have another picture, which is the nearest of all.
    assert told["same_article"]["queries"] == 4 and told["same_article"]["map"]["value"] == 1


def test_a_gallery_of_others() -> None:
    queries = garments(["dress"], [NEAR], ["q"])
    gallery = garments(["skirt", "dress"], [NEAR, FAR], ["r", "s"])
    told = retrieval.measure(queries, gallery, {}, {}).document
    assert told["gallery_garments"] == 2 and told["same_label"]["map"]["value"] == 0.5
    with pytest.raises(Exception, match="--gallery rest"):
        retrieval.measure(queries, queries, {}, {})
    with pytest.raises(Exception, match="--gallery rest"):
        classification.vote(queries, queries)


def test_answers_are_framed_by_whether_they_are_right() -> None:
    tile = np.zeros((20, 20, 3), np.uint8)
    shown = strip(tile, [tile, tile], [True, False])
    assert shown.shape == (36, 108, 3)
    assert shown[18, 36 + 5].tolist() == [42, 140, 90] and shown[18, 72 + 5].tolist() == [196, 60, 60]
