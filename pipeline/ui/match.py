"""The Match tab: a photo in, its pieces marked on it, and a row of matches for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import gradio as gr

from pipeline.errors import PipelineError
from pipeline.settings import Settings
from pipeline.ui import camera, markup, refine, texts, theme, uploads
from pipeline.ui.acts import Acts
from pipeline.ui.answers import ROW, ROWS, Changes
from pipeline.ui.examples import Example
from pipeline.ui.handlers import MatchHandlers
from pipeline.ui.languages import rendered, static
from pipeline.ui.loading import Loader
from pipeline.ui.sentences import Sentences
from pipeline.ui.turns import MODEL_RUNS
from pipeline.ui.visits import Visits

MAX_MATCHES = 24

Parts = dict[str, Any]


def match_tab(loader: Loader, visits: Visits, examples: Sequence[Example]) -> None:
    """Lay the tab out in the surrounding Blocks and connect its events."""
    parts: Parts = {}
    with gr.Row(elem_id="fp-main"):
        with gr.Column(elem_id="fp-left", scale=5, min_width=320):
            _left(parts, examples)
        with gr.Column(elem_id="fp-right", scale=7, min_width=320, visible=False) as parts["results"]:
            _right(parts)
    script = markup.ACT_JS + markup.DIALOG_JS
    parts["dialog"] = gr.HTML(js_on_load=script, apply_default_css=False, elem_id="fp-opened")
    _connect(parts, MatchHandlers(loader, visits, examples), Acts(loader, visits))


def _left(parts: Parts, examples: Sequence[Example]) -> None:
    parts["status"] = gr.HTML(apply_default_css=False, elem_id="fp-status")
    gr.HTML(rendered("camera", camera.section), js_on_load=theme.LIVE_JS, apply_default_css=False, elem_id="fp-camera")
    parts["drop"] = gr.Image(
        sources=["upload", "webcam", "clipboard"],
        type="filepath",
        label=static(Sentences.PHOTO),
        show_label=False,
        placeholder=str(static(Sentences.DROP)),
        webcam_options=gr.WebcamOptions(mirror=False),
        height=360,
        elem_id="fp-drop",
    )
    parts["examples"] = gr.HTML(
        rendered("examples", lambda: markup.examples(examples)),
        js_on_load=markup.SELECT_JS,
        apply_default_css=False,
        elem_id="fp-examples",
    )
    with gr.Column(visible=False, elem_id="fp-stage") as parts["stage"]:
        parts["photo"] = gr.Image(
            interactive=False,
            show_label=False,
            label=static(Sentences.PIECES),
            buttons=["fullscreen"],
            elem_id="fp-photo",
        )
        parts["pieces"] = gr.Radio([], label=static(Sentences.PIECES), visible=False, elem_id="fp-pieces")
        parts["box"] = gr.HTML(js_on_load=theme.PHOTO_JS, apply_default_css=False, elem_id="fp-box")
        parts["another"] = gr.Button(static(Sentences.ANOTHER), elem_id="fp-another")
    parts["history"] = gr.HTML(js_on_load=markup.SELECT_JS, apply_default_css=False, elem_id="fp-history")


def _right(parts: Parts) -> None:
    with gr.Accordion(static(Sentences.OPTIONS), open=False, visible=False, elem_id="fp-options") as parts["options"]:
        with gr.Row():
            parts["top"] = gr.Slider(1, MAX_MATCHES, Settings.top, step=1, label=static(Sentences.TOP), buttons=[])
            parts["min-score"] = gr.Slider(
                10, 90, round(Settings.min_score * 100), step=5, label=static(Sentences.MIN_SCORE), buttons=[]
            )
        parts["same-kind"] = gr.Checkbox(True, label=static(Sentences.SAME_KIND))
    for n in range(1, ROWS + 1):
        with gr.Column(visible=False, elem_classes=ROW, elem_id=f"fp-row-{n}") as parts[f"row-{n}"]:
            parts[f"piece-{n}"] = gr.HTML(
                js_on_load=markup.SELECT_JS, apply_default_css=False, elem_classes=["fp-piece-part"]
            )
            with gr.Column(elem_classes=["fp-right-part"], min_width=0):
                parts[f"refine-{n}"] = gr.HTML(js_on_load=refine.FORM_JS, apply_default_css=False)
                parts[f"cards-{n}"] = gr.HTML(
                    js_on_load=markup.ACT_JS, apply_default_css=False, elem_classes=["fp-cards-part"]
                )
    parts["note"] = gr.HTML(rendered("empty", lambda: markup.empty(texts.EMPTY)), apply_default_css=False)
    parts["look"] = gr.HTML(js_on_load=markup.ACT_JS, apply_default_css=False, elem_id="fp-look")
    parts["chain"] = gr.HTML(apply_default_css=False, elem_id="fp-chain")


def _connect(parts: Parts, handlers: MatchHandlers, acts: Acts) -> None:
    # Pictures are given by address and files are decoded by the pipeline alone, so gradio converts nothing.
    plain: dict[str, Any] = {
        "outputs": [part for name, part in parts.items() if name not in ("top", "same-kind", "min-score", "another")],
        "preprocess": False,
        "postprocess": False,
        "show_progress": "hidden",
        "api_visibility": "private",
    }

    def told(changes: Changes) -> Any:
        return {parts[name]: value for name, value in changes.items()} if changes else gr.skip()

    def on_photo(file: Any, request: gr.Request) -> Any:
        # Turning the webcam on counts as input, too, without a file.
        if not file:
            return gr.skip()
        try:
            data = uploads.take(file)
        except PipelineError as error:
            return told(handlers.refuse(error))
        return told(handlers.receive(_session(request), data))

    def on_example(event: gr.SelectData, request: gr.Request) -> Any:
        return told(handlers.receive_example(_session(request), int(event.index)))

    def on_earlier(event: gr.SelectData, request: gr.Request) -> Any:
        return told(handlers.receive_earlier(_session(request), _number(event.index)))

    def on_process(top: int, same_kind: bool, percent: float, request: gr.Request) -> Iterator[Any]:
        # First, because gradio takes a generator that yields nothing for one that empties every part.
        yield gr.skip()
        shown: Changes = {}
        for changes in handlers.process(_session(request), _matches(top), same_kind, percent / 100):
            # All there is so far each time: a part that is still being put on the page keeps only the latest change.
            shown |= changes
            yield told(shown)

    def on_search(top: int, same_kind: bool, request: gr.Request) -> Any:
        return told(handlers.search(_session(request), _matches(top), same_kind))

    def on_point(event: gr.SelectData, request: gr.Request) -> Any:
        return told(handlers.select_point(_session(request), *map(int, event.index)))

    def on_choice(number: int | None, request: gr.Request) -> Any:
        return told(handlers.select(_session(request), number) if number else {})

    def on_crop(event: gr.SelectData, request: gr.Request) -> Any:
        return told(handlers.select_row(_session(request), int(event.index)))

    def on_act(event: gr.SelectData, request: gr.Request) -> Any:
        return told(acts.act(_session(request), _number(event.index), refine.read(event.value)))

    def on_box(event: gr.SelectData, request: gr.Request) -> Iterator[Any]:
        yield gr.skip()
        box = _box(event.index)
        for changes in acts.draw(_session(request), box) if box else ():
            yield told(changes)

    def on_clear(request: gr.Request) -> Any:
        return told(handlers.clear(_session(request)))

    settings = [parts["top"], parts["same-kind"]]
    work: dict[str, Any] = {
        "fn": on_process,
        "inputs": [*settings, parts["min-score"]],
        "concurrency_id": "models",
        "concurrency_limit": MODEL_RUNS,
        **plain,
    }
    # Receiving does not queue: a photo is taken off the disk at once, whatever the models are busy with.
    parts["drop"].input(on_photo, parts["drop"], queue=False, **plain).then(trigger_mode="multiple", **work)
    parts["examples"].select(on_example, None, queue=False, **plain).then(trigger_mode="multiple", **work)
    parts["history"].select(on_earlier, None, queue=False, **plain).then(trigger_mode="multiple", **work)
    parts["min-score"].input(trigger_mode="always_last", **work)
    gr.on([parts["top"].input, parts["same-kind"].input], on_search, settings, trigger_mode="always_last", **plain)
    parts["another"].click(on_clear, None, queue=False, **plain)
    into_view: dict[str, Any] = {"fn": None, "inputs": parts["pieces"], "js": "number => window.fpShow(number)"}
    parts["photo"].select(on_point, None, **plain).then(**into_view)
    parts["pieces"].input(on_choice, parts["pieces"], trigger_mode="always_last", **plain).then(**into_view)
    # One after the other, so that what was asked for last is what is shown at last.
    in_turn: dict[str, Any] = {"trigger_mode": "multiple", "concurrency_id": "acts", "concurrency_limit": 1}
    for n in range(1, ROWS + 1):
        parts[f"piece-{n}"].select(on_crop, None, **plain).then(fn=None, js="() => window.fpShowPhoto()")
        parts[f"refine-{n}"].select(on_act, None, **in_turn, **plain)
        parts[f"cards-{n}"].select(on_act, None, **in_turn, **plain)
    for name in ("look", "dialog"):
        parts[name].select(on_act, None, **in_turn, **plain)
    shared: dict[str, Any] = {"concurrency_id": "models", "concurrency_limit": MODEL_RUNS}
    parts["box"].select(on_box, None, **shared, **plain).then(**into_view)


def _number(value: Any) -> int:
    """A row's number as a browser sent it; 0, which is no row, for anything else."""
    return value if isinstance(value, int) else 0


def _box(value: Any) -> tuple[float, float, float, float] | None:
    """A drawn box as a browser sent it, shares of the photo's width and height; None for anything else."""
    if not isinstance(value, list) or len(value) != 4:
        return None
    if not all(isinstance(edge, int | float) and 0 <= edge <= 1 for edge in value):
        return None
    return value[0], value[1], value[2], value[3]


def _matches(top: float) -> int:
    return min(max(int(top), 1), MAX_MATCHES)


def _session(request: gr.Request) -> str:
    return request.session_hash or ""
