"""The page in a browser: `python app.py`, then http://localhost:7860. A Space runs this file, too."""

from __future__ import annotations

import argparse
import importlib
import os
import signal
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

# The package sets what gradio reads when it is imported, so nothing here imports gradio before it.
from pipeline.errors import PipelineError
from pipeline.settings import Settings
from pipeline.ui.loading import Load, Progress
from pipeline.ui.page import Page

if TYPE_CHECKING:
    from pipeline.matcher import Matcher

PORT = 7860


def load_matcher(progress: Progress, index: Path | None = None) -> Matcher:
    """Load the models; their libraries are only imported here, after the page is served.

    Args:
        progress: called with what is being loaded and the share (0..1) that is done.
        index: folder of the published index; default: from the environment.
    """
    from pipeline.matcher import Matcher

    settings = Settings.from_environment()
    matcher = Matcher.load(replace(settings, index=index) if index else settings, progress)
    # The first run of every model is slow; it need not be a visitor's.
    progress("a first look", 0.97)
    matcher.match(np.full((64, 64, 3), 255, np.uint8))
    return matcher


def build_app(load: Load = load_matcher) -> Page:
    """The app, not served yet. load: makes the matcher, in a thread, once the page is there."""
    return Page(load)


def ask_for_gpu() -> bool:
    """Let the app start on ZeroGPU hardware, which refuses one that never asks for its GPU; returns whether it asked.

    All models run on the processor, so what asks is never called. Only such a Space sets the variable and has `spaces`.
    """
    if not os.environ.get("SPACES_ZERO_GPU"):
        return False
    try:
        spaces = importlib.import_module("spaces")
    except ImportError:
        return False
    spaces.GPU(lambda: None)
    return True


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve the page until interrupted."""
    parser = argparse.ArgumentParser(prog="app.py", description="Serve the page that matches the pieces of a photo.")
    parser.add_argument("--host", help="address to listen on (GRADIO_SERVER_NAME; default: this machine only)")
    parser.add_argument("--port", type=int, help=f"port to listen on (GRADIO_SERVER_PORT; default: {PORT})")
    parser.add_argument("--index", type=Path, help="folder of the published index (FASHION_INDEX)")
    parser.add_argument("--mcp", action="store_true", help="serve match and search as MCP tools, too, at /mcp")
    options = parser.parse_args(arguments)
    port = options.port or _port_of_environment()
    ask_for_gpu()
    # A host that stops the app asks this way; what visitors uploaded is to be deleted then, too.
    signal.signal(signal.SIGTERM, _stop)
    page = build_app(partial(load_matcher, index=options.index)) if options.index else demo
    try:
        page.launch(server_name=options.host, server_port=port, mcp=options.mcp, prevent_thread_lock=True)
    except PipelineError as error:
        parser.exit(error.exit_code, f"{error}\n")
    except OSError:
        which = f"Port {port} is taken" if port else "No port is free"
        parser.exit(1, f"{which}, or this address cannot be served; try another --port or --host.\n")
    except KeyboardInterrupt:
        return
    shown = (page.local_url or "").replace("127.0.0.1", "localhost")
    if port is None and page.server_port != PORT:
        print(f"Port {PORT} is taken, so the page has the next one that is free.")
    print(f"Open {shown} in a browser. Ctrl+C stops the app.", flush=True)
    if options.mcp:
        print(f"MCP clients connect to {shown}mcp.", flush=True)
    page.block_thread()


def _port_of_environment() -> int | None:
    """The port that was asked for; gradio itself would silently go on to the next one where it is taken."""
    told = os.environ.get("GRADIO_SERVER_PORT", "")
    return int(told) if told else None


def _stop(*_: object) -> None:
    raise KeyboardInterrupt


demo = build_app()

if __name__ == "__main__":
    main()
