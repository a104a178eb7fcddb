"""What a cosine is worth: the share of pairs that close that are of one category, and where matches end.

The bundled embedder brings its calibration, measured by the training code on garments kept out of the training. For
any other embedder it is measured in the same way on the items of the catalogue that it answers from.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.drafts import whole
from pipeline.kinds import kind_of
from pipeline.types import Item

# A match must be nearer than this share of the pairs that are of different kinds.
NEARER_THAN = 0.9
# Neighbours of every query that the table is fitted on, and the table's rows.
NEIGHBOURS = 30
STEPS = 21
# More items than this tell nothing new; fewer pairs of different kinds than that tell nothing.
MOST_ITEMS = 2000
FEWEST_PAIRS = 100
# Cosine of two pictures of one article, where nobody measured it: see docs/decisions.md.
SAME_ABOVE = 0.98
# No cosine is below it.
NO_FLOOR = -1.0
_SHARE = "share of the same category"

Table = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Calibration:
    """One embedder's cosines, explained.

    none_below, none_below_words: the cosine under which a match of a picture, or of words, is no match.
    same_above: the cosine from which two pictures of one category show the same article.
    pictures, words: rows of a cosine and the share (0..1) of neighbours at it that are of the query's category, both
    rising; empty where nothing was measured.
    """

    none_below: float = NO_FLOOR
    none_below_words: float = NO_FLOOR
    same_above: float = SAME_ABOVE
    pictures: Table = ()
    words: Table = ()

    @classmethod
    def read(cls, path: Path) -> Calibration:
        """The calibration in a file that `write` or the training code wrote.

        Raises:
            OSError, ValueError, KeyError: there is no such file, or it is something else.
        """
        document = json.loads(path.read_text())
        share = document["columns"].index(_SHARE)
        pictures, words = (
            tuple((float(row[0]), float(row[share])) for row in document[name]) for name in ("images", "words")
        )
        floors = float(document["none_below"]), float(document["none_below_words"])
        return cls(*floors, float(document.get("same_above", SAME_ABOVE)), pictures, words)

    def write(self, path: Path) -> None:
        """Write it down, in the form of the bundled embedder's calibration.json."""
        document = {
            "columns": ["cosine", _SHARE], "images": self.pictures, "words": self.words,
            "none_below": self.none_below, "none_below_words": self.none_below_words, "same_above": self.same_above,
        }  # fmt: skip
        with whole(path) as draft:
            draft.write_text(json.dumps(document, indent=1) + "\n")

    def likeness(self, cosine: float) -> float | None:
        """The share (0..1) of pairs of pictures at that cosine that are of one category; None: not measured."""
        return _share_at(self.pictures, cosine)

    def likeness_of_words(self, cosine: float) -> float | None:
        """The same for a description and a picture."""
        return _share_at(self.words, cosine)


def _share_at(table: Table, cosine: float) -> float | None:
    if not table:
        return None
    cosines, shares = zip(*table, strict=True)
    return float(np.interp(cosine, cosines, shares))


def calibrate(
    vectors: np.ndarray, items: Sequence[Item], embed_words: Callable[[Sequence[str]], np.ndarray]
) -> Calibration:
    """Measure an embedder on a catalogue's own items: each against all others, and "colour category" against all.

    Args:
        vectors: (N, D) float32 of unit length, of the N items. embed_words: gives (M, D) for M texts.
    """
    if len(items) > MOST_ITEMS:
        chosen = np.sort(np.random.default_rng(0).choice(len(items), MOST_ITEMS, replace=False))
        vectors, items = vectors[chosen], [items[n] for n in chosen]
    categories = np.array([item.category for item in items])
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -2)
    none_below, pictures = _measure(cosines, categories, categories)
    described = sorted({(item.colour, item.category) for item in items if item.category})
    asked = np.array([category for _, category in described])
    texts = embed_words([f"{colour} {category}".strip() for colour, category in described])
    none_below_words, words = _measure(texts @ vectors.T, asked, categories)
    return Calibration(none_below, none_below_words, SAME_ABOVE, pictures, words)


def _measure(cosines: np.ndarray, asked: np.ndarray, there: np.ndarray) -> tuple[float, Table]:
    """The floor and the table of (Q, N) cosines of queries of categories `asked` (Q,) to items of `there` (N,)."""
    from scipy.optimize import isotonic_regression

    kinds, other_kinds = (np.array([kind_of(name) for name in names], str) for names in (asked, there))
    others = cosines[kinds[:, None] != other_kinds[None]] if cosines.size else np.empty(0)
    if len(others) < FEWEST_PAIRS:
        return NO_FLOOR, ()
    floor = round(float(np.quantile(others, NEARER_THAN)), 4)
    top = np.argsort(-cosines, axis=1)[:, : min(NEIGHBOURS, cosines.shape[1] - 1)]
    values = np.take_along_axis(cosines, top, 1).ravel().astype(float)
    agree = (asked[:, None] == there[top]).ravel()
    order = np.argsort(values)
    shares = isotonic_regression(agree[order].astype(float)).x
    steps = np.linspace(values.min(), values.max(), STEPS)
    table = zip(steps.round(4).tolist(), np.interp(steps, values[order], shares).round(4).tolist(), strict=True)
    return floor, tuple(table)
