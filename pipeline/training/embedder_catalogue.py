"""The embedder measured on the catalogue: the same article once more (one-shot), and descriptions of what is there."""

from typing import Any

import numpy as np

from pipeline.colours import SYNONYMS
from pipeline.training.embedder_data import Piece
from pipeline.training.embedder_measure import embed_words
from pipeline.training.embedder_text import CATEGORY_WORDS, PATTERN_WORDS

FIRST = 5


def one_shot(queries: list[Piece], q: np.ndarray, shop: list[Piece], s: np.ndarray) -> dict[str, float]:
    """Made-up photos of an article in another drape against one clean picture of every article.

    Args:
        queries: the photos, each with its article's `garment`; q: (len(queries), D). shop: one picture an article;
            s: (len(shop), D). All of unit length.
    """
    place = {p.garment: i for i, p in enumerate(shop)}
    known = [i for i, p in enumerate(queries) if p.garment in place]
    if not known:
        return {"photos": 0, "articles": len(shop)}
    cosines = q[known] @ s.T
    true = np.array([place[queries[i].garment] for i in known])
    ranks = (cosines > np.take_along_axis(cosines, true[:, None], 1)).sum(1)
    return {
        "photos": len(known),
        "articles": len(shop),
        "right article first": round(float((ranks == 0).mean()), 4),
        "right article in first 10": round(float((ranks < 10).mean()), 4),
        "mean reciprocal rank": round(float((1 / (1 + ranks)).mean()), 4),
    }


def description(colour: str, pattern: str, category: str) -> str:
    """How somebody asks for such an article: "red striped t-shirt"; "solid" is not said."""
    said = PATTERN_WORDS.get(pattern, (pattern,))[0] if pattern != "solid" else ""
    return " ".join(word for word in (SYNONYMS[colour][0], said, CATEGORY_WORDS[category][0]) if word)


def words_for_catalogue(model: Any, words: Any, shop: list[Piece], s: np.ndarray) -> dict[str, float]:
    """Every "colour pattern category" that the catalogue has, as a query over it.

    Right is an article of that category and colour; of FIRST answers, no more than there are can be right.
    """
    claims = sorted({(p.colour, p.pattern, p.category) for p in shop if p.colour and p.category})
    texts = [description(*claim) for claim in claims]
    if not texts:
        return {"descriptions": 0}
    cosines = embed_words(model, words, texts) @ s.T
    first = np.argsort(-cosines, axis=1)[:, :FIRST]
    shares, hits = [], []
    for (colour, _, category), places in zip(claims, first, strict=True):
        fits = np.array([shop[i].category == category and shop[i].colour == colour for i in places])
        there = sum(p.category == category and p.colour == colour for p in shop)
        shares.append(fits.sum() / min(FIRST, there))
        hits.append(fits.any())
    return {
        "descriptions": len(texts),
        f"right category and colour among the first {FIRST}": round(float(np.mean(hits)), 4),
        f"share of the right ones that the first {FIRST} hold": round(float(np.mean(shares)), 4),
    }
