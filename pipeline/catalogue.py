"""A folder or a CSV of pictures -> the items of an index, with their embeddings."""

from __future__ import annotations

import csv
import dataclasses
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
    """What adding did: the published manifest, how many items were new, and which pictures could not be read."""

    manifest: Manifest
    added: int
    unreadable: tuple[str, ...]


def read_source(source: Path) -> tuple[Path, list[Item]]:
    """The items that a folder or a CSV names, and the folder that their pictures are relative to.

    A folder: every picture in it and below; the first sub-folder is the category. A CSV: a column `image`, and
    optionally id, category, colour, title, price, url; further columns become attributes.

    Raises:
        UsageError: neither a folder nor a CSV, no picture in it, or a column or value that makes no sense.
    """
    if source.is_dir():
        paths = sorted(p for p in source.rglob("*") if p.suffix.lower() in SUFFIXES)
        items = [_item_of_file(path.relative_to(source)) for path in paths]
        root = source
    elif source.suffix.lower() == ".csv" and source.is_file():
        items, root = list(_items_of_csv(source)), source.parent
    else:
        raise UsageError(f"“{source}” is neither a folder nor a CSV file; name one of the two.")
    if not items:
        raise UsageError(f"“{source.name}” holds no pictures; nothing was added.")
    ids = [item.id for item in items]
    if len(set(ids)) < len(ids):
        doubled = next(i for i in ids if ids.count(i) > 1)
        raise UsageError(f"“{source.name}” names the id “{doubled}” more than once; ids must differ.")
    return root, items


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
            image = row["image"]
            price = row.get("price") or ""
            try:
                amount = float(price) if price else None
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
    return read, np.concatenate(rows), unreadable


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
    read, vectors, unreadable = embed_files([root / item.image for item in items], cut, embed, settings, progress)
    if not read and not old:
        raise UnreadablePhoto(f"None of the {len(items)} pictures of “{source.name}” could be read.")
    new = _with_categories([items[n] for n in read], vectors, embed)
    manifest = publish(folder, [*old, *new], np.concatenate([old_vectors, vectors]), embed.name, root)
    return Added(manifest, len(read), tuple(unreadable))


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
