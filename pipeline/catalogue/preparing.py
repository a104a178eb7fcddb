"""Single-garment pictures -> the white squares that are embedded."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np

from pipeline.cutout import BackgroundRemover
from pipeline.embeddings import BATCH, Embedder
from pipeline.errors import UnreadablePhoto
from pipeline.photo import read_photo
from pipeline.settings import Settings
from pipeline.types import Photo, square_on_white

# A border this light all round is a shop picture on white already.
_WHITE_BORDER = 245
_WHITE_SHARE = 0.97

In = TypeVar("In")
Out = TypeVar("Out")


def ahead(work: Callable[[In], Out], inputs: Iterable[In], workers: int) -> Iterator[Out]:
    """`map(work, inputs)` in threads: a batch ahead of whoever takes the results, and no further."""
    todo = iter(inputs)
    with ThreadPoolExecutor(workers, "prepare") as pool:
        running: deque[Future[Out]] = deque(pool.submit(work, one) for one in islice(todo, BATCH))
        try:
            while running:
                result = running.popleft().result()
                running.extend(pool.submit(work, one) for one in islice(todo, 1))
                yield result
        finally:
            for future in running:
                future.cancel()


def on_white(pixels: np.ndarray) -> bool:
    """Whether an (H, W, 3) uint8 picture is a shop's, on white all round."""
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]]).min(axis=1)
    return bool((border >= _WHITE_BORDER).mean() >= _WHITE_SHARE)


def foreground(photo: Photo, cut: BackgroundRemover) -> np.ndarray:
    """(H, W) uint8, 255 = foreground: of a picture on white everything that is not white, else what `cut` says."""
    return _not_white(photo.pixels) if on_white(photo.pixels) else cut(photo).alpha


def prepare_picture(pixels: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """A single-garment picture on its white square, (S, S, 3) uint8.

    Args:
        pixels: (H, W, 3) uint8. alpha: (H, W) uint8 of the background remover, used unless the picture is on
            white already: there, everything that is not white is the garment.
    """
    return square_on_white(pixels, _not_white(pixels) if on_white(pixels) else alpha)


def _not_white(pixels: np.ndarray) -> np.ndarray:
    return np.where(pixels.min(axis=2) < _WHITE_BORDER, 255, 0).astype(np.uint8)


def embed_files(
    paths: Sequence[Path],
    cut: BackgroundRemover,
    embed: Embedder,
    settings: Settings,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[list[int], np.ndarray, list[str]]:
    """Embed single-garment pictures as the catalogue's are.

    Returns:
        positions in `paths` of the pictures that could be read, their (N, D) float32 embeddings, and one sentence
        for each that could not.
    """

    def prepare(path: Path) -> np.ndarray | str:
        try:
            photo = read_photo(path, settings)
        except UnreadablePhoto as error:
            return str(error)
        return square_on_white(photo.pixels, foreground(photo, cut))

    read: list[int] = []
    unreadable: list[str] = []
    rows: list[np.ndarray] = [np.empty((0, embed.dimension), np.float32)]
    crops: list[np.ndarray] = []
    for n, crop in enumerate(ahead(prepare, paths, settings.threads)):
        if isinstance(crop, str):
            unreadable.append(crop)
        else:
            crops.append(crop)
            read.append(n)
        if len(crops) == BATCH:
            rows.append(embed.embed_pictures(crops))
            crops = []
        if progress:
            progress(n + 1, len(paths))
    if crops:
        rows.append(embed.embed_pictures(crops))
    return read, np.concatenate(rows), unreadable
