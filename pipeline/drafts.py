"""Files that are whole at any moment: written beside their place first, then moved there."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A draft to write, which then takes the path's place: no other process reads half a file, and where the writing
    fails, what was there stays. The folder is made where there is none.

    Raises:
        OSError: it cannot be written there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Nobody else's, another thread's neither, and with the path's own ending: some writers go by it.
    draft = path.with_name(f".{os.getpid()}-{threading.get_native_id()}-{path.name}")
    try:
        yield draft
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
