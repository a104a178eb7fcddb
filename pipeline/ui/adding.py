"""Changing the catalogue from the page: adding with progress and a way to stop, removing, taking it along."""

from __future__ import annotations

import queue
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from pipeline.ui import markup, owning, texts
from pipeline.ui.answers import Changes
from pipeline.ui.loading import Loader, problem_of
from pipeline.ui.unpacking import source_of
from pipeline.ui.visits import Visit, Visits

if TYPE_CHECKING:
    from pipeline.catalogue import Added, Step
    from pipeline.matcher import Matcher

# Seconds between two looks at how far adding is.
EVERY = 0.4


class Adder:
    """The events of the owner's part of the Catalogue tab; the changed parts are panel, sign-in, files, start, stop,
    told and take.

    Whoever is not the owner gets one sentence, whatever is sent.
    """

    def __init__(self, loader: Loader, visits: Visits) -> None:
        self._loader = loader
        self._visits = visits

    def open(self, session: str, here: bool) -> Changes:
        """The tab came into view. here: the browser runs on this machine."""
        visit = self._visits.of(session)
        if here and not owning.password():
            visit.owner = True
        return {**_panel(visit), "told": "", "take": self._take(visit)}

    def sign_in(self, session: str, told: str) -> Changes:
        """A password was entered."""
        visit = self._visits.of(session)
        if not owning.is_right(told):
            return {"told": markup.problem(texts.WRONG), "password": ""}
        visit.owner = True
        return {**_panel(visit), "told": "", "password": "", "take": self._take(visit)}

    def add(self, session: str, files: Sequence[Path]) -> Iterator[Changes]:
        """Add uploaded files to the catalogue, telling how far that is."""
        visit = self._visits.of(session)
        if not visit.owner:
            yield {"told": markup.problem(texts.ADDING_OFF)}
            return
        if not files or not self._loader.status.ready:
            yield {"told": markup.problem(texts.ADD_NOTHING if not files else texts.NOT_READY)}
            return
        visit.stop.clear()
        yield {**_busy(True), "told": markup.progress(texts.step("Reading", 0, 0, 0, None))}
        steps: queue.Queue[Step | Added | Exception] = queue.Queue()
        worker = threading.Thread(
            target=self._work, args=(self._loader.matcher, list(files), steps, visit), name="add", daemon=True
        )
        worker.start()
        last: Any = None
        while last is None or not _is_over(last):
            try:
                last = steps.get(timeout=EVERY)
                while not _is_over(last) and not steps.empty():
                    last = steps.get_nowait()
            except queue.Empty:
                continue
            if not _is_over(last):
                share = last.done / last.total if last.total else None
                sentence = texts.step(last.what, last.done, last.total, last.rate, last.left)
                yield {"told": markup.progress(sentence, share)}
        emptied = gr.update(value=None, interactive=True)
        yield {**_busy(False), "files": emptied, "told": _outcome(last), "take": self._take(visit)}

    def _work(self, matcher: Matcher, files: list[Path], steps: queue.Queue[Any], visit: Visit) -> None:
        from pipeline import catalogue

        try:
            with tempfile.TemporaryDirectory(prefix="fashion-pieces-add-") as folder:
                source = source_of(files, Path(folder))
                added = catalogue.add(
                    source, matcher.index.folder, matcher, copy=True, progress=steps.put, cancelled=visit.stop.is_set
                )
            steps.put(added)
        except Exception as error:
            steps.put(error)
        finally:
            for path in files:
                path.unlink(missing_ok=True)

    def stop(self, session: str) -> Changes:
        """Adding is to end after the picture that is being looked at."""
        self._visits.of(session).stop.set()
        return {"stop": gr.update(interactive=False)}

    def delete(self, session: str, item: str) -> Changes:
        """Remove an item from the catalogue."""
        from pipeline import catalogue

        visit = self._visits.of(session)
        if not visit.owner or not self._loader.status.ready:
            return {"told": markup.problem(texts.ADDING_OFF)}
        try:
            catalogue.remove(self._loader.matcher.index.folder, [item])
        except Exception as error:
            return {"told": markup.problem(problem_of(error))}
        return {"told": markup.note(texts.removed(item)), "take": self._take(visit)}

    def _take(self, visit: Visit) -> str:
        if not visit.owner or not self._loader.status.ready:
            return ""
        address = visit.keep_file("catalogue.csv", lambda: _table(self._loader.matcher))
        return f"<a class='fp-quiet' href='{address}' download='catalogue.csv'>{texts.EXPORT}</a>"


def _table(matcher: Matcher) -> bytes:
    from pipeline import catalogue

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "catalogue.csv"
        catalogue.export(matcher.index, path)
        return path.read_bytes()


def _panel(visit: Visit) -> Changes:
    """The owner's part, or the way to it where there is one."""
    return {
        "panel": gr.update(visible=visit.owner),
        "sign-in": gr.update(visible=not visit.owner and bool(owning.password())),
    }


def _busy(working: bool) -> Changes:
    return {
        "start": gr.update(visible=not working),
        "stop": gr.update(visible=working, interactive=True),
        "files": gr.update(interactive=not working),
    }


def _is_over(step: Any) -> bool:
    """Whether this is the end: what was added, or what went wrong."""
    return isinstance(step, Exception) or hasattr(step, "manifest")


def _outcome(last: Added | Exception) -> str:
    if isinstance(last, Exception):
        return markup.problem(problem_of(last))
    done = markup.note(texts.added(last.added, last.updated, last.duplicates, last.manifest.count))
    return done + "".join(markup.problem(sentence) for sentence in texts.unreadable(last.unreadable))
