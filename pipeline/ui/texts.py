"""Every sentence of the page that does not come from the pipeline, in the language of whoever reads it.

Sentences that take no values are attributes of this module, as `Sentences` names them; functions make the others.
"""

from __future__ import annotations

from pipeline.types import Piece
from pipeline.ui.languages import euros, number, percent, say, say_many, told, word


class Sentences:
    """The sentences without values, in English: the keys of the catalogue, which `static` takes, too."""

    TITLE = "Fashion Pieces Matching"
    INTRO = "Choose a photo of an outfit: every piece in it is found and matched with the catalogue."
    DROP = "Drop a photo here, paste one, or click to choose"
    EXAMPLES = "Or try one of these"
    PRIVACY = "Your photo is not kept: it is gone shortly after you leave."
    HISTORY, FORGET = "Earlier in this visit", "Forget these"
    ANOTHER = "Choose another photo"
    PHOTO, PIECES = "Photo", "Pieces"
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

    TAKE_PHOTO = "Take a photo"
    LIVE, LIVE_NAME = "Live camera", "Live camera: pieces as they are found"
    LIVE_VIDEO = "What the camera sees"
    LIVE_TAKE, LIVE_STOP = "Take this one", "Stop the camera"
    LIVE_STARTING = "Starting the camera…"
    LIVE_RATE = "{rate} looks a second. Tap a piece to see its matches."
    LIVE_NONE = "No clothing in sight; step back until the outfit fills the picture."
    LIVE_LOST = "The connection is interrupted; trying again…"
    LIVE_DENIED = "The camera is not allowed here; allow it for this page in the browser, then start again."
    LIVE_INSECURE = "Browsers give the camera to pages with https or on this machine only; choose a photo instead."
    LIVE_MISSING = "No camera was found; connect one, or choose a photo instead."
    LIVE_BROKEN = "The camera cannot be used, maybe because another program has it; close that, then start again."
    LIVE_GONE = "The camera was switched off or unplugged; start again when it is back."

    EMPTY = "The matches will appear here, one row for each piece."
    NO_PIECES, YOU_COULD = "No clothing found in this photo", "You could"
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
    SIMILARITY = "Similarity"
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
        "Pictures of single pieces; or a ZIP of pictures, sub-folders being categories; or a ZIP with a CSV that names "
        "its pictures (columns image, title, category, colour, price, url; anything else becomes a filter)."
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

    CHAIN = "See the chain at work"
    CHAIN_HINT = "What each stage made of your photo, by which model, and how long it took."
    STEP_PHOTO, STEP_CUTOUT, STEP_PIECES = "Photo", "Cut-out", "Masks"
    STEP_CROPS, STEP_MATCHES = "Crops, embedded", "Matches"


def __getattr__(name: str) -> str:
    return say(getattr(Sentences, name))


def tips() -> tuple[str, ...]:
    """What to try where nothing was found."""
    return (
        say("come closer, or crop the photo so that the outfit fills it"),
        say("take a brighter photo, with the whole garment in view"),
        say("lower the confidence under “Options”"),
    )


def suggestions() -> dict[str, str]:
    """Searches to try: the words, which the embedder knows in English, and how they are shown."""
    return {
        "navy striped top": say("navy striped top"),
        "black leather bag": say("black leather bag"),
        "floral dress": say("floral dress"),
        "blue jeans": say("blue jeans"),
        "checked shirt": say("checked shirt"),
    }


def downloads() -> dict[str, str]:
    """The forms that the whole look is taken along in, by their file suffixes."""
    return {"jpg": say("Picture"), "csv": "CSV", "json": "JSON", "zip": "ZIP"}


def example(name: str) -> str:
    """The name of an example photo; one's own stay as they are."""
    return word(name)


def loading(what: str) -> str:
    """What the page says while the models load."""
    return say("Loading {what}…", what=told(what))


def waiting(what: str) -> str:
    """What a visitor is told whose photo came before the models."""
    return say("Your photo is next. Loading {what}…", what=told(what))


def confidence(piece: Piece) -> str:
    """How sure a detection is, in a word and per cent."""
    return say("drawn by you") if piece.drawn else f"{_sureness(piece.score)} · {percent(piece.score)}"


def _sureness(score: float) -> str:
    if score >= 0.85:
        return say("very sure")
    if score >= 0.65:
        return say("quite sure")
    return say("likely") if score >= 0.45 else say("maybe")


def similarity(cosine: float) -> str:
    """How like the piece a match is. No word for it: the numbers of different models are not comparable."""
    return say("similarity {cosine}", cosine=number(cosine, 2))


