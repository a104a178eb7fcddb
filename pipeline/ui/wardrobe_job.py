"""The counting itself: a thread that looks through uploaded photos, tells how far it is, and removes them."""

from __future__ import annotations

import queue
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import PipelineError
from pipeline.photo import Source
from pipeline.ui.loading import Loader
from pipeline.ui.unpacking import photos_of

if TYPE_CHECKING:
    from pipeline.catalogue import Step
    from pipeline.matcher import Matcher
    from pipeline.wardrobe import Seen, Wardrobe

# Seconds between two looks at how far the counting is.
EVERY = 0.4
MOST_PHOTOS, MOST_BYTES = 300, 2 * 2**30
# What is being done: steps are named so. In between, photos are counted.
WAITING, LOOKING, NAMING = "Waiting", "Looking", "Naming"
# One visitor's photos after the other: two at once would only share the cores.
_line = threading.Lock()


class Job:
    """Counts the photos in uploaded files, which are removed afterwards.

    result: what was counted, or what went wrong; None while the work goes on.
    """

    def __init__(self, loader: Loader, files: Sequence[Path], halt: threading.Event) -> None:
        """halt: set by whoever wants no more; what was seen until then is counted."""
        self._loader = loader
        self._files = list(files)
        self._halt = halt
        self._steps: queue.Queue[Step] = queue.Queue()
        self.result: Wardrobe | Exception | None = None

    def run(self) -> Iterator[Step]:
        """Work in a thread of its own, yielding the latest step every now and then until there is a result."""
        worker = threading.Thread(target=self._work, name="count", daemon=True)
        worker.start()
        while worker.is_alive():
            try:
                step = self._steps.get(timeout=EVERY)
                while not self._steps.empty():
                    step = self._steps.get_nowait()
            except queue.Empty:
                continue
            yield step

    def _work(self) -> None:
        try:
            status = self._loader.status
            if status.problem:
                raise PipelineError(status.problem)
            # Somebody may have ended it before the models were loaded.
            self.result = self._in_turn(self._loader.matcher) if status.ready else self._nothing()
        except Exception as error:
            self.result = error
        finally:
            for path in self._files:
                path.unlink(missing_ok=True)

    def _in_turn(self, matcher: Matcher) -> Wardrobe:
        from pipeline.catalogue import Step

        while not _line.acquire(timeout=EVERY):
            self._steps.put(Step(WAITING))
            if self._halt.is_set():
                return self._nothing()
        try:
            return self._counted(matcher)
        finally:
            _line.release()

    def _nothing(self) -> Wardrobe:
        from pipeline.wardrobe import Wardrobe

        return Wardrobe.of([], len(self._files), [], 1.0)

    def _counted(self, matcher: Matcher) -> Wardrobe:
        from pipeline.catalogue import Meter
        from pipeline.wardrobe import Wardrobe, look_through, named, threshold_of

        turns = self._loader.turns

        def steps(source: Source) -> Iterator[object]:
            return turns.steps(matcher.steps(source))

        seen: list[Seen] = []
        meter = Meter(self._steps.put)
        with tempfile.TemporaryDirectory(prefix="fashion-pieces-wardrobe-") as folder:
            photos = photos_of(self._files, Path(folder), MOST_PHOTOS, MOST_BYTES)
            meter.tell(LOOKING, 0, len(photos))
            for one in look_through(photos, steps, self._halt.is_set):
                seen.append(one)
                meter.tell(LOOKING, len(seen), len(photos))
        meter.tell(NAMING)
        threshold = threshold_of(matcher.embed.name, matcher.index, matcher.settings.models)
        with turns.take():
            sightings = named([sighting for one in seen for sighting in one.sightings], matcher)
        return Wardrobe.of(seen, len(photos), sightings, threshold.same)
