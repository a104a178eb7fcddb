"""`make same`: from which cosine on two pieces of different photos are one garment, measured for the embedder in use.

The demo catalogue's articles that no training saw, each in its two drapes, are made into hasty photos (other
backgrounds, light, tilt, blur, parts cut off), which go through the whole chain. What the product's own grouping makes
of the pieces at each threshold is compared with the truth by B-cubed precision and recall (Bagga, Baldwin, 1998).
Written into assets/models/same-garment.json, under the embedder's name: the middle of the thresholds whose F1 comes
within NEARLY of the best. Another embedder is named in FASHION_EMBEDDINGS.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.index import Index
from pipeline.matcher import Matcher, load_embedder, load_finder, load_remover
from pipeline.settings import ROOT, Settings
from pipeline.training.datasets import read_rgb
from pipeline.training.rendered import Drape, photographed, read_drapes
from pipeline.types import Look
from pipeline.wardrobe.grouping import same_garments
from pipeline.wardrobe.threshold import FILE, read_measured

CATALOGUE, DRAPES = ROOT / "assets" / "catalogue", ROOT / "assets" / "drapes"
# Photos of each drape, and of each catalogue picture.
VIEWS = 4
STEPS = np.arange(0.3, 0.99, 0.01)
NEARLY = 0.02
# A piece is the article that was rendered if it agrees with it this well (intersection over union).
FOUND = 0.5
# Of a picture on white, what is darker than this is the garment.
WHITE = 245


@dataclass(frozen=True, eq=False)
class Pieces:
    """Pieces found in the photos: N names of articles and of the kinds they were found as, (N, D) embeddings."""

    article: np.ndarray
    kind: np.ndarray
    units: np.ndarray
    photos: int


def drapes_of(catalogue: Path, drapes: Path) -> list[tuple[Drape, Drape]]:
    """The two drapes of every article that no training saw: the catalogue's picture, and the other one."""
    pairs = []
    for second in read_drapes(drapes, catalogue):
        if second.held_out:
            rgb = read_rgb(second.shop)
            pairs.append((replace(second, rgb=rgb, mask=rgb.min(axis=2) < WHITE), second))
    return pairs


def pieces_of(pairs: list[tuple[Drape, Drape]], matcher: Matcher, views: int, seed: int = 0) -> Pieces:
    """The articles as the chain finds them in `views` photos of each drape."""
    rng, found, photos = np.random.default_rng(seed), [], 0
    for drape in (drape for pair in pairs for drape in pair):
        for photo, mask in islice(filter(None, (photographed(drape, (), rng) for _ in range(3 * views))), views):
            photos += 1
            *_, look = matcher.steps(photo)
            assert isinstance(look, Look)
            agree = [(piece.mask & mask).sum() / (piece.mask | mask).sum() for piece in look.pieces]
            if agree and max(agree) >= FOUND:
                place = int(np.argmax(agree))
                found.append((drape.item, look.pieces[place].label, look.embeddings[place]))
    articles, kinds, units = zip(*found, strict=True)
    return Pieces(np.array(articles), np.array(kinds), np.stack(units), photos)


def b_cubed(labels: np.ndarray, truth: np.ndarray) -> tuple[float, float, float]:
    """Precision, recall and F1 of a grouping, as the mean over all pieces."""
    together, belong = labels[:, None] == labels[None], truth[:, None] == truth[None]
    right = (together & belong).sum(1)
    precision, recall = float((right / together.sum(1)).mean()), float((right / belong.sum(1)).mean())
    return precision, recall, 2 * precision * recall / (precision + recall)


def grouped(pieces: Pieces, same: float, within_kinds: bool) -> np.ndarray:
    """The product's groups, (N,); or those that never join pieces of different kinds."""
    if not within_kinds:
        return same_garments(pieces.units, same)
    labels, count = np.zeros(len(pieces.kind), np.int64), 0
    for kind in np.unique(pieces.kind):
        places = np.flatnonzero(pieces.kind == kind)
        labels[places] = count + same_garments(pieces.units[places], same)
        count = int(labels[places].max()) + 1
    return labels


def measure(pieces: Pieces) -> dict[str, Any]:
    """The threshold, and what there is to say about it."""
    scores = [b_cubed(grouped(pieces, same, False), pieces.article) for same in STEPS]
    curve = np.array([f1 for *_, f1 in scores])
    same = round(float(STEPS[curve >= curve.max() - NEARLY].mean()), 2)
    labels = grouped(pieces, same, False)
    precision, recall, f1 = b_cubed(labels, pieces.article)
    within = max(b_cubed(grouped(pieces, step, True), pieces.article)[2] for step in STEPS)
    above = np.triu_indices(len(labels), 1)
    cosines = (pieces.units @ pieces.units.T)[above]
    alike = (pieces.article[:, None] == pieces.article[None])[above]
    return {
        "same": same,
        "figures": {
            "articles": len(np.unique(pieces.article)),
            "photos": pieces.photos,
            "pieces found": len(labels),
            "garments counted": int(labels.max()) + 1,
            "precision": round(precision, 4),
            "recall": round(recall, 4),
            "F1": round(f1, 4),
            "best F1 within kinds": round(within, 4),
            "pairs of one article at or above": round(float((cosines[alike] >= same).mean()), 4),
            "pairs of different articles below": round(float((cosines[~alike] < same).mean()), 4),
        },
    }


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(prog="python -m bench.garments", description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--views", type=int, default=VIEWS, help="photos of each drape")
    parser.add_argument("--out", type=Path, default=Settings().models / FILE)
    options = parser.parse_args()
    settings = Settings.from_environment()
    # Nothing is searched, so the index need not be this embedder's.
    index = Index.open(settings.index)
    matcher = Matcher(load_remover(settings), load_finder(settings), load_embedder(settings), index, settings)
    found = measure(pieces_of(drapes_of(CATALOGUE, DRAPES), matcher, options.views))
    name = matcher.embed.name
    # An earlier training of the same model is of no use any more.
    kept = {other: entry for other, entry in read_measured(options.out).items() if family(other) != family(name)}
    options.out.write_text(json.dumps({**kept, name: found}, indent=1) + "\n")
    print(json.dumps({name: found}, indent=1))


def family(embedder: str) -> str:
    """A model's name without the digest of its weights."""
    return embedder.partition("@")[0]


if __name__ == "__main__":
    main()
