"""Layouts kept from one time to the next: beside the index, or in the user's cache where that may not be written."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np

from pipeline.drafts import whole
from pipeline.environment import cache_home
from pipeline.fashionmap.layout import Layout, follow, make
from pipeline.fashionmap.points import Points
from pipeline.index import Index
from pipeline.settings import DEMO_INDEX

Tell = Callable[[str, float], None]

FOLDER = "maps"


def kept_layout(index: Index, points: Points, method: str, seed: int, threads: int, tell: Tell) -> Layout:
    """The layout of an index's points: as it was kept, or following what changed since, or made and kept.

    tell: called with what goes on and the share (0..1) that is done.

    Raises:
        UsageError: there is no such method.
    """
    # The embedder is in the name, since another one's places mean nothing to this one.
    embedder = hashlib.sha256(index.manifest.embedder.encode()).hexdigest()[:12]
    name = f"{method}-{seed}-{embedder}.npz"
    folders = _folders(index)
    known = next((found for folder in folders if (found := read(folder / name))), None)
    if known is not None and known.is_of(points):
        return known
    layout = follow(known, points) if known is not None else None
    layout = layout or make(points, method, seed, threads, tell)
    for folder in folders:
        with suppress(OSError):
            write(folder / name, layout)
            break
    return layout


def _folders(index: Index) -> list[Path]:
    """Where a layout of the index may lie, the best place first."""
    place = hashlib.sha256(str(index.folder).encode()).hexdigest()[:12]
    cached = cache_home() / FOLDER / place
    # The demo's folder belongs to the program, not to whoever runs it.
    return [cached] if index.folder == DEMO_INDEX else [index.folder / FOLDER, cached]


def write(path: Path, layout: Layout) -> None:
    """Keep a layout in a file that is whole at any moment.

    Raises:
        OSError: it cannot be written.
    """
    with whole(path) as draft, draft.open("wb") as file:
        np.savez_compressed(
            file, ids=np.array(layout.ids, np.str_), marks=layout.marks, method=np.array(layout.method),
            seed=np.array(layout.seed), places=layout.places, cells=layout.cells, laid=layout.laid,
        )  # fmt: skip


def read(path: Path) -> Layout | None:
    """The layout in a file; None where there is none, or what is there is no layout."""
    try:
        with np.load(path, allow_pickle=False) as held:
            return Layout(
                tuple(held["ids"].tolist()), held["marks"], str(held["method"]), int(held["seed"]), held["places"],
                held["cells"], held["laid"],
            )  # fmt: skip
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
