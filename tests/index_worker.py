"""A process that writes an index, to be killed, starved or run beside another: `python -m tests.index_worker VERB …`.

Every line it prints is flushed, so that whoever started it knows how far it is.
"""

from __future__ import annotations

import resource
import signal
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from pipeline import catalogue
from pipeline.errors import PipelineError
from pipeline.index import editing, publish
from pipeline.settings import Settings
from pipeline.types import Cutout, Item, Photo
from tests.fakes import FakeEmbedder, FakeFinder, FakeRemover

DIMENSION = 16


def say(*words: object) -> None:
    print(*words, flush=True)


def unit(count: int, seed: int = 0) -> np.ndarray:
    """(count, DIMENSION) float32 of unit length."""
    rows = np.random.default_rng(seed).normal(size=(count, DIMENSION)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def items(count: int, name: str = "i") -> list[Item]:
    return [Item(f"{name}{n}", f"{name}{n}.png", "bag", "red", f"No. {n}") for n in range(count)]


class SlowRemover(FakeRemover):
    """Takes its time, so that there is a moment to be killed in."""

    def __call__(self, photo: Photo) -> Cutout:
        time.sleep(0.01)
        return super().__call__(photo)


def stages(remover: FakeRemover | None = None) -> SimpleNamespace:
    return SimpleNamespace(
        cut=remover or FakeRemover(), find=FakeFinder(), embed=FakeEmbedder(), settings=Settings(threads=2)
    )


def keep_publishing(folder: Path) -> None:
    """Publish one size after the other, and say each when it is done."""
    for count in range(100, 10_000):
        publish(folder, items(count), unit(count), "model-a", folder)
        say(count)


def join(folder: Path, name: str) -> None:
    """Add ten times ten items, each time in a turn of its own."""
    say("ready")
    for n in range(10):
        with editing(folder, "model-a", DIMENSION, folder, waiting=lambda: say("waiting")) as draft:
            draft.put(items(10, f"{name}{n}-"), unit(10, n))
            draft.publish()


def hold(folder: Path) -> None:
    """Take the writers' turn and keep it."""
    with editing(folder, "model-a", DIMENSION, folder):
        say("ready")
        time.sleep(60)


def add(source: Path, folder: Path) -> None:
    """Add pictures slowly, and say after each how many were seen."""
    catalogue.add(source, folder, stages(SlowRemover()), progress=lambda step: say(step.what, step.done))


def starve(folder: Path, limit: int, verb: str, source: Path) -> None:
    """Publish, or add, where no file may grow beyond so many bytes; with a limit of 0 the disk itself is the limit."""
    if limit:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    try:
        if verb == "publish":
            publish(folder, items(20_000), unit(20_000), "model-a", folder)
        elif verb == "grow":
            with editing(folder, "model-a", DIMENSION, folder) as draft:
                draft.put(items(20_000, "more"), unit(20_000))
                draft.publish()
        else:
            catalogue.add(source, folder, stages())
    except PipelineError as error:
        say(type(error).__name__, error)


if __name__ == "__main__":
    verb, folder, *rest = sys.argv[1:]
    match verb:
        case "keep-publishing":
            keep_publishing(Path(folder))
        case "join":
            join(Path(folder), rest[0])
        case "hold":
            hold(Path(folder))
        case "add":
            add(Path(rest[0]), Path(folder))
        case "starve":
            starve(Path(folder), int(rest[0]), rest[1], Path(rest[2]))
