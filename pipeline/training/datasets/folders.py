"""A folder a class: single garments sorted by name, as classification tutorials and shops' exports have them.

Layout: `CLASS/*.jpg`, or `train/CLASS/*.jpg` with `val/` (also valid, validation, test) beside it. A folder's name may
be a catalogue category, a class of one of the other sets, or one of many usual words, in any case, plural or singular,
with spaces, - or _. Names of one's own are explained in `classes.csv` with the columns name and category, where a
category is one of `pipeline.kinds` or "some KIND" ("some top"). Folders that nobody knows are listed and left out.
"""

import csv
import re
import sys
from functools import lru_cache
from pathlib import Path

from pipeline.kinds import CATEGORIES
from pipeline.training.datasets import ccp, clothing_dataset, deepfashion, fashionpedia, modanet
from pipeline.training.datasets.records import TRAIN, VAL, DataUnreadable, Garment, kind_of_meaning, spread, wanted

PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".bmp")
SPLITS = {"train": TRAIN, "val": VAL, "valid": VAL, "validation": VAL, "test": VAL}
OWN = "classes.csv"
USUAL_WORDS = {
    "tops": "some top", "tee": "t-shirt", "tshirt": "t-shirt", "longsleeve": "some top", "long-sleeve": "some top",
    "tank-top": "undershirt", "tees-tanks": "some top", "graphic-tees": "t-shirt", "blouses-shirts": "some top",
    "shirts-polos": "some top", "jumper": "sweater", "pullover": "sweater", "knitwear": "some sweater",
    "sweatshirts-hoodies": "some sweater", "outwear": "some outerwear", "outerwear": "some outerwear",
    "jackets-coats": "some outerwear", "jackets-vests": "some outerwear", "waistcoat": "vest", "suiting": "suit",
    "gown": "dress", "romper": "jumpsuit", "rompers-jumpsuits": "jumpsuit", "pants": "trousers", "denim": "jeans",
    "footwear": "some shoes", "shoe": "shoes", "boot": "boots", "ankle-boot": "boots", "sandal": "sandals",
    "heel": "heels", "sneaker": "sneakers", "trainers": "sneakers", "handbag": "bag", "backpack": "bag",
    "headwear": "hat", "cap": "hat", "beanie": "hat", "shawl": "scarf", "sunglasses": "glasses", "sock": "socks",
    "legwear": "some legwear",
}  # fmt: skip


def _plain(name: str) -> str:
    return re.sub(r"[\s_/,&-]+", "-", name.strip().lower()).strip("-")


@lru_cache
def _words() -> dict[str, str]:
    """Every known name of a class; the catalogue's categories win over the sets' classes."""
    tables = (modanet.MEANINGS, fashionpedia.MEANINGS, ccp.MEANINGS, deepfashion.MEANINGS)
    words = {_plain(name): meaning for table in tables for name, meaning in table.items() if meaning}
    words |= {_plain(n): meaning for n, meaning in clothing_dataset.CATEGORY_OF_GARMENT_LABEL.items()}
    return words | USUAL_WORDS | {category: category for category in CATEGORIES}


def meaning_of_folder(name: str) -> str:
    """A catalogue category or `some KIND`; "" for a name that is not known."""
    plain = _plain(name)
    forms = (plain, plain.removesuffix("s"), plain.removesuffix("es"))
    return next((_words()[form] for form in forms if form in _words()), "")


def _splits(root: Path) -> list[tuple[Path, str]]:
    """The folders whose folders are classes, each with its side of the split."""
    parts = [p for p in sorted(root.iterdir()) if p.is_dir() and p.name.lower() in SPLITS]
    sides = [(part, SPLITS[part.name.lower()]) for part in parts]
    if not sides:
        return [(root, "")]
    return sides if {side for _, side in sides} == {TRAIN, VAL} else [(part, "") for part in parts]


def _own_words(root: Path) -> dict[str, str]:
    path = root / OWN
    if not path.exists():
        return {}
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        if not {"name", "category"} <= set(reader.fieldnames or ()):
            raise DataUnreadable(f"“{path}” needs the columns name and category.")
        words = {row["name"].strip(): row["category"].strip() for row in reader}
    wrong = next((category for category in words.values() if not kind_of_meaning(category)), None)
    if wrong is not None:
        raise DataUnreadable(f"“{path}” has the category “{wrong}”; known are {', '.join(CATEGORIES)}, or “some KIND”.")
    return words


@lru_cache
def _classes(root: Path) -> tuple[tuple[Path, str, str], ...]:
    """(folder, meaning, side of the split) of each class; names that are not known go to stderr, once."""
    own = _own_words(root)
    found, unknown = [], []
    for part, split in _splits(root):
        for folder in sorted(p for p in part.iterdir() if p.is_dir() and not p.name.startswith(".")):
            meaning = own.get(folder.name) or meaning_of_folder(folder.name)
            if meaning:
                found.append((folder, meaning, split))
            else:
                unknown.append(folder.name)
    if found and unknown:
        names = ", ".join(sorted(set(unknown)))
        print(f"Left out, since no category goes by these names ({OWN} may explain them): {names}", file=sys.stderr)
    return tuple(found)


def _pictures(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.suffix.lower() in PICTURES)


def is_folders(root: Path) -> bool:
    return (
        any(
            meaning_of_folder(folder.name) and any(p.suffix.lower() in PICTURES for p in folder.iterdir())
            for part, _ in _splits(root)
            for folder in part.iterdir()
            if folder.is_dir()
        )
        or (root / OWN).exists()
    )


def read_folders(root: Path, key: str, most: int, part: str) -> list[Garment]:
    """Read every picture of a known class. key: what makes the stems unique; part: 'train', 'val' or 'all'."""
    classes = _classes(root)
    if not classes:
        raise DataUnreadable(
            f"No folder in “{root}” is named after a category, such as “dress”; explain the names in {OWN} there."
        )
    found = []
    for folder, meaning, split in classes:
        for path in _pictures(folder):
            name = path.relative_to(root).with_suffix("").as_posix().replace("/", "-").replace(".", "-")
            stem = f"{key}-{name}{path.suffix.lower().replace('.', '-')}"
            found.append(Garment(stem, path, f"folders {name}", folder.name, meaning, None, split))
    chosen = sorted(found, key=lambda g: spread(g.sender))[:most]
    return [g for g in chosen if wanted(part, g.held_out)]
