"""DeepFashion, category and attribute prediction: shop and customer photos, one category and one box each.

Layout: Anno/ (or Anno_coarse/) with `list_category_cloth.txt` (category name, type), `list_category_img.txt` (photo,
category number from 1 in that order), `list_bbox.txt` (photo, x1 y1 x2 y2); Eval/`list_eval_partition.txt` (photo,
train, val or test); the first line of each is the number of rows, the second names the columns. The photos are named
img/ARTICLE/img_00000001.jpg and lie in the folder or in Img/ below it. Without the partition the split goes by
article. For non-commercial research only.
"""

from pathlib import Path

from pipeline.training.datasets.records import (
    TRAIN,
    VAL,
    Box,
    DataUnreadable,
    Garment,
    meaning_in,
    spread,
    wanted,
)

CATEGORIES, LABELS = "list_category_cloth.txt", "list_category_img.txt"
BOXES, PARTITION = "list_bbox.txt", "list_eval_partition.txt"
MEANINGS: dict[str, str | None] = {
    "Anorak": "jacket", "Blazer": "blazer", "Blouse": "blouse", "Bomber": "jacket", "Button-Down": "shirt",
    "Cardigan": "cardigan", "Flannel": "shirt", "Halter": "some top", "Henley": "some top", "Hoodie": "hoodie",
    "Jacket": "jacket", "Jersey": "some top", "Parka": "coat", "Peacoat": "coat", "Poncho": "some outerwear",
    "Sweater": "sweater", "Tank": "undershirt", "Tee": "t-shirt", "Top": "some top", "Turtleneck": "some sweater",
    "Capris": "trousers", "Chinos": "trousers", "Culottes": "trousers", "Cutoffs": "shorts", "Gauchos": "trousers",
    "Jeans": "jeans", "Jeggings": "leggings", "Jodhpurs": "trousers", "Joggers": "trousers", "Leggings": "leggings",
    "Sarong": "skirt", "Shorts": "shorts", "Skirt": "skirt", "Sweatpants": "trousers", "Sweatshorts": "shorts",
    "Trunks": "shorts", "Caftan": "dress", "Cape": "some outerwear", "Coat": "coat", "Coverup": "some dress",
    "Dress": "dress", "Jumpsuit": "jumpsuit", "Kaftan": "dress", "Kimono": "some outerwear", "Nightdress": "dress",
    "Onesie": "jumpsuit", "Robe": "some outerwear", "Romper": "jumpsuit", "Shirtdress": "dress", "Sundress": "dress",
}  # fmt: skip


def _file(root: Path, name: str) -> Path | None:
    """One of the lists, in the folder or one level below it."""
    return next((p for p in (root / name, *sorted(root.glob(f"*/{name}"))) if p.exists()), None)


def is_deepfashion(root: Path) -> bool:
    return _file(root, CATEGORIES) is not None and _file(root, LABELS) is not None


def _rows(path: Path, columns: int) -> list[list[str]]:
    """The rows after the two head lines, each split into its name and the last `columns` words."""
    rows = [line.rsplit(maxsplit=columns) for line in path.read_text().splitlines()[2:] if line.strip()]
    wrong = next((place for place, row in enumerate(rows) if len(row) != columns + 1), None)
    if wrong is not None:
        raise DataUnreadable(f"Line {wrong + 3} of “{path}” has not {columns + 1} columns; download the file again.")
    return rows


def _folder_of_photos(root: Path, name: str) -> Path:
    folders = (root, *sorted(p for p in root.iterdir() if p.is_dir()))
    found = next((folder for folder in folders if (folder / name).exists()), None)
    if found is None:
        raise DataUnreadable(f"“{root}” has no photo “{name}”; unpack img.zip there or into Img/.")
    return found


def read_deepfashion(root: Path, key: str, most: int, part: str) -> list[Garment]:
    """Read the labelled photos, cut to their boxes. key: what makes the stems unique; part: 'train', 'val' or 'all'."""
    categories, labels = _file(root, CATEGORIES), _file(root, LABELS)
    if categories is None or labels is None:
        raise DataUnreadable(f"“{root}” has not both {CATEGORIES} and {LABELS}, which DeepFashion's Anno/ holds.")
    names = [name for name, _ in _rows(categories, 1)]
    meanings = [meaning_in(MEANINGS, name, categories.name) for name in names]
    boxes_file, partition = _file(root, BOXES), _file(root, PARTITION)
    boxes: dict[str, Box] = {}
    for name, *corners in _rows(boxes_file, 4) if boxes_file else ():
        if not all(c.isdecimal() for c in corners):
            raise DataUnreadable(f"“{boxes_file}” gives “{name}” the box {' '.join(corners)}, which are not numbers.")
        x0, y0, x1, y1 = map(int, corners)
        boxes[name] = (x0, y0, x1, y1)
    splits = {name: TRAIN if s == "train" else VAL for name, s in (_rows(partition, 1) if partition else ())}
    rows = sorted(_rows(labels, 1), key=lambda row: spread(row[0]))[:most]
    if not rows:
        raise DataUnreadable(f"“{labels}” lists no photos; download it again.")
    folder = _folder_of_photos(root, rows[0][0])
    garments = []
    for name, number in rows:
        if not number.isdecimal() or not 1 <= int(number) <= len(names):
            raise DataUnreadable(f"“{labels}” gives “{name}” the category {number}; there are 1 to {len(names)}.")
        path, meaning = folder / name, meanings[int(number) - 1]
        stem = f"{key}-{name.removeprefix('img/').replace('/', '-').replace('.', '-')}"
        if meaning and path.exists():
            garments.append(Garment(
                stem, path, f"deepfashion {path.parent.name}", names[int(number) - 1], meaning, boxes.get(name),
                splits.get(name, ""),
            ))  # fmt: skip
    return [g for g in garments if wanted(part, g.held_out)]
