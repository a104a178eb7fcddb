"""`python -m bench.index`: inverted lists against flat search: time, memory, recall, with and without filters.

Both kinds are built from the same vectors (`bench.mixture`), saved, opened memory-mapped, and asked the same queries
in turn, one thread a query. Times of queries are the thread's CPU time, which other programs on the machine disturb
little; the JSON has the wall clock's, too. Flat results are the truth that recall is measured against.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from bench.mixture import A_DESIGN, Mixture, crowding
from pipeline.settings import DEMO_INDEX
from pipeline.vectors import FLAT_UP_TO, Vectors

SIZES = (1_000, 100_000, 1_000_000)
TOP = 10
# Bytes a vector of what lies beside the vectors: ids (Faiss's and ours), row of each id; and list of each row.
FLAT_TABLES, LISTED_TABLES = 8 + 8 + 4, 8 + 8 + 4 + 2
Filter = Callable[[int], np.ndarray | None]


def filters(categories: np.ndarray, asked: np.ndarray, rng: np.random.Generator) -> Iterator[tuple[str, Filter]]:
    """Each filter's name, and which ids it allows for a query's number. asked: the category of each query."""
    size, kinds = len(categories), int(categories.max()) + 1
    members = [np.flatnonzero(categories == kind) for kind in range(kinds)]

    @cache
    def others(kind: int) -> np.ndarray:
        """Other categories, 30% of the rows or a little more."""
        order = [members[(kind + step) % kinds] for step in range(1, kinds)]
        enough = int(np.searchsorted(np.cumsum([len(m) for m in order]), 0.3 * size)) + 1
        rows = np.sort(np.concatenate(order[:enough]))
        rows.flags.writeable = False
        return rows

    one, thirty = (np.sort(rng.choice(size, int(share * size), replace=False)) for share in (0.01, 0.3))
    # As the index does with its filters: arrays that cannot be written to are remembered.
    for array in (one, thirty, *members):
        array.flags.writeable = False
    yield "none", lambda number: None
    yield "1% at random", lambda number: one
    yield "the query's category", lambda number: members[asked[number]]
    yield "another category", lambda number: members[(asked[number] + kinds // 2) % kinds]
    yield "30% at random", lambda number: thirty
    yield "30%, other categories", lambda number: others(asked[number])


def opened(paths: list[Path], queries: np.ndarray) -> dict[str, float]:
    """In a fresh process: seconds to open, wall-clock ms of the first query, MiB of its own after them all."""
    before = _anonymous()
    started = time.perf_counter()
    vectors = Vectors.open(paths)
    seconds = time.perf_counter() - started
    first, *_ = [_timed(vectors, query, None)[1] for query in queries]
    return {"open_s": seconds, "first_ms": first, "own_mib": _anonymous() - before}


def _anonymous() -> float:
    """MiB of this process's memory that is no file's (Linux), else nan."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("RssAnon")), float("nan"))


def _timed(vectors: Vectors, query: np.ndarray, allowed: np.ndarray | None) -> tuple[float, float, np.ndarray]:
    wall, cpu = time.perf_counter(), time.thread_time()
    found = vectors.search(query[None], TOP, allowed)[1][0]
    return (time.thread_time() - cpu) * 1000, (time.perf_counter() - wall) * 1000, found


def compare(kinds: dict[str, Vectors], queries: np.ndarray, chosen: Filter) -> dict[str, dict[str, float]]:
    """Times and recall of each kind, in turn on each query, after a round that brings the lists into memory."""
    new = []
    for number, query in enumerate(queries):
        _timed(kinds["ivf"], query, chosen(number))
        if (allowed := chosen(number)) is not None and number < 20:
            new.append(_timed(kinds["ivf"], query, allowed.copy())[0])
    _timed(kinds["flat"], queries[0], chosen(0))
    rows: dict[str, list[tuple[float, float, float]]] = {kind: [] for kind in kinds}
    for number, query in enumerate(queries):
        allowed = chosen(number)
        truth: set[int] = set()
        for kind, vectors in kinds.items():
            cpu, wall, found = _timed(vectors, query, allowed)
            results = set(found[found >= 0].tolist())
            truth = results if kind == "flat" else truth
            rows[kind].append((cpu, wall, len(truth & results) / len(truth) if truth else 1.0))
    figures = {}
    for kind, measured in rows.items():
        cpu, wall, recall = np.array(measured).T
        figures[kind] = {
            **{
                f"{name}{q}_ms": float(np.percentile(t, q))
                for name, t in (("p", cpu), ("wall", wall))
                for q in (50, 99)
            },
            "recall": float(recall.mean()),
        }
    if new:
        figures["ivf"]["new_filter_ms"] = float(np.median(new))
    return figures


