"""Weights that lie in two exported files become one."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from pipeline.training.exporting import average


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
