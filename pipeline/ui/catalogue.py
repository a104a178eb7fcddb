"""The Catalogue tab: everything there is, and the owner's part that changes it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from pipeline.ui import markup, owning, shelves
from pipeline.ui.adding import Adder
from pipeline.ui.answers import Changes
from pipeline.ui.browse import Browser, Shelf
from pipeline.ui.languages import rendered, static
from pipeline.ui.loading import Loader
from pipeline.ui.sentences import Sentences
from pipeline.ui.visits import Visits

SHELF = Shelf("catalogue", everything=True)


def catalogue_tab(loader: Loader, visits: Visits, tab: gr.Tab) -> None:
    """Lay the tab out in the surrounding Blocks and connect its events."""
    owner: shelves.Parts = {}
    parts = shelves.lay_out(SHELF, lambda: owner.update(_owners_part()))
    parts |= owner
    _connect(parts, Browser(loader, visits, SHELF), Adder(loader, visits), tab)


def _owners_part() -> shelves.Parts:
    parts: shelves.Parts = {}
    with gr.Accordion(static(Sentences.ADD), open=False, visible=False, elem_id="fp-add") as parts["panel"]:
        gr.HTML(rendered("adding", markup.adding), apply_default_css=False)
        parts["files"] = gr.File(
            file_count="multiple",
            label=static(Sentences.ADD_FILES),
            show_label=False,
            height=150,
            elem_id="fp-add-files",
        )
        with gr.Row(elem_id="fp-add-do"):
            parts["start"] = gr.Button(static(Sentences.ADD_START), variant="primary")
            parts["stop"] = gr.Button(static(Sentences.ADD_STOP), visible=False)
            parts["take"] = gr.HTML(apply_default_css=False)
    with gr.Row(visible=False, elem_id="fp-sign-in") as parts["sign-in"]:
        parts["password"] = gr.Textbox(type="password", label=static(Sentences.PASSWORD), max_length=200)
        parts["enter"] = gr.Button(static(Sentences.SIGN_IN))
    parts["told"] = gr.HTML(apply_default_css=False, elem_id="fp-add-told")
    return parts


def _connect(parts: shelves.Parts, browser: Browser, adder: Adder, tab: gr.Tab) -> None:
    outputs = list(parts.values())

    def tell(changes: Changes) -> Any:
        return shelves.told(parts, changes)

    def otherwise(session: str, fields: dict[str, str]) -> Changes | None:
        if fields.get("act") != "delete":
            return None
        changes = adder.delete(session, fields.get("item", ""))
        return {**browser.open(session), **changes}

    def on_open(request: gr.Request) -> Iterator[Any]:
        session = shelves.session_of(request)
        for changes in browser.waiting():
            yield tell(changes)
        yield tell({**adder.open(session, owning.sits_here(request)), **browser.open(session)})

    def on_sign_in(told: str, request: gr.Request) -> Any:
        return tell(adder.sign_in(shelves.session_of(request), told or ""))

    def on_add(files: list[str] | None, request: gr.Request) -> Iterator[Any]:
        session = shelves.session_of(request)
        for changes in adder.add(session, [Path(name) for name in files or ()]):
            yield tell(changes)
        yield tell(browser.open(session))

    def on_stop(request: gr.Request) -> Any:
        return tell(adder.stop(shelves.session_of(request)))

    shelves.connect(parts, browser, otherwise)
    tab.select(on_open, None, outputs, **shelves.QUIET)
    for event in (parts["enter"].click, parts["password"].submit):
        event(on_sign_in, parts["password"], outputs, **shelves.QUIET)
    # One at a time: another one would wait for the index, and for the cores.
    parts["start"].click(
        on_add,
        parts["files"],
        outputs,
        concurrency_id="adding",
        concurrency_limit=1,
        trigger_mode="once",
        **shelves.QUIET,
    )
    parts["stop"].click(on_stop, None, outputs, queue=False, **shelves.QUIET)
