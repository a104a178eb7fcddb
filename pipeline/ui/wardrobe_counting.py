"""Counting many photos on the page: with progress and a way to stop; what was counted belongs to the visit."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import gradio as gr

from pipeline.errors import PipelineError
from pipeline.query import Wish
from pipeline.seeking import Seeker
from pipeline.ui import browse, markup, search, wardrobe_markup
from pipeline.ui import texts_wardrobe as said
from pipeline.ui.answers import Changes
from pipeline.ui.loading import Loader, problem_of
from pipeline.ui.visits import Visit, Visits
from pipeline.ui.wardrobe_job import EVERY, NAMING, WAITING, Job

if TYPE_CHECKING:
    from pipeline.catalogue import Step
    from pipeline.wardrobe import Sighting

# Categories that the sentence names, and matches of a garment that are shown.
TOP, MATCHES = 3, 6
# What the files of a visit that belong to its wardrobe begin with.
MARK = "wardrobe-"


class Counter:
    """The events of the Wardrobe tab; the changed parts are files, start, stop, told, summary, same, garments and
    dialog."""

    def __init__(self, loader: Loader, visits: Visits) -> None:
        self._loader = loader
        self._visits = visits

    def count(self, session: str, files: Sequence[Path]) -> Iterator[Changes]:
        """Count uploaded photos, telling how far that is."""
        visit = self._visits.of(session)
        if not files:
            yield {"told": markup.problem(said.FILES_FIRST)}
            return
        self._forget(visit)
        halt = visit.halt = threading.Event()
        yield {**_busy(True), **_nothing(), "told": markup.progress(said.UNPACKING)}
        try:
            yield from self._until_ready(halt)
            job = Job(self._loader, files, halt)
            for step in job.run():
                yield {"told": _progress(step)}
        finally:
            # Whoever closes the page wants no more.
            halt.set()
        idle = {**_busy(False), "files": gr.update(value=None, interactive=True)}
        if isinstance(job.result, Exception):
            yield {**idle, "told": markup.problem(problem_of(job.result))}
            return
        visit.wardrobe = job.result
        yield {**idle, "told": "", **self._shown(visit)}

    def _until_ready(self, halt: threading.Event) -> Iterator[Changes]:
        """Wait for the models; a job without them ends with their problem."""
        self._loader.start()
        while not (status := self._loader.status).over and not halt.is_set():
            yield {"told": markup.loading(status)}
            self._loader.wait(EVERY)

    def stop(self, session: str) -> Changes:
        """The looking is to end; what was seen until now is counted."""
        self._visits.of(session).halt.set()
        return {"stop": gr.update(interactive=False)}

    def regroup(self, session: str, same: float) -> Changes:
        """Another likeness is asked of pieces that count as one garment; no model runs."""
        visit = self._visits.of(session)
        if visit.wardrobe is None:
            return {"told": markup.problem(said.GONE)}
        from pipeline.wardrobe import checked

        try:
            visit.wardrobe = visit.wardrobe.regrouped(checked(same))
        except PipelineError as error:
            return {"told": markup.problem(problem_of(error))}
        shown = self._shown(visit)
        return {"summary": shown["summary"], "garments": shown["garments"], "dialog": ""}

    def act(self, session: str, fields: Mapping[str, str]) -> Changes:
        """A button was pressed; anybody can send anything here."""
        visit = self._visits.of(session)
        act, item = fields.get("act", ""), fields.get("item", "")
        if act == "forget":
            self._forget(visit)
            return {**_nothing(), "told": ""}
        if visit.wardrobe is None or not self._loader.status.ready:
            return {}
        if act == "open":
            return self._open(visit, item)
        if act == "from":
            visit.browsed[search.SHELF.name] = Wish(browse.PAGE, origin=item)
            return {"dialog": ""}
        return {}

    def _open(self, visit: Visit, number: str) -> Changes:
        assert visit.wardrobe is not None
        garment = next((one for one in visit.wardrobe.garments if str(one.number) == number), None)
        if garment is None:
            return {}
        matcher = self._loader.matcher
        seeker = Seeker(matcher.index, matcher.embed, MATCHES)
        matches = seeker.nearest(garment.vector, garment.kind, Wish(MATCHES))
        return {"dialog": wardrobe_markup.dialog(garment, matches, partial(_address, visit))}

    def _shown(self, visit: Visit) -> Changes:
        from pipeline.wardrobe import as_csv, threshold_of

        wardrobe = visit.wardrobe
        assert wardrobe is not None
        matcher = self._loader.matcher
        threshold = threshold_of(matcher.embed.name, matcher.index, matcher.settings.models)
        # Another table each time, so that no browser shows an old one again.
        csv = visit.keep_file(f"{MARK}{secrets.token_hex(4)}.csv", partial(as_csv, wardrobe))
        return {
            "summary": wardrobe_markup.summary(wardrobe, TOP, csv),
            "same": gr.update(
                visible=len(wardrobe.sightings) > 1,
                value=round(wardrobe.same, 2),
                info=said.threshold(threshold.same, threshold.measured),
            ),
            "garments": wardrobe_markup.garments(wardrobe, partial(_address, visit)),
            "dialog": "",
        }

    def _forget(self, visit: Visit) -> None:
        visit.halt.set()
        visit.wardrobe = None
        for name in [name for name in visit.kept if name.startswith(MARK)]:
            visit.kept.pop(name, None)


def _address(visit: Visit, sighting: Sighting) -> str:
    # The same piece keeps its address while the wardrobe stays; another wardrobe's pieces have other ones.
    return visit.keep_file(f"{MARK}{id(sighting):x}.webp", sighting.thumb)


def _progress(step: Step) -> str:
    if step.total:
        return markup.progress(said.looking(step.done, step.total, step.left), step.done / step.total)
    return markup.progress({WAITING: said.WAITING, NAMING: said.NAMING}.get(step.what, said.UNPACKING))


def _nothing() -> Changes:
    return {"summary": "", "garments": "", "dialog": "", "same": gr.update(visible=False)}


def _busy(working: bool) -> Changes:
    return {
        "start": gr.update(visible=not working),
        "stop": gr.update(visible=working, interactive=True),
        "files": gr.update(interactive=not working),
    }
