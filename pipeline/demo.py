"""Opening the catalogue for an embedder: the demo's index is made again, in the cache, for one that did not make it."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

from pipeline.calibration import Calibration, calibrate
from pipeline.catalogue import embed_files
from pipeline.cutout import BackgroundRemover
from pipeline.embeddings import Embedder
from pipeline.environment import cache_home
from pipeline.errors import IndexMissing
from pipeline.index import Index, publish
from pipeline.settings import DEMO_INDEX, Settings

Progress = Callable[[str, float], None]
CALIBRATION = "calibration.json"


def open_index(settings: Settings, cut: BackgroundRemover, embed: Embedder, tell: Progress) -> Index:
    """The index that the settings name, as the embedder needs it; the embedder is calibrated on it if it is not yet.

    Args:
        tell: called with what goes on and the share (0..1) that is done, while the demo catalogue is embedded.

    Raises:
        IndexMissing: nothing is published there. IndexMismatch: it is not the demo's, and another embedder made it.
    """
    if settings.index.resolve() != DEMO_INDEX:
        index = Index.open(settings.index, embed.name)
        if not embed.calibrated:
            embed.use(calibrate(index.vectors(range(len(index))), index.items, embed.embed_words))
        return index
    published = Index.open(DEMO_INDEX)
    if published.manifest.embedder == embed.name:
        return published
    folder = _beside(embed.name)
    try:
        index = Index.open(folder, embed.name)
        calibration = Calibration.read(folder / CALIBRATION)
    except (IndexMissing, OSError, ValueError, KeyError):
        index, calibration = _embed_again(published, folder, settings, cut, embed, tell)
    if not embed.calibrated:
        embed.use(calibration)
    return index


def _beside(embedder: str) -> Path:
    """Where the demo's index for an embedder lies; another demo, or an embedder's other weights, lie elsewhere."""
    demo = hashlib.sha256((DEMO_INDEX / "manifest.json").read_bytes()).hexdigest()
    return cache_home() / "indexes" / f"demo-{embedder.replace('/', '--').replace(':', '--')}-{demo[:8]}"


def _embed_again(
    published: Index, folder: Path, settings: Settings, cut: BackgroundRemover, embed: Embedder, tell: Progress
) -> tuple[Index, Calibration]:
    items = list(published.items)
    what = f"the demo catalogue for {embed.name}, once"
    paths = [published.picture(item) for item in items]
    read, vectors, _ = embed_files(
        paths, cut, embed, settings, lambda n, total: tell(f"{what}: {n} of {total}", n / total)
    )
    items = [items[n] for n in read]
    calibration = calibrate(vectors, items, embed.embed_words)
    folder.mkdir(parents=True, exist_ok=True)
    calibration.write(folder / CALIBRATION)
    publish(folder, items, vectors, embed.name, published.picture(items[0]).parent)
    for old in folder.parent.glob(f"{folder.name.rpartition('-')[0]}-*"):
        if old != folder:
            shutil.rmtree(old, ignore_errors=True)
    return Index.open(folder, embed.name), calibration
