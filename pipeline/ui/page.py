"""The whole page: title, loading strip, the tab, the footer; and how it is served."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr

from pipeline.errors import UsageError
from pipeline.ui import markup, owning, texts, theme, uploads
from pipeline.ui.api import Service
from pipeline.ui.api_gradio import add_endpoints
from pipeline.ui.api_http import api_routes
from pipeline.ui.catalogue import catalogue_tab
from pipeline.ui.examples import Example, find_examples
from pipeline.ui.languages import dictionaries, rendered, static
from pipeline.ui.live import live_routes
from pipeline.ui.loading import Load, Loader
from pipeline.ui.map import map_tab
from pipeline.ui.map_layouts import Maps
from pipeline.ui.map_serving import map_routes
from pipeline.ui.match import match_tab
from pipeline.ui.pictures import routes
from pipeline.ui.search import search_tab
from pipeline.ui.sentences import Sentences
from pipeline.ui.texts_map import Sentences as MapSentences
from pipeline.ui.texts_wardrobe import Sentences as WardrobeSentences
from pipeline.ui.visits import Visits
from pipeline.ui.wardrobe import wardrobe_tab

# Of an upload, where only photos are uploaded, and where the owner adds to the catalogue.
MAX_FILE_SIZE, MAX_OWN_FILE_SIZE = "64mb", "2gb"
# Seconds: an upload that was never looked at (the page was closed meanwhile) stays no longer than both together.
CLEAN_EVERY, CLEAN_AFTER = 600, 1200
MAX_SESSIONS = 200
QUEUE_SIZE = 100
LIGHT_EVENTS = 8
NO_MCP = "--mcp needs one package more; install it with `pip install -r requirements-mcp.txt`."


class Page(gr.Blocks):
    """The app. `launch` serves it with its own looks and limits, whoever calls it, and then loads the models."""

    def __init__(self, load: Load, examples: Sequence[Example] | None = None) -> None:
        """Lay the page out; nothing is loaded yet.

        Args:
            load: makes the matcher; called once, in a thread, with a function that takes (what, share done).
            examples: photos to try; default: those that are there.
        """
        uploads.use_own_folder()
        super().__init__(
            title=Sentences.TITLE, analytics_enabled=False, delete_cache=(CLEAN_EVERY, CLEAN_AFTER), fill_width=True
        )
        self.loader = Loader(load)
        self.visits = Visits()
        self.maps = Maps(self.loader)
        self.examples = find_examples() if examples is None else tuple(examples)
        self.service = Service(self.loader)
        with self:
            self._lay_out()
            add_endpoints(self.service)
        self.queue(max_size=QUEUE_SIZE, default_concurrency_limit=LIGHT_EVENTS, api_open=False)

    def _lay_out(self) -> None:
        gr.HTML(rendered("header", markup.header), apply_default_css=False)
        strip = gr.HTML(apply_default_css=False, elem_id="fp-loading")
        clock = gr.Timer(0.5, active=False)
        with gr.Tabs(elem_id="fp-tabs"):
            with gr.Tab(static(Sentences.MATCH), id="match"):
                match_tab(self.loader, self.visits, self.examples)
            with gr.Tab(static(Sentences.SEARCH), id="search", render_children=True) as search:
                search_tab(self.loader, self.visits, search)
            with gr.Tab(static(Sentences.CATALOGUE), id="catalogue", render_children=True) as catalogue:
                catalogue_tab(self.loader, self.visits, catalogue)
            with gr.Tab(static(MapSentences.MAP), id="map", render_children=True) as plane:
                map_tab(self.loader, self.visits, self.maps, plane)
            with gr.Tab(static(WardrobeSentences.WARDROBE), id="wardrobe", render_children=True):
                wardrobe_tab(self.loader, self.visits)
        footer = gr.HTML(rendered("footer", lambda: markup.footer("")), apply_default_css=False)

        def tell() -> dict[Any, Any]:
            self.loader.start()
            status = self.loader.status
            changes = {strip: markup.loading(status), clock: gr.Timer(active=not status.over)}
            if status.ready:
                matcher = self.loader.matcher
                changes[footer] = markup.footer(texts.models(matcher.models, len(matcher.index), matcher.note))
            return changes

        def leave(request: gr.Request) -> None:
            self.visits.leave(request.session_hash or "")

        light: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
        self.load(tell, None, [strip, clock, footer], **light)
        clock.tick(tell, None, [strip, clock, footer], **light)
        self.unload(leave)

    async def preprocess_data(self, block_fn: Any, inputs: list[Any], *args: Any, **options: Any) -> Any:
        """What gradio does with the data of an event, unless it would fetch something for whoever sent it."""
        uploads.refuse_addresses(inputs)
        return await super().preprocess_data(block_fn, inputs, *args, **options)

    def _routes(self) -> list[Any]:
        pictures = routes(self.loader, self.visits, self.examples)
        return [*api_routes(self.service), *live_routes(self.loader), *map_routes(self.maps), *pictures]

    def _serve_tools(self) -> dict[str, Any]:
        """What has the app serve the API as tools of the Model Context Protocol, too."""
        try:
            from pipeline.ui.api_mcp import mcp_routes, mcp_server
        except ImportError as error:
            raise UsageError(NO_MCP) from error
        tools, running = mcp_routes(mcp_server(self.service))
        return {"routes": [*tools, *self._routes()], "lifespan": running}

    def launch(self, *args: Any, prevent_thread_lock: bool = False, mcp: bool = False, **options: Any) -> Any:
        """Serve the page as `gr.Blocks.launch` does; options given here go before the page's own.

        Args:
            mcp: match and search are served as tools of the Model Context Protocol, too, at /mcp.

        Raises:
            UsageError: an environment variable makes no sense, or the package that `mcp` needs is missing.
        """
        own: dict[str, Any] = {
            "theme": theme.theme(),
            "css": theme.CSS,
            "head": theme.HEAD,
            "i18n": dictionaries(),
            "favicon_path": str(theme.FAVICON),
            "app_kwargs": self._serve_tools() if mcp else {"routes": self._routes()},
            "max_file_size": MAX_FILE_SIZE if owning.is_public() and not owning.password() else MAX_OWN_FILE_SIZE,
            "state_session_capacity": MAX_SESSIONS,
            "show_error": False,
            "run_history": False,
            "enable_monitoring": False,
            "mcp_server": False,
            "footer_links": [],
            "ssr_mode": False,
            "pwa": False,
            "quiet": True,
        }
        served = super().launch(*args, **{**own, **options, "prevent_thread_lock": True})
        # Only now: importing the model libraries keeps the interpreter busy, and the page should be there first.
        self.loader.start()
        if not prevent_thread_lock:
            self.block_thread()
        return served
