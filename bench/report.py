"""`python -m bench.report [--data DIR]`: measure what the documents quote, into docs/figures, and fill the documents.

Without --data, what can be measured from the repository alone: the example photos, words over the demo catalogue,
one-shot retrieval of the rendered drapes, and speed. With --data, a folder of the data sets that the models were
trained on (docs/models.md), the held-out evaluations, too.
"""

from __future__ import annotations

import argparse
import functools
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import descriptions, examples, figures, stages
from pipeline import Matcher

# What is evaluated on which of the sets, side by side in the folder.
EVALUATED = {
    "segmentation": ("--format", "ccp"),
    "classification": ("--format", "clothing-dataset"),
    "retrieval": ("--format", "clothing-dataset"),
}


def evaluate(*words: str) -> dict[str, Any]:
    """What `python -m pipeline evaluate …` says; its progress and its errors are seen."""
    command = [sys.executable, "-m", "pipeline", "evaluate", *words, "--json"]
    done = subprocess.run(command, cwd=figures.ROOT, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(done.returncode)
    return json.loads(done.stdout)


def steps(data: Path | None, cache: Path) -> dict[str, Callable[[], dict[str, Any]]]:
    """What is measured, by the name of its file."""
    loaded = functools.cache(Matcher.load)
    own: dict[str, Callable[[], dict[str, Any]]] = {
        "examples": lambda: examples.measure(loaded()),
        "descriptions": lambda: descriptions.measure(loaded()),
        "speed": lambda: stages.document(loaded()),
        "oneshot": lambda: evaluate("oneshot", "--demo"),
    }
    if data is not None:
        folder = str(data)
        for name, words in EVALUATED.items():
            own[name] = lambda name=name, words=words: evaluate(name, folder, *words, "--cache", str(cache))  # type: ignore[misc]
    return own


def main() -> None:
    """Measure, write docs/figures, fill the documents."""
    parser = argparse.ArgumentParser(prog="python -m bench.report", description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--data", type=Path, help="folder of the data sets, for the held-out evaluations")
    parser.add_argument("--cache", type=Path, default=Path(".cache/training"), help="folder for decoded photos")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these files of docs/figures alone")
    options = parser.parse_args()
    wanted = steps(options.data, options.cache)
    if unknown := sorted(set(options.only or ()) - set(wanted)):
        parser.error(f"{', '.join(unknown)} cannot be measured; known are {', '.join(wanted)} (some need --data)")
    started = time.perf_counter()
    for name, measure in wanted.items():
        if options.only and name not in options.only:
            continue
        print(f"{time.perf_counter() - started:5.0f} s  {name}", file=sys.stderr, flush=True)
        told = measure()
        if name in EVALUATED:
            # Where the data lie on this machine is nobody's business.
            told.pop("data")
        (figures.FIGURES / f"{name}.json").write_text(json.dumps(told, indent=1) + "\n")
    for path in figures.pages():
        path.write_text(figures.filled(path.read_text()))
    print(f"{time.perf_counter() - started:5.0f} s  done: docs/figures, README.md, docs", file=sys.stderr)


if __name__ == "__main__":
    main()
