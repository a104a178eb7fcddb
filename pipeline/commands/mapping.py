"""`map`: the catalogue, or the pieces of a folder of photos, as a map by likeness."""

from __future__ import annotations

import time
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from pipeline.commands.common import (
    IndexOption,
    JsonOption,
    printer,
    progress_bar,
    quiet_stdout,
    settings_for,
    write_json,
)
from pipeline.document import shown_path
from pipeline.errors import UnreadablePhoto, UsageError
from pipeline.fashionmap import (
    Layout,
    Points,
    kept_layout,
    make,
    points_of_folder,
    points_of_index,
    write_page,
    write_picture,
)
from pipeline.fashionmap.clusters import clusters_of
from pipeline.index import Index
from pipeline.matcher import Matcher
from pipeline.settings import Settings

WRITERS = {".html": write_page, ".png": write_picture}


class Method(StrEnum):
    """The values of --method."""

    TSNE = "tsne"
    UMAP = "umap"


class Grouping(StrEnum):
    """The values of --colour-by."""

    CATEGORY = "category"
    COLOUR = "colour"


def map_items(
    folder: Annotated[
        Path | None, typer.Argument(help="Photos whose pieces are laid out. Default: the items of the index.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE.html|FILE.png", help="A self-contained page, or a picture.")
    ] = None,
    method: Annotated[Method, typer.Option("--method", help="How to lay out.")] = Method.TSNE,
    grid: Annotated[bool, typer.Option("--grid", help="Show the regular grid, with nothing overlapping.")] = False,
    colour_by: Annotated[Grouping | None, typer.Option("--colour-by", help="Frame the items by it.")] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Another one gives another map.")] = 0,
    as_json: JsonOption = False,
    index: IndexOption = None,
) -> int:
    """Lay the catalogue, or the pieces of photos, out by likeness; say how faithful the map is."""
    writer = _writer(out)
    settings = settings_for(index)
    console = printer(stderr=True)
    unreadable: list[UnreadablePhoto] = []
    with quiet_stdout():
        started = time.perf_counter()
        points, layout = _laid_out(folder, method.value, seed, settings, unreadable)
        for error in unreadable:
            console.print(f"error: {error}")
        if writer and out:
            with progress_bar("Map:") as tell:
                look: dict[str, Any] = {"grid": grid, "grouping": colour_by.value if colour_by else ""}
                writer(out, points, layout, **look, threads=settings.threads, tell=tell)
            console.print(f"Wrote {shown_path(out.resolve())}.")
        seconds = time.perf_counter() - started
        with progress_bar("Measuring"):
            facts = _facts(points, layout, seconds)
    if as_json:
        write_json(facts)
    else:
        _print(facts)
    return UnreadablePhoto.exit_code if unreadable else 0


def _writer(out: Path | None) -> Any:
    if out is None:
        return None
    if out.suffix.lower() not in WRITERS:
        raise UsageError(f"“{out.name}” names no form that a map can have; end it in {' or '.join(WRITERS)}.")
    if not out.resolve().parent.is_dir():
        raise UsageError(f"There is no folder for “{out}”; make it first, or name another file.")
    return WRITERS[out.suffix.lower()]


def _laid_out(
    folder: Path | None, method: str, seed: int, settings: Settings, unreadable: list[UnreadablePhoto]
) -> tuple[Points, Layout]:
    if folder is None:
        opened = Index.open(settings.index)
        points = points_of_index(opened)
        with progress_bar("Map:") as tell:
            return points, kept_layout(opened, points, method, seed, settings.threads, tell)
    with progress_bar("Loading") as tell:
        matcher = Matcher.load(settings, tell)
    with progress_bar("Finding pieces:") as tell:
        points = points_of_folder(folder, matcher, tell, unreadable.append)
    with progress_bar("Map:") as tell:
        return points, make(points, method, seed, settings.threads, tell)


def _facts(points: Points, layout: Layout, seconds: float) -> dict[str, Any]:
    quality = {
        name: None if share is None else round(share, 4) for name, share in asdict(layout.quality(points)).items()
    }
    return {
        "items": len(points),
        "of": points.total,
        "method": layout.method,
        "seed": layout.seed,
        "placed_later": int((~layout.laid).sum()),
        "clusters": [
            {"name": cluster.name, "items": len(cluster.members)}
            for cluster in clusters_of(layout.places, points.items)
        ],
        "quality": quality,
        "seconds": round(seconds, 2),
    }


def _print(facts: dict[str, Any]) -> None:
    console = printer()
    console.print(f"{facts['items']} of {facts['of']} items, laid out by {facts['method']} with seed {facts['seed']}")
    table = Table(show_header=False, box=None, padding=(0, 2))
    said = {
        "trustworthiness": "trustworthiness, 10 neighbours",
        "neighbours_kept": "of the 10 nearest, kept among the 10 nearest on the map",
        "grid_kept": "of the 10 nearest, within 2 cells on the grid",
        "random_kept": "the same on a random grid",
    }
    for name, sentence in said.items():
        share = facts["quality"][name]
        table.add_row(sentence, "too few items" if share is None else f"{share:.3f}")
    console.print(table)
    for cluster in facts["clusters"]:
        console.print(f"  {cluster['items']:6d}  {cluster['name']}")
