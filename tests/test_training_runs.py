"""Each training script on a tiny set: one epoch, resumed for a second one, exported in the bundled form."""

import csv
import json
import shutil
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest

from pipeline.training import datasets
from pipeline.training.datasets import records
from tests.test_training_datasets import make_data

pytestmark = pytest.mark.slow


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    # A hash decides in earnest; a set of six photos needs a split by hand.
    monkeypatch.setattr(records, "held_out", lambda key: key in ("photo 0003", "photo 0005", "sender 1", "sender 4"))
    monkeypatch.setenv("YOLO_OFFLINE", "1")
    # Away from the repository, whose rendered garments would come along.
    monkeypatch.chdir(tmp_path)
    return make_data(tmp_path / "data")


def epochs_recorded(run: Path) -> list[int]:
    with (run / "curves.csv").open(newline="") as file:
        return [int(float(row["epoch"])) for row in csv.DictReader(file)]


def with_cutout(models: Path) -> Path:
    models.mkdir()
    shutil.copy(Path(__file__).resolve().parent.parent / "assets" / "models" / "cutout.onnx", models)
    return models


def train_matte(data: Path, tmp_path: Path, epochs: int, resume: bool, rate: float) -> None:
    from pipeline.training.matte import train

    train(
        data, tmp_path / "models", epochs=epochs, samples=4, batch=2, run=tmp_path / "matte", cache=tmp_path / "cache",
        resume=resume, seed=0, workers=0, device="cpu", rate=rate,
    )  # fmt: skip


def test_matte_trains_resumes_and_exports(data: Path, tmp_path: Path) -> None:
    train_matte(data, tmp_path, 1, resume=False, rate=0.002)
    train_matte(data, tmp_path, 2, resume=True, rate=0.5)
    assert epochs_recorded(tmp_path / "matte") == [1, 2]
    registry = json.loads((tmp_path / "models" / "registry.json").read_text())
    assert registry["cutout"]["runs"][-1]["rate"] == 0.002, "the rate that it began with counts"
    session = onnxruntime.InferenceSession(str(tmp_path / "models" / registry["cutout"]["file"]))
    (output,) = session.run(None, {session.get_inputs()[0].name: np.zeros((1, 3, 384, 384), np.float32)})
    assert output.shape == (1, 1, 384, 384) and output.min() >= 0 and output.max() <= 1
    assert (tmp_path / "models" / "cutout.md").exists() and (tmp_path / "matte" / "curves.png").exists()


def test_a_cut_out_averages_with_the_file_it_started_from(tmp_path: Path) -> None:
    import torch

    from pipeline.errors import UsageError
    from pipeline.training.matte import Matte, train
    from pipeline.training.matte_export import export

    rgb = np.random.default_rng(0).integers(0, 255, (40, 30, 3)).astype(np.uint8)
    recipe: dict[str, Any] = {"runs": [], "homes": 0, "rendered": 0, "grounds": 0}
    files = []
    for name, more in (("first", {}), ("second", {}), ("mean", {"kept": 0.25})):
        torch.manual_seed(name != "first")
        began = {"began": files[0]} if more else {}
        held_out = {"street photos": [(rgb, np.ones((40, 30), bool))]}
        files.append(export(Matte(), tmp_path / name, held_out, recipe | more | began, 64))
    first, second, mean = (weights_of(file) for file in files)
    larger = [name for name in mean if mean[name].size > 1000]
    assert larger and all(np.allclose(mean[n], (first[n] + 3 * second[n]) / 4, atol=1e-3) for n in larger)
    assert not np.allclose(first[larger[0]], second[larger[0]], atol=1e-2)
    with pytest.raises(UsageError, match="--keep averages"):
        train(tmp_path, tmp_path, keep=0.5)


def weights_of(exported: Path) -> dict[str, np.ndarray]:
    """Every weight of an ONNX file as float32."""
    import onnx
    from onnx import numpy_helper

    return {t.name: numpy_helper.to_array(t).astype(np.float32) for t in onnx.load(str(exported)).graph.initializer}


