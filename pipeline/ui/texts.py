"""Every sentence of the page that does not come from the pipeline."""

from __future__ import annotations

from pipeline.types import Piece

TITLE = "Fashion Pieces Matching"
INTRO = "Choose a photo of an outfit: every piece in it is found and matched with the catalogue."
DROP = "Drop a photo here, paste one, or click to choose"
EXAMPLES = "Or try one of these"
PRIVACY = "Your photo is not kept: it is gone shortly after you leave."
HISTORY, FORGET = "Earlier in this visit", "Forget these"
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
TOO_LARGE = "The file is larger than 64 MB; choose a smaller photo."
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
NOTHING_FILTERED = "Nothing in the catalogue is like that; ask for less under “Refine”."
FURTHER = "Show more"
CLOSE = "Close"
OPEN_LINK = "See it in the shop"

WORDS_HINT = "Change something: “but red”, “longer sleeves”"
REFINE = "Refine"
STRENGTH = "How much the words count"
KIND = "This is a"
CATEGORY = "Category"
COLOUR = "Colour"
PRICE = "Price"
PRICE_FROM = "Price from"
PRICE_TO = "Price to"
ANY = "any"
RESET = "Start over"
REMOVE = "Remove this piece"
MORE_LIKE = "More like this"
LESS_LIKE = "Less like this"
SEARCH_FROM = "Search from this one"
CHIP_FROM, CHIP_MORE, CHIP_LESS = "Searching from", "More like", "Less like"
TAKE_BACK = "Take back"
WEAR = "Put into the whole look"
WORN = "This one is in the whole look."

DRAW = "Something missed? Draw a box around it"
DRAW_FIRST = "Draw a box around a piece"
DRAW_HINT = (
    "Drag a box around the piece. With the keyboard: arrow keys move it, Shift and arrow keys resize it, "
    "Enter takes it, Escape stops."
)
OUTLINING = "Outlining the piece…"
TOO_MANY = "There are as many pieces as fit here; remove one that you have drawn first."

MATCH, SEARCH, CATALOGUE = "Match", "Search", "Catalogue"
SEARCH_HINT = "Describe a piece: “navy striped top”"
SEARCH_WORDS = "Words that describe a piece"
SEARCH_EMPTY = "Say what you are looking for; everything in the catalogue that is like it appears here."
SUGGESTIONS = ("navy striped top", "black leather bag", "floral dress", "blue jeans", "checked shirt")
BROWSE_HINT = "Look through the catalogue: words are optional"
FILTERS = "Filters"
ALL = "All"
NOT_READY = "The catalogue is still being opened; it appears here in a moment."
NOTHING_FOUND = "Nothing close enough in the catalogue; say it in other words, or ask for less under “Filters”."
DELETE = "Remove from the catalogue"
DELETE_SURE = "Remove this item from the catalogue for good?"
MEASURED = "Measured from the picture"

ADD = "Add to the catalogue"
ADD_HINT = (
    "Pictures of single pieces; or a ZIP of pictures, sub-folders being categories; or a ZIP with a CSV that names its "
    "pictures (columns image, title, category, colour, price, url; anything else becomes a filter)."
)
ADD_FILES = "Pictures, or a ZIP"
ADD_START, ADD_STOP = "Add", "Stop"
ADD_NOTHING = "Choose pictures or a ZIP first."
ADDING_OFF = "Only the owner of this page can change the catalogue."
PASSWORD = "Password of the owner"
SIGN_IN = "Sign in"
WRONG = "This is not the password."
EXPORT = "Take the catalogue along as CSV"

LOOK = "The whole look"
LOOK_HINT = "The best match for each piece. Open a match above to put it here instead."
LOOK_PHOTO = "Your photo"
TAKE = "Take it along:"
DOWNLOADS = {"jpg": "Picture", "csv": "CSV", "json": "JSON", "zip": "ZIP"}

CHAIN = "See the chain at work"
CHAIN_HINT = "What each stage made of your photo, by which model, and how long it took."
STEP_PHOTO, STEP_CUTOUT, STEP_PIECES = "Photo", "Cut-out", "Masks"
STEP_CROPS, STEP_MATCHES = "Crops, embedded", "Matches"

