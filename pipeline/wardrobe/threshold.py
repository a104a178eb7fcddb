"""From which cosine on two pieces are one garment: measured for an embedder, or told by the catalogue."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.errors import UsageError
from pipeline.index import Index

# Beside the models: by an embedder's name what `python -m bench.garments` measured for it.
FILE = "same-garment.json"
# For another embedder: the cosine that this share of the pairs of different items stay below, as at the threshold that
# was measured for the bundled one.
OTHERS_BELOW = 0.99
MOST_ITEMS = 2000
# Where the catalogue is too small to tell.
FEWEST_ITEMS = 20
_NO_GROUND = 0.9


@dataclass(frozen=True)
class Threshold:
    """same: the cosine; measured: whether it was measured on pictures of one garment, or taken from the catalogue."""

    same: float
    measured: bool


def threshold_of(embedder: str, index: Index, models: Path) -> Threshold:
    """The threshold for an embedder.

    Args:
        embedder: its name. index: what it answers from. models: the folder of the bundled weights.
    """
    known = read_measured(models / FILE).get(embedder)
    if known is not None:
        return Threshold(float(known["same"]), True)
    return Threshold(_by_catalogue(index), False)


def read_measured(path: Path) -> Mapping[str, Any]:
    """What was measured, by the embedder's name; nothing where there is no such file."""
    try:
        return json.loads(path.read_text())
    except FileNotFoundError:
        return {}


def checked(same: float) -> float:
    """A threshold that somebody chose.

    Raises:
        UsageError: it does not lie between 0 and 1.
    """
    if not 0 < same <= 1:
        raise UsageError(f"The likeness of one garment must lie between 0 and 1, not {same}.")
    return same


def _by_catalogue(index: Index) -> float:
    rows = index.rows()
    if len(rows) < FEWEST_ITEMS:
        return _NO_GROUND
    if len(rows) > MOST_ITEMS:
        rows = np.sort(np.random.default_rng(0).choice(rows, MOST_ITEMS, replace=False))
    vectors = index.vectors_of(rows)
    others = (vectors @ vectors.T)[np.triu_indices(len(vectors), 1)]
    return float(np.clip(np.quantile(others, OTHERS_BELOW), 0.01, 1.0).round(2))
