"""Changing an index: work on copies beside the published files, then put the new manifest in place by one rename.

Whatever is interrupted at whatever moment, the last published index opens. Writers take turns; readers never wait.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from pipeline.errors import IndexUnwritable, PipelineError
from pipeline.index.items import COLUMNS, PictureFile, migrate, values_of
from pipeline.index.manifest import HASHED_WHOLE, MANIFEST, Manifest, ends_hash, file_hash
from pipeline.index.opened import Index
from pipeline.types import Item
from pipeline.vectors import Vectors

LOCK = ".lock"
# Another writer publishes within seconds; one that hangs is not waited for for ever.
PATIENCE = 600.0


def publish(folder: Path, items: Sequence[Item], vectors: np.ndarray, embedder: str, pictures: Path) -> Manifest:
    """Write an index into `folder` and make it the published one; what was published before is removed.

    Args:
        folder: made if it does not exist.
        items: N items with distinct ids.
        vectors: (N, D) float32 of unit length.
        embedder: name of the model that made the vectors.
        pictures: folder that the items' `image` paths are relative to.
    """
    with editing(folder, embedder, vectors.shape[1], pictures, replace_all=True) as draft:
        draft.put(items, vectors)
        return draft.publish()


@contextmanager
def editing(
    folder: Path,
    embedder: str | None,
    dimension: int,
    pictures: Path,
    *,
    replace_all: bool = False,
    kind: str = "auto",
    waiting: Callable[[], None] | None = None,
) -> Iterator[Draft]:
    """A copy of the index in `folder` to change and publish, with no other writer at work.

    Args:
        folder: made if it does not exist. embedder, dimension, pictures: of a new index; those of an existing one stay.
        replace_all: begin with nothing, whatever is published.
        kind: of index that the vectors get: "flat", "ivf", or "auto" by their number.
        waiting: called once if another writer has to be waited for.

    Raises:
        IndexMissing, IndexMismatch: there is an index, and it cannot be used (with `replace_all` it need not be).
        IndexUnwritable: no room, or another writer does not come to an end.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / LOCK)
    try:
        try:
            lock.acquire(timeout=0)
        except Timeout:
            if waiting:
                waiting()
            lock.acquire(timeout=PATIENCE, poll_interval=0.2)
    except Timeout as error:
        raise IndexUnwritable(
            f"Another process has been writing the index in “{folder.name}” for {PATIENCE / 60:.0f} minutes; "
            "stop it and try again."
        ) from error
    try:
        _sweep(folder)
        base = None
        if not replace_all and (folder / MANIFEST).exists():
            base = Index.open(folder, embedder)
        draft = None
        try:
            draft = Draft(folder, base, embedder or "", dimension, pictures, kind)
            yield draft
        except PipelineError:
            raise
        except (OSError, RuntimeError, sqlite3.Error) as error:
            raise unwritable(folder, error) from error
        finally:
            if draft:
                draft.close()
            _sweep(folder)
    finally:
        lock.release()


