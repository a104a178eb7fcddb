"""A folder or a CSV of pictures -> the items of an index, with their embeddings."""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.cutout import BackgroundRemover
from pipeline.embeddings import BATCH, Embedder
from pipeline.errors import UnreadablePhoto, UsageError
from pipeline.index import Index, Manifest, publish
from pipeline.kinds import CATEGORIES
from pipeline.photo import SUFFIXES, read_photo
from pipeline.settings import Settings
from pipeline.types import Item, square_on_white

_FIELDS = ("id", "image", "category", "colour", "title", "price", "url")
# A border this light all round is a shop picture on white already.
_WHITE_BORDER = 245
_WHITE_SHARE = 0.97

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Added:
    """What adding did: the published manifest, how many pictures were added, how many were skipped because the
    catalogue has the very same file already, and one sentence for each that could not be read."""

    manifest: Manifest
    added: int
    duplicates: int
    unreadable: tuple[str, ...]


def read_source(source: Path) -> tuple[Path, list[Item]]:
    """The items that a folder or a CSV names, and the folder that their pictures are relative to.

    A folder: every picture in it and below; the first sub-folder is the category. A CSV: a column `image`, and
    optionally id, category, colour, title, price, url; further columns become attributes.

    Raises:
        UsageError: neither a folder nor a CSV, no picture in it, or a column or value that makes no sense.
    """
    if source.is_dir():
        return read_folder(source)
    if source.suffix.lower() != ".csv" or not source.is_file():
        raise UsageError(f"“{source}” is neither a folder nor a CSV file; name one of the two.")
    try:
        items = list(_items_of_csv(source))
    except UnicodeDecodeError as error:
        raise UsageError(f"“{source.name}” is not in UTF-8; save it as “CSV UTF-8” and try again.") from error
    if not items:
        raise UsageError(f"“{source.name}” names no pictures; nothing was added.")
    ids = [item.id for item in items]
    if len(set(ids)) < len(ids):
        doubled = next(i for i in ids if ids.count(i) > 1)
        raise UsageError(f"“{source.name}” names the id “{doubled}” more than once; ids must differ.")
    return source.parent, items


def read_folder(folder: Path) -> tuple[Path, list[Item]]:
    """The folder, and an item for every picture in it and below; the first sub-folder is the category.

    Raises:
        UsageError: it is no folder, or holds no pictures.
    """
    if not folder.is_dir():
        raise UsageError(f"“{folder}” is no folder; name one that holds pictures.")
    paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES)
    if not paths:
        raise UsageError(f"“{folder.name}” holds no pictures; nothing was done.")
    items = [_item_of_file(path.relative_to(folder)) for path in paths]
    count = Counter(item.id for item in items)
    # IMG_1.HEIC beside IMG_1.JPG: where the stem is not enough, the whole name is the id.
    return folder, [item if count[item.id] == 1 else dataclasses.replace(item, id=item.image) for item in items]


def _item_of_file(path: Path) -> Item:
    category = path.parts[0].lower() if len(path.parts) > 1 else ""
    title = path.stem.replace("-", " ").replace("_", " ").strip()
    return Item(path.with_suffix("").as_posix(), path.as_posix(), category, title=title)


def _items_of_csv(source: Path) -> Iterator[Item]:
    with source.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        if "image" not in (reader.fieldnames or ()):
            raise UsageError(f"“{source.name}” has no column “image”; add one with the pictures' file names.")
        for row in reader:
            image = row["image"] or ""
            if not image:
                raise UsageError(f"“{source.name}” line {reader.line_num} names no picture; fill the column “image”.")
            price = row.get("price") or ""
            try:
                amount = float(price) if price else None
                if amount is not None and not math.isfinite(amount):
                    raise ValueError(price)
            except ValueError as error:
                raise UsageError(
                    f"“{source.name}” line {reader.line_num}: the price “{price}” is no number; write it like 39.90."
                ) from error
            yield Item(
                id=row.get("id") or Path(image).stem,
                image=image,
                category=(row.get("category") or "").lower(),
                colour=row.get("colour") or "",
                title=row.get("title") or Path(image).stem,
                price=amount,
                url=row.get("url") or "",
                attributes={k: v for k, v in row.items() if k and k not in _FIELDS and v},
            )


