"""The maps that the page shows: laid out once, in a thread, for all visitors; served with their thumbnails."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.fashionmap import METHODS, Layout, Points, kept_layout, place, points_of_index
from pipeline.fashionmap.clusters import Cluster, clusters_of
from pipeline.fashionmap.document import map_document
from pipeline.fashionmap.sprites import Sheets, sheet
from pipeline.kinds import kind_of
from pipeline.ui.languages import word
from pipeline.ui.loading import Loader, problem_of

if TYPE_CHECKING:
    from pipeline.index import Index

# The page shows one map of each method, so that visitors see the same.
SEED = 0


class Map:
    """A layout with all that is served of it. key: part of its addresses; another layout has another one."""

    def __init__(self, points: Points, layout: Layout, threads: int) -> None:
        """threads: that make the thumbnails."""
        self.points, self.layout, self._threads = points, layout, threads
        facts = (layout.method, layout.ids, layout.places.tobytes(), layout.cells.tobytes(), layout.marks.tobytes())
        self.key = hashlib.sha256(repr(facts).encode()).hexdigest()[:16]
        self._lock = threading.Lock()
        self._sheets: dict[int, bytes] = {}

    @cached_property
    def place_of(self) -> dict[str, int]:
        """The place of each item among the points, by its id."""
        return {item_id: n for n, item_id in enumerate(self.layout.ids)}

    @cached_property
    def clusters(self) -> tuple[Cluster, ...]:
        """The crowds with their names."""
        return clusters_of(self.layout.places, self.points.items)

    def document(self) -> dict[str, Any]:
        """What the viewer draws, in the language that is spoken."""
        addresses = [f"map/{self.key}/{number}.webp" for number in range(Sheets.of(len(self.points)).count)]
        return map_document(self.points, self.layout, self.clusters, addresses, word)

    def sheet(self, number: int) -> bytes | None:
        """A sheet of thumbnails, made when it is first asked for; None where there is no such sheet."""
        if not 0 <= number < Sheets.of(len(self.points)).count:
            return None
        # One at a time: two would only share the same cores.
        with self._lock:
            if number not in self._sheets:
                self._sheets[number] = sheet(self.points, number, self._threads)
            return self._sheets[number]

    def whereabouts(self, embeddings: np.ndarray, kinds: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Where pieces of a photo belong: by the nearest items of their kind, or of any if there is none.

        Args:
            embeddings: (N, D) float32 of unit length. kinds: of each piece.

        Returns:
            (N, 2) places of the free layout, and (N, 2) of the grid, in cells.
        """
        free, grid = np.zeros((len(kinds), 2)), np.zeros((len(kinds), 2))
        for n, kind in enumerate(kinds):
            alike = np.flatnonzero(self._kinds == kind)
            near = alike if len(alike) else np.arange(len(self.points))
            vector, known = embeddings[n : n + 1], self.points.vectors[near]
            free[n] = place(vector, known, self.layout.places[near])[0]
            grid[n] = place(vector, known, self.layout.cells[near])[0]
        return free, grid

    @cached_property
    def _kinds(self) -> np.ndarray:
        return np.array([item.kind or kind_of(item.category) for item in self.points.items])


class Job:
    """A map that is being made: what goes on, the share (0..1) that is done; then the map, or what went wrong."""

    def __init__(self, index: Index, method: str, threads: int) -> None:
        """Begin, in a thread."""
        self.index, self._method, self._threads = index, method, threads
        self.what, self.share = "", 0.0
        self.map: Map | None = None
        self.problem = ""
        self._over = threading.Event()
        threading.Thread(target=self._run, name=f"map-{method}", daemon=True).start()

    @property
    def over(self) -> bool:
        """Whether nothing will change any more."""
        return self._over.is_set()

    def wait(self, seconds: float) -> None:
        """Return when it is over, or after so many seconds."""
        self._over.wait(seconds)

    def _run(self) -> None:
        try:
            points = points_of_index(self.index)
            layout = kept_layout(self.index, points, self._method, SEED, self._threads, self._tell)
            self.map = Map(points, layout, self._threads)
            # Named here, where nobody waits for an answer.
            _ = self.map.clusters
        except Exception as error:
            self.problem = problem_of(error)
        finally:
            self._over.set()

    def _tell(self, what: str, share: float) -> None:
        self.what, self.share = what, share


class Maps:
    """The maps of the catalogue as it is now, by their methods."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader
        self._lock = threading.Lock()
        self._jobs: dict[str, Job] = {}

    def ask(self, method: str) -> Job:
        """The map of a method; it is begun where there is none yet, or where the catalogue changed since."""
        if method not in METHODS:
            raise ValueError(method)
        matcher = self._loader.matcher
        with self._lock:
            job = self._jobs.get(method)
            if job is None or (job.over and (job.index is not matcher.index or job.problem)):
                job = self._jobs[method] = Job(matcher.index, method, matcher.settings.threads)
            return job

    def of(self, key: str) -> Map | None:
        """The map of that key, while it is shown."""
        with self._lock:
            return next((job.map for job in self._jobs.values() if job.map and job.map.key == key), None)