class Draft:
    """The next publication while it is being made. Use `editing`."""

    def __init__(
        self, folder: Path, base: Index | None, embedder: str, dimension: int, pictures: Path, kind: str
    ) -> None:
        self.folder = folder
        self.base = base
        self._path = folder / f".items.{os.getpid()}.sqlite"
        if base is None:
            self.pictures = pictures.resolve()
            self._embedder = embedder
            self._vectors = Vectors.build(np.empty((0, dimension), np.float32), np.empty(0, np.int64), kind)
        else:
            self.pictures = (base.folder / base.manifest.pictures).resolve()
            self._embedder = base.manifest.embedder
            self._vectors = Vectors.open([folder / name for name in base.manifest.vectors], kind)
            shutil.copyfile(folder / base.manifest.items, self._path)
        self._database = sqlite3.connect(self._path)
        self._database.execute("PRAGMA journal_mode = WAL")
        # The finished file is synced once, before it is published.
        self._database.execute("PRAGMA synchronous = OFF")
        migrate(self._database)

    def put(
        self,
        items: Sequence[Item],
        vectors: np.ndarray,
        files: Sequence[PictureFile] = (),
        fingerprints: Sequence[bytes] = (),
    ) -> None:
        """Add items, or put them in the place of those of the same id.

        Args:
            items: N items of distinct ids. vectors: (N, D) float32 of unit length.
            files: of the pictures; fingerprints: of the items, to tell near duplicates by. Both may be absent.
        """
        self.remove([item.id for item in items])
        rows = []
        with self._database as database:
            for item in items:
                question = f"INSERT INTO items ({COLUMNS}) VALUES ({', '.join('?' * 11)})"
                rows.append(database.execute(question, values_of(item)).lastrowid)
            database.executemany("INSERT INTO fingerprints VALUES (?, ?)", zip(rows, fingerprints, strict=False))
            database.executemany(
                "INSERT OR REPLACE INTO pictures VALUES (?, ?, ?, ?)",
                ((file.image, file.bytes, file.mtime_ns, file.sha256) for file in files),
            )
        self._vectors.add(np.ascontiguousarray(vectors, np.float32), np.array(rows, np.int64))

    def update(self, items: Sequence[Item]) -> None:
        """Write what changed about items whose pictures stay the same."""
        columns = ", ".join(f"{name.strip()} = ?" for name in COLUMNS.split(","))
        with self._database as database:
            database.executemany(
                f"UPDATE items SET {columns} WHERE id = ?", ((*values_of(item), item.id) for item in items)
            )

    def remove(self, ids: Sequence[str]) -> int:
        """Remove the items of these ids; unknown ones are ignored. Returns how many there were."""
        with self._database as database:
            rows = []
            for item_id in ids:
                rows += [row for (row,) in database.execute("SELECT row FROM items WHERE id = ?", (item_id,))]
            for table in ("items", "fingerprints"):
                database.executemany(f"DELETE FROM {table} WHERE row = ?", ((row,) for row in rows))
            if rows:
                database.execute("DELETE FROM pictures WHERE image NOT IN (SELECT image FROM items)")
        self._vectors.remove(np.array(rows, np.int64))
        return len(rows)

    def publish(self) -> Manifest:
        """Make the draft the published index; the files of the last one are removed.

        Raises:
            OSError, sqlite3.Error, RuntimeError: there is no room, or it may not be written; nothing is changed.
        """
        # A file that is read only must not be one that wants a log beside it.
        self._database.execute("PRAGMA journal_mode = DELETE")
        self.close()
        items = self._settle_items()
        vectors = self._vectors.save(self.folder, "vectors")
        names = (*vectors, items)
        sizes = {name: (self.folder / name).stat().st_size for name in names}
        manifest = Manifest(
            embedder=self._embedder,
            dimension=self._vectors.dimension,
            count=len(self._vectors),
            index_type=self._vectors.kind,
            pictures=Path(os.path.relpath(self.pictures, self.folder.resolve())).as_posix(),
            vectors=vectors,
            items=items,
            checksums={name: file_hash(self.folder / name) for name in names},
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            bytes=sizes,
            ends={name: ends_hash(self.folder / name) for name in names if sizes[name] > HASHED_WHOLE},
        )
        text = self.folder / f".{MANIFEST}.{os.getpid()}"
        text.write_text(manifest.text(), encoding="utf-8")
        _sync(text)
        os.replace(text, self.folder / MANIFEST)
        _sync_folder(self.folder)
        return manifest

    def _settle_items(self) -> str:
        _sync(self._path)
        name = f"items-{file_hash(self._path)[:16]}.sqlite"
        os.replace(self._path, self.folder / name)
        return name

    def close(self) -> None:
        """Let go of the draft's files."""
        self._database.close()


def relative_image(picture: Path, pictures: Path) -> str:
    """A picture's path as items name it: relative to the index's picture folder, wherever it lies."""
    try:
        return Path(os.path.relpath(picture, pictures)).as_posix()
    except ValueError:  # another drive
        return picture.as_posix()


def unwritable(folder: Path, error: Exception) -> IndexUnwritable:
    """The sentence about an index that could not be written."""
    return IndexUnwritable(
        f"The index in “{folder.name}” could not be written ({_reason(error)}); what was published before is "
        "untouched. Free some space, or check the permissions, and try again."
    )


def _sweep(folder: Path) -> None:
    """Remove what interrupted writers left and what the manifest names no longer; only with the lock held."""
    try:
        kept = set(Manifest.read(folder).checksums)
    except PipelineError:
        # A damaged index is left as it is, for whoever mends it.
        kept = {path.name for path in folder.glob("*-*")} if (folder / MANIFEST).exists() else set()
    leftovers = (*folder.glob(".items.*"), *folder.glob(".vectors*.*"), *folder.glob(f".{MANIFEST}.*"))
    unnamed = [path for stem in ("vectors", "items") for path in folder.glob(f"{stem}-*") if path.name not in kept]
    for path in (*leftovers, *unnamed):
        with suppress(OSError):
            path.unlink()


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """See the renames on the disk, where the system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _reason(error: Exception) -> str:
    text = (getattr(error, "strerror", None) or str(error) or type(error).__name__).strip()
    # Faiss reports a C++ place before the reason.
    return text.splitlines()[0].rpartition(": ")[2].rstrip(".")
