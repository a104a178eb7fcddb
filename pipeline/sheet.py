"""Results -> one self-contained HTML page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2
import numpy as np

from pipeline.draw import annotate, data_url
from pipeline.errors import UnreadablePhoto
from pipeline.matcher import Matcher
from pipeline.photo import crop_to, read_photo
from pipeline.types import MatchResult, PieceMatches

_PHOTO_SIDE, _CROP_SIDE, _MATCH_SIDE = 900, 220, 260


class Sheet:
    """A page that photos are added to one by one; what is kept of each is small."""

    def __init__(self, matcher: Matcher) -> None:
        """matcher: what makes the results."""
        self._matcher = matcher
        self.photos: list[dict[str, Any]] = []

    def add(self, name: str, result: MatchResult) -> None:
        """Add a photo under the name it is to be shown with."""
        self.photos.append(_photo(name, result, self._matcher))

    def write(self, out: Path) -> None:
        """Write the page to `out`; every picture is inside the file. Its folder must exist."""
        templates = jinja2.Environment(loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True)
        page = templates.get_template("sheet.html.j2").render(
            title="Pieces and their matches", photos=self.photos, models=", ".join(self._matcher.models.values())
        )
        out.write_text(page, encoding="utf-8")


def _photo(name: str, result: MatchResult, matcher: Matcher) -> dict[str, Any]:
    pieces = [row.piece for row in result.pieces]
    marked = annotate(result.cutout.photo, pieces)
    return {
        "name": name,
        "picture": data_url(marked, _PHOTO_SIDE),
        "pieces": [_piece(row, matcher) for row in result.pieces],
    }


def _piece(row: PieceMatches, matcher: Matcher) -> dict[str, Any]:
    return {
        "label": row.piece.label,
        "score": f"{row.piece.score:.0%}",
        "picture": data_url(row.crop, _CROP_SIDE),
        "matches": [
            {
                "title": match.item.title,
                "similarity": f"{match.similarity:.2f}",
                "price": "" if match.item.price is None else f"{match.item.price:.2f} €",
                # Only web addresses: a catalogue of unknown origin must not bring script links along.
                "url": match.item.url if match.item.url.startswith(("http://", "https://")) else "",
                "picture": _item_picture(matcher.index.picture(match.item), match.item.box),
            }
            for match in row.matches
        ],
    }


def _item_picture(path: Path, box: tuple[int, int, int, int] | None) -> str:
    try:
        return data_url(crop_to(read_photo(path), box), _MATCH_SIDE)
    except UnreadablePhoto:
        # The page stays useful with one picture missing.
        return data_url(np.full((8, 8, 3), 235, np.uint8), _MATCH_SIDE)
