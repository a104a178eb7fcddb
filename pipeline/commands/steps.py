"""How far long work is, on the command line."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from pipeline.catalogue import Step

# Where nobody watches a bar, a line this often says how far the work is.
_LINE_EVERY = 15.0


@contextmanager
def steps_bar() -> Iterator[Callable[[Step], None]]:
    """Steps of long work as a bar on a terminal; elsewhere, a line on stderr now and then."""
    console = Console(stderr=True, soft_wrap=True, highlight=False)
    if not console.is_terminal:
        yield _lines(console)
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TextColumn("{task.fields[told]}"))
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=None, told="")
        yield lambda step: bar.update(
            task, description=step.what, completed=step.done, total=step.total or None, told=_told(step)
        )


def _lines(console: Console) -> Callable[[Step], None]:
    last, what = time.monotonic(), ""

    def tell(step: Step) -> None:
        nonlocal last, what
        now = time.monotonic()
        waiting = step.what != what and step.what.startswith("Waiting")
        if waiting or now - last >= _LINE_EVERY:
            console.print(f"{step.what} {_told(step)}".rstrip(), markup=False)
            last = now
        what = step.what

    return tell


def _told(step: Step) -> str:
    if not step.total:
        return ""
    rate = f", {step.rate:.1f} a second" if step.rate else ""
    left = f", {_time(step.left)} left" if step.left is not None else ""
    return f"{step.done} of {step.total}{rate}{left}"


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
