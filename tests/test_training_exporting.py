"""Weights that lie in two exported files become one; an exported segmenter is held against the trained one."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

from pipeline.embeddings import KINDS_FILE
from pipeline.kinds import KINDS
from pipeline.training import segmenter_export
from pipeline.training.exporting import average, read_json
from pipeline.training.segmenter_export import check_same


def linear(target: Path, value: float, name: str = "weight") -> Path:
    """y = x * weight, the weight stored as float16 as the bundled models' are."""
    weight = numpy_helper.from_array(np.full((2,), value, np.float16), name)
    graph = helper.make_graph(
        [helper.make_node("Mul", ["x", name], ["y"])], "linear",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT16, [2])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT16, [2])], [weight],
    )  # fmt: skip
    onnx.save(helper.make_model(graph), str(target))
    return target


def test_a_share_of_the_first_weights_stays(tmp_path: Path) -> None:
    first, second = linear(tmp_path / "first.onnx", 1.0), linear(tmp_path / "second.onnx", 5.0)
    average(first, second, 0.25)
    (weight,) = (numpy_helper.to_array(tensor) for tensor in onnx.load(str(second)).graph.initializer)
    assert weight.tolist() == [4.0, 4.0]
    assert weight.dtype == np.float16
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["first.onnx", "second.onnx"]


def test_models_of_two_forms_are_not_averaged(tmp_path: Path) -> None:
    first, second = linear(tmp_path / "first.onnx", 1.0, "other"), linear(tmp_path / "second.onnx", 5.0)
    with pytest.raises(ValueError, match="not of one form"):
        average(first, second, 0.5)


def seen(*boxes: tuple[float, float, float, float, float]) -> SimpleNamespace:
    """What ultralytics gives back for one picture: boxes of (x0, y0, x1, y1, confidence)."""
    table = torch.tensor(boxes).reshape(-1, 5)
    return SimpleNamespace(boxes=SimpleNamespace(xyxy=table[:, :4], conf=table[:, 4]))


SHIRT, SKIRT, GHOST = (10, 10, 50, 60, 0.8), (12, 60, 48, 90, 0.79), (70, 10, 90, 40, 0.3)


@pytest.mark.parametrize(
    ("trained", "exported", "off"),
    [
        ([SHIRT, SKIRT], [(12, 60, 48, 91, 0.8), SHIRT], 1.0),
        ([SHIRT, GHOST], [SHIRT], 0.0),
        ([], [], 0.0),
    ],
    ids=["another order", "a faint one in one form", "nothing"],
)
def test_two_forms_of_a_segmenter_that_see_the_same_are_told_so(trained, exported, off, monkeypatch):
    forms = iter([trained, exported])
    monkeypatch.setattr("ultralytics.YOLO", lambda *_, **__: predicting(next(forms)))
    assert check_same(Path("a.pt"), Path("b.onnx"), [np.zeros((100, 100, 3), np.uint8)], 64) == off


@pytest.mark.parametrize(
    ("trained", "exported"),
    [([SHIRT, SKIRT], [SHIRT]), ([SHIRT], []), ([], [SHIRT]), ([SHIRT], [(20, 10, 60, 60, 0.8)])],
    ids=["one is missing", "nothing", "one too many", "moved"],
)
def test_an_exported_segmenter_that_sees_something_else_is_refused(trained, exported, monkeypatch):
    forms = iter([trained, exported])
    monkeypatch.setattr("ultralytics.YOLO", lambda *_, **__: predicting(next(forms)))
    with pytest.raises(ValueError, match="off by"):
        check_same(Path("a.pt"), Path("b.onnx"), [np.zeros((100, 100, 3), np.uint8)], 64)


def predicting(boxes: list) -> SimpleNamespace:
    """A model that sees the same boxes in every picture."""
    return SimpleNamespace(predict=lambda *_, **__: [seen(*boxes)])


def test_the_figures_to_compare_with_are_measured_again_for_another_reader_of_kinds(tmp_path: Path, monkeypatch):
    measured: list[int] = []
    own = SimpleNamespace(names=dict(enumerate(KINDS)))
    monkeypatch.setattr("ultralytics.YOLO", lambda *_, **__: own)
    monkeypatch.setattr(segmenter_export, "opened", lambda data: SimpleNamespace(key=""))
    monkeypatch.setattr(segmenter_export, "all_figures", lambda *_: {"times": measured.append(1) or len(measured)})
    start, reader = linear(tmp_path / "pieces.onnx", 1.0), tmp_path / "embedder" / KINDS_FILE
    reader.parent.mkdir()

    def again() -> int:
        segmenter_export.first_stage(start, tmp_path, tmp_path, tmp_path / "cache", 64)
        return read_json(tmp_path / "cache" / segmenter_export.FIRST)["times"]

    assert [again(), again()] == [1, 1]
    reader.write_text("one")
    assert [again(), again()] == [2, 2]
    reader.write_text("another")
    assert again() == 3
