"""Unit vectors by id: built, searched under a filter, changed, saved and opened."""

from __future__ import annotations

from pipeline.vectors.store import FLAT_UP_TO, KINDS, Vectors

__all__ = ["FLAT_UP_TO", "KINDS", "Vectors"]
