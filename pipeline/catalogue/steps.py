"""How far long work is: told to whoever waits, who may also stop it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from pipeline.errors import PipelineError


@dataclass(frozen=True)
class Step:
    """How far the work is.

    what: what is being done, in a word or two. done, total: pictures, or 0 of 0 where nobody counts.
    rate: pictures a second, 0 while unknown. left: seconds, None while unknown.
    """

    what: str
    done: int = 0
    total: int = 0
    rate: float = 0.0
    left: float | None = None


Progress = Callable[[Step], None]
Cancelled = Callable[[], bool]


class Stopped(PipelineError):
    """Whoever asked for the work stopped it; `str(error)` says what is kept of it."""

    exit_code = 130


class Meter:
    """Tells steps at the rate of the work that is really done, and asks whether to go on."""

    def __init__(self, progress: Progress | None = None, cancelled: Cancelled | None = None) -> None:
        self._progress = progress or (lambda step: None)
        self._cancelled = cancelled or (lambda: False)
        self._what = ""
        self._began = 0.0

    def tell(self, what: str, done: int = 0, total: int = 0, before: int = 0) -> None:
        """done, total: of this call, beside what was done `before`; a new `what` starts the clock.

        Raises:
            Stopped: whoever waits wants no more.
        """
        now = time.monotonic()
        if what != self._what:
            self._what, self._began = what, now
        rate = done / (now - self._began) if done and now > self._began else 0.0
        self._progress(Step(what, before + done, before + total, rate, (total - done) / rate if rate else None))
        if self._cancelled():
            raise Stopped("Stopped; what was seen of the pictures is kept for the next time.")