_SURE = ((0.85, "very sure"), (0.65, "quite sure"), (0.45, "likely"), (0.0, "maybe"))


def loading(what: str) -> str:
    """What the page says while the models load."""
    return f"Loading {what}…"


def waiting(what: str) -> str:
    """What a visitor is told whose photo came before the models."""
    return f"Your photo is next. Loading {what}…"


def confidence(piece: Piece) -> str:
    """How sure a detection is, in a word and per cent."""
    if piece.drawn:
        return "drawn by you"
    word = next(word for least, word in _SURE if piece.score >= least)
    return f"{word} · {piece.score:.0%}"


def similarity(cosine: float) -> str:
    """How like the piece a match is. No word for it: the numbers of different models are not comparable."""
    return f"similarity {cosine:.2f}"


def choice(number: int, piece: Piece) -> str:
    """A piece in the list."""
    return f"{number} · {piece.label}" if piece.drawn else f"{number} · {piece.label} {piece.score:.0%}"


def past(number: int) -> str:
    """An earlier photo of this visit."""
    return f"Earlier photo {number}"


def listed(words: list[str]) -> str:
    """What a piece was matched on."""
    return " · ".join(words)


def crop(label: str) -> str:
    """What the picture of a piece shows."""
    return f"The {label} cut out of the photo"


def words(label: str) -> str:
    """What the field for words is called."""
    return f"Change the matches of the {label} with words"


def heading(name: str) -> str:
    """The name of a catalogue's attribute."""
    return name.replace("_", " ").capitalize()


def more_like(title: str) -> str:
    """The button that asks for matches like this one."""
    return f"More like this: {title}"


def less_like(title: str) -> str:
    """The button that asks for matches unlike this one."""
    return f"Less like this: {title}"


def count(items: int) -> str:
    """How many items pass the filters."""
    return "1 item" if items == 1 else f"{items:,} items"


def step(what: str, done: int, total: int, rate: float, left: float | None) -> str:
    """How far adding is."""
    told = f"{what}: {done} of {total}" if total else f"{what}…"
    if rate:
        told += f", {rate:.1f} a second"
    if left is not None and left >= 1:
        told += f", about {left:.0f} s left" if left < 90 else f", about {left / 60:.0f} min left"
    return told


def removed(item: str) -> str:
    """An item was removed from the catalogue."""
    return f"“{item}” was removed."


def added(new: int, updated: int, duplicates: int, items: int) -> str:
    """What adding did."""
    parts = [f"{new} added"]
    parts += [f"{updated} updated"] if updated else []
    parts += [f"{duplicates} there already"] if duplicates else []
    return f"{', '.join(parts)}; the catalogue has {items:,} items."


def unreadable(sentences: tuple[str, ...], most: int = 5) -> list[str]:
    """What could not be read, the first few of it."""
    rest = len(sentences) - most
    return [*sentences[:most], *([f"… and {rest} more."] if rest > 0 else [])]


def alike(count: int) -> str:
    """Near-duplicates put away under a match."""
    return f"and {count} nearly the same"


def leave_out(number: int, label: str) -> str:
    """The button that takes a piece out of the whole look."""
    return f"Leave the {label} ({number}) out of the look"


def put_back(number: int, label: str) -> str:
    """The button that brings a piece back into the whole look."""
    return f"+ {label} ({number})"


def total(amount: float, unpriced: int) -> str:
    """What the look costs."""
    without = f", {unpriced} without a price" if unpriced else ""
    return f"Total {price(amount)}{without}"


def pixels(width: int, height: int) -> str:
    """The size that a photo is worked on at."""
    return f"{width} × {height} pixels"


def searched(items: int) -> str:
    """What the search went over."""
    return f"Faiss over {items:,} items"


def milliseconds(time: float) -> str:
    """How long a stage took."""
    return f"{time:.0f} ms" if time >= 1 else f"{time:.1f} ms"


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


def models(names: dict[str, str], items: int, note: str = "") -> str:
    """Which models answer, and over how many items; note: a sentence on their choice."""
    return f"Answered by {', '.join(names.values())} over {items:,} catalogue items. {note}".rstrip()
