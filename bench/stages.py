"""`python -m bench.stages [--out FILE.json]`: time of every stage, overhead over the bare model runs, photos a second.

Everything is measured in one run, each line several times in turn with the others, and reported as the median:
on a shared machine only ratios within one run mean anything.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from pipeline import Matcher
from pipeline.matcher import Look
from pipeline.types import Cutout, Piece

ROUNDS = 12
COUNTS = (1, 4, 8)
CALLERS = (1, 2, 4)
PHOTOS_PER_RATE = 24
LOADS = 3
STAGES = ("decode", "cutout", "pieces", "embeddings", "search")


class Exactly:
    """The real piece finder, made to return a given number of pieces, so that counts can be compared."""

    def __init__(self, find: Any, count: int) -> None:
        self._find, self._count, self.name, self._model = find, count, find.name, find._model

    def __call__(self, cutout: Cutout, min_score: float) -> tuple[Piece, ...]:
        pieces = self._find(cutout, min_score)
        if not pieces:
            raise SystemExit("Nothing was found on the benchmark's photo; the models are not fit to be measured.")
        # Copies on the same ground would be dropped as doubles.
        step = cutout.alpha.shape[0] // self._count
        return tuple(replace(pieces[0], mask=np.roll(pieces[0].mask, n * step, axis=0)) for n in range(self._count))


def bare_runs(chain: Matcher, photo: bytes) -> Callable[[], None]:
    """The same model runs as one match makes, on inputs prepared beforehand, and nothing else."""
    remover = chain.cut._session.inner_session
    wanted = remover.get_inputs()[0]
    matte_input = {wanted.name: np.random.default_rng(0).random(wanted.shape, np.float32)}
    detector = chain.find._model.predictor.model
    shown: list[Any] = []
    hook = detector.register_forward_pre_hook(lambda _, inputs: shown.append(inputs[0].clone()))
    *_, look = chain.steps(photo)
    hook.remove()
    assert isinstance(look, Look)
    crops = np.stack([chain.embed._prepare(Image.fromarray(crop)).numpy() for crop in look.crops])

    def run() -> None:
        for _ in ("the picture", "its mirror image"):
            remover.run(None, matte_input)
        for views in shown:
            detector(views)
        chain.embed._embed(crops)

    return run


def timed(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1000


def measure(matcher: Matcher, photo: bytes, count: int) -> dict[str, float]:
    """Medians in milliseconds of each stage, the whole chain, and the bare model runs."""
    chain = replace(matcher, find=Exactly(matcher.find, count))  # type: ignore[arg-type]
    bare = bare_runs(chain, photo)
    rows: list[dict[str, float]] = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        result = chain.match(photo)
        total = (time.perf_counter() - started) * 1000
        rows.append({**{s: result.timings[s] for s in STAGES}, "total": total, "bare": timed(bare)})
    medians = {name: statistics.median(row[name] for row in rows) for name in rows[0]}
    return {**medians, "ratio": statistics.median(row["total"] / row["bare"] for row in rows)}


def rate(matcher: Matcher, photo: bytes, callers: int) -> float:
    """Photos a second with so many callers at once."""
    with ThreadPoolExecutor(callers) as pool:
        started = time.perf_counter()
        list(pool.map(lambda _: matcher.match(photo), range(PHOTOS_PER_RATE)))
        return PHOTOS_PER_RATE / (time.perf_counter() - started)


def loading(matcher: Matcher) -> dict[str, float]:
    """Seconds to load models and index again, the libraries being imported, and the size of the bundled weights."""
    files = (path for path in matcher.settings.models.rglob("*") if path.suffix != ".md")
    seconds = statistics.median(timed(lambda: Matcher.load(matcher.settings)) for _ in range(LOADS)) / 1000
    return {"seconds": round(seconds, 2), "mebibytes": round(sum(f.stat().st_size for f in files) / 2**20, 1)}


def benchmark_photo() -> bytes:
    """ultralytics' bus.jpg: four people in a street, 810 x 1080."""
    spec = find_spec("ultralytics")
    assert spec and spec.origin
    return (Path(spec.origin).parent / "assets" / "bus.jpg").read_bytes()


def document(matcher: Matcher) -> dict[str, Any]:
    """Everything that is measured, and on what. rows: milliseconds by number of pieces; rates: photos a second."""
    photo = benchmark_photo()
    matcher.match(photo)
    return {
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "threads": matcher.settings.threads,
        "models": matcher.models,
        "photo": list(Image.open(io.BytesIO(photo)).size),
        "rounds": ROUNDS,
        "loading": loading(matcher),
        "rows": {str(count): _rounded(measure(matcher, photo, count)) for count in COUNTS},
        "rates": {str(callers): round(rate(matcher, photo, callers), 2) for callers in CALLERS},
    }


def _rounded(row: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 2) for name, value in row.items()}


def main() -> None:
    """Print the tables, and write the figures where --out says."""
    parser = argparse.ArgumentParser(prog="python -m bench.stages", description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--out", type=Path, help="JSON file for the figures, which `make figures` puts into README.md")
    options = parser.parse_args()
    told = document(Matcher.load())
    print(f"{told['machine']}, {told['threads']} threads; {', '.join(told['models'].values())}")
    width, height = told["photo"]
    print(f"models loaded in {told['loading']['seconds']} s; photo of {width} x {height} pixels")
    print(f"medians of {ROUNDS} rounds, ms\n")
    print(f"{'pieces':>6} " + " ".join(f"{name:>10}" for name in (*STAGES, "total", "bare", "ratio")))
    for count, row in told["rows"].items():
        cells = [f"{row[name]:10.1f}" for name in (*STAGES, "total", "bare")]
        print(f"{count:>6} " + " ".join(cells) + f" {row['ratio']:10.2f}")
    print()
    for callers, per_second in told["rates"].items():
        print(f"{callers} callers: {per_second:5.1f} photos/s, {per_second / told['rates']['1']:.2f} x one caller")
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    main()
