"""Names of masks that a look at the photo put right: learned from, and measured beside the set's own."""

import csv
import hashlib
from pathlib import Path

import numpy as np
import pytest
from scipy.io import loadmat, savemat

from pipeline.kinds import KINDS
from pipeline.training import (
    datasets,
    embedder_data,
    embedder_kinds,
    familiar,
    homes,
    segmenter_data,
    segmenter_measure,
)
from pipeline.training.datasets import ccp, review
from pipeline.training.datasets.records import kind_of_meaning
from pipeline.training.segmenter_score import Finding
from tests.test_training_datasets import make_data

CHANGED = "0002"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tiny CCP whose second photo's t-shirt was looked at, and is a skirt; a row of another file of that name. Of the
    garments at home the first, a t-shirt, was seen to be a sweater, and nobody can tell what the second is."""
    folder = make_data(tmp_path / "data")
    annotation = folder / datasets.CCP / "annotations" / "pixel-level" / f"{CHANGED}.mat"
    mark = hashlib.sha256(annotation.read_bytes()).hexdigest()[: review.DIGITS]
    # The tiny set's annotations are all alike: one more variable, which no reader minds, tells this one.
    savemat(annotation, {"groundtruth": loadmat(annotation)["groundtruth"], "another": np.zeros(1)})
    own = hashlib.sha256(annotation.read_bytes()).hexdigest()[: review.DIGITS]
    tables = tmp_path / "reviewed"
    tables.mkdir()
    (tables / "tagged.csv").write_text("annotation,photo,kind,x0,y0,x1,y1\n")
    (tables / "masks.csv").write_text(
        f"annotation,photo,label,shows\n{own},{CHANGED},t-shirt,skirt\n{mark[::-1]},{CHANGED},jeans,dress\n"
    )
    (tables / "garments.csv").write_text("picture,kind\ng0,sweater\ng1,\n")
    monkeypatch.setattr(review, "FOLDER", tables)
    return folder


def kinds_of(streets) -> dict[str, set[str]]:
    return {street.stem: {KINDS[kind] for kind, _ in street.pieces()} for street in streets}


def test_names_are_put_right_only_where_that_is_asked_for(data: Path, tmp_path: Path) -> None:
    published = kinds_of(datasets.read_streets(data, tmp_path, "all"))
    reviewed = kinds_of(datasets.put_right(datasets.read_streets(data, tmp_path, "all")))
    assert published[CHANGED] == {"top", "trousers", "bag"}
    assert reviewed[CHANGED] == {"skirt", "trousers", "bag"}, "a row of another annotation file must not count"
    assert {s: k for s, k in reviewed.items() if s != CHANGED} == {s: k for s, k in published.items() if s != CHANGED}


@pytest.mark.parametrize("held_out", [False, True])
def test_trainings_learn_the_reviewed_names_and_measure_by_the_published(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held_out: bool
) -> None:
    monkeypatch.setattr(datasets.records, "held_out", lambda key: held_out == (key == f"photo {CHANGED}"))
    written = segmenter_data.write_set(data, tmp_path / "cache", tmp_path / "set", seed=0, share=0).parent
    part = "val" if held_out else "train"
    (labels,) = (written / "labels" / part).glob(f"*{CHANGED}.txt")
    kinds = {KINDS[int(line.split()[0])] for line in labels.read_text().splitlines()}
    expected = {"top" if held_out else "skirt", "trousers", "bag"}
    assert kinds == expected
    pieces = embedder_data.street_pieces(data, tmp_path / "cache")
    assert {p.kind for p in pieces if p.garment.startswith(f"street {CHANGED}")} == expected


def test_garments_at_home_are_learned_under_reviewed_names(data: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(datasets.records, "held_out", lambda key: False)
    monkeypatch.setattr(homes, "sure_mask", lambda garment, cache: np.ones((8, 8), bool))
    published = {g.stem: g.kind for g in datasets.read_garments(data)}
    assert {published[stem] for stem in ("g0", "g4")} == {"top"} and published["g1"] == "trousers"
    assert {g.stem: g.put_right().kind for g in datasets.read_garments(data)} == published | {"g0": "sweater", "g1": ""}
    learned = [KINDS[kind] for *_, kind in homes.home_pieces(data, tmp_path, 100, 0)]
    assert sorted(learned) == sorted(kind for stem, kind in (published | {"g0": "sweater"}).items() if stem != "g1")


def test_garments_at_home_are_scored_under_both_names(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets.records, "held_out", lambda key: key in ("sender 0", "sender 1", "sender 2"))

    def find(rgb: np.ndarray, alpha: np.ndarray) -> list[Finding]:
        return [(KINDS.index("sweater"), 0.9, alpha >= 128), (KINDS.index("dress"), 0.9, alpha >= 256)]

    scores = segmenter_measure.home_score(find, AllInFront(), data)
    assert scores["pictures"] == 3 and scores["nothing found, photo"] == 0
    assert scores["right kind, photo"] == scores["right kind, on white"] == 0
    assert scores["right kind, photo, names reviewed"] == 0.5, "the one that nobody can tell does not count"


def test_the_reading_of_kinds_is_scored_under_both_names(data: Path) -> None:
    def piece(garment: str, kind: str) -> embedder_data.Piece:
        return embedder_data.Piece(
            np.zeros((8, 8, 3), np.uint8), "", kind, "red", np.zeros(1), "", "home", garment, "", held_out=True
        )

    def always_sweater(units: np.ndarray) -> np.ndarray:
        return np.eye(len(KINDS))[[KINDS.index("sweater")] * len(units)]

    pieces = [piece("home g0", "top"), piece("home g1", "trousers"), piece("home g2", "dress")]
    scores = embedder_kinds.kind_scores(always_sweater, pieces, np.zeros((3, 4)))
    assert scores == {
        "home, pieces": 3, "home, kind read rightly": 0.0, "home, kind read rightly, names reviewed": 0.5,
    }  # fmt: skip


def test_names_that_change_make_the_embedders_pieces_anew(data: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(datasets.records, "held_out", lambda key: False)

    class Cutout(AllInFront):
        mark = "mark"

        def cached_alpha(self, path: Path, rgb: np.ndarray, cache: Path, name: str) -> np.ndarray:
            return self.alpha(rgb)

    def kind_of_first() -> set[str]:
        pieces = embedder_data.all_pieces(data, tmp_path / "cache", Cutout(), tmp_path, None)
        return {p.kind for p in pieces if p.garment == "home g0"}

    assert kind_of_first() == {"sweater"} == kind_of_first()
    (review.FOLDER / "garments.csv").write_text("picture,kind\ng0,dress\n")
    review._garments.cache_clear()
    assert kind_of_first() == {"dress"}


def test_the_table_of_garments_has_kinds() -> None:
    table = review._garments(review.FOLDER / "garments.csv")
    assert set(table.values()) <= {*KINDS, ""} and sum(kind == "sweater" for kind in table.values()) > 200


def test_the_table_names_labels_of_the_set_and_changes_kinds() -> None:
    labels = {label for labels in ccp.CCP_LABELS_OF_KIND.values() for label in labels}
    with (review.FOLDER / "masks.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows and len({(row["annotation"], row["label"]) for row in rows}) == len(rows)
    for row in rows:
        assert len(row["annotation"]) == review.DIGITS and row["label"] in labels, row
        assert row["shows"] in labels | {"null"}, row
        old, new = (kind_of_meaning(ccp.MEANINGS.get(row[column], "")) for column in ("label", "shows"))
        assert old != new and (old, new) != ("suit", "outerwear"), row


def test_the_table_of_photos_with_tags_has_kinds_and_boxes() -> None:
    photos = review._tagged(review.FOLDER / "tagged.csv")
    seen = [sight for sights in photos.values() for sight in sights]
    assert {kind for kind, _ in seen} <= set(KINDS) and any(box is None for _, box in seen)
    boxes = np.array([box for _, box in seen if box])
    assert boxes.min() >= 0 and boxes.max() <= 1 and (boxes[:, :2] < boxes[:, 2:]).all()
    assert any(not sights for sights in photos.values()), "a photo that is of no use is told apart from an unseen one"


class AllInFront:
    def alpha(self, rgb: np.ndarray) -> np.ndarray:
        return np.full(rgb.shape[:2], 255, np.uint8)


def test_composed_people_are_scored_under_both_names(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datasets.records, "held_out", lambda key: key == f"photo {CHANGED}")
    pictures: list[np.ndarray] = []

    def find(rgb: np.ndarray, alpha: np.ndarray) -> list[Finding]:
        # The truth of the second photo's upper garment, read from its colour, called a skirt.
        pictures.append(rgb)
        return [(KINDS.index("skirt"), 0.9, np.abs(rgb.astype(int) - (200, 31, 31)).max(2) < 60)]

    monkeypatch.setattr(segmenter_measure, "FOUND", 0.3)
    scores = segmenter_measure.group_score(find, AllInFront(), data, tmp_path / "cache", pictures=6)
    assert len(pictures) == 6, "a picture is looked at once for both"
    assert all(max(rgb.shape) == segmenter_measure.COMPOSED for rgb in pictures), "as large as people's photos are"
    assert scores["large garments"] == scores["large garments, names reviewed"] > 0
    assert scores["found with the right kind"] == 0 < scores["found with the right kind, names reviewed"]


def test_the_familiar_pictures_tell_what_share_of_their_garments_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = np.zeros((200, 100, 3), np.uint8)
    worn = familiar.Worn(("outerwear", "suit"), (0.1, 0.1, 0.9, 0.5))
    monkeypatch.setattr(familiar, "WORN", {"one": (worn,), "not installed": (worn,)})
    monkeypatch.setattr(familiar, "_installed", lambda: {"one": picture})

    def find(kind: str, rows: slice) -> dict:
        mask = np.zeros(picture.shape[:2], bool)
        mask[rows, 10:90] = True
        return familiar.familiar_pictures(lambda rgb, alpha: [(KINDS.index(kind), 0.8, mask)], AllInFront())

    share = "found with the right kind"
    assert find("suit", slice(20, 100)) == {"one": "suit 0.80", "large garments": 1, share: 1.0}
    assert find("dress", slice(20, 100))[share] == 0, "another kind"
    assert find("suit", slice(90, 180))[share] == 0, "elsewhere"
