"""The whole look: one item for each piece of a photo; as a picture, a table, a document, and all of it in one file."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont, ImageOps

from pipeline.document import match_document
from pipeline.draw import annotate, colour_of, jpeg
from pipeline.errors import UnreadablePhoto
from pipeline.photo import read_photo
from pipeline.types import Match, MatchResult, PieceMatches

if TYPE_CHECKING:
    from pipeline.matcher import Matcher

COLUMNS = ("number", "piece", "id", "title", "category", "colour", "price", "url", "similarity")
# The picture, in pixels: the photo's height, the side of an item's picture, the space around everything.
HEIGHT, TILE, GAP = 1000, 300, 40
_CAPTION = 92
_INK, _GREY, _LINE = (40, 37, 34), (110, 103, 95), (228, 223, 215)


@dataclass(frozen=True, eq=False)
class Outfit:
    """A photo's result, and the item that was taken for each piece, by the piece's place; pieces may be left out."""

    result: MatchResult
    taken: Mapping[int, Match]

    @property
    def rows(self) -> list[tuple[int, PieceMatches, Match]]:
        """Number (from 1), piece and item of each piece that has one."""
        return [(place + 1, self.result.pieces[place], match) for place, match in sorted(self.taken.items())]

    @property
    def total(self) -> float:
        """Sum of the prices that are known."""
        return sum(match.item.price or 0.0 for match in self.taken.values())

    @property
    def unpriced(self) -> int:
        """How many items have no price."""
        return sum(match.item.price is None for match in self.taken.values())


def best(result: MatchResult, chosen: Mapping[int, str]) -> Outfit:
    """The nearest item of each piece, unless another one was chosen.

    Args:
        chosen: by a piece's place the id of an item among its matches, or "" to leave the piece out. What is not
            among the matches any more gives way to the nearest.
    """
    taken = {}
    for place, row in enumerate(result.pieces):
        if chosen.get(place) == "" or not row.matches:
            continue
        taken[place] = next((m for m in row.matches if m.item.id == chosen.get(place)), row.matches[0])
    return Outfit(result, taken)


def as_csv(outfit: Outfit) -> bytes:
    """One line an item, in UTF-8 with the mark that spreadsheets look for."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for number, row, match in outfit.rows:
        item = match.item
        price = "" if item.price is None else f"{item.price:.2f}"
        facts = (item.id, item.title, item.category, item.colour, price, item.url)
        writer.writerow((number, row.piece.label, *map(_plain, facts), f"{match.similarity:.4f}"))
    return text.getvalue().encode("utf-8-sig")


def _plain(value: str) -> str:
    # A spreadsheet takes such a value for a formula, and the catalogue may be anybody's.
    return f"'{value}" if value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


def as_json(outfit: Outfit, matcher: Matcher) -> bytes:
    """The document of the command line's `match`, every piece with the one item that was taken."""
    pieces = tuple(replace(row, matches=(match,)) for _, row, match in outfit.rows)
    document = match_document("photo.jpg", replace(outfit.result, pieces=pieces), matcher)
    total = {"total_price": round(outfit.total, 2), "without_price": outfit.unpriced}
    return (json.dumps({**document, **total}, indent=2, ensure_ascii=False) + "\n").encode()


def as_picture(outfit: Outfit, matcher: Matcher) -> np.ndarray:
    """The photo with its pieces marked and the items beside it, (H, W, 3) uint8."""
    pieces = [row.piece for row in outfit.result.pieces]
    photo = Image.fromarray(annotate(outfit.result.cutout.photo, pieces))
    photo = ImageOps.contain(photo, (HEIGHT, HEIGHT), Image.Resampling.LANCZOS)
    rows = outfit.rows
    down = max(1, (photo.height + GAP) // (TILE + _CAPTION + GAP))
    across = max(1, -(-len(rows) // down))
    down = min(down, max(1, -(-len(rows) // across)))
    width = GAP + photo.width + GAP + across * (TILE + GAP)
    below = max(photo.height, down * (TILE + _CAPTION + GAP) - GAP)
    sheet = Image.new("RGB", (width, GAP + below + GAP + 2 * GAP), "white")
    draw = ImageDraw.Draw(sheet)
    sheet.paste(photo, (GAP, GAP))
    for n, (number, row, match) in enumerate(rows):
        x = GAP + photo.width + GAP + (n % across) * (TILE + GAP)
        y = GAP + (n // across) * (TILE + _CAPTION + GAP)
        tile = _item_picture(matcher, match)
        sheet.paste(tile, (x + (TILE - tile.width) // 2, y + (TILE - tile.height) // 2))
        draw.rectangle((x, y, x + TILE, y + TILE), outline=_LINE)
        draw.circle((x + 24, y + 24), 16, fill=colour_of(row.piece.label))
        draw.text((x + 24, y + 24), str(number), font=_font(18), fill="white", anchor="mm")
        for line, words in enumerate(_wrapped(match.item.title or match.item.category, TILE, 20)):
            draw.text((x, y + TILE + 10 + line * 25), words, font=_font(20), fill=_INK)
        if match.item.price is not None:
            draw.text((x, y + TILE + 62), f"{match.item.price:.2f} €", font=_font(20), fill=_GREY)
    draw.text((width - GAP, sheet.height - GAP), _sum(outfit), font=_font(30), fill=_INK, anchor="rb")
    return np.asarray(sheet)


def as_zip(outfit: Outfit, matcher: Matcher) -> bytes:
    """The look's picture, table and document, the photo, and the items' own pictures."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("look.jpg", jpeg(as_picture(outfit, matcher)))
        archive.writestr("look.csv", as_csv(outfit))
        archive.writestr("look.json", as_json(outfit, matcher))
        archive.writestr("photo.jpg", jpeg(outfit.result.cutout.photo.pixels))
        for number, row, match in outfit.rows:
            picture = matcher.index.picture(match.item)
            if picture.is_file():
                archive.write(picture, f"items/{number}-{row.piece.label}{picture.suffix.lower()}")
    return buffer.getvalue()


def _sum(outfit: Outfit) -> str:
    total = f"Total {outfit.total:.2f} €"
    return f"{total}, {outfit.unpriced} without a price" if outfit.unpriced else total


def _item_picture(matcher: Matcher, match: Match) -> Image.Image:
    try:
        picture = Image.fromarray(read_photo(matcher.index.picture(match.item)).pixels)
    except UnreadablePhoto:
        # The look stays useful with one picture missing.
        picture = Image.new("RGB", (8, 8), (235, 235, 235))
    return ImageOps.contain(picture, (TILE, TILE), Image.Resampling.LANCZOS)


def _wrapped(text: str, width: int, size: int, most: int = 2) -> list[str]:
    """The text in at most so many lines of that width in pixels; what does not fit ends in an ellipsis."""
    lines: list[str] = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if _font(size).getlength(longer) <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    kept = lines[:most]
    if len(lines) > most or _font(size).getlength(kept[-1]) > width:
        while kept[-1] and _font(size).getlength(kept[-1] + "…") > width:
            kept[-1] = kept[-1][:-1]
        kept[-1] = kept[-1].rstrip() + "…"
    return kept


@lru_cache(maxsize=8)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """DejaVu Sans, which comes with matplotlib and knows most letters; Pillow's own has neither € nor accents."""
    spec = importlib.util.find_spec("matplotlib")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / "mpl-data" / "fonts" / "ttf" / "DejaVuSans.ttf"
        if path.is_file():
            return ImageFont.truetype(str(path), size)
    return ImageFont.load_default(size)