def prepare_picture(pixels: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """A single-garment picture on its white square, (S, S, 3) uint8.

    Args:
        pixels: (H, W, 3) uint8. alpha: (H, W) uint8 of the background remover, used unless the picture is on
            white already: there, everything that is not white is the garment.
    """
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]]).min(axis=1)
    if (border >= _WHITE_BORDER).mean() >= _WHITE_SHARE:
        alpha = np.where(pixels.min(axis=2) < _WHITE_BORDER, 255, 0).astype(np.uint8)
    return square_on_white(pixels, alpha)


def embed_files(
    paths: list[Path], cut: BackgroundRemover, embed: Embedder, settings: Settings, progress: Progress | None = None
) -> tuple[list[int], np.ndarray, list[str]]:
    """Embed single-garment pictures as the catalogue's are.

    Returns:
        positions in `paths` of the pictures that could be read, their (N, D) float32 embeddings, and one sentence
        for each that could not.
    """
    read: list[int] = []
    rows: list[np.ndarray] = []
    unreadable: list[str] = []
    for start in range(0, len(paths), BATCH):
        crops = []
        for n, path in enumerate(paths[start : start + BATCH], start):
            try:
                cutout = cut(read_photo(path, settings))
            except UnreadablePhoto as error:
                unreadable.append(str(error))
            else:
                crops.append(prepare_picture(cutout.photo.pixels, cutout.alpha))
                read.append(n)
            if progress:
                progress(n + 1, len(paths))
        rows.append(embed.embed_pictures(crops))
    return read, np.concatenate([np.empty((0, embed.dimension), np.float32), *rows]), unreadable


def add(
    source: Path,
    folder: Path,
    cut: BackgroundRemover,
    embed: Embedder,
    settings: Settings,
    *,
    replace: bool = False,
    progress: Progress | None = None,
) -> Added:
    """Add the pictures that `source` names to the index in `folder`, which is made where there is none.

    Items whose id is in the index already are replaced. `replace` drops everything that was there before. A missing
    category is predicted from the picture, and marked so in the item's attributes.

    Raises:
        UsageError: see `read_source`; or the index has its pictures in another folder.
        IndexMismatch: another embedder made the index.
    """
    root, items = read_source(source)
    old: list[Item] = []
    old_vectors = np.empty((0, embed.dimension), np.float32)
    if not replace and (folder / "manifest.json").exists():
        index = Index.open(folder, embed.name)
        if index.picture(Item("", "", "")).resolve() != root.resolve():
            raise UsageError(
                "The index keeps its pictures in another folder; put the new ones there, or use --replace."
            )
        fresh = {item.id for item in items}
        keep = [row for row, item in enumerate(index.items) if item.id not in fresh]
        old, old_vectors = [index.items[row] for row in keep], index.vectors(keep)
    known = {_file_hash(root / item.image) for item in old} - {None}
    unique = _without_duplicates(items, root, known)
    read, vectors, unreadable = embed_files([root / item.image for item in unique], cut, embed, settings, progress)
    if not read and not old:
        raise UnreadablePhoto(f"None of the {len(items)} pictures of “{source.name}” could be read.")
    new = _with_categories([unique[n] for n in read], vectors, embed)
    manifest = publish(folder, [*old, *new], np.concatenate([old_vectors, vectors]), embed.name, root)
    return Added(manifest, len(read), len(items) - len(unique), tuple(unreadable))


def _file_hash(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


def _without_duplicates(items: list[Item], root: Path, known: set[str | None]) -> list[Item]:
    """The items whose files differ from each other and from the known ones; a file that is absent stays, to be
    reported when it is read."""
    seen = set(known)
    unique = []
    for item in items:
        digest = _file_hash(root / item.image)
        if digest is None or digest not in seen:
            unique.append(item)
            seen.add(digest)
    return unique


def _with_categories(items: list[Item], vectors: np.ndarray, embed: Embedder) -> list[Item]:
    if all(item.category for item in items):
        return items
    guesses = (vectors @ embed.embed_words(CATEGORIES).T).argmax(axis=1)
    return [
        item
        if item.category
        else dataclasses.replace(
            item, category=CATEGORIES[guess], attributes={**item.attributes, "predicted": "category"}
        )
        for item, guess in zip(items, guesses, strict=True)
    ]
