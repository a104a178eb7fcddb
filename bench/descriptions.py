"""`python -m bench.descriptions`: every "colour pattern category" of the demo catalogue, asked for in words."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from pipeline import Matcher
from pipeline.colours import colour_word
from pipeline.training.embedder_catalogue import FIRST, description


def measure(matcher: Matcher) -> dict[str, Any]:
    """What the first FIRST answers of the product's search are worth.

    Right is an item of that category and colour; of FIRST answers, no more than there are can be right.
    """
    items = [(item, colour_word(item.colour) or "") for item in matcher.index.items]
    claims = sorted({(c, item.attributes.get("pattern", ""), item.category) for item, c in items if c})
    hits, shares = [], []
    for colour, pattern, category in claims:
        found = matcher.search_words(description(colour, pattern, category), top=FIRST)
        right = [m.item.category == category and colour_word(m.item.colour) == colour for m in found]
        there = sum(item.category == category and own == colour for item, own in items)
        hits.append(any(right))
        shares.append(sum(right) / min(FIRST, there))
    return {
        "descriptions": len(claims),
        "first": FIRST,
        "right_among_first": round(float(np.mean(hits)), 4),
        "share_of_right_found": round(float(np.mean(shares)), 4),
        "models": {"embeddings": matcher.embed.name},
    }


def main() -> None:
    """Print the figures as JSON."""
    print(json.dumps(measure(Matcher.load()), indent=1))


if __name__ == "__main__":
    main()
