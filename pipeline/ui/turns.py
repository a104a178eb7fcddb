"""Taking turns at the models: so many runs at once, whoever asks, and a bounded number of callers in the line."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")

# Models run for this many callers at once; more would only share the same cores.
MODEL_RUNS = 2


class Full(Exception):
    """So many are waiting already that nobody else may."""


class Turns:
    """Hands out turns at the models, which the page and the API share."""

    def __init__(self, at_once: int = MODEL_RUNS) -> None:
        """at_once: how many turns are out at most."""
        self._free = threading.BoundedSemaphore(at_once)
        self._lock = threading.Lock()
        self._queued = 0

    def is_full(self, most: int) -> bool:
        """Whether `most` callers that are counted wait or work already."""
        with self._lock:
            return self._queued >= most

    @contextmanager
    def take(self) -> Iterator[None]:
        """Wait for a turn and hold it for the length of the block."""
        with self._free:
            yield

    @contextmanager
    def take_if_free(self) -> Iterator[bool]:
        """Hold a turn for the length of the block if there is one without waiting; yields whether there is."""
        taken = self._free.acquire(blocking=False)
        try:
            yield taken
        finally:
            if taken:
                self._free.release()

    @contextmanager
    def queue(self, most: int) -> Iterator[None]:
        """The same for a caller who is counted, waiting or working.

        Raises:
            Full: `most` callers are counted already.
        """
        with self._lock:
            if self._queued >= most:
                raise Full
            self._queued += 1
        try:
            with self.take():
                yield
        finally:
            with self._lock:
                self._queued -= 1

    def steps(self, work: Iterator[T]) -> Iterator[T]:
        """The same steps, each made in a turn of its own: whoever stops taking them holds no turn."""
        ended = object()
        while True:
            with self.take():
                step = next(work, ended)
            if step is ended:
                return
            yield step  # type: ignore[misc]
