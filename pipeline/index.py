"""The published index: vectors (Faiss), items (SQLite) and a manifest, written last.

Data files carry their content's hash in their names and the manifest names them. Publishing is one rename of the
manifest, so whatever is interrupted at whatever moment, the last published index opens.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import faiss
import numpy as np

from pipeline.errors import IndexMismatch, IndexMissing
from pipeline.kinds import kind_of
from pipeline.settings import DEMO_INDEX
from pipeline.types import Item, Match

MANIFEST = "manifest.json"
SCHEMA = 1
_DEMO_CSV = "assets/catalogue/items.csv"
_COLUMNS = "id, image, category, colour, title, price, url, attributes"
_TABLE = """
CREATE TABLE items (
    row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, image TEXT NOT NULL, category TEXT NOT NULL,
    colour TEXT NOT NULL, title TEXT NOT NULL, price REAL, url TEXT NOT NULL, attributes TEXT NOT NULL
)
"""


@dataclass(frozen=True)
class Manifest:
    """What a published index says of itself.

    pictures: folder of the items' pictures, relative to the index. created: ISO 8601, UTC.
    vectors, items: file names in the index's folder. checksums: sha256 of each file.
    """

    embedder: str
    dimension: int
    count: int
    index_type: str
    pictures: str
    vectors: str
    items: str
    checksums: dict[str, str]
    created: str
    schema: int = SCHEMA


def publish(folder: Path, items: Sequence[Item], vectors: np.ndarray, embedder: str, pictures: Path) -> Manifest:
    """Write an index into `folder` and make it the published one; what was published before is removed.

    Args:
        folder: made if it does not exist.
        items: N items with distinct ids.
        vectors: (N, D) float32 of unit length.
        embedder: name of the model that made the vectors.
        pictures: folder that the items' `image` paths are relative to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    dimension = vectors.shape[1]
    flat = faiss.IndexIDMap2(faiss.IndexFlatIP(dimension))
    flat.add_with_ids(np.ascontiguousarray(vectors, np.float32), np.arange(len(items), dtype=np.int64))
    vectors_file = _settle(folder, "vectors", ".faiss", lambda path: faiss.write_index(flat, str(path)))
    items_file = _settle(folder, "items", ".sqlite", lambda path: _write_items(path, items))
    manifest = Manifest(
        embedder=embedder,
        dimension=dimension,
        count=len(items),
        index_type="Flat",
        pictures=Path(os.path.relpath(pictures.resolve(), folder.resolve())).as_posix(),
        vectors=vectors_file,
        items=items_file,
        checksums={name: _sha256(folder / name) for name in (vectors_file, items_file)},
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    draft = folder / f".{MANIFEST}.{os.getpid()}"
    draft.write_text(json.dumps(manifest.__dict__, indent=2) + "\n")
    _sync(draft)
    os.replace(draft, folder / MANIFEST)
    for old in (*folder.glob("vectors-*.faiss"), *folder.glob("items-*.sqlite")):
        if old.name not in manifest.checksums:
            old.unlink(missing_ok=True)
    return manifest


def _settle(folder: Path, stem: str, suffix: str, write: Callable[[Path], object]) -> str:
    """Have a file written beside the published ones, safe on disk, under a name that its content decides."""
    draft = folder / f".{stem}.{os.getpid()}{suffix}"
    draft.unlink(missing_ok=True)
    write(draft)
    _sync(draft)
    name = f"{stem}-{_sha256(draft)[:16]}{suffix}"
    os.replace(draft, folder / name)
    return name


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _write_items(path: Path, items: Iterable[Item]) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(_TABLE)
        rows = (
            (row, i.id, i.image, i.category, i.colour, i.title, i.price, i.url, json.dumps(dict(i.attributes)))
            for row, i in enumerate(items)
        )
        database.executemany(f"INSERT INTO items (row, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)


def _rebuild(folder: Path) -> str:
    """The command that makes the index in `folder` anew."""
    source = _DEMO_CSV if folder.resolve() == DEMO_INDEX else "FOLDER_OR_CSV"
    return f"python -m pipeline catalogue add {source} --replace --index {folder.name}"


def _damaged(folder: Path) -> str:
    return f"The index in “{folder.name}” is damaged; make it again with `{_rebuild(folder)}`."


class Index:
    """An opened index: read-only, shared by all threads."""

    def __init__(self, folder: Path, manifest: Manifest, vectors: faiss.Index, items: tuple[Item, ...]) -> None:
        """Use `Index.open`."""
        # The items' pictures are named relative to where the index really lies.
        self.folder = folder.resolve()
        self.manifest = manifest
        self.items = items
        self._vectors = vectors
        self._row_of = {item.id: row for row, item in enumerate(items)}
        kinds = np.array([kind_of(item.category) for item in items])
        self._rows_of_kind = {str(kind): np.flatnonzero(kinds == kind).astype(np.int64) for kind in set(kinds)}
        self._everything = np.arange(len(items), dtype=np.int64)

    @classmethod
    def open(cls, folder: Path, embedder: str | None = None) -> Index:
        """Open the index published in `folder`.

        Args:
            folder: where `publish` wrote.
            embedder: name of the model that queries will come from; None skips the comparison.

        Raises:
            IndexMissing: nothing is published there, or a file of it is absent or damaged.
            IndexMismatch: another model made the vectors.
        """
        try:
            manifest = Manifest(**json.loads((folder / MANIFEST).read_text()))
        except (FileNotFoundError, NotADirectoryError) as error:
            raise IndexMissing(f"There is no index in “{folder.name}”; make one with `{_rebuild(folder)}`.") from error
        except (OSError, ValueError, TypeError) as error:
            raise IndexMissing(_damaged(folder)) from error
        if embedder is not None and manifest.embedder != embedder:
            raise IndexMismatch(
                f"The index in “{folder.name}” was made with {manifest.embedder} and {embedder} is in use; "
                f"make it again with `{_rebuild(folder)}`."
            )
        try:
            for name, expected in manifest.checksums.items():
                if _sha256(folder / name) != expected:
                    raise ValueError(f"another sha256 of {name}")
            vectors = faiss.read_index(str(folder / manifest.vectors))
            items = tuple(_read_items(folder / manifest.items))
            if not vectors.ntotal == len(items) == manifest.count:
                raise ValueError("the counts differ")
        except (OSError, ValueError, RuntimeError, sqlite3.Error) as error:
            raise IndexMissing(_damaged(folder)) from error
        return cls(folder, manifest, vectors, items)

    def __len__(self) -> int:
        return len(self.items)

    def item(self, item_id: str) -> Item:
        """The item of that id.

        Raises:
            KeyError: there is none.
        """
        return self.items[self._row_of[item_id]]

    def vectors(self, rows: Sequence[int]) -> np.ndarray:
        """The (len(rows), D) float32 embeddings of the items at these positions of `items`."""
        if not len(rows):
            return np.empty((0, self.manifest.dimension), np.float32)
        return np.stack([self._vectors.reconstruct(int(row)) for row in rows])

    def picture(self, item: Item) -> Path:
        """Where the item's picture lies."""
        return Path(os.path.normpath(self.folder / self.manifest.pictures / item.image))

    def search(
        self,
        queries: np.ndarray,
        top: int,
        kinds: Sequence[str | None] | None = None,
        categories: Iterable[str] | None = None,
        floor: float = -1.0,
    ) -> list[tuple[Match, ...]]:
        """The nearest items of each query, nearest first.

        Args:
            queries: (N, D) float32 of unit length.
            top: matches a query; as many come back as exist under the filters and at or above `floor`.
            kinds: for each query the kind of piece that its matches must be, None for any.
            categories: categories that the matches must be of, None for any.
            floor: smallest cosine similarity that is still a match.
        """
        allowed = None if categories is None else self._rows_in(set(categories))
        found = []
        for n, query in enumerate(np.ascontiguousarray(queries, np.float32)):
            kind = kinds[n] if kinds is not None else None
            rows = self._everything if kind is None else self._rows_of_kind.get(kind, self._everything[:0])
            if allowed is not None:
                rows = np.intersect1d(rows, allowed)
            found.append(self._nearest(query, rows, top, floor))
        return found

    def _rows_in(self, categories: set[str]) -> np.ndarray:
        return np.array([row for row, item in enumerate(self.items) if item.category in categories], np.int64)

    def _nearest(self, query: np.ndarray, rows: np.ndarray, top: int, floor: float) -> tuple[Match, ...]:
        if not len(rows) or top < 1:
            return ()
        # One query is fastest on one thread; the setting belongs to the thread that searches.
        faiss.omp_set_num_threads(1)
        # The filter acts inside the search, so that `top` matches come back whenever they exist.
        parameters = faiss.SearchParameters(sel=faiss.IDSelectorBatch(rows))  # type: ignore[call-arg]
        similarities, found = self._vectors.search(query[None], min(top, len(rows)), params=parameters)
        return tuple(
            Match(self.items[row], float(min(max(similarity, -1.0), 1.0)))
            for similarity, row in zip(similarities[0], found[0], strict=True)
            if row >= 0 and similarity >= floor
        )


def _read_items(path: Path) -> Iterable[Item]:
    if not path.is_file():
        raise FileNotFoundError(path)
    # `immutable` lets a read-only folder be read, too: no journal is looked for or written.
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
        for *texts, price, url, attributes in database.execute(f"SELECT {_COLUMNS} FROM items ORDER BY row"):
            item_id, image, category, colour, title = texts
            yield Item(item_id, image, category, colour, title, price, url, json.loads(attributes))