def measure(mixture: Mixture, size: int, count: int, say: Callable[[str], None]) -> dict[str, Any]:
    """All figures of one size."""
    say(f"{size:,} vectors: drawing")
    drawn, categories = mixture.draw(size + count)
    queries = drawn[size:].copy()
    result: dict[str, Any] = {"size": size, "data": crowding(drawn[: min(size, 50_000)]), "kinds": {}, "filters": {}}
    with tempfile.TemporaryDirectory() as folder:
        paths = {}
        for kind in ("flat", "ivf"):
            say(f"{size:,} vectors: building {kind}")
            wall, cpu = time.perf_counter(), time.process_time()
            vectors = Vectors.build(drawn[:size], np.arange(size), kind)
            built = {"build_s": time.perf_counter() - wall, "build_cpu_s": time.process_time() - cpu}
            names = vectors.save(Path(folder), "vectors")
            paths[kind] = [Path(folder) / name for name in names]
            disk = sum(path.stat().st_size for path in paths[kind])
            # All lists count as held in memory; the flat vectors beside them are read only where candidates lie.
            read = disk if kind == "flat" else paths[kind][1].stat().st_size
            held = read + size * (FLAT_TABLES if kind == "flat" else LISTED_TABLES)
            result["kinds"][kind] = {
                "type": vectors.kind,
                **built,
                "disk_bytes": disk / size,
                "memory_bytes": held / size,
            }
            del vectors
        del drawn
        for kind in paths:
            with ProcessPoolExecutor(1, get_context("spawn")) as fresh:
                result["kinds"][kind] |= fresh.submit(opened, paths[kind], queries[:50]).result()
        kinds = {kind: Vectors.open(paths[kind]) for kind in paths}
        for name, chosen in filters(categories[:size], categories[size:], np.random.default_rng(1)):
            say(f"{size:,} vectors: {count} queries, filter: {name}")
            allowed = [chosen(number) for number in range(min(count, 50))]
            rows = np.mean([size if ids is None else len(ids) for ids in allowed])
            result["filters"][name] = {"share": float(rows / size), **compare(kinds, queries, chosen)}
    return result


def tables(report: dict[str, Any]) -> str:
    """The report as Markdown."""
    machine, data = report["machine"], report["results"][-1]["data"]
    lines = [
        f"Measured on {report['date']} with Faiss {report['faiss']} on {machine}, {report['dimension']} dimensions, "
        f"{report['queries']} queries, top {TOP}, one thread a query; other programs ran on the machine: query times "
        f"are CPU time. The vectors: a mixture around {report['seeds']} real embeddings, {A_DESIGN} a design; in the "
        f"largest set the median cosine to the nearest is {data['nearest']:.2f}, to the tenth {data['tenth']:.2f}, the "
        f"local dimension {data['local_dimension']:.0f} (the real embeddings: {report['real']['nearest']:.2f}, "
        f"{report['real']['tenth']:.2f}, {report['real']['local_dimension']:.0f}).",
        "",
        "| vectors | index | build, CPU s | bytes a vector: memory | of float32 | on disk | open, s | first, wall ms |",
        "|--:|---|--:|--:|--:|--:|--:|--:|",
    ]
    for result in report["results"]:
        for row in result["kinds"].values():
            share = row["memory_bytes"] / (4 * report["dimension"])
            lines.append(
                f"| {result['size']:,} | {row['type']} | {row['build_cpu_s']:.1f} | {row['memory_bytes']:.0f} | "
                f"{share:.2f} | {row['disk_bytes']:.0f} | {row['open_s']:.3f} | "
                f"{row['first_ms']:.1f} |"
            )
    lines += [
        "",
        "| vectors | filter | left | flat p50 / p99, ms | lists p50 / p99 | new filter | p50, x | p99, x | recall@10 |",
        "|--:|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for result in report["results"]:
        for name, row in result["filters"].items():
            flat, lists = row["flat"], row["ivf"]
            new = f"{lists['new_filter_ms']:.2f}" if "new_filter_ms" in lists else ""
            lines.append(
                f"| {result['size']:,} | {name} | {row['share']:.1%} | {flat['p50_ms']:.2f} / {flat['p99_ms']:.2f} | "
                f"{lists['p50_ms']:.2f} / {lists['p99_ms']:.2f} | {new} | {flat['p50_ms'] / lists['p50_ms']:.1f} | "
                f"{flat['p99_ms'] / lists['p99_ms']:.1f} | {lists['recall']:.3f} |"
            )
    return "\n".join(lines)


def main() -> None:
    """Measure, print the tables, write the figures into docs/figures/search.json."""
    parser = argparse.ArgumentParser(prog="python -m bench.index", description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="numbers of vectors")
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument(
        "--like", type=Path, default=DEMO_INDEX, help="index whose embeddings the vectors are drawn around"
    )
    parser.add_argument("--out", type=Path, help="JSON file for the figures; only printed without it")
    options = parser.parse_args()
    started = time.perf_counter()

    def say(what: str) -> None:
        print(f"{time.perf_counter() - started:6.0f} s  {what}", file=sys.stderr, flush=True)

    mixture = Mixture.like(options.like)
    report = {
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "faiss": faiss.__version__,
        "dimension": mixture.seeds.shape[1],
        "queries": options.queries,
        "seeds": len(mixture.seeds),
        "real": crowding(mixture.seeds),
        "flat_up_to": FLAT_UP_TO,
        "results": [measure(mixture, size, options.queries, say) for size in options.sizes],
    }
    text = tables(report)
    print(text)
    if options.out:
        options.out.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
