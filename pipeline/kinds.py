"""The vocabulary: the kinds of piece that are found, and the finer categories of a catalogue."""

from __future__ import annotations

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


def kind_of(category: str) -> str:
    """The kind of piece that a catalogue's category belongs to; an unknown category is a kind of its own."""
    name = category.strip().lower()
    return KIND_OF_CATEGORY.get(name, name)
