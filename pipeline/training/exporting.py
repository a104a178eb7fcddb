"""What the three trainings share at their end: small ONNX files, checksums and the registry of bundled weights."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.drafts import whole

REGISTRY = "registry.json"
OPSET = 17
# Biases and normalisation vectors stay fp32: together they are a few kilobytes and the most sensitive to rounding.
SMALLEST_HALVED = 1024


def sha256(path: Path) -> str:
    """Return the hexadecimal SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def store_half(source: Path, target: Path, metadata: dict[str, str] | None = None) -> None:
    """Write the ONNX model `source` to `target` with its large weights stored as float16.

    Each one is cast back to float32 by a Cast node that the runtime folds once at load, so arithmetic stays float32
    and the file takes half the space. `metadata` replaces or extends the model's own string properties.
    """
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    model = onnx.load(str(source))
    graph = model.graph
    casts = []
    for tensor in graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < SMALLEST_HALVED:
            continue
        name, half = tensor.name, f"{tensor.name}_half"
        tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float16), half))
        casts.append(helper.make_node("Cast", [half], [name], name=f"{name}_widen", to=TensorProto.FLOAT))
    nodes = casts + list(graph.node)
    del graph.node[:]
    graph.node.extend(nodes)
    if metadata:
        properties = {entry.key: entry.value for entry in model.metadata_props} | metadata
        helper.set_model_props(model, properties)
    onnx.checker.check_model(model)
    with whole(target) as draft:
        onnx.save(model, str(draft))


def average(first: Path, second: Path, share: float) -> None:
    """Make every weight of the ONNX model `second` the mean of both models', `first` counting `share`.

    Weights that were fine-tuned from one another lie in one valley: their mean often knows what each knows alone
    (Wortsman et al., CVPR 2022, "Robust fine-tuning of zero-shot models"). A cut-out net averaged before
    its export, its normalisations not yet folded in, did worse (docs/decisions.md).

    Raises:
        ValueError: the two are not of one form.
    """
    import onnx
    from onnx import numpy_helper

    model = onnx.load(str(second))
    others = {tensor.name: numpy_helper.to_array(tensor) for tensor in onnx.load(str(first)).graph.initializer}
    for tensor in model.graph.initializer:
        weights = numpy_helper.to_array(tensor)
        if tensor.name not in others or others[tensor.name].shape != weights.shape:
            raise ValueError(f"{first.name} and {second.name} are not of one form")
        if weights.dtype.kind == "f":
            mean = share * others[tensor.name].astype(np.float32) + (1 - share) * weights.astype(np.float32)
            tensor.CopyFrom(numpy_helper.from_array(mean.astype(weights.dtype), tensor.name))
    with whole(second) as draft:
        onnx.save(model, str(draft))


def described(path: Path) -> dict[str, Any]:
    """Return the checksum and the size in bytes of a file, as the registry keeps them."""
    return {"sha256": sha256(path), "bytes": path.stat().st_size}


def read_json(path: Path) -> dict[str, Any]:
    """Return the JSON object in `path`, an empty one where there is no such file."""
    return json.loads(path.read_text()) if path.exists() else {}


def write_json(path: Path, content: Any) -> None:
    """Write `content` as indented JSON, whole or not at all."""
    with whole(path) as draft:
        draft.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def register(models: Path, slot: str, entry: dict[str, Any]) -> None:
    """Put `entry` under `slot` (cutout, pieces or embeddings) into the registry of the folder `models`."""
    registry = read_json(models / REGISTRY)
    registry[slot] = entry
    write_json(models / REGISTRY, registry)


def runs_of(start: Path | None, slot: str, this: dict[str, Any]) -> list[dict[str, Any]]:
    """The trainings behind a model: those of the exported weights that it went on from, if any, and this one.

    start: a file or folder that lies beside its registry, or any other weights, of which nothing is known.
    this: what tells the run apart, such as epochs and rate.
    """
    before = read_json(start.parent / REGISTRY) if start else {}
    return [*before.get(slot, {}).get("runs", []), this]


def told(runs: list[dict[str, Any]]) -> str:
    """The trainings behind a model in words, for its card."""
    return "; then, going on from there, ".join(
        ", ".join(f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}" for name, value in run.items())
        for run in runs
    )
