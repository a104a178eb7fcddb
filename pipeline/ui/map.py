"""The Map tab: the catalogue laid out by likeness, to be walked through."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

from pipeline.ui import markup, refine, shelves, theme
from pipeline.ui.loading import Loader
from pipeline.ui.map_handlers import MapBrowser
from pipeline.ui.map_layouts import Maps
from pipeline.ui.visits import Visits

# What the parts beside the map tell it.
PIECES_JS = """
watch('value', () => window.fpPiecesChanged?.());
element.addEventListener('click', event => {
  const button = event.target.closest('[data-row]');
  if (button) window.fpPieceShown?.(Number(button.dataset.row));
});
"""
FOUND_JS = """
let listed = false;
element.addEventListener('toggle', event => { listed = event.target.open; }, true);
watch('value', () => {
  const list = element.querySelector('details');
  if (list) list.open = listed;
  window.fpMapChanged?.();
});
"""


def map_tab(loader: Loader, visits: Visits, maps: Maps, tab: gr.Tab) -> None:
    """Lay the tab out in the surrounding Blocks and connect its events."""
    parts, browser = _lay_out(), MapBrowser(loader, visits, maps)
    outputs = list(parts.values())

    def on_open(request: gr.Request) -> Iterator[Any]:
        for changes in browser.waiting():
            yield shelves.told(parts, {"told": changes["found"]})
        for changes in browser.show(shelves.session_of(request)):
            yield shelves.told(parts, changes)

    def on_act(event: gr.SelectData, request: gr.Request) -> Iterator[Any]:
        # First, because gradio takes a generator that yields nothing for one that empties every part.
        yield gr.skip()
        session, fields = shelves.session_of(request), refine.read(event.value)
        if fields.get("act") == "method":
            for changes in browser.show(session, fields.get("item", "")):
                yield shelves.told(parts, changes)
        else:
            yield shelves.told(parts, browser.act(session, fields))

    tab.select(on_open, None, outputs, postprocess=False, **shelves.QUIET)
    in_turn: dict[str, Any] = {"trigger_mode": "multiple", "concurrency_id": "acts", "concurrency_limit": 1}
    # The methods are chosen in the map, and laying out may take a minute: nobody else's acts wait for that.
    parts["map"].select(on_act, None, outputs, postprocess=False, trigger_mode="multiple", **shelves.QUIET)
    for name in ("form", "pieces", "found", "dialog"):
        parts[name].select(on_act, None, outputs, postprocess=False, **in_turn, **shelves.QUIET)


def _lay_out() -> shelves.Parts:
    plain: dict[str, Any] = {"apply_default_css": False}
    return {
        "form": gr.HTML(js_on_load=refine.FORM_JS, elem_id="fp-map-form", **plain),
        "told": gr.HTML(elem_id="fp-map-told", **plain),
        "pieces": gr.HTML(js_on_load=markup.ACT_JS + PIECES_JS, elem_id="fp-map-pieces", **plain),
        "map": gr.HTML(js_on_load=markup.ACT_JS + theme.MAP_JS, elem_id="fp-map", **plain),
        "found": gr.HTML(
            js_on_load=markup.ACT_JS + FOUND_JS, elem_id="fp-map-found", elem_classes=["fp-shelf"], **plain
        ),
        "dialog": gr.HTML(
            js_on_load=markup.ACT_JS + markup.DIALOG_JS,
            elem_id="fp-map-opened",
            elem_classes=["fp-opened-part"],
            **plain,
        ),
    }
