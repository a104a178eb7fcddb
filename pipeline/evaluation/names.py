"""Finding pictures by what people write for them: an id, a file name, a path with or without its ending."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath

from pipeline.errors import UsageError
from pipeline.photo import SUFFIXES


class Names:
    """Ids that can be asked for by any part of a path that is not another's, too: `shirts/7.jpg`, `shirts/7`, `7`."""

    def __init__(self, ids: Sequence[str], where: str) -> None:
        """where: what holds the ids, for the messages.

        Raises:
            UsageError: an id is there twice.
        """
        doubled = next((name for name, count in Counter(ids).items() if count > 1), None)
        if doubled is not None:
            raise UsageError(
                f"{where} has “{doubled}” more than once; names must differ, so rename one of the pictures."
            )
        self._where = where
        self._exact = {name: place for place, name in enumerate(ids)}
        self._ends: dict[str, list[int]] = {}
        for place, name in enumerate(ids):
            for end in _ends(without_ending(name)):
                self._ends.setdefault(end, []).append(place)

    def find(self, name: str) -> int | None:
        """The position of the id that is meant, None where there is none.

        Raises:
            UsageError: several could be meant.
        """
        name = name.replace("\\", "/").removeprefix("./")
        bare = without_ending(name)
        for written in (name, bare):
            if written in self._exact:
                return self._exact[written]
        places = self._ends.get(bare, [])
        if len(places) > 1:
            raise UsageError(f"“{name}” can be {len(places)} pictures of {self._where}; write more of the path.")
        if places:
            return places[0]
        # The ids may be shorter than what was written: `embed` keeps stems where they are distinct.
        return next((self._exact[end] for end in _ends(bare) if end in self._exact), None)


def without_ending(name: str) -> str:
    """A path without the ending of a picture file."""
    path = PurePosixPath(name)
    return path.with_suffix("").as_posix() if path.suffix.lower() in SUFFIXES else name


def _ends(name: str) -> list[str]:
    """`a/b/c` -> `a/b/c`, `b/c`, `c`."""
    parts = name.split("/")
    return ["/".join(parts[start:]) for start in range(len(parts))]
