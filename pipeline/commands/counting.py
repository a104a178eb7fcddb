"""`count`: many photos, and what garments they hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from pipeline.catalogue import Meter, Stopped
from pipeline.commands.common import (
    IndexOption,
    JsonOption,
    expand,
    printer,
    progress_bar,
    quiet_stdout,
    settings_for,
    write_json,
)
from pipeline.commands.steps import steps_bar
from pipeline.document import shown_path
from pipeline.errors import UnreadablePhoto, UsageError
from pipeline.matcher import Matcher
from pipeline.photo import Source
from pipeline.wardrobe import (
    FIELDS,
    Seen,
    Threshold,
    Wardrobe,
    as_csv,
    checked,
    look_through,
    named,
    sentence,
    threshold_of,
    wardrobe_document,
)
from pipeline.wardrobe.sheet import write_sheet
from pipeline.wardrobe.words import TOP, counted

# Rows of each table on the terminal.
_ROWS = 8


def count(
    photos: Annotated[list[Path], typer.Argument(metavar="PHOTO|FOLDER...", help="Pictures, or folders of them.")],
    top: Annotated[int, typer.Option("--top", min=1, help="How many of the most frequent categories are named.")] = TOP,
    same: Annotated[
        float | None,
        typer.Option(
            "--same",
            help="How alike (0..1) pieces of different photos must be to count as one garment. "
            "[default: as measured for the embedder]",
        ),
    ] = None,
    min_score: Annotated[
        float | None, typer.Option("--min-score", help="Least confidence of a piece, between 0 and 1. [default: 0.3]")
    ] = None,
    as_json: JsonOption = False,
    table: Annotated[Path | None, typer.Option("--csv", help="Write a table with a line for each piece.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write one self-contained HTML page.")] = None,
    index: IndexOption = None,
) -> int:
    """Count the garments in many photos by kind, category and colour; one that several photos show counts once.

    Ctrl-C ends the looking: what was seen until then is counted.
    """
    for path in filter(None, (table, out)):
        if not path.resolve().parent.is_dir():
            raise UsageError(f"There is no folder for “{path}”; make it first, or name another file.")
    if same is not None:
        checked(same)
    seen: list[Seen] = []
    stopped = False
    with quiet_stdout():
        with progress_bar("Loading") as tell:
            matcher = Matcher.load(settings_for(index), tell)
        empty: list[str] = []
        paths = list(expand(photos, lambda path, error: empty.append(str(error))))
        try:
            for one in _looked(paths, matcher, min_score):
                seen.append(one)
        except KeyboardInterrupt:
            stopped = True
        sightings = named([sighting for one in seen for sighting in one.sightings], matcher)
        threshold = threshold_of(matcher.embed.name, matcher.index, matcher.settings.models)
        wardrobe = Wardrobe.of(seen, len(paths), sightings, threshold.same if same is None else same)
        if table:
            table.write_bytes(as_csv(wardrobe))
        if out:
            write_sheet(wardrobe, out, matcher.models, top)
    if as_json:
        write_json(wardrobe_document(wardrobe, matcher.models, top))
    else:
        _print(wardrobe, top, "--same" if same is not None else _told(threshold))
    console = printer(stderr=True)
    for problem in [*empty, *(problem for _, problem in wardrobe.unreadable)]:
        console.print(f"error: {problem}")
    for path in filter(None, (table, out)):
        console.print(f"Wrote {shown_path(path.resolve())}.")
    if stopped:
        raise Stopped(f"Stopped after {len(seen)} of {counted(len(paths), 'photo')}; what was seen in them is counted.")
    return UnreadablePhoto.exit_code if empty or wardrobe.unreadable else 0


def _looked(paths: Sequence[Path], matcher: Matcher, min_score: float | None) -> Iterator[Seen]:
    """What is seen in the photos, with progress."""
    photos: list[tuple[str, Source]] = [(str(path), path) for path in paths]
    with steps_bar() as tell:
        meter = Meter(tell)
        meter.tell("Counting", 0, len(photos))
        for n, one in enumerate(look_through(photos, partial(matcher.steps, min_score=min_score)), 1):
            meter.tell("Counting", n, len(photos))
            yield one


def _told(threshold: Threshold) -> str:
    return "measured for this embedder" if threshold.measured else "estimated from the catalogue"


def _print(wardrobe: Wardrobe, top: int, source: str) -> None:
    console = printer()
    console.print(sentence(wardrobe, top))
    if not wardrobe.garments:
        return
    for field in FIELDS:
        counts, pieces = wardrobe.count(field), wardrobe.pieces(field)
        shown = Table(field, "garments", "pieces", "", box=None, padding=(0, 2))
        for name, number in list(counts.items())[:_ROWS]:
            bar = "█" * max(1, round(20 * number / max(counts.values())))
            shown.add_row(name, str(number), str(pieces[name]), bar)
        if len(counts) > _ROWS:
            shown.add_row(f"and {len(counts) - _ROWS} more", "", "", "")
        console.print()
        console.print(shown)
    console.print(f"\nPieces count as one garment from a similarity of {wardrobe.same:.2f} on ({source}).")
