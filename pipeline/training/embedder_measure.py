"""Measures the embedder on garments that it never saw: neighbours, colours, words, and what a cosine is worth."""

from typing import Any

import numpy as np
import torch

from pipeline.colours import COLOURS, MIXED
from pipeline.colours import SYNONYMS as COLOUR_WORDS
from pipeline.training.datasets import CATEGORY_OF_GARMENT_LABEL, LARGE_GARMENT_LABELS
from pipeline.training.embedder_categories import category_logits, top_scores
from pipeline.training.embedder_config import DIMENSION
from pipeline.training.embedder_data import Piece, to_tensor
from pipeline.training.embedder_loss import CATEGORIES, Teacher
from pipeline.training.embedder_text import CATEGORY_WORDS, prompts

TABLE_STEPS = 21
# A match must be nearer than this share of the pairs that are of different kinds.
NEARER_THAN = 0.9
# No cosine is below it.
NO_FLOOR = -1.0
RULE = (
    "the cosine that 90% of the pairs of different kinds stay below, between {queries} (for words: "
    "colour and category, as asked for) and {gallery}; the tables tell, over the nearest 30 of every "
    "held-out query, what share of the neighbours at a cosine are of the query's kind and category"
)


@torch.no_grad()
def embed(model: Any, pieces: list[Piece], batch: int = 64) -> np.ndarray:
    """(N, D) float32 of unit length."""
    model.eval()
    device = next(model.parameters()).device
    rows = [
        model.encode_image(to_tensor(pieces[start : start + batch]).to(device), normalize=True).cpu().numpy()
        for start in range(0, len(pieces), batch)
    ]
    return np.concatenate(rows) if rows else np.empty((0, DIMENSION), np.float32)


@torch.no_grad()
def embed_words(model: Any, words: Any, texts: list[str]) -> np.ndarray:
    """(N, D) float32 of unit length."""
    if not texts:
        return np.empty((0, DIMENSION), np.float32)
    model.eval()
    device = next(model.parameters()).device
    return model.encode_text(words(texts).to(device), normalize=True).cpu().numpy()


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
    known = np.array([p.category in categories for p in pieces], bool)
    chosen = np.array(categories)[(units[known] @ texts.T).argmax(1)]
    right = chosen == _column(pieces, "category")[known]
    colour_texts = embed_words(model, words, prompts(COLOURS, COLOUR_WORDS, "{} clothes"))
    plain = np.array([p.colour != MIXED for p in pieces], bool)
    colours = np.array(COLOURS)[(units[plain] @ colour_texts.T).argmax(1)]
    by_word: dict[str, float] = {}
    if known.any():
        by_word |= {"category from words": round(float(right.mean()), 4), "categories": len(categories)}
    if plain.any():
        agree = colours == _column(pieces, "colour")[plain]
        by_word |= {"colour from words": round(float(agree.mean()), 4), "colours": len(COLOURS)}
    return by_word


def calibrate(cosines: np.ndarray, kind: np.ndarray, category: np.ndarray) -> list[list[float]]:
    """What a cosine is worth.

    Args:
        cosines: (N,); kind, category: (N,) bool, whether that pair agrees.

    Returns:
        rows of (cosine, share of the same kind, share of the same category), both shares rising with the cosine; none
        where there are no pairs.
    """
    from sklearn.isotonic import IsotonicRegression

    if not len(cosines):
        return []
    steps = np.linspace(float(cosines.min()), float(cosines.max()), TABLE_STEPS)
    fits = [IsotonicRegression(out_of_bounds="clip").fit(cosines, agree.astype(float)) for agree in (kind, category)]
    return [[round(float(s), 4), *(round(float(f.predict([s])[0]), 4) for f in fits)] for s in steps]


