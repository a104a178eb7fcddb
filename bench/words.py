"""`python -m bench.words PIECES.npz`: how strongly words should bend a query, on garments kept out of the training.

PIECES.npz is what `pipeline.training.embedder` keeps in `.cache/training` (pieces-*.npz). Every held-out garment is
asked for "in" each other colour that at least LEAST held-out garments of its kind have, among the held-out garments of
its kind. Two things are wanted of the first TOP: the colour that was asked for, and the category of the garment; the
strength with the best harmonic mean of the two is the default, `pipeline.query.STRENGTH`.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.colours import MIXED
from pipeline.matcher import load_embedder
from pipeline.query import Pull, bend
from pipeline.settings import Settings

TOP, LEAST = 8, 4
STRENGTHS = tuple(round(0.1 * n, 1) for n in range(11))
FORMS = ("but {colour}", "{colour}", "but {colour} {kind}", "{colour} {kind}")


@dataclass(frozen=True, eq=False)
class Held:
    """Held-out garments: N names of each sort, and their (N, D) embeddings."""

    kind: np.ndarray
    category: np.ndarray
    colour: np.ndarray
    units: np.ndarray


def read(path: Path, embed: object) -> Held:
    """The held-out garments of a file that the embedder's training keeps, embedded as the product does."""
    with np.load(path) as file:
        words, out = file["words"], file["held_out"]
        out = out & ~file["extra"] if "extra" in file else out
        pictures = file["rgb"][out]
    words = words[out]
    return Held(words[:, 1], words[:, 0], words[:, 2], embed.embed_pictures(list(pictures)))  # type: ignore[attr-defined]


def questions(held: Held) -> list[tuple[int, str]]:
    """Places of garments, each with a colour to ask for that is not its own."""
    asked = []
    for n, (kind, category, own) in enumerate(zip(held.kind, held.category, held.colour, strict=True)):
        alike = held.kind == kind
        if not category or np.count_nonzero(alike & (held.category == category)) <= LEAST:
            continue
        for colour in np.unique(held.colour[alike]):
            if colour not in (own, MIXED) and np.count_nonzero(alike & (held.colour == colour)) >= LEAST:
                asked.append((n, str(colour)))
    return asked


def answers(held: Held, asked: list[tuple[int, str]], embed: object, form: str, strength: float) -> tuple[float, float]:
    """Shares of the first TOP in the colour asked for, and of the garment's own category."""
    texts = {(c, k): form.format(colour=c, kind=k) for c in np.unique(held.colour) for k in np.unique(held.kind)}
    distinct = list(dict.fromkeys(texts.values()))
    vectors = dict(zip(distinct, embed.embed_words(distinct), strict=True))  # type: ignore[attr-defined]
    right, kept = [], []
    for n, colour in asked:
        words = vectors[texts[colour, held.kind[n]]]
        query, _ = bend([Pull(held.units[n], 1 - strength, 0.0), Pull(words, strength, 0.0)])
        others = np.flatnonzero(held.kind == held.kind[n])
        others = others[others != n]
        first = others[np.argsort(-(held.units[others] @ query))[:TOP]]
        right.append((held.colour[first] == colour).mean())
        kept.append((held.category[first] == held.category[n]).mean())
    return float(np.mean(right)), float(np.mean(kept))


def main() -> None:
    """Print the table, or JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench.words", description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("pieces", type=Path)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    embed = load_embedder(Settings.from_environment())
    held = read(options.pieces, embed)
    asked = questions(held)
    table = []
    for form in FORMS:
        for strength in STRENGTHS:
            right, kept = answers(held, asked, embed, form, strength)
            mean = 2 * right * kept / (right + kept) if right + kept else 0.0
            table.append({"form": form, "strength": strength, "colour": right, "category": kept, "mean": mean})
    if options.json:
        print(json.dumps({"embedder": embed.name, "garments": len(held.kind), "questions": len(asked), "table": table}))
        return
    print(f"{embed.name}: {len(asked)} questions about {len(held.kind)} held-out garments")
    for row in table:
        print(f"{row['form']:16} {row['strength']:.1f}  colour {row['colour']:.3f}  category {row['category']:.3f}  "
              f"mean {row['mean']:.3f}")  # fmt: skip


if __name__ == "__main__":
    main()
