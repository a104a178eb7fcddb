"""Each training script on a tiny set: one epoch, resumed for a second one, exported in the bundled form."""

import csv
import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from pipeline.training import datasets
from tests.test_training_datasets import make_data

pytestmark = pytest.mark.slow


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    # A hash decides in earnest; a set of six photos needs a split by hand.
    monkeypatch.setattr(datasets, "held_out", lambda key: key in ("photo 0003", "photo 0005", "sender 1", "sender 4"))
    monkeypatch.setenv("YOLO_OFFLINE", "1")
    return make_data(tmp_path / "data")


def epochs_recorded(run: Path) -> list[int]:
    with (run / "curves.csv").open(newline="") as file:
        return [int(float(row["epoch"])) for row in csv.DictReader(file)]


def train_matte(data: Path, tmp_path: Path, epochs: int, resume: bool) -> None:
    from pipeline.training.matte import train

    train(
        data, tmp_path / "models", epochs=epochs, samples=4, batch=2, run=tmp_path / "matte", cache=tmp_path / "cache",
        resume=resume, seed=0, workers=0, device="cpu",
    )  # fmt: skip


def test_matte_trains_resumes_and_exports(data: Path, tmp_path: Path) -> None:
    train_matte(data, tmp_path, 1, resume=False)
    train_matte(data, tmp_path, 2, resume=True)
    assert epochs_recorded(tmp_path / "matte") == [1, 2]
    registry = json.loads((tmp_path / "models" / "registry.json").read_text())
    session = onnxruntime.InferenceSession(str(tmp_path / "models" / registry["cutout"]["file"]))
    (output,) = session.run(None, {session.get_inputs()[0].name: np.zeros((1, 3, 320, 320), np.float32)})
    assert output.shape == (1, 1, 320, 320) and output.min() >= 0 and output.max() <= 1
    assert (tmp_path / "models" / "cutout.md").exists() and (tmp_path / "matte" / "curves.png").exists()


def test_segmenter_trains_and_exports_any_rectangle(data: Path, tmp_path: Path) -> None:
    from pipeline.training.segmenter import train

    train_matte(data, tmp_path, 1, resume=False)
    out = tmp_path / "models"
    train(
        data, out, epochs=1, batch=4, size=64, share=0.005, run=tmp_path / "segmenter", cache=tmp_path / "cache",
        workers=0, seed=0, resume=False, device="cpu",
    )  # fmt: skip
    assert epochs_recorded(tmp_path / "segmenter") == [1]
    entry = json.loads((out / "registry.json").read_text())["pieces"]
    assert entry["kinds"] == list(datasets.KINDS) and (out / "pieces.md").exists()
    session = onnxruntime.InferenceSession(str(out / entry["file"]))
    metadata = session.get_modelmeta().custom_metadata_map
    assert "'top'" in metadata["names"] and str(tmp_path) not in json.dumps(metadata)
    boxes, prototypes = session.run(None, {session.get_inputs()[0].name: np.zeros((2, 3, 96, 64), np.float32)})
    assert boxes.shape[:2] == (2, 4 + 15 + 32) and prototypes.shape == (2, 32, 24, 16)


def test_embedder_trains_resumes_and_loads_as_the_product_loads_it(data: Path, tmp_path: Path) -> None:
    from pipeline.embeddings import Embedder
    from pipeline.training.embedder import train

    train_matte(data, tmp_path, 1, resume=False)
    out = tmp_path / "models"
    for epochs, resume in ((1, False), (2, True)):
        train(
            data, out, tmp_path / "none", epochs=epochs, samples=8, batch=4, run=tmp_path / "embedder",
            cache=tmp_path / "cache", resume=resume, workers=0, seed=0, device="cpu",
        )  # fmt: skip
    assert epochs_recorded(tmp_path / "embedder") == [1, 2]
    entry = json.loads((out / "registry.json").read_text())["embeddings"]
    embedder = Embedder(out / entry["folder"], entry["name"], threads=1)
    units = embedder.embed_pictures([np.full((50, 50, 3), 200, np.uint8)])
    words = embedder.embed_words(["navy striped top", "zzyzx"])
    assert units.shape == (1, 256) and words.shape == (2, 256)
    assert np.allclose(np.linalg.norm(words, axis=1), 1, atol=1e-4)
