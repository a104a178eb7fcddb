"""The fashion map: time of every step on a large catalogue, how faithful the layouts are, and what its choices cost.

`python -m bench.map [--items N] [--out FILE]`. The demo catalogue's own figures come from its embeddings; the large one
is drawn around them (see `bench.mixture`) and shows the demo's pictures.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from bench.mixture import Mixture
from pipeline.fashionmap import Points, make, place, points_of_index, write_page
from pipeline.fashionmap import grid as grids
from pipeline.fashionmap.clusters import clusters_of
from pipeline.fashionmap.neighbours import nearest_others
from pipeline.fashionmap.projection import METHODS, NEIGHBOURS, PERPLEXITY, project
from pipeline.fashionmap.quality import NEIGHBOURS as NEAR
from pipeline.fashionmap.quality import measure
from pipeline.fashionmap.sprites import Sheets, sheet
from pipeline.index import Index
from pipeline.settings import DEMO_INDEX, Settings

ITEMS = 5000
BLOCKS = (5200, 2600, 1300, 650, 325)
COUNTS = (1, 3, 5, 10, 25)
Row = dict[str, Any]


def _silent(what: str, share: float) -> None:
    """No progress."""


class Clock:
    """Seconds of named steps, by the wall and by the processor."""

    def __init__(self) -> None:
        self.steps: list[Row] = []

    def __call__(self, step: str, work: Callable[[], Any]) -> Any:
        wall, cpu = time.perf_counter(), time.process_time()
        made = work()
        self.steps.append({"step": step, "wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu})
        return made


def large(count: int) -> Points:
    """So many items, drawn around the demo's embeddings, each with the picture and the words of one of its category."""
    demo = points_of_index(Index.open(DEMO_INDEX))
    vectors, categories = Mixture.like(DEMO_INDEX).draw(count)
    names = np.unique([item.category for item in demo.items])
    of = {name: [n for n, item in enumerate(demo.items) if item.category == name] for name in names}
    random = np.random.default_rng(0)
    shown = [int(random.choice(of[names[category]])) for category in categories]
    items = tuple(replace(demo.items[n], id=f"{place}") for place, n in enumerate(shown))
    return Points(items, vectors, count, lambda place, side: demo.picture(shown[place], side))


def timed(points: Points, threads: int) -> list[Row]:
    """Every step from embeddings to what a browser shows."""
    clock = Clock()
    near = clock("nearest neighbours, exact", lambda: nearest_others(points.vectors, NEIGHBOURS))
    free = clock("t-SNE", lambda: project(points.vectors, near, "tsne", 0, threads, _silent))
    cells = clock("grid", lambda: grids.to_grid(free))
    clock("clusters and their names", lambda: clusters_of(free, points.items))
    sheets = range(Sheets.of(len(points)).count)
    clock("thumbnails", lambda: [sheet(points, number, threads) for number in sheets])
    clock("(measuring the quality)", lambda: measure(points.vectors, near, free, cells, 0))
    return clock.steps


def faithful(name: str, points: Points, threads: int) -> list[Row]:
    """The quality of both methods."""
    rows = []
    for method in METHODS:
        layout = make(points, method, 0, threads, _silent)
        rows.append({"items": len(points), "catalogue": name, "method": method, **asdict(layout.quality(points))})
    return rows


def blocks(points: Points, threads: int) -> list[Row]:
    """What halving the grid's assignment costs."""
    near = nearest_others(points.vectors, NEIGHBOURS)
    free = project(points.vectors, near, "tsne", 0, threads, _silent)
    rows, before = [], grids.BLOCK
    for size in BLOCKS:
        grids.BLOCK = size
        clock = Clock()
        cells = clock("", lambda: grids.to_grid(free))
        kept = measure(points.vectors, near, free, cells, 0).grid_kept
        rows.append({"at most": size, "cpu": clock.steps[0]["cpu"], "grid_kept": kept})
    grids.BLOCK = before
    return rows


