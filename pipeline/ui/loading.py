"""The models, loaded once in a background thread while the page is already there."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.errors import PipelineError
from pipeline.ui import texts
from pipeline.ui.languages import told
from pipeline.ui.sentences import Sentences
from pipeline.ui.turns import Turns

if TYPE_CHECKING:
    from pipeline.matcher import Matcher

Progress = Callable[[str, float], None]
Load = Callable[[Progress], "Matcher"]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Status:
    """How far the loading is: what is being loaded, the share (0..1) that is done, and the sentence if it failed."""

    what: str = ""
    share: float = 0.0
    ready: bool = False
    problem: str | None = None

    @property
    def over(self) -> bool:
        """Whether nothing will change any more."""
        return self.ready or self.problem is not None


class Loader:
    """Calls `load` once, in a thread, and tells how far it is. turns: whoever runs a model takes one."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self.turns = Turns()
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._started = False
        self._matcher: Matcher | None = None
        self.status = Status(Sentences.MODELS)

    def start(self) -> None:
        """Begin to load; calling it again does nothing."""
        with self._lock:
            if self._started:
                return
            self._started = True
        threading.Thread(target=self._run, name="load-models", daemon=True).start()

    def wait(self, seconds: float) -> None:
        """Return when loading is over, or after so many seconds."""
        self._over.wait(seconds)

    @property
    def matcher(self) -> Matcher:
        """The loaded matcher; only there once `status.ready`."""
        if self._matcher is None:
            raise RuntimeError("the models are not loaded yet")
        # What was added to the catalogue meanwhile is found without a restart.
        self._matcher = self._matcher.current()
        return self._matcher

    def _run(self) -> None:
        try:
            self._matcher = self._load(self._tell)
        except Exception as error:
            self.status = Status(problem=problem_of(error))
        else:
            self.status = Status(share=1.0, ready=True)
        finally:
            self._over.set()

    def _tell(self, what: str, share: float) -> None:
        self.status = Status(what, share)


def problem_of(error: Exception) -> str:
    """The sentence that a visitor is told; what is not meant for visitors goes to the log only."""
    if isinstance(error, PipelineError):
        return told(str(error))
    log.error("Unexpected error", exc_info=error)
    return texts.UNEXPECTED
