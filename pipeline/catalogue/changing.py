"""Items out of an index: removed from it, or written to files that other programs read."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from pipeline.catalogue.adding import OWN_PICTURES
from pipeline.catalogue.steps import Meter, Progress
from pipeline.drafts import whole
from pipeline.errors import IndexMissing, UsageError
from pipeline.index import MANIFEST, Index, Manifest, editing, relative_image
from pipeline.types import Filters, Item

COLUMNS = ("id", "image", "category", "colour", "title", "price", "url", "predicted", "box")


def remove(folder: Path, ids: Sequence[str], *, progress: Progress | None = None) -> Manifest:
    """Remove items from the index in `folder`. Pictures of their own that the index keeps go with the last item.

    Raises:
        UsageError: there is no item of one of the ids; then none is removed.
        IndexMissing, IndexUnwritable: see `editing`.
    """
    meter = Meter(progress)
    if not (folder / MANIFEST).exists():
        Index.open(folder)
    wanted = list(dict.fromkeys(ids))
    with editing(
        folder, None, 0, folder, waiting=lambda: meter.tell("Waiting for another process that changes this index")
    ) as draft:
        base = draft.base
        if base is None:
            raise IndexMissing(f"There is no index in “{folder.name}”.")
        unknown = next((item_id for item_id in wanted if base.store.row_of(item_id) is None), None)
        if unknown is not None:
            raise UsageError(f"The catalogue has no item “{unknown}”; `catalogue list` names all. Nothing was removed.")
        pictures = {base.picture(base.item(item_id)) for item_id in wanted}
        meter.tell("Removing")
        draft.remove(wanted)
        manifest = draft.publish()
    _drop_own(pictures, folder)
    return manifest


def _drop_own(pictures: set[Path], folder: Path) -> None:
    own = (folder / OWN_PICTURES).resolve()
    copies = [path for path in pictures if path.parent == own]
    if not copies:
        return
    left = Index.open(folder)
    root = (left.folder / left.manifest.pictures).resolve()
    for path in copies:
        if not left.store.of_image(relative_image(path, root)):
            with suppress(OSError):
                path.unlink()


def export(index: Index, out: Path, filters: Filters | None = None) -> tuple[list[Path], int]:
    """Write the items to files.

    Args:
        out: a file `.csv` (what is known of each item, its picture named relative to the file: `add` reads it again),
            a file `.npz` (`ids`, `embeddings` (N, D) float32, `model`), or a folder for both.

    Returns:
        the files that were written, and how many items are in them.

    Raises:
        UsageError: another kind of file, or its folder does not exist; or see `Index.check`.
    """
    rows = index.rows(filters)
    items = index.store.get(rows)
    ending = out.suffix.lower()
    if ending in (".csv", ".npz") and not out.is_dir():
        if not out.resolve().parent.is_dir():
            raise UsageError(f"There is no folder for “{out}”; make it first, or name another file.")
        paths = [out]
    elif ending and not out.is_dir():
        raise UsageError(f"“{out.name}” is neither .csv nor .npz; name such a file, or a folder for both.")
    else:
        out.mkdir(parents=True, exist_ok=True)
        paths = [out / "items.csv", out / "embeddings.npz"]
    for path in paths:
        with whole(path) as draft:
            if path.suffix.lower() == ".csv":
                _write_csv(draft, items, index)
            else:
                _write_npz(draft, items, index.vectors_of(rows), index.manifest.embedder)
    return paths, len(items)


def _write_csv(path: Path, items: Sequence[Item], index: Index) -> None:
    attributes = sorted({name for item in items for name in item.attributes})
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow((*COLUMNS, *attributes))
        for item in items:
            image = os.path.relpath(index.picture(item), path.resolve().parent)
            told = (
                item.id, Path(image).as_posix(), item.category, item.colour, item.title,
                "" if item.price is None else f"{item.price:.10g}", item.url,
                " ".join(item.predicted), json.dumps(item.box) if item.box else "",
            )  # fmt: skip
            writer.writerow((*told, *(item.attributes.get(name, "") for name in attributes)))


def _write_npz(path: Path, items: Sequence[Item], vectors: np.ndarray, model: str) -> None:
    with path.open("wb") as file:
        np.savez(file, ids=np.array([item.id for item in items]), embeddings=vectors, model=np.array(model))
