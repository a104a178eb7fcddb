"""One step of each training from a tiny set in each public format, and one whole run from one of them."""

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.training.datasets import TrainingData, read_streets
from tests import training_sets as sets
from tests.test_training_datasets import make_data

pytestmark = pytest.mark.slow
MODELS = Path(__file__).resolve().parent.parent / "assets" / "models"
FORMATS = (*sets.MAKERS, "bundled sets")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Away from the repository, whose rendered garments would come along."""
    monkeypatch.chdir(tmp_path)


def data_of(name: str, tmp_path: Path) -> TrainingData:
    make = sets.MAKERS.get(name, lambda folder: make_data(folder, photos=12, garments=16))
    return TrainingData(make(tmp_path / "set"))


class EverythingStays:
    """Stands in for the cut-out model."""

    mark = "none"

    def cached_alpha(self, path: Path, rgb: np.ndarray, cache: Path, name: str = "") -> np.ndarray:
        return np.full(rgb.shape[:2], 255, np.uint8)


@pytest.fixture(scope="module")
def embedder(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any]:
    from pipeline.training.embedder import build_model
    from pipeline.training.embedder_config import VOCABULARY, tokenizer, write_vocabulary

    folder = tmp_path_factory.mktemp("embedder")
    return build_model(folder), tokenizer(write_vocabulary(folder / VOCABULARY))


@pytest.mark.parametrize("name", FORMATS)
def test_the_embedder_takes_a_step(name: str, tmp_path: Path, embedder: tuple[Any, Any]) -> None:
    import torch
    from torch.optim.swa_utils import AveragedModel
    from torch.utils.data import DataLoader

    from pipeline.training.embedder import train_epoch
    from pipeline.training.embedder_config import DIMENSION
    from pipeline.training.embedder_data import all_pieces
    from pipeline.training.embedder_loss import EmbedderLoss
    from pipeline.training.embedder_views import Views
    from pipeline.training.running import warm_cosine

    cutout: Any = EverythingStays()
    pieces = all_pieces(data_of(name, tmp_path), tmp_path / "cache", cutout, tmp_path / "none")
    assert all(p.kind and p.label for p in pieces) and {p.held_out for p in pieces} == {False, True}
    model, words = embedder
    loader = DataLoader(Views([p for p in pieces if not p.held_out][:6]), 6, drop_last=True)
    loss = EmbedderLoss(DIMENSION, "triplet" if name == "folders" else "supcon")
    optimiser = torch.optim.AdamW([*model.parameters(), *loss.parameters()], 1e-3)
    before = [p.detach().clone() for p in model.visual.parameters()]
    losses = train_epoch(
        model, AveragedModel(model), loss, loader, words, optimiser, warm_cosine(optimiser, 1),
        np.random.default_rng(0), "step",
    )  # fmt: skip
    assert all(np.isfinite(value) for value in losses.values()) and losses["teacher"] > 0
    assert any(not torch.equal(a, b) for a, b in zip(before, model.visual.parameters(), strict=True))


@pytest.mark.parametrize("name", FORMATS)
def test_the_matte_takes_a_step(name: str, tmp_path: Path) -> None:
    import torch
    from torch.optim.swa_utils import AveragedModel
    from torch.utils.data import DataLoader

    from pipeline.training.matte import Matte, train_epoch
    from pipeline.training.matte_data import MatteScenes, home_garments
    from pipeline.training.running import warm_cosine

    data, cache = data_of(name, tmp_path), tmp_path / "cache"
    streets, homes = read_streets(data, cache, "train"), home_garments(data, cache, "train", 4, seed=0)
    assert bool(len(streets)) == (name not in ("deepfashion", "folders")) and (len(streets) or homes)
    model = Matte()
    optimiser = torch.optim.AdamW(model.parameters(), 1e-3)
    before = [p.detach().clone() for p in model.parameters()]
    loader = DataLoader(MatteScenes(streets, homes, 2, seed=0), 2)
    loss = train_epoch(model, AveragedModel(model), loader, optimiser, warm_cosine(optimiser, 1), "step")
    assert 0 < loss < 10
    assert any(not torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))


@pytest.fixture(scope="module")
def segmenter() -> Any:
    from pipeline.training.segmenter_model import BrainFloatModel

    return BrainFloatModel("yolov8n-seg.yaml", nc=15, verbose=False)


@pytest.mark.parametrize("name", FORMATS)
def test_the_segmenter_takes_a_step(name: str, tmp_path: Path, segmenter: Any) -> None:
    import torch
    from torch.utils.data import DataLoader
    from ultralytics.cfg import get_cfg
    from ultralytics.data import build_yolo_dataset
    from ultralytics.data.utils import check_det_dataset

    from pipeline.training.segmenter_data import write_set

    described = write_set(data_of(name, tmp_path), tmp_path / "cache", tmp_path / "pictures", seed=0, share=0.01)
    settings = get_cfg(overrides={"task": "segment", "imgsz": 64, "mosaic": 0.0})
    content = check_det_dataset(str(described))
    dataset = build_yolo_dataset(settings, content["train"], 4, content, mode="train")
    batch = next(iter(DataLoader(dataset, 4, collate_fn=dataset.collate_fn)))
    assert len(batch["cls"]), "there is something to find"
    assert list((tmp_path / "pictures" / "images" / "val").glob("*.jpg")), "there is something to measure on"
    segmenter.args = settings
    batch["img"] = batch["img"].float() / 255
    optimiser = torch.optim.SGD(segmenter.parameters(), 1e-3)
    losses, _ = segmenter.loss(batch)
    losses.sum().backward()
    optimiser.step()
    assert torch.isfinite(losses).all()


def test_other_data_need_another_folder_of_pictures(tmp_path: Path) -> None:
    from pipeline.training.datasets import DataUnreadable
    from pipeline.training.segmenter_data import write_set

    pictures = tmp_path / "pictures"
    write_set(data_of("fashionpedia", tmp_path), tmp_path / "cache", pictures, seed=0, share=0)
    other = TrainingData(sets.deepfashion2(tmp_path / "other"))
    with pytest.raises(DataUnreadable, match="made from other data"):
        write_set(other, tmp_path / "cache", pictures, seed=0, share=0)


def test_the_embedder_trains_from_fashionpedia_by_one_option(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from pipeline.training.embedder import train
    from pipeline.training.running import command

    (tmp_path / "models").mkdir()
    shutil.copy(MODELS / "cutout.onnx", tmp_path / "models")
    # Dresses have a category of their own; Fashionpedia's tops and trousers only a kind.
    data = sets.fashionpedia(tmp_path / "fashionpedia")
    for path in data.rglob("*.json"):
        path.write_text(path.read_text().replace('"name": "pants"', '"name": "skirt"'))
    words = [
        "--data", data, "--format", "fashionpedia", "--out", tmp_path / "models", "--run", tmp_path / "run",
        "--cache", tmp_path / "cache", "--epochs", 1, "--samples", 4, "--batch", 4, "--workers", 0, "--loss", "triplet",
        "--catalogue", tmp_path / "none",
    ]  # fmt: skip
    assert command(train, [str(word) for word in words]) == 0, capsys.readouterr().err
    card = (tmp_path / "models" / "embedder.md").read_text()
    assert "Fashionpedia" in card and "triplets with semi-hard negatives" in card and "classifier trained along" in card
    figures = json.loads((tmp_path / "run" / "categories.json").read_text())
    assert figures["street"]["pictures"] == 2 and 0 <= figures["street"]["top-1"] <= figures["street"]["top-5"] <= 1
    rows = list(csv.reader((tmp_path / "run" / "confusion.csv").open(newline="")))
    assert "skirt" in rows[0] and sum(int(v) for row in rows[1:] for v in row[1:]) == 2
    assert (tmp_path / "run" / "confusion.png").exists()
    words[words.index("triplet")] = "supcon"
    assert command(train, [*(str(word) for word in words), "--resume"]) == 2
    assert "--loss triplet" in capsys.readouterr().err
