"""Photos to try the page with: the project's own, and some that installed packages bring along."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path

from pipeline.photo import SUFFIXES
from pipeline.settings import ROOT

OWN = ROOT / "assets" / "examples"
_PACKAGED = (
    ("At the bus stop", "ultralytics", "assets/bus.jpg"),
    ("On the touchline", "ultralytics", "assets/zidane.jpg"),
    ("Astronaut", "skimage", "data/astronaut.png"),
)


@dataclass(frozen=True)
class Example:
    """A photo to try: the name it is shown with and its file."""

    name: str
    path: Path


def find_examples(own: Path = OWN) -> tuple[Example, ...]:
    """The example photos that are there, the project's own first. No package is imported for it."""
    paths = sorted(path for path in own.glob("*") if path.suffix.lower() in SUFFIXES) if own.is_dir() else []
    examples = [Example(path.stem.replace("-", " ").replace("_", " ").capitalize(), path) for path in paths]
    for name, package, inside in _PACKAGED:
        path = _in_package(package, inside)
        if path is not None:
            examples.append(Example(name, path))
    return tuple(examples)


def _in_package(package: str, inside: str) -> Path | None:
    spec = importlib.util.find_spec(package)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / inside
        if path.is_file():
            return path
    return None
