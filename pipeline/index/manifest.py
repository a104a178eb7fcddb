"""The manifest: one small file that says which files are the published index. It is written last."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pipeline.errors import IndexMissing
from pipeline.settings import DEMO_INDEX

MANIFEST = "manifest.json"
SCHEMA = 2
_DEMO_CSV = "assets/catalogue/items.csv"
# Files up to this size are hashed whole when an index is opened; of larger ones the size is compared, and both ends.
HASHED_WHOLE = 64 * 2**20
_END = 2**20


@dataclass(frozen=True)
class Manifest:
    """What a published index says of itself.

    pictures: folder of the items' pictures, relative to the index. created: ISO 8601, UTC.
    vectors, items: file names in the index's folder. checksums: sha256 of each file; ends: sha256 of the first and
    last MiB of each large file; bytes: size of each file.
    """

    embedder: str
    dimension: int
    count: int
    index_type: str
    pictures: str
    vectors: tuple[str, ...]
    items: str
    checksums: dict[str, str]
    created: str
    bytes: dict[str, int] = field(default_factory=dict)
    ends: dict[str, str] = field(default_factory=dict)
    schema: int = SCHEMA

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """The manifest of the index published in `folder`.

        Raises:
            IndexMissing: there is none, it is damaged, or a newer version of this program wrote it.
        """
        try:
            facts: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            if facts.get("schema", 1) > SCHEMA:
                raise IndexMissing(
                    f"The index in “{folder.name}” was made by a newer version of this program; update the program."
                )
            vectors = facts["vectors"]
            # Schema 1 had a single file of vectors.
            facts["vectors"] = (vectors,) if isinstance(vectors, str) else tuple(vectors)
            manifest = cls(**{**facts, "schema": SCHEMA})
            if set(manifest.checksums) != {*manifest.vectors, manifest.items} or any(
                Path(name).name != name for name in manifest.checksums
            ):
                raise ValueError("it names other files than it checks")
        except (FileNotFoundError, NotADirectoryError) as error:
            raise IndexMissing(f"There is no index in “{folder.name}”; make one with `{rebuild(folder)}`.") from error
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise IndexMissing(damaged(folder)) from error
        return manifest

    def text(self) -> str:
        """The file's content."""
        return json.dumps(asdict(self), indent=2) + "\n"

    def check(self, folder: Path) -> None:
        """Compare the files with what is said of them.

        Raises:
            OSError, ValueError: a file is absent, or is another one.
        """
        for name, expected in self.checksums.items():
            size = (folder / name).stat().st_size
            if size != self.bytes.get(name, size):
                raise ValueError(f"another size of {name}")
            found, wanted = (
                (ends_hash(folder / name), self.ends[name])
                if name in self.ends
                else (file_hash(folder / name), expected)
            )
            if found != wanted:
                raise ValueError(f"another sha256 of {name}")


def file_hash(path: Path) -> str:
    """sha256 of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def ends_hash(path: Path) -> str:
    """sha256 of the first and the last MiB of a file."""
    with path.open("rb") as file:
        head = file.read(_END)
        file.seek(-_END, 2)
        return hashlib.sha256(head + file.read()).hexdigest()


def rebuild(folder: Path) -> str:
    """The command that makes the index in `folder` anew."""
    source = _DEMO_CSV if folder.resolve() == DEMO_INDEX else "FOLDER_OR_CSV"
    return f"python -m pipeline catalogue add {source} --replace --index {folder.name}"


def damaged(folder: Path) -> str:
    """The sentence about an index that cannot be used."""
    return f"The index in “{folder.name}” is damaged; make it again with `{rebuild(folder)}`."
