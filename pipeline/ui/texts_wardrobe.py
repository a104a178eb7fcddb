"""Every sentence of the Wardrobe tab, in the language of whoever reads it (see `texts`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.ui.languages import number, say, say_many, words

if TYPE_CHECKING:
    from pipeline.wardrobe import Wardrobe


class Sentences:
    """The sentences without values, in English."""

    WARDROBE = "Wardrobe"
    HINT = (
        "Many photos at once, or a ZIP of them: every piece is found and counted, and a garment that several photos "
        "show counts once."
    )
    FILES = "Photos, or a ZIP"
    START, STOP, FORGET = "Count", "Stop", "Forget these"
    FILES_FIRST = "Choose photos or a ZIP first."
    WAITING = "Somebody else’s photos are being counted; yours come next…"
    UNPACKING = "Unpacking the photos…"
    NAMING = "Naming the pieces…"
    SAME = "How alike pieces must be to count as one garment"
    TABLE = "Take the table along as CSV"
    GARMENTS, PIECES = "garments", "pieces"
    KIND, CATEGORY, COLOUR = "Kind", "Category", "Colour"
    ALL_GARMENTS = "The garments"
    IN_PHOTOS = "In these photos"
    NEAREST = "Nearest in the catalogue"
    NOTHING_CLOSE = "Nothing close enough in the catalogue."
    UNREAD = "These could not be read"
    GONE = "These photos are no longer held here; please choose them again."


def __getattr__(name: str) -> str:
    if name.isupper():
        return say(getattr(Sentences, name))
    raise AttributeError(name)


def sentence(wardrobe: Wardrobe, top: int) -> str:
    """What there is, and what most of it is."""
    from pipeline.wardrobe import plural, top_counts

    photos = say_many("{count} photo", "{count} photos", wardrobe.photos - len(wardrobe.unreadable))
    if not wardrobe.garments:
        return say("No garment found in {photos}.", photos=photos)
    garments = say_many("{count} garment", "{count} garments", len(wardrobe.garments))
    counts = wardrobe.count("category")
    *names, last = [words(name, plural(name), many) for name, many in top_counts(wardrobe, top).items()]
    most = say("{names} and {last}", names=", ".join(names), last=last) if names else last
    if len(counts) > top and max(counts.values()) > 1:
        return say("{garments} in {photos}: mostly {most}.", garments=garments, photos=photos, most=most)
    if len(counts) > top:
        return say("{garments} in {photos}: among them {most}.", garments=garments, photos=photos, most=most)
    return say("{garments} in {photos}: {most}.", garments=garments, photos=photos, most=most)


def pieces(count: int) -> str:
    """How many pieces the garments were seen as."""
    return say_many("{count} piece was found.", "{count} pieces were found.", count)


def in_photos(count: int) -> str:
    """How many photos show a garment."""
    return say_many("in {count} photo", "in {count} photos", count)


def looking(done: int, total: int, left: float | None) -> str:
    """How far the looking is."""
    said = say("{done} of {total} photos", done=number(done), total=number(total))
    if left is None or left < 1:
        return said
    if left < 90:
        return said + say(", about {seconds} s left", seconds=number(left))
    return said + say(", about {time} min left", time=number(left / 60))


def stopped(done: int, total: int) -> str:
    """Somebody ended the looking."""
    return say(
        "Stopped after {done} of {total} photos; this is what they hold.", done=number(done), total=number(total)
    )


def threshold(same: float, measured: bool) -> str:
    """Where the slider stood at first, and why."""
    if measured:
        return say("{same} was measured for this model. Higher parts more garments.", same=number(same, 2))
    return say("{same} is estimated from the catalogue. Higher parts more garments.", same=number(same, 2))


def search_from(title: str) -> str:
    """The button that goes on from an item of the catalogue."""
    return say("Search from {title}", title=title)


def and_more(rest: int) -> str:
    """Garments that the sheet has no room for."""
    return say_many("… and {count} more.", "… and {count} more.", rest)
