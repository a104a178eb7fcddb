"""`python -m bench.patterns`: how often the embedder's words name the pattern of the demo catalogue's garments.

Each picture's embedding is compared with one description a pattern, as words are in a search; the nearest names the
pattern. The pictures were in the bundled embedder's training, so what is measured is the most that can be hoped for.
"""

from __future__ import annotations

from collections import Counter

import numpy as np

from pipeline.index import Index
from pipeline.matcher import load_embedder
from pipeline.settings import DEMO_INDEX, Settings

FORMS = ("{pattern}", "{pattern} {category}")
# Of the garments, those whose nearest word is furthest ahead of the next.
SUREST = (1.0, 0.5, 0.2)


def measure(similarities: np.ndarray, truth: np.ndarray) -> list[float]:
    """The share that is named rightly of each of SUREST.

    Args:
        similarities: (N garments, P patterns) cosines. truth: (N,) the places of the right patterns.
    """
    ordered = np.sort(similarities, axis=1)
    surest = np.argsort(ordered[:, -2] - ordered[:, -1], kind="stable")
    right = (similarities.argmax(axis=1) == truth)[surest]
    return [float(right[: max(1, round(share * len(right)))].mean()) for share in SUREST]


def main() -> None:
    """Measure both forms of words, beside always naming the commonest pattern."""
    embed = load_embedder(Settings(source="bundled"))
    index = Index.open(DEMO_INDEX, embed.name)
    items = [(row, item) for row, item in enumerate(index.items) if "pattern" in item.attributes]
    units = index.vectors([row for row, _ in items])
    named = [item.attributes["pattern"] for _, item in items]
    patterns = sorted(set(named))
    truth = np.array([patterns.index(name) for name in named])
    print(f"{embed.name}, {len(items)} garments, {len(patterns)} patterns; right of all, the surest half and fifth")
    print(f"always “{Counter(named).most_common(1)[0][0]}”: {Counter(named).most_common(1)[0][1] / len(named):.2f}")
    for form in FORMS:
        words = {
            category: embed.embed_words([form.format(pattern=pattern, category=category) for pattern in patterns])
            for category in {item.category for _, item in items}
        }
        cosines = np.stack([unit @ words[item.category].T for unit, (_, item) in zip(units, items, strict=True)])
        print(f"“{form}”: {', '.join(f'{share:.2f}' for share in measure(cosines, truth))}")


if __name__ == "__main__":
    main()
