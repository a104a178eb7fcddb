"""The Wardrobe tab: many photos in, what they hold counted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from pipeline.ui import markup, refine, shelves, wardrobe_markup
from pipeline.ui.languages import rendered, static
from pipeline.ui.loading import Loader
from pipeline.ui.texts_wardrobe import Sentences
from pipeline.ui.visits import Visits
from pipeline.ui.wardrobe_counting import Counter

# The slider's ends: below, everything is one garment; above, no two photos agree.
LEAST, MOST = 0.3, 0.99
# After “search from this one” the answer stands in another tab.
GO_ON_JS = "() => window.fpGoOn?.()"


def wardrobe_tab(loader: Loader, visits: Visits) -> None:
    """Lay the tab out in the surrounding Blocks and connect its events."""
    parts = _lay_out()
    _connect(parts, Counter(loader, visits))


def _lay_out() -> shelves.Parts:
    parts: shelves.Parts = {}
    with gr.Column(elem_id="fp-wardrobe"):
        gr.HTML(rendered("wardrobe-hint", wardrobe_markup.hint), apply_default_css=False)
        parts["files"] = gr.File(
            file_count="multiple",
            label=static(Sentences.FILES),
            show_label=False,
            height=150,
            elem_id="fp-wardrobe-files",
        )
        with gr.Row(elem_id="fp-wardrobe-do"):
            parts["start"] = gr.Button(static(Sentences.START), variant="primary")
            parts["stop"] = gr.Button(static(Sentences.STOP), visible=False)
    parts["told"] = gr.HTML(apply_default_css=False, elem_id="fp-wardrobe-told")
    parts["summary"] = gr.HTML(js_on_load=markup.ACT_JS, apply_default_css=False, elem_id="fp-wardrobe-summary")
    parts["same"] = gr.Slider(
        LEAST, MOST, step=0.01, label=static(Sentences.SAME), visible=False, elem_id="fp-wardrobe-same"
    )
    parts["garments"] = gr.HTML(
        js_on_load=markup.ACT_JS,
        apply_default_css=False,
        elem_id="fp-wardrobe-garments",
        elem_classes=["fp-shelf"],
    )
    parts["dialog"] = gr.HTML(
        js_on_load=markup.ACT_JS + markup.DIALOG_JS,
        apply_default_css=False,
        elem_id="fp-wardrobe-opened",
        elem_classes=["fp-opened-part"],
    )
    return parts


def _connect(parts: shelves.Parts, counter: Counter) -> None:
    outputs = list(parts.values())

    def on_count(files: list[str] | None, request: gr.Request) -> Iterator[Any]:
        session = shelves.session_of(request)
        for changes in counter.count(session, [Path(name) for name in files or ()]):
            yield shelves.told(parts, changes)

    def on_stop(request: gr.Request) -> Any:
        return shelves.told(parts, counter.stop(shelves.session_of(request)))

    def on_same(same: float, request: gr.Request) -> Any:
        return shelves.told(parts, counter.regroup(shelves.session_of(request), float(same)))

    def on_act(event: gr.SelectData, request: gr.Request) -> Any:
        return shelves.told(parts, counter.act(shelves.session_of(request), refine.read(event.value)))

    in_turn: dict[str, Any] = {"trigger_mode": "multiple", "concurrency_id": "acts", "concurrency_limit": 1}
    # Several visitors may wait; the counter takes one after the other, and tells the others so.
    parts["start"].click(on_count, parts["files"], outputs, trigger_mode="once", **shelves.QUIET)
    parts["stop"].click(on_stop, None, outputs, queue=False, **shelves.QUIET)
    parts["same"].input(on_same, parts["same"], outputs, **in_turn, **shelves.QUIET)
    for name in ("summary", "garments", "dialog"):
        done = parts[name].select(on_act, None, outputs, postprocess=False, **in_turn, **shelves.QUIET)
    done.then(None, None, None, js=GO_ON_JS)
