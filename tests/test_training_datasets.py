"""Readers of the training sets, on tiny sets in the upstream layout."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest
from scipy.io import savemat

from pipeline.kinds import KINDS
from pipeline.training import (
    datasets,
    matte_data,
    rendered,
    scenes,
    segmenter_data,
    segmenter_measure,
    segmenter_pictures,
)
from pipeline.training.datasets import records
from pipeline.training.grabcut import garment_mask

LABELS = ["null", "skin", "t-shirt", "jeans", "jumper", "purse", "hair"]


def make_data(folder: Path, photos: int = 6, garments: int = 8) -> Path:
    """Write both training sets with a few 64-px pictures; photo 0001 differs from its mask by some pixels."""
    rng = np.random.default_rng(0)
    ccp, home = folder / datasets.CCP, folder / datasets.GARMENTS
    for part in ("photos", "annotations/pixel-level", "annotations/image-level"):
        (ccp / part).mkdir(parents=True)
    (home / "images").mkdir(parents=True)
    names = np.empty((1, len(LABELS)), object)
    names[0] = [np.array([name]) for name in LABELS]
    savemat(ccp / "label_list.mat", {"label_list": names})
    for number in range(1, photos + 1):
        labels = np.zeros((96, 64), np.uint8)
        labels[10:20, 24:40], labels[20:50, 20:44], labels[50:90, 22:42], labels[40:52, 44:54] = 1, 2, 3, 5
        photo = rng.integers(150, 220, (96, 64, 3)).astype(np.uint8)
        photo[labels > 0] = np.array([[0, 0, 0], [140, 170, 220], [30, 30, 200], [200, 60, 20], [0] * 3, [20] * 3])[
            labels[labels > 0]
        ]
        if number == 1:
            photo = photo[:-3]
        cv2.imwrite(str(ccp / "photos" / f"{number:04d}.jpg"), photo)
        savemat(ccp / "annotations" / "pixel-level" / f"{number:04d}.mat", {"groundtruth": labels})
    for number in range(photos + 1, photos + 3):
        cv2.imwrite(str(ccp / "photos" / f"{number:04d}.jpg"), rng.integers(0, 255, (96, 64, 3)).astype(np.uint8))
        savemat(ccp / "annotations" / "image-level" / f"{number:04d}.mat", {"tags": np.array([[0, 2, 3, 1]])})
    rows = ["image,sender_id,label,kids"]
    for number in range(garments):
        picture = np.full((64, 64, 3), 230, np.uint8)
        cv2.rectangle(picture, (16, 12), (48, 52), (40 * (number % 5), 60, 200), cv2.FILLED)
        cv2.imwrite(str(home / "images" / f"g{number}.jpg"), picture)
        rows.append(f"g{number},{number},{('T-Shirt', 'Pants', 'Dress', 'Not sure')[number % 4]},False")
    (home / "images.csv").write_text("\n".join(rows))
    return folder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return make_data(tmp_path / "data")


def test_the_mask_decides_the_size_of_a_photo(data: Path, tmp_path: Path) -> None:
    street = datasets.read_street(data, tmp_path, "0001", datasets.ccp_label_names(data))
    assert street.rgb.shape == (96, 64, 3) and street.labels.shape == (96, 64)
    again = datasets.read_street(data, tmp_path, "0001", street.names)
    assert np.array_equal(street.labels, again.labels), "the cache must not change a label"


def test_labels_merge_into_kinds_and_categories(data: Path, tmp_path: Path) -> None:
    street = datasets.read_street(data, tmp_path, "0002", datasets.ccp_label_names(data))
    kinds = street.kinds()
    assert KINDS[kinds[30, 30] - 1] == "top"
    assert KINDS[kinds[70, 30] - 1] == "trousers"
    assert kinds[15, 30] == 0 and street.person[15, 30], "skin belongs to the person and to no piece"
    assert {category for category, _ in street.categories()} == {"t-shirt", "jeans", "bag"}


def test_each_category_belongs_to_a_known_kind() -> None:
    assert len(KINDS) == 15
    assert set(datasets.KIND_OF_CATEGORY.values()) == set(KINDS)
    assert set(datasets.CATEGORY_OF_GARMENT_LABEL.values()) <= set(datasets.KIND_OF_CATEGORY)
    assert set(datasets.CATEGORY_OF_CCP_LABEL.values()) <= set(datasets.KIND_OF_CATEGORY)


def test_parts_are_disjoint_and_complete(data: Path, tmp_path: Path) -> None:
    stems = {part: {s.stem for s in datasets.read_streets(data, tmp_path, part)} for part in ("train", "val", "all")}
    assert stems["train"] | stems["val"] == stems["all"] and not stems["train"] & stems["val"]


def test_about_a_tenth_is_held_out_and_always_the_same() -> None:
    chosen = [datasets.held_out(f"photo {i:04d}") for i in range(4000)]
    assert 0.08 < np.mean(chosen) < 0.12
    assert chosen == [datasets.held_out(f"photo {i:04d}") for i in range(4000)]


def test_garments_without_a_category_are_left_out(data: Path) -> None:
    garments = datasets.read_garments(data)
    assert {g.label for g in garments} == {"T-Shirt", "Pants", "Dress"}
    assert {g.kind for g in garments} == {"top", "trousers", "dress"}


def test_grabcut_finds_a_plain_garment_and_refuses_noise() -> None:
    picture = np.full((120, 100, 3), 235, np.uint8)
    picture[25:100, 20:80] = (40, 60, 160)
    mask = garment_mask(picture)
    assert mask is not None and mask[60, 50] and not mask[5, 5]
    assert abs(int(mask.sum()) - 75 * 60) < 500
    assert garment_mask(np.random.default_rng(0).integers(0, 255, (100, 100, 3)).astype(np.uint8)) is None


def test_a_person_in_front_hides_the_one_behind(data: Path, tmp_path: Path) -> None:
    street = datasets.read_street(data, tmp_path, "0002", datasets.ccp_label_names(data))
    layer = scenes.person_layer(street)
    assert layer is not None
    scene = scenes.Scene.on(np.zeros((200, 200, 3), np.uint8))
    scene.paste(layer, 160, (100, 100))
    before = sum(int(mask.sum()) for _, mask in scene.pieces)
    scene.paste(layer, 160, (100, 100))
    assert len(scene.pieces) == 6
    assert sum(int(mask.sum()) for _, mask in scene.pieces) <= 1.1 * before, "no pixel belongs to two pieces"


def test_half_figures_stand_on_the_lower_edge_without_what_was_cut_off(data: Path, tmp_path: Path) -> None:
    names = datasets.ccp_label_names(data)
    streets = [datasets.read_street(data, tmp_path, stem, names) for stem in ("0002", "0003")]
    maker = segmenter_pictures.PictureMaker(streets, [], seed=0)
    seen = set()
    for _ in range(12):
        rgb, pieces = maker.make("half")
        assert pieces and all(mask.shape == rgb.shape[:2] for _, mask in pieces)
        assert any(mask[-rgb.shape[0] // 5 :].any() for _, mask in pieces), "nobody stands on the edge"
        seen |= {kind for kind, _ in pieces}
    assert KINDS.index("top") in seen
    layer = scenes.half_layer(streets[0], np.random.default_rng(0))
    assert layer is not None and layer.rgb.shape[0] < 0.66 * 80


def test_photos_with_rare_kinds_are_drawn_more_often_unless_evenly(data: Path, tmp_path: Path) -> None:
    names = datasets.ccp_label_names(data)
    streets = [datasets.read_street(data, tmp_path, stem, names) for stem in ("0002", "0002", "0003")]
    plain = segmenter_pictures.street_pieces(streets[0].kinds())
    kept = np.where(streets[0].kinds() == plain[0][0] + 1, streets[0].labels, 0)
    streets[:2] = [replace(street, labels=kept) for street in streets[:2]]
    rare = segmenter_pictures.PictureMaker(streets, [], seed=0).share
    assert rare[0] == rare[1] < rare[2]
    assert np.allclose(segmenter_pictures.PictureMaker(streets, [], seed=0, rarer=0).share, 1 / 3)


def test_what_the_edge_leaves_of_a_garment_counts_where_it_tells_what_it_is() -> None:
    whole = np.zeros((100, 100), np.uint8)
    whole[20:90, 40:60] = 6
    whole[0:20] = 1
    for end, told in ((22, False), (40, True)):
        seen = scenes.still_seen(whole, whole[:end])
        assert seen[1] and seen[6] == told, "two rows of a narrow garment could be anything"
    wide = np.full((100, 100), 6, np.uint8)
    assert scenes.still_seen(wide, wide[:10])[6], "a tenth of a garment that fills the picture"


def test_portraits_show_the_head_and_what_is_seen_below_it(data: Path, tmp_path: Path) -> None:
    street = datasets.read_street(data, tmp_path, "0002", datasets.ccp_label_names(data))
    maker = segmenter_pictures.PictureMaker([street], [], seed=0)
    for _ in range(12):
        rgb, pieces = maker.portrait()
        assert rgb.shape[0] <= 0.6 * street.rgb.shape[0]
        kinds = {KINDS[kind] for kind, _ in pieces}
        assert "top" in kinds and not kinds & {"trousers", "shoes"}
        assert all(mask.shape == rgb.shape[:2] and mask.any() for _, mask in pieces)


def test_hair_gets_another_colour_and_the_rest_stays(data: Path, tmp_path: Path) -> None:
    bald = datasets.read_street(data, tmp_path, "0002", datasets.ccp_label_names(data))
    assert not bald.hair.any()
    labels = bald.labels.copy()
    labels[6:12, 24:40] = LABELS.index("hair")
    street = replace(bald, labels=labels)
    assert np.array_equal(street.hair, street.labels == LABELS.index("hair"))
    colours = set()
    for seed in range(8):
        dyed = scenes.hair_dyed(street.rgb, street.hair, np.random.default_rng(seed))
        far = cv2.dilate(street.hair.astype(np.uint8), np.ones((19, 19), np.uint8)) == 0
        assert np.array_equal(dyed[far], street.rgb[far])
        colours.add(tuple(np.median(dyed[street.hair], axis=0) // 32))
    assert len(colours) > 3
    assert scenes.hair_dyed(street.rgb, bald.hair, np.random.default_rng(0)) is street.rgb
    makers = (segmenter_pictures.PictureMaker([street], [], seed=0, hair_dyed=share) for share in (0, 1))
    plain, other = (maker.portrait()[0] for maker in makers)
    assert plain.shape == other.shape and not np.array_equal(plain, other)


def test_a_dress_may_be_a_top_where_nothing_below_the_waist_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = np.zeros((120, 60), np.uint8)
    labels[10:25, 20:40], labels[25:110, 15:45] = 1, 2
    rgb = np.array([(255, 255, 255), (0, 200, 0), (200, 0, 0)], np.uint8)[labels]
    street = datasets.Street("0001", rgb, labels, ("", "", "dress"))
    monkeypatch.setattr(segmenter_measure, "read_streets", lambda *_: [street])
    hat, top = (KINDS.index(kind) for kind in ("hat", "top"))

    def find(rgb: np.ndarray, alpha: np.ndarray) -> list[tuple[int, float, np.ndarray]]:
        green, red = (rgb[..., 1] > 150) & (rgb[..., 0] < 80), (rgb[..., 0] > 150) & (rgb[..., 1] < 80)
        return [(hat, 0.9, green), (top, 0.9, red)]

    cutout: Any = SimpleNamespace(alpha=lambda rgb: np.full(rgb.shape[:2], 255, np.uint8))
    found = segmenter_measure.portrait_score(find, cutout, Path(), Path(), pictures=5)
    assert found == {"pictures": 5, "large garments": 5, "found with the right kind": 1.0, "hats on bare heads": 1.0}
    whole = segmenter_measure.group_score(find, cutout, Path(), Path(), pictures=4)
    assert whole["large garments"] and not whole["found with the right kind"]


def test_a_shadow_falls_on_the_ground_and_not_on_the_garment() -> None:
    alpha = np.zeros((100, 100), np.uint8)
    alpha[30:70, 30:70] = 255
    white = np.full((100, 100, 3), 255, np.uint8)
    shaded = scenes.shadowed(white, alpha, np.random.default_rng(0))
    assert (shaded[30:70, 30:70] == 255).all()
    assert shaded.min() < 240 and (shaded[:5, :5] > 250).all()


def test_the_ground_grows_over_what_lay_on_it() -> None:
    rows = np.indices((60, 80)).sum(0) % 2
    ground = np.where(rows[..., None], (200, 180, 90), (90, 60, 30)).astype(np.uint8)
    covered, mask = ground.copy(), np.zeros((60, 80), bool)
    mask[15:45, 20:60] = True
    covered[mask] = (0, 0, 255)
    grown = scenes.regrown(covered, mask, np.random.default_rng(0))
    assert not (grown == (0, 0, 255)).all(2).any(), "nothing of what lay there is left"
    assert {tuple(c) for c in grown.reshape(-1, 3)} == {(200, 180, 90), (90, 60, 30)}, "the ground's own pixels"
    assert (grown[:10] == ground[:10]).all(), "what was seen of it stays"
    assert scenes.regrown(covered, np.ones((60, 80), bool), np.random.default_rng(0)).shape == covered.shape


def test_a_ground_is_seen_beside_the_garment_or_in_the_corners_alone(tmp_path: Path, monkeypatch) -> None:
    grey = np.full((100, 60, 3), 128, np.uint8)
    sure = np.zeros((100, 60), bool)
    sure[40:60, 20:40] = True
    garments = [SimpleNamespace(read=lambda side: grey, stem=stem) for stem in ("sure", "unsure", "third")]
    monkeypatch.setattr(matte_data, "read_garments", lambda data, part: garments)
    monkeypatch.setattr(matte_data, "sure_mask", lambda garment, cache: sure if garment.stem == "sure" else None)
    grounds = matte_data.home_grounds(tmp_path, tmp_path, most=3, seed=0)
    masks = sorted((mask for _, mask in grounds), key=np.count_nonzero)
    assert len(grounds) == 3 and (masks[0] == sure).all()
    assert not masks[1][:20, :12].any() and not masks[1][-20:, -12:].any(), "the corners are ground"
    assert masks[1][:, 25:35].all() and masks[1][45:55].all()
    assert len(matte_data.home_grounds(tmp_path, tmp_path, most=2, seed=0)) == 2
    square = np.zeros((40, 40), bool)
    square[10:30, 10:30] = True
    shirt = np.where(square[..., None], (0, 0, 250), (250, 250, 250)).astype(np.uint8)
    made = matte_data.MatteScenes([], [(shirt, square)], length=1, seed=0, grounds=[(grey, sure)])
    seen = [made._background("pieces", np.random.default_rng(n), (50, 50)) for n in range(40)]
    assert 8 < sum(bool((picture == 128).all()) for picture in seen) < 32


def test_the_cut_out_is_shown_rendered_garments_that_are_not_held_out(tmp_path: Path, monkeypatch) -> None:
    drapes, catalogue = tmp_path / "drapes", tmp_path / "catalogue"
    drapes.mkdir()
    catalogue.mkdir()
    pixels = np.zeros((32, 32, 4), np.uint8)
    pixels[8:24, 8:24] = (0, 0, 250, 255)
    for item in ("tee-01", "tee-02"):
        cv2.imwrite(str(drapes / f"{item}-2.png"), pixels)
    (drapes / "drapes.csv").write_text("item,image\ntee-01,tee-01-2.png\ntee-02,tee-02-2.png\n")
    (catalogue / "items.csv").write_text("id,category\ntee-01,t-shirt\ntee-02,t-shirt\n")
    monkeypatch.setattr(rendered, "held_out", lambda key: key == "item tee-02")
    (garment,) = matte_data.rendered_garments(drapes, catalogue)
    made = matte_data.MatteScenes([], [], length=30, seed=0, rendered=[garment])
    shown = [made[place] for place in range(30)]
    with_garment = [(rgb, alpha) for rgb, alpha in shown if alpha.max() > 0.5]
    assert len(with_garment) > 10
    red = [rgb[:, alpha[0] > 0.9].mean(1) for rgb, alpha in with_garment if (alpha > 0.9).sum() > 50]
    assert sum(float(r) > float(b) for r, _, b in red) > 0.9 * len(red)
    assert matte_data.rendered_garments(tmp_path / "none", catalogue) == []


def test_parts_of_a_piece_join_into_one_polygon() -> None:
    mask = np.zeros((100, 100), bool)
    mask[70:90, 10:30] = mask[70:90, 60:80] = True
    line = segmenter_data.outline(mask)
    assert line is not None and line.min() >= 0 and line.max() <= 1
    drawn = cv2.fillPoly(np.zeros((100, 100), np.uint8), [np.rint(line * 100).astype(np.int32)], 1).astype(bool)
    assert (drawn & mask).sum() / (drawn | mask).sum() > 0.9


def test_the_written_set_is_in_ultralytics_layout(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "held_out", lambda key: key == "photo 0003")
    monkeypatch.chdir(tmp_path)
    described = segmenter_data.write_set(data, tmp_path / "cache", tmp_path / "set", seed=0, share=0.01)
    images = sorted((tmp_path / "set" / "images" / "train").glob("*.jpg"))
    assert described.exists() and len(images) >= 10
    for image in images:
        text = (tmp_path / "set" / "labels" / "train" / f"{image.stem}.txt").read_text()
        for line in text.splitlines():
            kind, *values = line.split()
            assert 0 <= int(kind) < 15 and len(values) >= 6 and len(values) % 2 == 0
            assert all(0 <= float(v) <= 1 for v in values)


def test_every_category_and_kind_has_words_of_its_own():
    from pipeline.training.embedder_text import CATEGORY_WORDS, KIND_WORDS

    assert set(datasets.KIND_OF_CATEGORY) <= set(CATEGORY_WORDS)
    assert set(KINDS) <= set(KIND_WORDS)
