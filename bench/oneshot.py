"""What `python -m pipeline evaluate oneshot --demo --json` says, as the tables of docs/oneshot.md."""

from collections.abc import Mapping, Sequence
from typing import Any

from bench.evaluated import bounded, table

TITLES = {"top1": "top-1", "top5": "top-5", "top10": "top-10", "mrr": "MRR"}
COMPARED = {"top1": "top-1", "top10": "top-10", "mrr": "MRR"}


def tables(told: Mapping[str, Any]) -> str:
    """All together and by condition; by choice, with what was not here; the cosines."""
    conditions = _with_texts(
        2,
        ["condition", "what was done", *TITLES.values()],
        [
            *([row["name"], row["about"], *_cells(row, TITLES)] for row in told["conditions"]),
            ["**all together**", f"{told['queries']} photos", *_cells(told, TITLES)],
        ],
    )
    choices = _with_texts(
        4,
        ["cut-out", "largest piece by", "embedder", "category filter", "predicted rightly", *COMPARED.values()],
        [[*_choice(row), *_measured(row)] for row in told["comparison"]],
    )
    names = ", ".join(slot["bundled"] for slot in told["models"].values() if "bundled" in slot)
    said = f"Bundled are {names}. In brackets: {told['interval']}."
    return "\n\n".join([told["about"], conditions, choices, _cosines(told["cosines"]), said])


def _with_texts(texts: int, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table whose first columns are texts."""
    head, _, *body = table(columns, rows).splitlines()
    return "\n".join([head, "|---" * texts + "|--:" * (len(columns) - texts) + "|", *body])


def _choice(row: Mapping[str, Any]) -> list[str]:
    predicted = f"{row['predicted rightly']:.0%}" if "predicted rightly" in row else ""
    return [*(row[name] or "" for name in ("cutout", "pieces", "embeddings", "filter")), predicted]


def _measured(row: Mapping[str, Any]) -> list[str]:
    return _cells(row, COMPARED) if "figures" in row else [row["missing"], *[""] * (len(COMPARED) - 1)]


def _cells(row: Mapping[str, Any], titles: Mapping[str, str]) -> list[str]:
    return [bounded(row["figures"][name]) for name in titles]


def _cosines(told: Mapping[str, Any]) -> str:
    true, false = told["true"], told["false"]
    return (
        f"Cosine of true pairs: median {true['median']:.3f}, 5% to 95% from {true['low']:.3f} to {true['high']:.3f}; "
        f"of false ones: median {false['median']:.3f}, from {false['low']:.3f} to {false['high']:.3f}. A true pair is "
        f"nearer than a false one with a chance of {told['auc']:.3f}."
    )
