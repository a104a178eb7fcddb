"""A wardrobe as a table (CSV) and as a JSON document."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

from pipeline.wardrobe.counting import FIELDS, Wardrobe
from pipeline.wardrobe.words import TOP, sentence

COLUMNS = ("photo", "piece", "kind", "category", "colour", "score", "garment")


def as_csv(wardrobe: Wardrobe) -> bytes:
    """One line a piece, in the order of the photos; UTF-8 with the mark that spreadsheets look for."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    garment_of = {id(one): garment.number for garment in wardrobe.garments for one in garment.sightings}
    for one in wardrobe.sightings:
        words = map(_plain, (one.kind, one.category, one.colour))
        writer.writerow((_plain(one.photo), one.number, *words, f"{one.score:.4f}", garment_of[id(one)]))
    return text.getvalue().encode("utf-8-sig")


def _plain(value: str) -> str:
    # A spreadsheet takes such a value for a formula, and photos may be called anything.
    return f"'{value}" if value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


def wardrobe_document(wardrobe: Wardrobe, models: Mapping[str, str], top: int = TOP) -> dict[str, Any]:
    """All of it but the pictures. models: names by slot; top: categories that are named as the most frequent."""
    return {
        "photos": wardrobe.photos,
        "sentence": sentence(wardrobe, top),
        "top": [
            {"category": name, "garments": number} for name, number in list(wardrobe.count("category").items())[:top]
        ],
        "models": dict(models),
        "same": round(wardrobe.same, 4),
        "counts": {field: wardrobe.count(field) for field in FIELDS},
        "garments": [
            {
                "garment": garment.number,
                "kind": garment.kind,
                "category": garment.category,
                "colour": garment.colour,
                "photos": list(garment.photos),
                "pieces": [
                    {"photo": one.photo, "piece": one.number, "score": round(one.score, 4)} for one in garment.sightings
                ],
            }
            for garment in wardrobe.garments
        ],
        "unreadable": [{"photo": photo, "error": problem} for photo, problem in wardrobe.unreadable],
    }
