"""The layout and the events that the Search and Catalogue tabs share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

from pipeline.ui import markup, refine, texts
from pipeline.ui.answers import Changes
from pipeline.ui.browse import Browser, Shelf
from pipeline.ui.languages import rendered

Parts = dict[str, Any]

QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}


def lay_out(shelf: Shelf, between: Callable[[], object] = lambda: None) -> Parts:
    """The parts of a tab that looks through the catalogue. between: lays out what stands above the items."""
    name = f"fp-{shelf.name}"
    form = gr.HTML(js_on_load=refine.FORM_JS, apply_default_css=False, elem_id=f"{name}-form")
    between()
    waiting = rendered("not-ready", lambda: markup.empty(texts.NOT_READY))
    found = gr.HTML(
        waiting, js_on_load=markup.ACT_JS, apply_default_css=False, elem_id=f"{name}-found", elem_classes=["fp-shelf"]
    )
    script = markup.ACT_JS + markup.DIALOG_JS
    dialog = gr.HTML(
        js_on_load=script, apply_default_css=False, elem_id=f"{name}-opened", elem_classes=["fp-opened-part"]
    )
    return {"form": form, "found": found, "dialog": dialog}


def connect(parts: Parts, browser: Browser, otherwise: Callable[[str, dict[str, str]], Changes | None]) -> None:
    """Connect the shelf's own events. otherwise: may answer an act in the browser's place, by session and fields."""

    def on_act(event: gr.SelectData, request: gr.Request) -> Any:
        session, fields = session_of(request), refine.read(event.value)
        changes = otherwise(session, fields)
        return told(parts, browser.act(session, fields) if changes is None else changes)

    in_turn: dict[str, Any] = {"trigger_mode": "multiple", "concurrency_id": "acts", "concurrency_limit": 1}
    outputs = list(parts.values())
    for name in ("form", "found", "dialog"):
        parts[name].select(on_act, None, outputs, postprocess=False, **in_turn, **QUIET)


def told(parts: Parts, changes: Changes) -> Any:
    """The changes as gradio takes them."""
    return {parts[name]: value for name, value in changes.items()} if changes else gr.skip()


def session_of(request: gr.Request) -> str:
    """Which open page asks."""
    return request.session_hash or ""