def choice(place: int, piece: Piece) -> str:
    """A piece in the list."""
    return f"{place} · {word(piece.label)}" + ("" if piece.drawn else f" {percent(piece.score)}")


def past(place: int) -> str:
    """An earlier photo of this visit."""
    return say("Earlier photo {number}", number=place)


def listed(words: list[str]) -> str:
    """What a piece was matched on."""
    return " · ".join(word(name) for name in words)


def crop(label: str) -> str:
    """What the picture of a piece shows."""
    return say("The {label} cut out of the photo", label=word(label))


def words(label: str) -> str:
    """What the field for words is called."""
    return say("Change the matches of the {label} with words", label=word(label))


def more_like(title: str) -> str:
    """The button that asks for matches like this one."""
    return say("More like this: {title}", title=title)


def less_like(title: str) -> str:
    """The button that asks for matches unlike this one."""
    return say("Less like this: {title}", title=title)


def count(items: int) -> str:
    """How many items pass the filters."""
    return say_many("{count} item", "{count} items", items)


def step(what: str, done: int, total: int, rate: float, left: float | None) -> str:
    """How far adding is."""
    doing = told(what)
    said = say("{doing}: {done} of {total}", doing=doing, done=done, total=total) if total else f"{doing}…"
    if rate:
        said += say(", {rate} a second", rate=number(rate, 1))
    if left is not None and left >= 1:
        soon = left < 90
        amount = number(left if soon else left / 60)
        said += say(", about {seconds} s left", seconds=amount) if soon else say(", about {time} min left", time=amount)
    return said


def removed(item: str) -> str:
    """An item was removed from the catalogue."""
    return say("“{item}” was removed.", item=item)


def added(new: int, updated: int, duplicates: int, items: int) -> str:
    """What adding did."""
    parts = [say("{new} added", new=new)]
    parts += [say("{updated} updated", updated=updated)] if updated else []
    parts += [say("{duplicates} there already", duplicates=duplicates)] if duplicates else []
    return say("{done}; the catalogue has {items} items.", done=", ".join(parts), items=number(items))


def unreadable(sentences: tuple[str, ...], most: int = 5) -> list[str]:
    """What could not be read, the first few of it."""
    rest = len(sentences) - most
    return [*map(told, sentences[:most]), *([say("… and {rest} more.", rest=rest)] if rest > 0 else [])]


def alike(count: int) -> str:
    """Near-duplicates put away under a match."""
    return say("and {count} nearly the same", count=count)


def leave_out(place: int, label: str) -> str:
    """The button that takes a piece out of the whole look."""
    return say("Leave the {label} ({number}) out of the look", label=word(label), number=place)


def put_back(place: int, label: str) -> str:
    """The button that brings a piece back into the whole look."""
    return f"+ {word(label)} ({place})"


def total(amount: float, unpriced: int) -> str:
    """What the look costs."""
    if unpriced:
        return say("Total {amount}, {unpriced} without a price", amount=price(amount), unpriced=unpriced)
    return say("Total {amount}", amount=price(amount))


def pixels(width: int, height: int) -> str:
    """The size that a photo is worked on at."""
    return say("{width} × {height} pixels", width=width, height=height)


def searched(items: int) -> str:
    """What the search went over."""
    return say("Faiss over {items} items", items=number(items))


def milliseconds(time: float) -> str:
    """How long a stage took."""
    return f"{number(time, 0 if time >= 1 else 1)} ms"


def found(count: int, seconds: float) -> str:
    """What was found, and how to go on."""
    return say_many(
        "{count} piece found in {seconds} s. Choose it on the photo or in the list.",
        "{count} pieces found in {seconds} s. Choose one on the photo or in the list.",
        count,
        seconds=number(seconds, 1),
    )


def more(count: int) -> str:
    """Pieces that have no row."""
    return say_many(
        "{count} more piece was found; raise the confidence to see fewer at once.",
        "{count} more pieces were found; raise the confidence to see fewer at once.",
        count,
    )


def none_of_kind(label: str) -> str:
    """A row whose kind the catalogue does not have."""
    return say(
        "The catalogue has no {label} yet. Switch “{switch}” off to see other pieces that look alike.",
        label=word(label),
        switch=say(Sentences.SAME_KIND),
    )


def price(amount: float) -> str:
    """A price as it is shown."""
    return euros(amount)


def models(names: dict[str, str], items: int, note: str = "") -> str:
    """Which models answer, and over how many items; note: a sentence on their choice."""
    answered = say(
        "Answered by {models} over {items} catalogue items.", models=", ".join(names.values()), items=number(items)
    )
    return f"{answered} {told(note)}".rstrip()
