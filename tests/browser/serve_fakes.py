"""Serves the page with fake stages: `python -m tests.browser.serve_fakes PORT FOLDER`, and --help."""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path

from app import build_app
from pipeline.matcher import Matcher
from pipeline.types import Cutout, Piece
from pipeline.ui.loading import Progress
from tests.fakes import FakeFinder, make_fake_matcher


class PacedFinder(FakeFinder):
    """Takes its time."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    def __call__(self, cutout: Cutout, min_score: float) -> tuple[Piece, ...]:
        time.sleep(self._seconds)
        return super().__call__(cutout, min_score)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--slow", type=float, default=0.0, help="seconds that loading the fakes takes")
    parser.add_argument("--pace", type=float, default=0.0, help="seconds that finding the pieces of a photo takes")
    options = parser.parse_args()

    def load(progress: Progress) -> Matcher:
        for step, what in enumerate(("the background remover", "the piece finder", "the embedder", "the catalogue")):
            progress(what, step / 4)
            time.sleep(options.slow / 4)
        return replace(make_fake_matcher(options.folder), find=PacedFinder(options.pace))  # type: ignore[arg-type]

    build_app(load).launch(server_name="127.0.0.1", server_port=options.port)


if __name__ == "__main__":
    main()
