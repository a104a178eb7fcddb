"""What a look at the photos put right: names of masks and what photos with tags only show, of Clothing Co-Parsing, and
what the clothing dataset calls a longsleeve.

The first set has mistakes: many a skirt is called a dress, many a sleeveless blouse a vest, opaque tights leggings. Two
tables of our own, in `reviewed/` beside this module, set them right. A row holds for an annotation file as it was
published, told by the start of its sha256; other files of that name are left alone. The second set has no word for
sweaters: every second longsleeve is one. A third table has them, by the picture's name, which is unique.

A "suit" in the first set is a tailored jacket, whatever is worn with it: a custom of the set, no mistake, and left as
it is.
"""

import csv
import hashlib
from collections import defaultdict
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).with_name("reviewed")
# Hexadecimal digits of the sha256 that tell an annotation file.
DIGITS = 12

# xyxy as shares (0..1) of the photo's width and height.
RelativeBox = tuple[float, float, float, float]
# (kind, box) of a garment that a segmenter outlined well; box None: the photo shows it, without a good outline.
Sight = tuple[str, RelativeBox | None]


def names_mark() -> str:
    """What tells one state of the reviewed names from another, for caches of what was made with them."""
    tables = (FOLDER / name for name in ("masks.csv", "garments.csv"))
    return hashlib.sha256(b"".join(table.read_bytes() for table in tables)).hexdigest()[:DIGITS]


def mark_of(annotation: Path) -> str:
    """What the tables know an annotation file by."""
    return hashlib.sha256(annotation.read_bytes()).hexdigest()[:DIGITS]


def right_names(annotation: Path) -> dict[str, str]:
    """The set's labels that are wrong in a photo with masks -> the labels of the set that are right ("null": none)."""
    return _masks(FOLDER / "masks.csv").get(mark_of(annotation), {})


def sights(annotation: Path) -> list[Sight] | None:
    """The garments of a photo with tags, None if nobody looked at it."""
    return _tagged(FOLDER / "tagged.csv").get(mark_of(annotation))


def garment_kind(picture: str) -> str | None:
    """What kind a picture of the clothing dataset shows where its label tells too little: "" for one that nobody can
    tell, None for one that nobody looked at."""
    return _garments(FOLDER / "garments.csv").get(picture)


@cache
def _garments(table: Path) -> dict[str, str]:
    with table.open(newline="") as file:
        return {row["picture"]: row["kind"] for row in csv.DictReader(file)}


@cache
def _masks(table: Path) -> dict[str, dict[str, str]]:
    names: dict[str, dict[str, str]] = defaultdict(dict)
    with table.open(newline="") as file:
        for row in csv.DictReader(file):
            names[row["annotation"]][row["label"]] = row["shows"]
    return dict(names)


@cache
def _tagged(table: Path) -> dict[str, list[Sight]]:
    """A photo that nothing can be learned from has one row, without a kind."""
    seen: dict[str, list[Sight]] = defaultdict(list)
    with table.open(newline="") as file:
        for row in csv.DictReader(file):
            garments = seen[row["annotation"]]
            if row["kind"]:
                box = (float(row["x0"]), float(row["y0"]), float(row["x1"]), float(row["y1"])) if row["x0"] else None
                garments.append((row["kind"], box))
    return dict(seen)
