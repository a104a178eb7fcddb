"""Every sentence of the page that does not come from the pipeline, in the language of whoever reads it.

Sentences that take no values are attributes of this module, as `Sentences` names them; functions make the others.
"""

from __future__ import annotations

from pipeline.types import Piece
from pipeline.ui.languages import euros, number, percent, say, say_many, told, word
from pipeline.ui.sentences import Sentences


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
