"""The items of an index: one SQLite file, read without writing a byte beside it."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.kinds import kind_of
from pipeline.types import Item

SCHEMA = 2
# What brings a file of version n to version n + 1; a file made by the first release has no version yet (0).
_TO_2 = """
CREATE TABLE new_items (
    row INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, image TEXT NOT NULL, category TEXT NOT NULL,
    colour TEXT NOT NULL, title TEXT NOT NULL, price REAL, url TEXT NOT NULL, attributes TEXT NOT NULL,
    kind TEXT NOT NULL, predicted TEXT NOT NULL, box TEXT
);
INSERT INTO new_items
    SELECT row, id, image, category, colour, title, price, url, attributes, kind_of(category), '', NULL FROM items;
DROP TABLE items;
ALTER TABLE new_items RENAME TO items;
CREATE INDEX items_category ON items (category);
CREATE INDEX items_colour ON items (colour);
CREATE INDEX items_kind ON items (kind);
CREATE INDEX items_price ON items (price);
CREATE INDEX items_image ON items (image);
-- The attributes once more, to filter by; kept in step by the triggers.
CREATE TABLE attributes (name TEXT, value TEXT, row INTEGER, PRIMARY KEY (name, value, row)) WITHOUT ROWID;
INSERT INTO attributes SELECT key, value, items.row FROM items, json_each(items.attributes);
CREATE TRIGGER attributes_in AFTER INSERT ON items BEGIN
    INSERT INTO attributes SELECT key, value, NEW.row FROM json_each(NEW.attributes);
END;
CREATE TRIGGER attributes_out AFTER DELETE ON items BEGIN
    DELETE FROM attributes WHERE row = OLD.row AND (name, value) IN (SELECT key, value FROM json_each(OLD.attributes));
END;
CREATE TRIGGER attributes_changed AFTER UPDATE OF attributes ON items BEGIN
    DELETE FROM attributes WHERE row = OLD.row AND (name, value) IN (SELECT key, value FROM json_each(OLD.attributes));
    INSERT INTO attributes SELECT key, value, NEW.row FROM json_each(NEW.attributes);
