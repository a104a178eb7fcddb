"""Every sentence of the Map tab, in the language of whoever reads it (see `texts`)."""

from __future__ import annotations

from pipeline.fashionmap.wording import WORDS
from pipeline.ui.languages import say, say_many, word


class Sentences:
    """The sentences without values, in English; those of the viewer are its own."""

    MAP = "Map"
    BY = "Method"
    LAYING_OUT = "Laying out the map…"
    LIST = "As a list"
    PIECES = "Your photo"
    NOTHING_THERE = "Nothing like that on the map; say it in other words, or ask for less under “Filters”."
    ARRANGED = WORDS["arranged"]
    FREE = WORDS["free"]
    GRID = WORDS["grid"]
    COLOURED = WORDS["coloured"]
    NOTHING = WORDS["nothing"]
    CATEGORY = WORDS["category"]
    COLOUR = WORDS["colour"]
    NEARER = WORDS["nearer"]
    FARTHER = WORDS["farther"]
    FIT = WORDS["fit"]
    UNNAMED = WORDS["unnamed"]
    HINT = WORDS["hint"]
    CANVAS = WORDS["canvas"]


def __getattr__(name: str) -> str:
    if name.isupper():
        return say(getattr(Sentences, name))
    raise AttributeError(name)


def viewer() -> dict[str, str]:
    """The sentences of the viewer, by their names in `wording.WORDS`."""
    return {name: say(sentence) for name, sentence in WORDS.items()}


def lit(count: int) -> str:
    """How many items stand out on the map."""
    return say_many("{count} item stands out", "{count} items stand out", count)


def everything(count: int, total: int) -> str:
    """How many items are on the map. total: in the catalogue."""
    shown = say_many("{count} item on the map", "{count} items on the map", count)
    return shown if count == total else say("{shown}, a sample of {total}", shown=shown, total=f"{total:,}")


def near_piece(label: str, number: int) -> str:
    """What stands out is near a piece of the visitor's photo."""
    return say("Near piece {number} of your photo: {label}", number=number, label=word(label))


def piece(label: str, number: int) -> str:
    """A piece of the visitor's photo, as a button."""
    return f"{number} · {word(label)}"
