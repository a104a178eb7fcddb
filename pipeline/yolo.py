"""Ultralytics segmentation weights: loaded with care, and their classes as our kinds of piece."""

from __future__ import annotations

import json
import logging
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.errors import ModelMissing, UsageError
from pipeline.kinds import KIND_OF_CATEGORY, KINDS

# DeepFashion2's 13 classes under both sets of names that weights go by; its vests are sleeveless tops.
DEEPFASHION2: dict[str, str] = {
    "short sleeve top": "top", "long sleeve top": "top", "short sleeved shirt": "top", "long sleeved shirt": "top",
    "short sleeve outwear": "outerwear", "long sleeve outwear": "outerwear",
    "short sleeved outwear": "outerwear", "long sleeved outwear": "outerwear",
    "vest": "top", "sling": "top", "shorts": "shorts", "trousers": "trousers", "skirt": "skirt",
    "short sleeve dress": "dress", "long sleeve dress": "dress",
    "short sleeved dress": "dress", "long sleeved dress": "dress", "vest dress": "dress", "sling dress": "dress",
}  # fmt: skip
# Exported weights tell the size that they were trained at; where nothing does, it is ultralytics' own default.
DEFAULT_SIZE = 640

log = logging.getLogger(__name__)


def load(weights: Path, allow_pickle: bool, lazily: bool = False) -> tuple[Any, dict[int, str], int]:
    """Open segmentation weights: ONNX as ultralytics exports it, or ultralytics' own .pt.

    Args:
        allow_pickle: whether a .pt may be opened; it can run any code.
        lazily: predict results whose `detections` outline what they are asked for, instead of masks of everything.

    Returns:
        ultralytics' model, warmed up; the kind of piece of each of its classes that is one; the size in pixels that
        it was trained at.

    Raises:
        ModelMissing: no segmentation weights, a pickle that must not be opened, or none of its classes is known.
        UsageError: the file beside it that names its classes makes no sense.
    """
    from ultralytics import YOLO

    from pipeline.outlining import Detector

    if weights.suffix == ".pt":
        if not allow_pickle:
            raise ModelMissing(
                f"“{weights.name}” is a pickle: opening it can run any code. Export it to ONNX where you trust it "
                f"(`yolo export model={weights.name} format=onnx`), or set FASHION_ALLOW_PICKLE=1 if you trust it here."
            )
        log.warning("“%s” is a pickle: opening it runs whatever code it brings.", weights.name)
    try:
        model: Any = YOLO(str(weights), task="segment")
        # The first run sets ultralytics up.
        model.predict(np.zeros((64, 64, 3), np.uint8), verbose=False)
    except Exception as error:  # whatever ultralytics, torch or ONNX Runtime raise has no base of its own
        raise ModelMissing(
            f"The piece finder “{weights.name}” cannot be loaded: it is no model of ultralytics'."
        ) from error
    backend: Any = model.predictor.model
    task = getattr(backend, "task", None) or model.task
    if task != "segment":
        raise ModelMissing(
            f"“{weights.name}” was made for another task ({task}); take weights for segmentation (…-seg)."
        )
    if lazily:
        # ultralytics takes a predictor on a model's first run only.
        model.predictor = None
        model.predict(np.zeros((64, 64, 3), np.uint8), verbose=False, predictor=Detector)
    size = getattr(backend, "imgsz", None) or model.overrides.get("imgsz", DEFAULT_SIZE)
    return model, kinds_of(weights, model.names), int(size[0] if isinstance(size, (list, tuple)) else size)


def kinds_of(weights: Path, names: Mapping[int, str]) -> dict[int, str]:
    """The kind of piece of each class; classes that are none are left out.

    A file beside the weights with their name and the ending .json or .toml says it: pairs of a class's name and a
    kind. Without it our own kinds and categories, and DeepFashion2's classes, are known.

    Raises:
        ModelMissing: none of the classes is known. UsageError: the file names a kind that there is not.
    """
    plain = {number: name.strip().lower().replace("_", " ").replace("-", " ") for number, name in names.items()}
    own = _own_kinds(weights)
    if own is not None:
        known = {name.strip().lower().replace("_", " ").replace("-", " "): kind for name, kind in own.items()}
    elif set(plain.values()) <= set(DEEPFASHION2):
        known = DEEPFASHION2
    else:
        known = {c.replace("-", " "): kind for c, kind in KIND_OF_CATEGORY.items()} | {kind: kind for kind in KINDS}
    found = {number: known[name] for number, name in plain.items() if name in known}
    if not found:
        some = ", ".join(list(names.values())[:4])
        raise ModelMissing(
            f"“{weights.name}” finds {some}, …, none of which is known here; say which kind each is in "
            f'“{weights.stem}.toml” beside it, with lines like "{next(iter(names.values()))}" = "top".'
        )
    return found


def _own_kinds(weights: Path) -> dict[str, str] | None:
    for path, read in ((weights.with_suffix(".json"), json.loads), (weights.with_suffix(".toml"), tomllib.loads)):
        if not path.is_file():
            continue
        try:
            pairs = read(path.read_text())
        except (OSError, ValueError) as error:
            raise UsageError(f"“{path.name}” cannot be read as {path.suffix[1:].upper()}; mend it.") from error
        wrong = [str(kind) for kind in pairs.values() if kind not in KINDS] if isinstance(pairs, dict) else ["…"]
        if wrong:
            raise UsageError(
                f"“{path.name}” names “{wrong[0]}”, which is no kind of piece; write pairs of a class's name and one "
                f"of: {', '.join(KINDS)}."
            )
        return pairs
    return None
