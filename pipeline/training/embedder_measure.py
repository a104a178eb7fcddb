"""Measures the embedder on garments that it never saw: neighbours, colours, words, and what a cosine is worth."""

from typing import Any

import numpy as np
import torch

from pipeline.training.colours import COLOURS, MIXED
from pipeline.training.colours import SYNONYMS as COLOUR_WORDS
from pipeline.training.datasets import CATEGORY_OF_GARMENT_LABEL, LARGE_GARMENT_LABELS
from pipeline.training.embedder_data import Piece, to_tensor
from pipeline.training.embedder_text import CATEGORY_WORDS, prompts

TABLE_STEPS = 21
# A match must be nearer than this share of the pairs that are of different kinds.
NEARER_THAN = 0.9
RULE = (
    "the cosine that 90% of the pairs of different kinds stay below, between held-out street garments (for words: "
    "colour and category, as asked for) and the catalogue's pictures; the tables tell, over the nearest 30 of every "
    "held-out query, what share of the neighbours at a cosine are of the query's kind and category"
)


@torch.no_grad()
def embed(model: Any, pieces: list[Piece], batch: int = 64) -> np.ndarray:
    """(N, D) float32 of unit length."""
    model.eval()
    rows = [
        model.encode_image(to_tensor(pieces[start : start + batch]), normalize=True).numpy()
        for start in range(0, len(pieces), batch)
    ]
    return np.concatenate(rows) if rows else np.empty((0, 1), np.float32)


@torch.no_grad()
def embed_words(model: Any, words: Any, texts: list[str]) -> np.ndarray:
    """(N, D) float32 of unit length."""
    model.eval()
    return model.encode_text(words(texts), normalize=True).numpy()


def nearest(queries: np.ndarray, gallery: np.ndarray, count: int, same: np.ndarray | None = None) -> np.ndarray:
    """(Q, count) places of the nearest gallery rows; same (Q, G) bool marks pairs to leave out."""
    cosines = queries @ gallery.T
    if same is not None:
        cosines = np.where(same, -2, cosines)
    return np.argsort(-cosines, axis=1)[:, :count]


def _column(pieces: list[Piece], name: str) -> np.ndarray:
    return np.array([getattr(p, name) for p in pieces])


def _vote(labels: np.ndarray) -> np.ndarray:
    """(Q, k) labels, nearest first -> (Q,) the most frequent one, the nearer winning a tie."""
    winners = []
    for row in labels:
        values, first, counts = np.unique(row, return_index=True, return_counts=True)
        winners.append(values[np.lexsort((first, -counts))[0]])
    return np.array(winners)


def neighbour_scores(
    queries: list[Piece], gallery: list[Piece], q: np.ndarray, g: np.ndarray, labels: tuple[str, ...] | None = None
) -> dict[str, float]:
    """Precision at 10 by label, top-1 label by a vote of 10, kind and colour of the first 8.

    labels: keep only queries and gallery pictures that carry one of these.
    """
    keep_q = np.array([labels is None or p.label in labels for p in queries])
    keep_g = np.array([labels is None or p.label in labels for p in gallery])
    queries = [p for p, keep in zip(queries, keep_q, strict=True) if keep]
    gallery = [p for p, keep in zip(gallery, keep_g, strict=True) if keep]
    same = _column(queries, "garment")[:, None] == _column(gallery, "garment")[None]
    places = nearest(q[keep_q], g[keep_g], 10, same)
    label = _column(gallery, "label")[places]
    own = _column(queries, "label")
    kind = _column(gallery, "kind")[places[:, :8]] == _column(queries, "kind")[:, None]
    colour = _column(gallery, "colour")[places[:, :8]] == _column(queries, "colour")[:, None]
    plain = _column(queries, "colour") != MIXED
    return {
        "queries": len(queries),
        "precision at 10": round(float((label == own[:, None]).mean()), 4),
        "label by vote of 10": round(float((_vote(label) == own).mean()), 4),
        "same kind in first 8": round(float(kind.mean()), 4),
        "same colour in first 8": round(float(colour[plain].mean()), 4) if plain.any() else 0.0,
    }