def halve(run: Path) -> None:
    """Halve the convolutions of a finished run, as if of the seed 7."""
    import torch

    checkpoint = torch.load(run / "weights" / "last.pt", weights_only=False)
    for module in checkpoint["model"].modules():
        if isinstance(module, torch.nn.Conv2d):
            module.weight.data *= 0.5
    torch.save(checkpoint, run / "weights" / "last.pt")
    described = (run / "args.yaml").read_text()
    (run / "args.yaml").write_text(described.replace("\nseed: 0\n", "\nseed: 7\n"))


def test_segmenter_trains_exports_any_rectangle_and_is_compared_with_its_start(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipeline.errors import UsageError
    from pipeline.training import segmenter_measure
    from pipeline.training.segmenter import train

    # Three photos at full size and hundreds of made-up ones, three times, would be most of the test's time.
    nothing = {"bus.jpg": "nothing", "large garments": 5, "found with the right kind": 0.0}
    monkeypatch.setattr("pipeline.training.segmenter_export.familiar_pictures", lambda *_: nothing)
    for name in ("group_score", "portrait_score"):
        monkeypatch.setattr(segmenter_measure, name, partial(getattr(segmenter_measure, name), pictures=8))
    out = with_cutout(tmp_path / "models")

    def run(**options: Any) -> None:
        train(
            data, out, epochs=1, batch=4, size=64, share=0.005, run=tmp_path / "segmenter", cache=tmp_path / "cache",
            workers=0, seed=0, device="cpu", **options,
        )  # fmt: skip

    run(resume=False)
    assert epochs_recorded(tmp_path / "segmenter") == [1] and "| - |" in (out / "pieces.md").read_text()
    entry = json.loads((out / "registry.json").read_text())["pieces"]
    assert entry["kinds"] == list(datasets.KINDS)
    session = onnxruntime.InferenceSession(str(out / entry["file"]))
    metadata = session.get_modelmeta().custom_metadata_map
    assert "'top'" in metadata["names"] and str(tmp_path) not in json.dumps(metadata)
    boxes, prototypes = session.run(None, {session.get_inputs()[0].name: np.zeros((2, 3, 96, 64), np.float32)})
    assert boxes.shape[:2] == (2, 4 + 15 + 32) and prototypes.shape == (2, 32, 24, 16)
    # A run that has all its epochs is not trained again, but measured and exported, beside what it started from, and
    # averaged with another one, half of whose weights are gone.
    other, alone = tmp_path / "other", Path(shutil.copy(out / "pieces.onnx", tmp_path / "before.onnx"))
    shutil.copytree(tmp_path / "segmenter", other)
    halve(other)
    run(resume=True, start=alone, soup=[other], rate=0.5)
    single, mean = weights_of(alone), weights_of(out / "pieces.onnx")
    larger = [name for name in single if name.endswith("conv.weight_half")]
    assert larger and all(np.allclose(mean[name], 0.75 * single[name], atol=2e-3) for name in larger)
    card = (out / "pieces.md").read_text()
    assert "averaged with the runs of the seeds 7" in card
    assert "rate 0.001" in card and "rate 0.5" not in card, "the run is told, not the last command"
    assert not list(out.glob(".other*"))
    before = json.loads((tmp_path / "cache" / "first-stage.json").read_text())
    row = next(line for line in (out / "pieces.md").read_text().splitlines() if line.startswith("| mask mAP50, as run"))
    assert row.split("|")[2].strip() == str(before["street"]["mAP50"])
    assert epochs_recorded(tmp_path / "segmenter") == [1]
    with pytest.raises(UsageError, match="holds no weights/last.pt"):
        run(resume=True, soup=[tmp_path])


def test_a_segmenter_that_was_cut_off_goes_on_as_it_began(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from pipeline.training import segmenter

    out, run = with_cutout(tmp_path / "models"), tmp_path / "segmenter"
    kept: list[Path] = []
    monkeypatch.setattr("pipeline.training.segmenter_export.export", lambda weights, *_: kept.append(weights))

    def train(epochs: int, size: int, rate: float, resume: bool) -> None:
        segmenter.train(
            data, out, epochs=epochs, batch=4, size=size, rate=rate, share=0, run=run, cache=tmp_path / "cache",
            resume=resume, workers=0, seed=0, device="cpu",
        )  # fmt: skip

    def cut_off(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(segmenter, "record", cut_off)
        train(2, 64, 0.002, resume=False)
    assert not kept
    train(1, 32, 0.5, resume=True)
    assert "goes on as it began" in capsys.readouterr().err
    began = segmenter.settings_of(run)
    assert (began["size"], began["rate"]) == (64, 0.002)
    assert epochs_recorded(run) == [1, 2] and kept == [run / "weights" / "last.pt"]


def test_embedder_trains_resumes_and_loads_as_the_product_loads_it(data: Path, tmp_path: Path) -> None:
    from pipeline.embeddings import Embedder
    from pipeline.training.embedder import train

    out = with_cutout(tmp_path / "models")
    for epochs, resume, rate in ((1, False, 0.001), (2, True, 0.5)):
        train(
            data, out, tmp_path / "none", epochs=epochs, samples=8, batch=4, run=tmp_path / "embedder",
            cache=tmp_path / "cache", resume=resume, workers=0, seed=0, device="cpu", rate=rate,
        )  # fmt: skip
    assert epochs_recorded(tmp_path / "embedder") == [1, 2]
    entry = json.loads((out / "registry.json").read_text())["embeddings"]
    assert entry["runs"][-1]["rate"] == 0.001, "the rate that it began with counts"
    embedder = Embedder(out / entry["folder"], entry["name"], threads=1)
    units = embedder.embed_pictures([np.full((50, 50, 3), 200, np.uint8)])
    words = embedder.embed_words(["navy striped top", "zzyzx"])
    assert units.shape == (1, 256) and words.shape == (2, 256)
    assert np.allclose(np.linalg.norm(words, axis=1), 1, atol=1e-4)


def test_the_reading_of_kinds_is_fitted_anew_and_the_embeddings_stay(data: Path, tmp_path: Path) -> None:
    from pipeline.naming import KindReader
    from pipeline.training.embedder import train
    from pipeline.training.embedder_export import READER, table
    from pipeline.training.embedder_reader import refit

    out, none, cache = with_cutout(tmp_path / "models"), tmp_path / "none", tmp_path / "cache"
    train(data, out, none, epochs=1, samples=8, batch=4, run=tmp_path / "embedder", cache=cache, workers=0)
    before, kinds = json.loads((out / "registry.json").read_text())["embeddings"], out / "embedder" / "kinds.json"
    fitted = kinds.read_text()
    KindReader(np.zeros((15, 256), np.float32), np.zeros(15, np.float32)).write(kinds)
    told = (out / "embedder.md").read_text()
    (out / "embedder.md").write_text(told.replace(table(READER, before["figures"][READER]), table(READER, {"a": 1})))
    registry = json.loads((out / "registry.json").read_text())
    registry["embeddings"]["figures"][READER] = {"a": 1}
    (out / "registry.json").write_text(json.dumps(registry))

    refit(data, out, none, cache)
    assert kinds.read_text() == fitted and (out / "embedder.md").read_text() == told
    assert json.loads((out / "registry.json").read_text())["embeddings"] == before


def test_an_embedder_averages_with_the_one_it_started_from(tmp_path: Path) -> None:
    import torch
    from safetensors.torch import save_file

    from pipeline.errors import UsageError
    from pipeline.training.embedder import blend, train
    from pipeline.training.embedder_config import WEIGHTS

    model = torch.nn.BatchNorm1d(2)
    save_file({"weight": torch.tensor([3.0, 5.0]), **{k: v for k, v in model.state_dict().items() if k != "weight"}},
              tmp_path / WEIGHTS)  # fmt: skip
    blend(model, tmp_path, 0.25)
    assert model.weight.tolist() == [1.5, 2.0] and model.num_batches_tracked == 0
    with pytest.raises(UsageError, match="--keep averages"):
        train(tmp_path, tmp_path, keep=0.5)
