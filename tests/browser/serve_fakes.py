"""Serves the page with fake stages: `python -m tests.browser.serve_fakes PORT FOLDER [--slow SECONDS]`."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from app import build_app
from pipeline.matcher import Matcher
from pipeline.ui.loading import Progress
from tests.fakes import make_fake_matcher


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--slow", type=float, default=0.0, help="seconds that loading the fakes takes")
    options = parser.parse_args()

    def load(progress: Progress) -> Matcher:
        for step, what in enumerate(("the background remover", "the piece finder", "the embedder", "the catalogue")):
            progress(what, step / 4)
            time.sleep(options.slow / 4)
        return make_fake_matcher(options.folder)

    build_app(load).launch(server_name="127.0.0.1", server_port=options.port)


if __name__ == "__main__":
    main()
