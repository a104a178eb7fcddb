"""The Search tab: words in, items of the catalogue out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

from pipeline.ui import shelves
from pipeline.ui.browse import Browser, Shelf
from pipeline.ui.loading import Loader
from pipeline.ui.visits import Visits

SHELF = Shelf("search", everything=False)


def search_tab(loader: Loader, visits: Visits, tab: gr.Tab) -> None:
    """Lay the tab out in the surrounding Blocks and connect its events."""
    parts, browser = shelves.lay_out(SHELF), Browser(loader, visits, SHELF)
    shelves.connect(parts, browser, lambda session, fields: None)

    def on_open(request: gr.Request) -> Iterator[Any]:
        for changes in browser.waiting():
            yield shelves.told(parts, changes)
        yield shelves.told(parts, browser.open(shelves.session_of(request)))

    tab.select(on_open, None, list(parts.values()), **shelves.QUIET)
