"""A wardrobe in words: English plurals, and the sentence that names what there is most of."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.wardrobe.counting import Wardrobe

TOP = 3
# By their last word; what is no rule's case among the words for clothes.
_IRREGULAR = {
    "scarf": "scarves", "outerwear": "outerwear", "outwear": "outwear", "legwear": "legwear", "knitwear": "knitwear",
    "footwear": "footwear", "headwear": "headwear", "eyewear": "eyewear", "hosiery": "hosiery",
    "swimwear": "swimwear", "underwear": "underwear", "lingerie": "lingerie", "denim": "denim",
}  # fmt: skip


def plural(name: str) -> str:
    """The plural of a category, in the case it came in: "dress" -> "dresses", "jeans" -> "jeans".

    A name that ends in a single s is one already, as names of clothes are (trousers, shoes, glasses).
    """
    before, last = re.match(r"(.*?)([^\W\d_]*)$", name, re.DOTALL).groups()  # type: ignore[union-attr]
    word = last.lower()
    if word in _IRREGULAR:
        return before + last[:1] + _IRREGULAR[word][1:]
    if not word or (word.endswith("s") and not word.endswith("ss")):
        return name
    if word.endswith(("ss", "x", "z", "ch", "sh")):
        return f"{name}es"
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return f"{name[:-1]}ies"
    return f"{name}s"


def listed(words: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def counted(number: int, name: str) -> str:
    """ "1 photo", "12 photos"."""
    return f"{number:,} {name if number == 1 else plural(name)}"


def top_counts(wardrobe: Wardrobe, top: int = TOP) -> dict[str, int]:
    """The categories that most garments are of, at most `top` of them; those of a single garment only where there is
    one of each, or where they are all named."""
    counts = wardrobe.count("category")
    several = len(counts) > top and max(counts.values()) > 1
    return dict([(name, number) for name, number in counts.items() if number > 1 or not several][:top])


def top_words(wardrobe: Wardrobe, top: int = TOP) -> list[str]:
    """The same in words; in the plural but for a single garment."""
    return [name if number == 1 else plural(name) for name, number in top_counts(wardrobe, top).items()]


def sentence(wardrobe: Wardrobe, top: int = TOP) -> str:
    """ "12 garments in 8 photos, mostly jeans, t-shirts and sneakers."."""
    photos = counted(wardrobe.photos - len(wardrobe.unreadable), "photo")
    if not wardrobe.garments:
        return f"No garment found in {photos}."
    counts = wardrobe.count("category")
    # Where there is one of each, there is most of nothing.
    most = "" if len(counts) <= top else "mostly " if max(counts.values()) > 1 else "among them "
    return f"{counted(len(wardrobe.garments), 'garment')} in {photos}: {most}{listed(top_words(wardrobe, top))}."
