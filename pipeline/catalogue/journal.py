"""What was seen of pictures that are not published yet, so that an interrupted call goes on where it was."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np

from pipeline.catalogue.looking import Garment, Look, Stages, Task
from pipeline.index import unwritable

_TABLES = """
CREATE TABLE IF NOT EXISTS looks (
    picture TEXT PRIMARY KEY, bytes INTEGER, mtime_ns INTEGER, sha256 TEXT, garments TEXT, vectors BLOB,
    fingerprints BLOB
) WITHOUT ROWID
"""


class Journal:
    """Finished looks, in a file beside the index that goes when they are published.

    The file's name holds the models' names: other models see other things. A picture that changed since is not found.
    """

    def __init__(self, folder: Path, stages: Stages) -> None:
        """Open the journal of the index in `folder`, which is made if it does not exist."""
        names = "\n".join((stages.cut.name, stages.find.name, stages.embed.name))
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._path = folder / f".journal-{hashlib.sha256(names.encode()).hexdigest()[:12]}.sqlite"
        self._dimension = stages.embed.dimension
        self._database = self._open()

    def _open(self) -> sqlite3.Connection:
        try:
            return self._connect()
        except sqlite3.DatabaseError:
            # A damaged journal costs the time that it would have saved, nothing else.
            self._unlink()
        with self._said():
            return self._connect()

    def _connect(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._path, timeout=30)
        try:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = NORMAL")
            database.execute(_TABLES)
        except sqlite3.DatabaseError:
            database.close()
            raise
        return database

    @contextmanager
    def _said(self) -> Iterator[None]:
        """A full disk is told in one sentence."""
        try:
            yield
        except sqlite3.Error as error:
            raise unwritable(self._folder, error) from error

    def get(self, task: Task) -> Look | None:
        """What was seen of a picture, if its file is still the same."""
        question = "SELECT bytes, mtime_ns, sha256, garments, vectors, fingerprints FROM looks WHERE picture = ?"
        row = self._database.execute(question, (_key(task),)).fetchone()
        if row is None:
            return None
        size, date, digest, garments, vectors, prints = row
        try:
            facts = os.stat(task.path)
        except OSError:
            return None
        if (facts.st_size, facts.st_mtime_ns) != (size, date):
            return None
        told = json.loads(garments)
        rows = np.frombuffer(vectors, np.float32).reshape(len(told), self._dimension)
        length = len(prints) // len(told)
        return Look(
            task,
            size,
            date,
            digest,
            tuple(
                Garment(rows[n], label, colour, tuple(box) if box else None, prints[n * length : (n + 1) * length])
                for n, (label, colour, box) in enumerate(told)
            ),
        )

    def put(self, looks: Sequence[Look]) -> None:
        """Keep what was seen; pictures that could not be read are tried again the next time."""
        rows = (
            (
                _key(look.task),
                look.bytes,
                look.mtime_ns,
                look.sha256,
                json.dumps([(g.label, g.colour, g.box) for g in look.garments]),
                np.stack([g.vector for g in look.garments]).astype(np.float32).tobytes(),
                b"".join(g.fingerprint for g in look.garments),
            )
            for look in looks
            if look.garments
        )
        with self._said(), self._database as database:
            database.executemany("INSERT OR REPLACE INTO looks VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    def forget(self, tasks: Sequence[Task]) -> None:
        """What was seen of these pictures is published, or of no use: another call need not find it."""
        with self._said(), self._database as database:
            database.executemany("DELETE FROM looks WHERE picture = ?", ((_key(task),) for task in tasks))

    def close(self) -> None:
        """Let go of the file; with nothing in it, it goes, and an index folder that was made in vain with it."""
        empty = False
        with suppress(sqlite3.Error):
            empty = self._database.execute("SELECT 1 FROM looks LIMIT 1").fetchone() is None
        self._database.close()
        if empty:
            self._unlink()
            with suppress(OSError):
                self._folder.rmdir()

    def _unlink(self) -> None:
        for ending in ("", "-wal", "-shm"):
            with suppress(OSError):
                self._path.with_name(self._path.name + ending).unlink()


def _key(task: Task) -> str:
    box = "" if task.box is None else f"#{','.join(map(str, task.box))}"
    return f"{task.path.resolve()}{box}"
