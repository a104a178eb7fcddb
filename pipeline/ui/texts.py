"""Every sentence of the page that does not come from the pipeline."""

from __future__ import annotations

TITLE = "Fashion Pieces Matching"
INTRO = "Choose a photo of an outfit: every piece in it is found and matched with the catalogue."
DROP = "Drop a photo here, paste one, or click to choose"
EXAMPLES = "Or try one of these"
PRIVACY = "Your photo is not kept: it is gone shortly after you leave."
ANOTHER = "Choose another photo"
PIECES = "Pieces"
ON_PHOTO = "Show it on the photo"
OPTIONS = "Options"
TOP = "Matches for each piece"
SAME_KIND = "Same kind of piece only"
MIN_SCORE = "Least confidence (%)"
PHOTO_ALT = "Your photo with the pieces found in it"

MODELS = "the models"
READING = "Reading the photo…"
CUTTING = "Removing the background…"
FINDING = "Finding the pieces…"
COMPARING = "Comparing with the catalogue…"

BUSY = "Many photos are being looked at right now; please try again in a minute."
UNEXPECTED = "Something went wrong on our side; please try again, or try another photo."
GONE = "This photo is no longer held here; please choose it again."

EMPTY = "The matches will appear here, one row for each piece."
NO_PIECES = "No clothing found in this photo"
TIPS = (
    "come closer, or crop the photo so that the outfit fills it",
    "take a brighter photo, with the whole garment in view",
    "lower the confidence under “Options”",
)
NOTHING_CLOSE = "Nothing close enough in the catalogue."
SHOW_FAR = "Show the nearest all the same"
FAR = "Nothing close enough; these are the nearest all the same."
CLOSE = "Close"
OPEN_LINK = "See it in the shop"

_SURE = ((0.85, "very sure"), (0.65, "quite sure"), (0.45, "likely"), (0.0, "maybe"))


def loading(what: str) -> str:
    """What the page says while the models load."""
    return f"Loading {what}…"


def waiting(what: str) -> str:
    """What a visitor is told whose photo came before the models."""
    return f"Your photo is next. Loading {what}…"


def confidence(score: float) -> str:
    """A detection's score (0..1) in a word and per cent."""
    word = next(word for least, word in _SURE if score >= least)
    return f"{word} · {score:.0%}"


def similarity(cosine: float) -> str:
    """How like the piece a match is. No word for it: the numbers of different models are not comparable."""
    return f"similarity {cosine:.2f}"


def choice(number: int, label: str, score: float) -> str:
    """A piece in the list."""
    return f"{number} · {label} {score:.0%}"


def found(count: int, seconds: float) -> str:
    """What was found, and how to go on."""
    pieces = "1 piece" if count == 1 else f"{count} pieces"
    return f"{pieces} found in {seconds:.1f} s. Choose one on the photo or in the list."


def more(count: int) -> str:
    """Pieces that have no row."""
    return (
        f"{count} more {'piece was' if count == 1 else 'pieces were'} found; raise the confidence to see fewer at once."
    )


def none_of_kind(label: str) -> str:
    """A row whose kind the catalogue does not have."""
    return f"The catalogue has no {label} yet. Switch “{SAME_KIND}” off to see other pieces that look alike."


def price(amount: float) -> str:
    """A price as it is shown."""
    return f"{amount:.2f} €"


def models(names: dict[str, str], items: int) -> str:
    """Which models answer, and over how many items."""
    return f"Answered by {', '.join(names.values())} over {items:,} catalogue items."
