"""What a map shows: the items of an index, or the pieces of a folder of photos, each with its embedding and picture."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from pipeline.colours import swatches
from pipeline.errors import UnreadablePhoto, UsageError
from pipeline.index import Index
from pipeline.matcher import Matcher
from pipeline.photo import SUFFIXES, crop_to, read_photo
from pipeline.settings import Settings
from pipeline.types import Item, Look

Tell = Callable[[str, float], None]

# A browser draws this many thumbnails without a stutter; of a larger catalogue, a sample is shown.
MOST = 20_000
# Crops of a folder's pieces are held in memory, no larger than any map shows them.
SIDE = 128


@dataclass(frozen=True, eq=False)
class Points:
    """N things to lay out.

    items: what is known of each. vectors: (N, D) float32 of unit length. total: how many there are in all, of which
    these are a sample. picture: gives the (h, w, 3) uint8 picture of the item at a place from 0 to N - 1, its long
    side not much above a side in pixels. Where there is none it raises UnreadablePhoto.
    """

    items: tuple[Item, ...]
    vectors: np.ndarray
    total: int
    picture: Callable[[int, int], np.ndarray]

    def __len__(self) -> int:
        return len(self.items)


def points_of_index(index: Index, most: int = MOST) -> Points:
    """The items of an index.

    most: of more, those whose ids have the smallest hashes are taken, so that the sample stays the same when items are
    added or removed.

    Raises:
        UsageError: the index has no items.
    """
    total = len(index)
    if not total:
        raise UsageError("The catalogue is empty; add items to it first, with `python -m pipeline catalogue add`.")
    items, rows = index.items, index.rows()
    if total > most:
        digests = [hashlib.blake2b(item.id.encode(), digest_size=8).digest() for item in items]
        chosen = sorted(sorted(range(total), key=digests.__getitem__)[:most])
        items, rows = tuple(items[n] for n in chosen), rows[chosen]

    def picture(place: int, side: int) -> np.ndarray:
        item = items[place]
        return crop_to(
            read_photo(index.picture(item), Settings(max_side=side if item.box is None else 8 * side)), item.box
        )

    return Points(items, index.vectors_of(rows), total, picture)


def points_of_folder(folder: Path, matcher: Matcher, tell: Tell, refuse: Callable[[UnreadablePhoto], None]) -> Points:
    """The pieces that the matcher finds in the photos of a folder and of those below it.

    tell: called with the photo's name and the share (0..1) that is done. refuse: called with what cannot be read.

    Raises:
        UsageError: there is no such folder, or there are no photos or pieces in it.
    """
    if not folder.is_dir():
        raise UsageError(f"There is no folder “{folder}”; name one that holds photos.")
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    if not paths:
        raise UsageError(f"The folder “{folder.name}” holds no photos; name another one.")
    items: list[Item] = []
    crops: list[np.ndarray] = []
    vectors: list[np.ndarray] = []
    for n, path in enumerate(paths):
        tell(path.name, n / len(paths))
        try:
            *_, look = matcher.steps(path)
        except UnreadablePhoto as error:
            refuse(error)
            continue
        assert isinstance(look, Look)
        name = path.relative_to(folder).as_posix()
        items += _items_of(look, name)
        crops += [_small(crop) for crop in look.crops]
        vectors += list(look.embeddings)
    if not items:
        raise UsageError(f"No garment was found in the photos of “{folder.name}”; try clearer ones.")
    return Points(tuple(items), np.stack(vectors), len(items), lambda place, side: crops[place])


def _items_of(look: Look, name: str) -> Sequence[Item]:
    photo = look.cutout.photo.pixels
    colours = [next(iter(swatches(photo, piece.mask)), "") for piece in look.pieces]
    return [
        Item(f"{name}#{n}", name, piece.label, colour, f"{colour} {piece.label}".strip().capitalize())
        for n, (piece, colour) in enumerate(zip(look.pieces, colours, strict=True), 1)
    ]


def _small(crop: np.ndarray) -> np.ndarray:
    image = Image.fromarray(crop)
    image.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    return np.asarray(image)