def across_scores(queries: list[Piece], gallery: list[Piece], q: np.ndarray, g: np.ndarray) -> dict[str, float]:
    """Garments of one source against another's: kind, category and colour of the first 8, where the kind exists."""
    there = np.isin(_column(queries, "kind"), _column(gallery, "kind"))
    queries = [p for p, keep in zip(queries, there, strict=True) if keep]
    if not queries:
        return {"queries": 0}
    places = nearest(q[there], g, min(8, len(gallery)))
    scores: dict[str, float] = {"queries": len(queries), "gallery": len(gallery)}
    for name in ("kind", "category", "colour"):
        agree = _column(gallery, name)[places] == _column(queries, name)[:, None]
        scores[f"same {name} in first 8"] = round(float(agree.mean()), 4)
        scores[f"same {name}, nearest"] = round(float(agree[:, 0].mean()), 4)
    return scores


def word_scores(model: Any, words: Any, pieces: list[Piece], units: np.ndarray) -> dict[str, float]:
    """Zero-shot choice among category words and among colour words, by the nearest caption."""
    categories = tuple(dict.fromkeys(CATEGORY_OF_GARMENT_LABEL.values()))
    texts = embed_words(model, words, prompts(categories, CATEGORY_WORDS, "a {}"))
    known = np.array([p.category in categories for p in pieces])
    chosen = np.array(categories)[(units[known] @ texts.T).argmax(1)]
    right = chosen == _column(pieces, "category")[known]
    colour_texts = embed_words(model, words, prompts(COLOURS, COLOUR_WORDS, "{} clothes"))
    plain = np.array([p.colour != MIXED for p in pieces])
    colours = np.array(COLOURS)[(units[plain] @ colour_texts.T).argmax(1)]
    return {
        "category from words": round(float(right.mean()), 4),
        "categories": len(categories),
        "colour from words": round(float((colours == _column(pieces, "colour")[plain]).mean()), 4),
        "colours": len(COLOURS),
    }


def calibrate(cosines: np.ndarray, kind: np.ndarray, category: np.ndarray) -> list[list[float]]:
    """What a cosine is worth.

    Args:
        cosines: (N,); kind, category: (N,) bool, whether that pair agrees.

    Returns:
        rows of (cosine, share of the same kind, share of the same category), both shares rising with the cosine.
    """
    from sklearn.isotonic import IsotonicRegression

    steps = np.linspace(float(cosines.min()), float(cosines.max()), TABLE_STEPS)
    fits = [IsotonicRegression(out_of_bounds="clip").fit(cosines, agree.astype(float)) for agree in (kind, category)]
    return [[round(float(s), 4), *(round(float(f.predict([s])[0]), 4) for f in fits)] for s in steps]


def floor(queries: np.ndarray, kinds: np.ndarray, gallery: np.ndarray, gallery_kinds: np.ndarray) -> float:
    """The cosine that NEARER_THAN of the pairs of different kinds stay below; 1.0 where there are no such pairs.

    Args:
        queries: (Q, D), gallery: (G, D), of unit length; kinds: (Q,), gallery_kinds: (G,), their kinds of piece.
    """
    others = (queries @ gallery.T)[kinds[:, None] != gallery_kinds[None]]
    return round(float(np.quantile(others, NEARER_THAN)), 4) if len(others) else 1.0


