"""Captions for garments: every word that is known about one, in many orders, with words that mean nothing here."""

from dataclasses import dataclass

import numpy as np
import torch

from pipeline.colours import SYNONYMS as COLOUR_WORDS
from pipeline.training.embedder_data import Piece

CATEGORY_WORDS: dict[str, tuple[str, ...]] = {
    "t-shirt": ("t-shirt", "tee", "tshirt", "short sleeve t-shirt"), "polo": ("polo", "polo shirt"),
    "shirt": ("shirt", "button-down shirt", "button up shirt"), "blouse": ("blouse",),
    "top": ("top", "long sleeve top"), "undershirt": ("undershirt", "tank top", "vest top", "singlet"),
    "bodysuit": ("bodysuit", "body"), "sweater": ("sweater", "jumper", "pullover", "knit", "knitted sweater"),
    "sweatshirt": ("sweatshirt",), "hoodie": ("hoodie", "hooded sweatshirt"), "cardigan": ("cardigan",),
    "coat": ("coat", "overcoat", "winter coat"), "jacket": ("jacket",), "blazer": ("blazer", "suit jacket"),
    "vest": ("vest", "waistcoat", "gilet"), "suit": ("suit",), "dress": ("dress", "gown"),
    "jumpsuit": ("jumpsuit", "romper", "playsuit"), "trousers": ("trousers", "pants", "slacks", "chinos"),
    "jeans": ("jeans", "denim", "denim trousers"), "leggings": ("leggings",), "shorts": ("shorts", "short pants"),
    "skirt": ("skirt",), "shoes": ("shoes", "footwear", "loafers"), "boots": ("boots", "ankle boots"),
    "sandals": ("sandals",), "heels": ("heels", "pumps", "high heels"),
    "sneakers": ("sneakers", "trainers", "running shoes"), "bag": ("bag", "handbag", "purse", "tote"),
    "hat": ("hat", "cap", "beanie"), "scarf": ("scarf", "shawl"), "glasses": ("glasses", "sunglasses"),
    "belt": ("belt",), "socks": ("socks", "stockings", "tights"),
}  # fmt: skip
KIND_WORDS: dict[str, tuple[str, ...]] = {
    "top": ("top", "upper garment"), "sweater": ("sweater", "knitwear"), "outerwear": ("outerwear", "jacket", "coat"),
    "suit": ("suit",), "dress": ("dress", "one-piece"), "trousers": ("trousers", "pants"), "shorts": ("shorts",),
    "skirt": ("skirt",), "shoes": ("shoes", "footwear"), "bag": ("bag",), "hat": ("hat", "headwear"),
    "scarf": ("scarf",), "glasses": ("glasses", "eyewear"), "belt": ("belt",),
    "legwear": ("socks", "legwear", "hosiery"),
}  # fmt: skip
PATTERN_WORDS: dict[str, tuple[str, ...]] = {
    "solid": ("plain", "solid"), "striped": ("striped", "stripy", "with stripes"),
    "checked": ("checked", "checkered", "plaid"), "plaid": ("plaid", "checked", "tartan"),
    "floral": ("floral", "flowery"), "dots": ("polka dot", "dotted"), "camo": ("camouflage", "camo"),
    "knit": ("knitted", "cable knit"), "colour-block": ("colour-block", "two-tone"),
}  # fmt: skip
# Words that people write and that say nothing about category, colour or pattern: the model learns to pass over them.
EMPTY_WORDS = (
    "nice", "new", "casual", "summer", "winter", "cotton", "wool", "linen", "comfortable", "classic", "for work",
    "for women", "for men", "my", "size m", "elegant", "vintage", "cheap", "soft", "everyday", "party", "basic",
    "modern", "looking for", "similar", "style", "fashion", "slim fit", "oversized", "cool", "good quality",
    "photo", "on sale",
)  # fmt: skip
FORMS = (
    "{colour} {pattern} {noun}", "{noun} in {colour} {pattern}", "{colour} {noun} {pattern}",
    "{noun}, {pattern} {colour}", "a {colour} {pattern} {noun}", "a photo of a {pattern} {colour} {noun}",
)  # fmt: skip


@dataclass(frozen=True)
class Caption:
    """A text and what it claims; an empty attribute is one that it does not mention."""

    text: str
    kind: str = ""
    category: str = ""
    colour: str = ""
    pattern: str = ""


def caption(piece: Piece, rng: np.random.Generator) -> Caption:
    """A true caption of a garment: some of its attributes, in one of many forms."""
    by_category = piece.category in CATEGORY_WORDS and rng.uniform() < 0.85
    category, kind = (piece.category, piece.kind) if by_category else ("", piece.kind)
    colour = piece.colour if rng.uniform() < 0.7 else ""
    noun = str(rng.choice(CATEGORY_WORDS[category] if category else KIND_WORDS[kind]))
    if colour and rng.uniform() < 0.12:
        category, kind, noun = "", "", str(rng.choice(["clothes", "garment", "piece", ""]))
    pattern = piece.pattern if piece.pattern and rng.uniform() < 0.5 else ""
    words = {
        "noun": noun,
        "colour": str(rng.choice(COLOUR_WORDS[colour])) if colour else "",
        "pattern": str(rng.choice(PATTERN_WORDS.get(pattern, (pattern,)))) if pattern else "",
    }
    parts = str(rng.choice(FORMS)).format(**words).split()
    for _ in range(rng.choice([0, 0, 0, 1, 2])):
        parts.insert(int(rng.integers(len(parts) + 1)), str(rng.choice(EMPTY_WORDS)))
    return Caption(" ".join(parts), kind, category, colour, pattern)


def agreement(pieces: list[Piece], captions: list[Caption]) -> tuple[torch.Tensor, torch.Tensor]:
    """Which captions are true of which garments.

    Returns:
        (N, M) bool: true of it; (N, M) bool: not known, neither true nor false.
    """
    true = np.zeros((len(pieces), len(captions)), bool)
    unknown = np.zeros_like(true)
    columns = {name: np.array([getattr(p, name) for p in pieces]) for name in ("kind", "category", "colour", "pattern")}
    for place, words in enumerate(captions):
        fits, unsure = np.ones(len(pieces), bool), np.zeros(len(pieces), bool)
        for name, column in columns.items():
            claim = getattr(words, name)
            if claim:
                silent = column == ""
                fits &= (column == claim) | silent
                unsure |= silent
        true[:, place], unknown[:, place] = fits & ~unsure, fits & unsure
    return torch.from_numpy(true), torch.from_numpy(unknown)


def prompts(values: tuple[str, ...], words: dict[str, tuple[str, ...]], form: str) -> list[str]:
    """One plain caption for each value, such as 'a {}' with its first word."""
    return [form.format(words[value][0]) for value in values]