def floor(queries: np.ndarray, kinds: np.ndarray, gallery: np.ndarray, gallery_kinds: np.ndarray) -> float:
    """The cosine that NEARER_THAN of the pairs of different kinds stay below; NO_FLOOR where there are no such pairs.

    Args:
        queries: (Q, D), gallery: (G, D), of unit length; kinds: (Q,), gallery_kinds: (G,), their kinds of piece.
    """
    others = (queries @ gallery.T)[kinds[:, None] != gallery_kinds[None]]
    return round(float(np.quantile(others, NEARER_THAN)), 4) if len(others) else NO_FLOOR


def calibration(model: Any, words: Any, everything: list[Piece], units: np.ndarray) -> dict[str, Any]:
    """The content of calibration.json, from held-out garments against all others."""
    out = np.array([p.held_out for p in everything])
    columns = {name: _column(everything, name) for name in ("kind", "category", "colour")}
    # What the segmenter outlined is no truth to judge by.
    queries, gallery = np.flatnonzero(out), np.flatnonzero(~out & (_column(everything, "source") != "tagged"))
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
    rule = RULE.format(queries="held-out street garments", gallery="the catalogue's pictures")
    if not len(street) or not len(shop):
        street, shop = queries, gallery
        rule = RULE.format(queries="held-out garments", gallery="the training part")
    shop_kinds = columns["kind"][shop]
    return {
        "columns": ["cosine", "share of the same kind", "share of the same category"],
        "images": table,
        "words": word_table,
        "none_below": floor(units[street], columns["kind"][street], units[shop], shop_kinds),
        "none_below_words": floor(texts, claimed["kind"], units[shop], shop_kinds),
        "rule": rule,
        "pairs": {"images": int(values.size), "words": int(word_values.size)},
    }


def quick_score(model: Any, everything: list[Piece], teacher: Teacher | None = None) -> dict[str, float]:
    """A few figures an epoch, from the held-out pictures at home, or from the street where there are none.

    Precision at 10 among them, their colours' agreement, and the teacher's top-1 category.
    """
    out = [p for p in everything if p.held_out]
    out = [p for p in out if p.source == "home"] or out
    if len(out) < 2:
        return {"precision at 10": 0.0, "same colour": 0.0}
    units = embed(model, out)
    scores = neighbour_scores(out, out, units, units)
    quick = {"precision at 10": scores["precision at 10"], "same colour": scores["same colour in first 8"]}
    known = [i for i, p in enumerate(out) if p.category in CATEGORIES]
    if teacher is not None and known:
        truth = np.array([CATEGORIES.index(out[i].category) for i in known])
        quick["top-1 category"] = top_scores(category_logits(teacher, units[known]), truth)["top-1"]
    return quick


def all_scores(model: Any, words: Any, everything: list[Piece], units: np.ndarray) -> dict[str, Any]:
    """Every figure of the card; a set that has no garments for one of them goes without it."""

    def part(source: str, out: bool | None = None) -> tuple[list[Piece], np.ndarray]:
        keep = [i for i, p in enumerate(everything) if p.source == source and out in (None, p.held_out)]
        return [everything[i] for i in keep], units[keep]

    scores: dict[str, Any] = {}
    main = "home" if any(p.source == "home" and p.held_out for p in everything) else "street"
    (seen, seen_units), (out, out_units) = part(main, False), part(main, True)
    labels = tuple(sorted({p.label for p in (*seen, *out)}))
    wanted = {f"{len(labels)} labels": labels, f"{len(LARGE_GARMENT_LABELS)} large labels": LARGE_GARMENT_LABELS}
    for title, names in wanted.items():
        for where, gallery, g in (
            ("among the held-out", out, out_units),
            ("against the training part", seen, seen_units),
        ):
            if sum(p.label in names for p in out) > 1 and sum(p.label in names for p in gallery) > 1:
                scores[f"{main}, {title}, {where}"] = neighbour_scores(out, gallery, out_units, g, names)
    scores["words"] = word_scores(model, words, out, out_units)
    street_out, street_units = part("street", True)
    for title, (gallery, g) in {"home": part("home", False), "the catalogue": part("catalogue")}.items():
        if street_out and gallery:
            scores[f"street against {title}"] = across_scores(street_out, gallery, street_units, g)
    return scores