def calibration(model: Any, words: Any, everything: list[Piece], units: np.ndarray) -> dict[str, Any]:
    """The content of calibration.json, from held-out garments against all others."""
    out = np.array([p.held_out for p in everything])
    columns = {name: _column(everything, name) for name in ("kind", "category", "colour")}
    queries, gallery = np.flatnonzero(out), np.flatnonzero(~out)
    cosines = units[queries] @ units[gallery].T
    top = np.argsort(-cosines, axis=1)[:, :30]
    values = np.take_along_axis(cosines, top, 1)
    pairs = {name: columns[name][queries][:, None] == columns[name][gallery][top] for name in ("kind", "category")}
    table = calibrate(values.ravel(), pairs["kind"].ravel(), pairs["category"].ravel())
    claims = sorted({(c, k, colour) for c, k, colour in zip(*columns.values(), strict=True) if k and colour != MIXED})
    claims = sorted({(category, kind, colour) for kind, category, colour in claims if category})
    texts = embed_words(model, words, [f"{COLOUR_WORDS[o][0]} {CATEGORY_WORDS[c][0]}" for c, _, o in claims])
    word_cosines = texts @ units[queries].T
    word_top = np.argsort(-word_cosines, axis=1)[:, :30]
    word_values = np.take_along_axis(word_cosines, word_top, 1)
    claimed = {"category": np.array([c for c, _, _ in claims]), "kind": np.array([k for _, k, _ in claims])}
    word_pairs = {name: column[:, None] == columns[name][queries][word_top] for name, column in claimed.items()}
    word_table = calibrate(word_values.ravel(), word_pairs["kind"].ravel(), word_pairs["category"].ravel())
    street = np.flatnonzero(out & (_column(everything, "source") == "street"))
    shop = np.flatnonzero(_column(everything, "source") == "catalogue")
    shop_kinds = columns["kind"][shop]
    return {
        "columns": ["cosine", "share of the same kind", "share of the same category"],
        "images": table,
        "words": word_table,
        "none_below": floor(units[street], columns["kind"][street], units[shop], shop_kinds),
        "none_below_words": floor(texts, claimed["kind"], units[shop], shop_kinds),
        "rule": RULE,
        "pairs": {"images": int(values.size), "words": int(word_values.size)},
    }


def quick_score(model: Any, everything: list[Piece]) -> dict[str, float]:
    """Two figures an epoch: precision at 10 among the held-out pictures at home, and their colours' agreement."""
    home = [p for p in everything if p.held_out and p.source == "home"]
    if len(home) < 2:
        return {"precision at 10": 0.0, "same colour": 0.0}
    units = embed(model, home)
    scores = neighbour_scores(home, home, units, units)
    return {"precision at 10": scores["precision at 10"], "same colour": scores["same colour in first 8"]}


def all_scores(model: Any, words: Any, everything: list[Piece], units: np.ndarray) -> dict[str, Any]:
    """Every figure of the card."""

    def part(source: str, out: bool | None = None) -> tuple[list[Piece], np.ndarray]:
        keep = [i for i, p in enumerate(everything) if p.source == source and out in (None, p.held_out)]
        return [everything[i] for i in keep], units[keep]

    home_out, home_out_units = part("home", True)
    home_in, home_in_units = part("home", False)
    street_out, street_out_units = part("street", True)
    shop, shop_units = part("catalogue")
    scores = {
        "home, 17 labels, among the held-out": neighbour_scores(home_out, home_out, home_out_units, home_out_units),
        "home, 17 labels, against the training part": neighbour_scores(
            home_out, home_in, home_out_units, home_in_units
        ),
        "home, 10 large labels, among the held-out": neighbour_scores(
            home_out, home_out, home_out_units, home_out_units, LARGE_GARMENT_LABELS
        ),
        "home, 10 large labels, against the training part": neighbour_scores(
            home_out, home_in, home_out_units, home_in_units, LARGE_GARMENT_LABELS
        ),
        "words": word_scores(model, words, home_out, home_out_units),
        "street against home": across_scores(street_out, home_in, street_out_units, home_in_units),
    }
    if shop:
        scores["street against the catalogue"] = across_scores(street_out, shop, street_out_units, shop_units)
    return scores
