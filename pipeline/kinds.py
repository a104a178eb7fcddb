"""The vocabulary: the kinds of piece that are found, and the finer categories of a catalogue."""

from __future__ import annotations

import re

CATEGORIES_OF_KIND: dict[str, tuple[str, ...]] = {
    "top": ("t-shirt", "polo", "shirt", "blouse", "top", "undershirt", "bodysuit"),
    "sweater": ("sweater", "sweatshirt", "hoodie", "cardigan"),
    "outerwear": ("coat", "jacket", "blazer", "vest"),
    "suit": ("suit",),
    "dress": ("dress", "jumpsuit"),
    "trousers": ("trousers", "jeans", "leggings"),
    "shorts": ("shorts",),
    "skirt": ("skirt",),
    "shoes": ("shoes", "boots", "sandals", "heels", "sneakers"),
    "bag": ("bag",),
    "hat": ("hat",),
    "scarf": ("scarf",),
    "glasses": ("glasses",),
    "belt": ("belt",),
    "legwear": ("socks",),
}
KINDS: tuple[str, ...] = tuple(CATEGORIES_OF_KIND)
KIND_OF_CATEGORY: dict[str, str] = {c: kind for kind, cs in CATEGORIES_OF_KIND.items() for c in cs}
CATEGORIES: tuple[str, ...] = tuple(KIND_OF_CATEGORY)


# What catalogues call their categories, beside the words above and their plurals.
_OTHER_WORDS: dict[str, tuple[str, ...]] = {
    "top": ("tee", "tshirt", "tank", "camisole", "longsleeve", "tunic", "bra", "body"),
    "sweater": ("jumper", "pullover", "knitwear", "fleece", "turtleneck"),
    "outerwear": ("outwear", "parka", "cape", "poncho", "gilet", "waistcoat", "anorak", "windbreaker", "trench"),
    "suit": ("tuxedo",),
    "dress": ("gown", "romper", "overall", "dungaree", "playsuit"),
    "trousers": ("pants", "trouser", "jean", "chino", "legging", "jogger", "slacks", "tracksuit"),
    "shorts": ("short", "bermuda"),
    "skirt": ("miniskirt",),
    "shoes": (
        "footwear", "trainer", "loafer", "pump", "flat", "clog", "wedge", "slipper", "flipflop", "mule", "oxford",
        "derby",
    ),
    "bag": ("handbag", "purse", "wallet", "backpack", "tote", "clutch", "rucksack"),
    "hat": ("cap", "beanie", "headwear"),
    "scarf": ("shawl", "stole", "scarves"),
    "glasses": ("sunglasses", "eyewear", "spectacles"),
    "belt": (),
    "legwear": ("hosiery", "tights", "stocking", "sock"),
}  # fmt: skip
_KIND_OF_WORD = {**KIND_OF_CATEGORY, **{kind: kind for kind in KINDS}} | {
    word: kind for kind, words in _OTHER_WORDS.items() for word in words
}


def kind_of(category: str) -> str:
    """The kind of piece that a catalogue's category belongs to; an unknown category is a kind of its own.

    "Jeans", "sweaters", "Midi skirts" and "men's t shirt" are understood: plurals, and words before the noun.
    """
    name = " ".join(category.lower().replace("_", " ").split())
    last = re.split(r"[^\w-]+", name.replace("t shirt", "t-shirt"))[-1]
    for word in (name, last):
        for single in (word, word.removesuffix("s"), word.removesuffix("es")):
            if single in _KIND_OF_WORD:
                return _KIND_OF_WORD[single]
    return name
