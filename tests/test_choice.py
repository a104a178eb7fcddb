"""Which model takes a slot, and the demo catalogue under another embedder than the one that published it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline import choice, demo, hub
from pipeline.calibration import NO_FLOOR, Calibration, calibrate
from pipeline.choice import choose, for_changing
from pipeline.errors import IndexMismatch, ModelMissing, UsageError
from pipeline.index import Index
from pipeline.published import Published, RemoteFile
from pipeline.settings import Settings
from pipeline.types import Item
from pipeline.weights import bundled_model
from tests.fakes import FakeEmbedder, FakeRemover, fake_index
from tests.served import COMMIT, serving

REPO = "Marqo/marqo-fashionCLIP"
WEIGHTS = b"weights"
NAME = f"fashionclip@{hashlib.sha256(WEIGHTS).hexdigest()[:8]}"


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("FASHION_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hf"))
    return tmp_path / "cache"


@pytest.fixture
def fetched(monkeypatch) -> Published:
    """FashionCLIP, small, fetched from a served folder."""
    files = (RemoteFile("open_clip_config.json"),
             RemoteFile("open_clip_model.safetensors", 7, hashlib.sha256(WEIGHTS).hexdigest()))  # fmt: skip
    spec = Published("embeddings", "fashionclip", "", "MIT", "open_clip", files, REPO, COMMIT, 4)
    monkeypatch.setattr(choice, "PUBLISHED", (spec,))
    monkeypatch.setattr(choice, "published", lambda name: spec if name == spec.name else None)
    content = {"open_clip_config.json": b"{}", "open_clip_model.safetensors": WEIGHTS}
    with serving({f"{REPO}/resolve/{COMMIT}/{name}": data for name, data in content.items()}) as server:
        monkeypatch.setattr("huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE",
                            server.address + "/{repo_id}/resolve/{revision}/{filename}")  # fmt: skip
        hub.fetch(spec, lambda text, share: None)
    return spec


def test_without_anything_fetched_all_is_bundled_and_says_so():
    for slot in ("cutout", "pieces", "embeddings"):
        model = choose(slot, Settings())
        assert replace(model, note="") == bundled_model(slot, Settings())
    assert choose("embeddings", Settings()).note == "The bundled embedder answers: FashionCLIP is not on this machine."
    assert choose("embeddings", Settings(source="bundled")).note == ""


def test_auto_takes_fashionclip_once_it_is_here(fetched):
    model = choose("embeddings", Settings())
    assert (model.name, model.source, model.note) == (NAME, "hub", "")
    assert (model.path / "open_clip_model.safetensors").read_bytes() == WEIGHTS
    assert choose("embeddings", Settings(source="bundled")).source == "bundled"
    assert choose("embeddings", Settings(embeddings="bundled")).source == "bundled"
    assert choose("embeddings", Settings(source="bundled", embeddings="fashionclip")).name == NAME


def test_auto_answers_an_index_of_ones_own_with_the_embedder_that_made_it(fetched, tmp_path):
    bundled = bundled_model("embeddings", Settings()).name
    for maker, expected in ((bundled, bundled), (NAME, NAME), ("gone@12345678", NAME)):
        (tmp_path / "manifest.json").write_text(json.dumps({"embedder": maker}))
        assert choose("embeddings", Settings(index=tmp_path)).name == expected
    assert choose("embeddings", Settings(index=tmp_path / "none")).name == NAME


def test_adding_to_the_demo_goes_on_with_the_embedder_that_made_it(fetched, tmp_path):
    assert choose("embeddings", for_changing(Settings())).source == "bundled"
    assert for_changing(Settings(embeddings="fashionsiglip")).embeddings == "fashionsiglip"
    assert for_changing(Settings(index=tmp_path / "none")) == Settings(index=tmp_path / "none")


def test_what_is_not_here_is_named_with_the_command_that_fetches_it():
    for slot, settings, name in (
        ("embeddings", Settings(embeddings="fashionsiglip"), "fashionsiglip"),
        ("embeddings", Settings(embeddings="Marqo/marqo-fashionSigLIP"), "fashionsiglip"),
        ("embeddings", Settings(embeddings="hf-hub:a/b"), "hf-hub:a/b"),
        ("embeddings", Settings(source="hub"), "fashionclip"),
        ("cutout", Settings(source="hub"), "isnet-general-use"),
        ("pieces", Settings(pieces="deepfashion2-yolov8s"), "deepfashion2-yolov8s --allow-pickle"),
    ):
        with pytest.raises(ModelMissing, match=f"is not on this machine; fetch it with .*models fetch {name}`"):
            choose(slot, settings)
    assert choose("pieces", Settings(source="hub")).source == "bundled"


def test_what_cannot_be_a_model_is_named_with_the_choices(tmp_path):
    (tmp_path / "net.txt").touch()
    for slot, settings, sentence in (
        ("cutout", Settings(cutout="fashionclip"), "FASHION_CUTOUT names fashionclip, which is a model for embeddings"),
        ("cutout", Settings(cutout="bria-rmbg"), "Choose one of: bundled, u2net, u2netp"),
        ("pieces", Settings(pieces=str(tmp_path / "net.txt")), "nor a file .onnx or .pt"),
        ("embeddings", Settings(embeddings=str(tmp_path)), "nor a folder with safetensors"),
    ):
        with pytest.raises(UsageError, match=sentence):
            choose(slot, settings)
    with pytest.raises(UsageError, match="FASHION_MODELS must be auto, bundled or hub, not 'all'"):
        Settings(source="all")


def test_weights_of_ones_own_are_named_by_their_content(tmp_path):
    (tmp_path / "net.onnx").write_bytes(WEIGHTS)
    (tmp_path / "clip").mkdir()
    (tmp_path / "clip" / "model.safetensors").write_bytes(WEIGHTS)
    digest = NAME.rpartition("@")[2]
    assert choose("cutout", Settings(cutout=str(tmp_path / "net.onnx"))).name == f"net@{digest}"
    assert choose("pieces", Settings(pieces=str(tmp_path / "net.onnx"))).form == "yolo"
    model = choose("embeddings", Settings(embeddings=str(tmp_path / "clip")))
    assert (model.name, model.form, model.source) == (f"clip@{digest}", "huggingface", "local")


def test_settings_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("FASHION_MODELS", "HUB")
    monkeypatch.setenv("FASHION_EMBEDDINGS", "fashionsiglip")
    monkeypatch.setenv("FASHION_ALLOW_PICKLE", "1")
    settings = Settings.from_environment()
    assert (settings.source, settings.embeddings, settings.cutout, settings.allow_pickle) == (
        "hub", "fashionsiglip", "", True,
    )  # fmt: skip


class OtherEmbedder(FakeEmbedder):
    """Another embedder, not calibrated by whoever made it."""

    name = "other@00000000"
    calibrated = False

    def use(self, calibration: Calibration) -> None:
        self.calibration = calibration


@pytest.fixture
def small_demo(tmp_path, monkeypatch) -> Path:
    index = fake_index(tmp_path / "fake").resolve()
    monkeypatch.setattr(demo, "DEMO_INDEX", index)
    return index


def opened(index: Path, embed: FakeEmbedder) -> tuple[Index, list[str]]:
    told: list[str] = []
    cut = FakeRemover()
    return demo.open_index(Settings(index=index), cut, embed, lambda what, share: told.append(what)), told


def test_the_demo_is_made_again_for_another_embedder_and_kept_beside(small_demo, cache):
    before = {path.name: path.read_bytes() for path in small_demo.iterdir() if path.is_file()}
    index, told = opened(small_demo, embed := OtherEmbedder())
    assert index.manifest.embedder == "other@00000000" and len(index) == 40
    assert told[-1] == "the demo catalogue for other@00000000, once: 40 of 40"
    assert index.folder.parent == cache / "indexes"
    assert all(index.picture(item).is_file() for item in index.items)
    assert {path.name: path.read_bytes() for path in small_demo.iterdir() if path.is_file()} == before
    again, told = opened(small_demo, second := OtherEmbedder())
    assert told == [] and second.calls == 0 and again.folder == index.folder
    assert second.calibration == embed.calibration and second.calibration.none_below > NO_FLOOR
    ours, told = opened(small_demo, FakeEmbedder())
    assert ours.folder == small_demo and told == []


def test_a_demo_that_was_broken_off_or_has_changed_is_made_again(small_demo, cache):
    index, _ = opened(small_demo, OtherEmbedder())
    (index.folder / "manifest.json").unlink()
    assert opened(small_demo, OtherEmbedder())[1], "a half-made index was opened"
    manifest = small_demo / "manifest.json"
    manifest.write_text(manifest.read_text().replace("\n}", " \n}"))
    changed, told = opened(small_demo, OtherEmbedder())
    assert told and changed.folder != index.folder
    assert [path.name for path in (cache / "indexes").iterdir()] == [changed.folder.name]


def test_an_index_of_ones_own_is_never_made_again(small_demo, tmp_path):
    own = fake_index(tmp_path / "own")
    with pytest.raises(IndexMismatch, match="catalogue add"):
        opened(own, OtherEmbedder())
    named = OtherEmbedder()
    named.name = FakeEmbedder.name
    opened(own, named)
    assert named.calibration.none_below > NO_FLOOR


def test_a_calibration_tells_kinds_apart_and_rises():
    rng = np.random.default_rng(0)
    categories = ["jeans", "dress", "t-shirt"]
    items = [Item(str(n), "", categories[n % 3], "red") for n in range(300)]
    centres = np.eye(3, 8)
    vectors = centres[np.arange(300) % 3] + rng.normal(0, 0.25, (300, 8))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    measured = calibrate(vectors, items, lambda texts: np.stack([centres[categories.index(t[4:])] for t in texts]))
    cosines = vectors @ vectors.T
    kinds = np.arange(300) % 3
    others = cosines[kinds[:, None] != kinds[None]]
    assert np.mean(others < measured.none_below) == pytest.approx(0.9, abs=0.01)
    assert np.mean(cosines[kinds[:, None] == kinds[None]] > measured.none_below) > 0.8
    shares = [measured.likeness(c) for c in np.linspace(-1, 1, 50)]
    assert shares == sorted(shares) and shares[-1] > 0.9
    assert measured.likeness_of_words(1.0) > 0.9


def test_a_catalogue_too_small_or_too_alike_calibrates_nothing():
    vectors = np.eye(4, dtype=np.float32)
    for items in ([], [Item(str(n), "", "dress", "red") for n in range(4)]):
        measured = calibrate(vectors[: len(items)], items, lambda texts: np.zeros((len(texts), 4), np.float32))
        assert measured == Calibration() and measured.likeness(0.5) is None