def placed(points: Points, threads: int) -> list[Row]:
    """A tenth of the items placed among the rest: how many of their 10 nearest are among the 10 nearest on the map."""
    from openTSNE import TSNEEmbedding, affinity

    chosen = np.random.default_rng(0).permutation(len(points)) % 10 == 0
    new, old = points.vectors[chosen], points.vectors[~chosen]
    free = project(old, nearest_others(old, NEIGHBOURS), "tsne", 0, threads, _silent)

    def kept(places: np.ndarray) -> float:
        near = np.argsort(-(new @ old.T), axis=1)[:, :NEAR]
        ways = np.linalg.norm(places[:, None] - free[None], axis=2)
        shown = np.argsort(ways, axis=1)[:, :NEAR]
        return float(np.mean([len(np.intersect1d(a, b)) for a, b in zip(near, shown, strict=True)]) / NEAR)

    rows: list[Row] = []
    for count in COUNTS:
        way = f"median of the {count} nearest" if count > 1 else "at the nearest"
        rows.append({"way": way, "kept": kept(place(new, old, free, count))})
    affinities = affinity.PerplexityBasedNN(old, perplexity=PERPLEXITY, n_jobs=threads, random_state=0, method="exact")
    # openTSNE's forces are those of its own scale of t-SNE, some hundred wide.
    scale = 100.0
    fitted = TSNEEmbedding((free - 0.5) * scale, affinities, random_state=0, n_jobs=threads)
    moved = np.asarray(fitted.transform(new, perplexity=5)) / scale + 0.5
    return [*rows, {"way": "openTSNE's transform", "kept": kept(moved)}]


def page(points: Points, threads: int) -> Row:
    """The self-contained page: time and size, the layout being kept."""
    layout = make(points, "tsne", 0, threads, _silent)
    with tempfile.TemporaryDirectory() as folder:
        out, clock = Path(folder) / "map.html", Clock()
        clock("", lambda: write_page(out, points, layout, grid=False, grouping="", threads=threads, tell=_silent))
        return {"cpu": clock.steps[0]["cpu"], "megabytes": out.stat().st_size / 1e6}


def tables(told: dict[str, Any]) -> str:
    """The figures as Markdown."""

    def share(value: float | None) -> str:
        return "" if value is None else f"{value:.3f}"

    total = {name: sum(row[name] for row in told["steps"] if row["step"][0] != "(") for name in ("wall", "cpu")}
    lines = [
        f"Measured on {told['date']} on {told['machine']}, {told['threads']} threads, other work beside it"
        f"{' (the steps at raised priority)' if told['niceness'] < 0 else ''}. "
        f"{told['items']:,} items:",
        "",
        "| step | seconds | of the processor |",
        "|---|---|---|",
        *(f"| {row['step']} | {row['wall']:.1f} | {row['cpu']:.1f} |" for row in told["steps"]),
        f"| **all but the measuring** | **{total['wall']:.1f}** | **{total['cpu']:.1f}** |",
        "",
        f"The self-contained page of them has {told['page']['megabytes']:.1f} MB.",
        "",
        "| catalogue | items | method | trustworthiness | 10 nearest kept | grid: within 2 cells | random grid |",
        "|---|---|---|---|---|---|---|",
        *(
            f"| {row['catalogue']} | {row['items']:,} | {row['method']} | {share(row['trustworthiness'])} | "
            f"{share(row['neighbours_kept'])} | {share(row['grid_kept'])} | {share(row['random_kept'])} |"
            for row in told["quality"]
        ),
        "",
        "| cells assigned at once, at most | seconds of the processor | 10 nearest within 2 cells |",
        "|---|---|---|",
        *(f"| {row['at most']:,} | {row['cpu']:.1f} | {share(row['grid_kept'])} |" for row in told["blocks"]),
        "",
        "| a tenth of the items, placed later | 10 nearest kept |",
        "|---|---|",
        *(f"| {row['way']} | {share(row['kept'])} |" for row in told["placed"]),
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure, print the tables, write the figures."""
    parser = argparse.ArgumentParser(prog="python -m bench.map", description=__doc__.splitlines()[0])
    parser.add_argument("--items", type=int, default=ITEMS, help=f"items of the large catalogue (default: {ITEMS})")
    parser.add_argument("--out", type=Path, help="JSON file for the figures; only printed without it")
    options = parser.parse_args()
    threads = Settings.from_environment().threads
    demo, many = points_of_index(Index.open(DEMO_INDEX)), large(options.items)
    told = {
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "threads": threads,
        "niceness": os.nice(0),
        "items": len(many),
        "steps": timed(many, threads),
        "page": page(many, threads),
        "quality": [*faithful("demo", demo, threads), *faithful("drawn around it", many, threads)],
        "blocks": blocks(many, threads),
        "placed": placed(many, threads),
    }
    print(tables(told))
    if options.out:
        options.out.write_text(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    main()
