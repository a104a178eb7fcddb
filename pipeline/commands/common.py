"""What the verbs share: options, loading with progress, output that stays clean."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from pipeline.errors import UnreadablePhoto
from pipeline.photo import SUFFIXES
from pipeline.settings import Settings

IndexOption = Annotated[
    Path | None, typer.Option("--index", help="Folder of the index. Default: FASHION_INDEX, else the demo index.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Write JSON to stdout and nothing else.")]
TopOption = Annotated[int | None, typer.Option("--top", min=1, help="Matches for each piece. [default: 8]")]


def printer(stderr: bool = False) -> Console:
    """A console that prints catalogue texts and file names as they are, brackets included."""
    return Console(
        stderr=stderr, file=None if stderr else sys.__stdout__, soft_wrap=stderr, highlight=False, markup=False
    )


def settings_for(index: Path | None) -> Settings:
    """The environment's settings, with the index that was named on the command line."""
    settings = Settings.from_environment()
    return settings if index is None else dataclasses.replace(settings, index=index)


@contextmanager
def quiet_stdout() -> Iterator[None]:
    """Whatever a library prints meanwhile goes to stderr: stdout belongs to the result."""
    with redirect_stdout(sys.stderr):
        yield


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[str, float], None]]:
    """A bar on stderr, shown on a terminal only; call what it yields with a text and the share (0..1) done."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=1.0)
        yield lambda text, share: bar.update(task, description=f"{what} {text}".strip(), completed=share)


def write_json(document: Any, indent: int | None = 2) -> None:
    """One JSON document to the real stdout, in ASCII: readable whatever the locale."""
    sys.__stdout__.write(json.dumps(document, indent=indent, allow_nan=False) + "\n")  # type: ignore[union-attr]
    sys.__stdout__.flush()  # type: ignore[union-attr]


def expand(photos: list[Path], refuse: Callable[[Path, UnreadablePhoto], None]) -> Iterator[Path]:
    """The photos that were named, and those in the folders that were; `refuse` is called for a folder without any."""
    for path in photos:
        if not path.is_dir():
            yield path
            continue
        pictures = sorted(p for p in path.rglob("*") if p.suffix.lower() in SUFFIXES)
        if not pictures:
            refuse(path, UnreadablePhoto(f"The folder “{path.name}” holds no pictures; name another one."))
        yield from pictures
