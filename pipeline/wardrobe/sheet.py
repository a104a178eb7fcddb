"""A wardrobe as one self-contained HTML page: the sentence, bars, and a contact sheet of the garments."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2

from pipeline.wardrobe.counting import FIELDS, Wardrobe
from pipeline.wardrobe.grouping import Garment
from pipeline.wardrobe.words import TOP, counted, sentence

# Sightings of one garment that are shown.
MOST_SHOWN = 12
# Photos that are named under it.
MOST_NAMED = 4


def write_sheet(wardrobe: Wardrobe, out: Path, models: Mapping[str, str], top: int = TOP) -> None:
    """Write the page; every picture is inside the file. Its folder must exist.

    models: names by slot. top: categories that the sentence names.
    """
    templates = jinja2.Environment(loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True)
    page = templates.get_template("sheet.html.j2").render(
        sentence=sentence(wardrobe, top),
        bars=[_bars(wardrobe, field) for field in FIELDS] if wardrobe.garments else [],
        garments=[_garment(garment) for garment in wardrobe.garments],
        unreadable=[problem for _, problem in wardrobe.unreadable],
        left_out=wardrobe.total - wardrobe.photos,
        same=f"{wardrobe.same:.2f}",
        models=", ".join(models.values()),
    )
    out.write_text(page, encoding="utf-8")


def _bars(wardrobe: Wardrobe, field: Any) -> dict[str, Any]:
    counts, pieces = wardrobe.count(field), wardrobe.pieces(field)
    most = max(counts.values())
    rows = [
        {"name": name, "garments": number, "pieces": pieces[name], "width": f"{number / most:.0%}"}
        for name, number in counts.items()
    ]
    return {"title": field.capitalize(), "rows": rows}


def _garment(garment: Garment) -> dict[str, Any]:
    return {
        "number": garment.number,
        "title": f"{garment.colour} {garment.category}",
        "seen": counted(len(garment.photos), "photo"),
        "photos": _named(garment.photos),
        "pictures": [
            {"source": _data_url(one.thumb), "photo": _named([one.photo])} for one in garment.sightings[:MOST_SHOWN]
        ],
        "more": max(len(garment.sightings) - MOST_SHOWN, 0),
    }


def _named(photos: Sequence[str]) -> str:
    """The first photos' names without their folders, and how many more there are."""
    names = [photo.replace("\\", "/").rpartition("/")[2] for photo in photos[:MOST_NAMED]]
    rest = len(photos) - len(names)
    return ", ".join(names) + (f" and {rest} more" if rest else "")


def _data_url(webp: bytes) -> str:
    return "data:image/webp;base64," + base64.b64encode(webp).decode()
