"""The registry of weights, sound and damaged."""

from __future__ import annotations

import hashlib
import json

import pytest

from pipeline.errors import ModelMissing
from pipeline.settings import ROOT, Settings
from pipeline.weights import SLOTS, Model, bundled, bundled_model


@pytest.fixture
def models(tmp_path):
    (tmp_path / "clip").mkdir()
    contents = {"cutout.onnx": b"one", "clip/a.json": b"two", "clip/b.safetensors": b"three"}
    for name, data in contents.items():
        (tmp_path / name).write_bytes(data)
    facts = {n: {"sha256": hashlib.sha256(d).hexdigest(), "bytes": len(d)} for n, d in contents.items()}
    registry = {
        "cutout": {"name": "matte", "licence": "L", "file": "cutout.onnx", **facts["cutout.onnx"]},
        "embeddings": {
            "name": "clip", "licence": "L", "folder": "clip", "dimension": 4,
            "files": {n.split("/")[1]: f for n, f in facts.items() if "/" in n},
        },
    }  # fmt: skip
    (tmp_path / "registry.json").write_text(json.dumps(registry))
    return tmp_path


def test_one_file_or_a_folder(models):
    specs = bundled(models)
    assert specs["cutout"].locate(models) == models / "cutout.onnx"
    assert specs["embeddings"].locate(models) == models / "clip"
    assert specs["embeddings"].size == len(b"twothree") and specs["embeddings"].dimension == 4
    for spec in specs.values():
        spec.check(models)


def test_a_slot_for_a_stage(models):
    name = f"matte@{hashlib.sha256(b'one').hexdigest()[:8]}"
    expected = Model("cutout", models / "cutout.onnx", name, "probability", "bundled")
    assert bundled_model("cutout", Settings(models=models)) == expected
    with pytest.raises(ModelMissing, match="no model for “pieces”"):
        bundled_model("pieces", Settings(models=models))


def test_damage_is_named(models):
    (models / "cutout.onnx").write_bytes(b"two")
    with pytest.raises(ModelMissing, match="“cutout.onnx” are damaged"):
        bundled(models)["cutout"].check(models)
    (models / "cutout.onnx").write_bytes(b"a longer one")
    with pytest.raises(ModelMissing, match="“cutout.onnx” are missing or cut off"):
        bundled(models)["cutout"].locate(models)
    (models / "clip" / "a.json").unlink()
    with pytest.raises(ModelMissing, match="a.json"):
        bundled(models)["embeddings"].locate(models)


@pytest.mark.parametrize("text", ["", "[]", '{"cutout": {}}'])
def test_a_registry_that_cannot_be_read(tmp_path, text):
    (tmp_path / "registry.json").write_text(text)
    with pytest.raises(ModelMissing, match="registry"):
        bundled(tmp_path)


def test_the_shipped_weights_are_sound_small_and_no_pickles():
    specs = bundled(Settings().models)
    assert set(specs) == set(SLOTS)
    for spec in specs.values():
        spec.check(Settings().models)
        for file in spec.files:
            assert file.size < 10 * 2**20
            assert not file.path.endswith((".pt", ".pth", ".pkl", ".bin", ".ckpt"))


def test_every_shipped_model_has_a_card():
    for name in ("cutout", "pieces", "embedder"):
        assert (ROOT / "assets" / "models" / f"{name}.md").read_text().count("\n") > 10