END;
CREATE TABLE pictures (
    image TEXT PRIMARY KEY, bytes INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, sha256 TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX pictures_sha256 ON pictures (sha256);
CREATE TABLE fingerprints (row INTEGER PRIMARY KEY, fingerprint BLOB NOT NULL);
"""
_FIRST = """
CREATE TABLE items (
    row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, image TEXT NOT NULL, category TEXT NOT NULL,
    colour TEXT NOT NULL, title TEXT NOT NULL, price REAL, url TEXT NOT NULL, attributes TEXT NOT NULL
);
"""
COLUMNS = "id, image, category, colour, title, price, url, attributes, kind, predicted, box"
# SQLite takes this many values in one statement, whatever its version.
_MANY = 900


@dataclass(frozen=True)
class PictureFile:
    """A picture's file as it was when it was added, to tell whether it is still the same one."""

    image: str
    bytes: int
    mtime_ns: int
    sha256: str


def migrate(database: sqlite3.Connection) -> None:
    """Bring the tables to the present form, from any earlier one or from nothing.

    Raises:
        ValueError: a newer version of this program made them.
    """
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if version > SCHEMA:
        raise ValueError(f"the items have version {version}, and {SCHEMA} is the last one known")
    if version == SCHEMA:
        return
    if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'items'").fetchone():
        database.executescript(_FIRST)
    database.create_function("kind_of", 1, kind_of, deterministic=True)
    database.executescript(f"BEGIN; {_TO_2} PRAGMA user_version = {SCHEMA}; COMMIT;")


def item_of(values: Sequence) -> Item:
    """The item of a row of COLUMNS."""
    item_id, image, category, colour, title, price, url, attributes, kind, predicted, box = values
    return Item(
        item_id, image, category, colour, title, price, url, json.loads(attributes),
        kind="" if kind == kind_of(category) else kind,
        predicted=tuple(predicted.split()),
        box=tuple(json.loads(box)) if box else None,
    )  # fmt: skip


def values_of(item: Item) -> tuple:
    """The row of COLUMNS of an item."""
    return (
        item.id, item.image, item.category, item.colour, item.title, item.price, item.url,
        json.dumps(dict(item.attributes), sort_keys=True),
        item.kind or kind_of(item.category),
        " ".join(item.predicted),
        json.dumps(item.box) if item.box else None,
    )  # fmt: skip


class Items:
    """The items of a published index, read-only; shared by all threads."""

    def __init__(self, path: Path) -> None:
        """Open a file.

        Raises:
            OSError, sqlite3.Error, ValueError: it is absent, or no file of items of a version that is known.
        """
        if not path.is_file():
            raise FileNotFoundError(path)
        # `immutable` lets a read-only folder be read, too: no journal is looked for or written.
        uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        self._database = sqlite3.connect(uri, uri=True, check_same_thread=False)
        self._lock = threading.Lock()
        (version,) = self._database.execute("PRAGMA user_version").fetchone()
        if version != SCHEMA:
            # What is published is never touched: an older form is brought up to date in memory.
            memory = sqlite3.connect(":memory:", check_same_thread=False)
            self._database.backup(memory)
            self._database.close()
            migrate(memory)
            self._database = memory

    def are_of(self, rows: np.ndarray) -> bool:
        """Whether these are the items' rows, to judge by their number, their ends and their sum."""
        (found,) = self.ask("SELECT COUNT(*), MIN(row), MAX(row), SUM(row) FROM items")
        return found == (
            (len(rows), *map(int, (rows.min(), rows.max(), rows.sum()))) if len(rows) else (0,) + (None,) * 3
        )

    def ask(self, question: str, values: Sequence = ()) -> list[tuple]:
        """The rows that a SELECT finds."""
        with self._lock:
            return self._database.execute(question, values).fetchall()

    def numbers(self, question: str, values: Sequence = ()) -> np.ndarray:
        """The first column of what a SELECT finds, (n,) int64."""
        return np.array([number for number, *_ in self.ask(question, values)], np.int64)

    def get(self, rows: Iterable[int]) -> list[Item]:
        """The items of these rows, in their order."""
        wanted = [int(row) for row in rows]
        found: dict[int, Item] = {}
        for part in _parts(wanted):
            question = f"SELECT row, {COLUMNS} FROM items WHERE row IN ({_marks(part)})"
            found |= {row: item_of(values) for row, *values in self.ask(question, part)}
        return [found[row] for row in wanted]

    def all(self) -> Iterator[Item]:
        """Every item, in the order of the rows."""
        return (item_of(values) for values in self.ask(f"SELECT {COLUMNS} FROM items ORDER BY row"))

    def row_of(self, item_id: str) -> int | None:
        """The row of the item of that id."""
        found = self.ask("SELECT row FROM items WHERE id = ?", (item_id,))
        return found[0][0] if found else None

    def counts(self, column: str) -> dict[str, int]:
        """How many items have each value of `column` (category, colour or kind), in the order of the values."""
        question = f"SELECT {column}, COUNT(*) FROM items WHERE {column} != '' GROUP BY {column} ORDER BY {column}"
        return dict(self.ask(question))

    def attributes(self) -> dict[str, dict[str, int]]:
        """How many items have each value of each attribute."""
        found: dict[str, dict[str, int]] = {}
        for name, value, count in self.ask("SELECT name, value, COUNT(*) FROM attributes GROUP BY name, value"):
            found.setdefault(name, {})[value] = count
        return found

    def prices(self) -> tuple[float, float] | None:
        """The lowest and the highest price; None where no item has one."""
        ((low, high),) = self.ask("SELECT MIN(price), MAX(price) FROM items")
        return None if low is None else (low, high)

    def of_image(self, image: str) -> list[Item]:
        """The items of a picture, in the order of their rows."""
        found = self.ask(f"SELECT {COLUMNS} FROM items WHERE image = ? ORDER BY row", (image,))
        return [item_of(values) for values in found]

    def file(self, image: str) -> PictureFile | None:
        """A picture's file as it was when it was added."""
        found = self.ask("SELECT image, bytes, mtime_ns, sha256 FROM pictures WHERE image = ?", (image,))
        return PictureFile(*found[0]) if found else None

    def owner(self, sha256: str) -> str | None:
        """The id of the first item whose picture has this content."""
        question = "SELECT id FROM pictures JOIN items USING (image) WHERE sha256 = ? ORDER BY row LIMIT 1"
        found = self.ask(question, (sha256,))
        return found[0][0] if found else None

    def fingerprints(self, rows: Iterable[int]) -> dict[int, bytes]:
        """The fingerprint of each of these rows that has one."""
        found: dict[int, bytes] = {}
        for part in _parts([int(row) for row in rows]):
            found |= dict(self.ask(f"SELECT row, fingerprint FROM fingerprints WHERE row IN ({_marks(part)})", part))
        return found


def _parts(values: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(values), _MANY):
        yield values[start : start + _MANY]


def _marks(values: Sequence) -> str:
    return ", ".join("?" * len(values))
