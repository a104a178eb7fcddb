"""What a folder or a CSV says: the items that it names, before a picture is looked at."""

from __future__ import annotations

import csv
import dataclasses
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import UsageError
from pipeline.photo import SUFFIXES
from pipeline.types import Item

# The column of each field, and what other programs and data sets call it; compared without case, spaces, _ and -.
ALIASES: dict[str, tuple[str, ...]] = {
    "image": (
        "image", "imagename", "imagepath", "imagefile", "imagefilename", "filename", "file", "filepath", "path",
        "picture", "photo", "img", "imgpath",
    ),
    "id": ("id", "itemid", "productid", "articleid", "sku", "productcode"),
    "title": ("title", "name", "productname", "producttitle", "productdisplayname", "prodname", "displayname"),
    "category": (
        "category", "categorylabel", "categoryname", "categorytype", "label", "class", "classname", "articletype",
        "producttype", "producttypename", "itemcategory", "clothestype",
    ),
    "colour": ("colour", "color", "colourname", "colorname", "basecolour", "basecolor", "colourgroupname"),
    "price": ("price", "amount", "saleprice", "listprice"),
    "url": ("url", "link", "producturl", "productlink", "href"),
    # What an export says beside that.
    "predicted": ("predicted",),
    "box": ("box",),
}  # fmt: skip
_DELIMITERS = ",;\t|"
# Where a CSV that names pictures without a folder or an ending is likely to have them.
_FOLDERS = ("", "images", "img", "pictures", "photos")


@dataclass(frozen=True)
class Source:
    """Where pictures come from: the folder that `Item.image` is relative to, and an item for each picture.

    tells: whether it says more of them than where they lie.
    """

    name: str
    root: Path
    items: tuple[Item, ...]
    tells: bool = False


def read_source(source: Path, labels: Mapping[str, str] | None = None) -> Source:
    """The items that a folder or a CSV names.

    A folder: every picture in it and below; the first sub-folder is the category. A CSV: a column of pictures, and
    optionally id, category, colour, title, price, url (see ALIASES); further columns become attributes.

    Args:
        labels: the category that each value of the CSV's category column stands for; other values stay as they are.

    Raises:
        UsageError: neither a folder nor a CSV, no picture in it, or a column or value that makes no sense.
    """
    if source.is_dir():
        return read_folder(source)
    if source.suffix.lower() not in (".csv", ".tsv") or not source.is_file():
        raise UsageError(f"“{source}” is neither a folder nor a CSV file; name one of the two.")
    try:
        items = list(_items_of_csv(source, {k.casefold(): v for k, v in (labels or {}).items()}))
    except UnicodeDecodeError as error:
        raise UsageError(f"“{source.name}” is not in UTF-8; save it as “CSV UTF-8” and try again.") from error
    except csv.Error as error:
        raise UsageError(f"“{source.name}” cannot be read as a CSV ({error}); save it again and try that.") from error
    if not items:
        raise UsageError(f"“{source.name}” names no pictures; nothing was added.")
    doubled = next((item_id for item_id, count in Counter(item.id for item in items).items() if count > 1), None)
    if doubled is not None:
        raise UsageError(f"“{source.name}” names the id “{doubled}” more than once; ids must differ.")
    return Source(source.name, source.parent, tuple(items), tells=True)


def read_folder(folder: Path) -> Source:
    """An item for every picture in a folder and below; the first sub-folder is the category.

    Raises:
        UsageError: it is no folder, or holds no pictures.
    """
    if not folder.is_dir():
        raise UsageError(f"“{folder}” is no folder; name one that holds pictures.")
    # What begins with a dot is a program's own: thumbnails, resource forks, an index's drafts.
    paths = sorted(
        path.relative_to(folder)
        for path in folder.rglob("*")
        if path.suffix.lower() in SUFFIXES and path.is_file() and not _hidden(path.relative_to(folder))
    )
    if not paths:
        raise UsageError(f"“{folder.name}” holds no pictures; nothing was done.")
    items = [_item_of_file(path) for path in paths]
    count = Counter(item.id for item in items)
    # IMG_1.HEIC beside IMG_1.JPG: where the stem is not enough, the whole name is the id.
    distinct = (item if count[item.id] == 1 else dataclasses.replace(item, id=item.image) for item in items)
    return Source(folder.name, folder, tuple(distinct))


def read_labels(path: Path) -> dict[str, str]:
    """A label map: JSON ({"0": "shirt"} or ["shirt", …]) or a CSV of two columns, the label and the category.

    Raises:
        UsageError: there is no such file, or it is neither.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        if path.suffix.lower() == ".json":
            found = json.loads(text)
            pairs = list(found.items()) if isinstance(found, dict) else list(enumerate(found))
        else:
            rows = [row for row in csv.reader(text.splitlines(), delimiter=_delimiter(text)) if row]
            pairs = [(label, category) for label, category, *_ in rows]
        labels = {str(label).strip(): category.strip() for label, category in pairs}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise UsageError(
            f'“{path.name}” is no label map; write a JSON file like {{"0": "shirt"}}, or a CSV with two columns.'
        ) from error
    return labels


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in path.parts)


def _item_of_file(path: Path) -> Item:
    category = path.parts[0].lower() if len(path.parts) > 1 else ""
    return Item(path.with_suffix("").as_posix(), path.as_posix(), category, title=_title(path.stem))


def _title(stem: str) -> str:
    return stem.replace("-", " ").replace("_", " ").strip()


def _delimiter(text: str) -> str:
    """What separates the columns: spreadsheets of many countries write semicolons into their CSV files."""
    first = text.lstrip().partition("\n")[0]
    return max(_DELIMITERS, key=first.count)


def _items_of_csv(source: Path, labels: Mapping[str, str]) -> Iterator[Item]:
    with source.open(newline="", encoding="utf-8-sig") as file:
        delimiter = _delimiter(file.readline())
        file.seek(0)
        reader = csv.DictReader(file, delimiter=delimiter)
        columns = _columns(reader.fieldnames or ())
        if "image" not in columns:
            raise UsageError(f"“{source.name}” has no column “image”; add one with the pictures' file names.")
        others = [name for name in reader.fieldnames or () if name and name not in columns.values()]
        for row in reader:
            where = f"“{source.name}” line {reader.line_num}"
            told = {field: (row[column] or "").strip() for field, column in columns.items()}
            if not told["image"]:
                raise UsageError(f"{where} names no picture; fill the column “{columns['image']}”.")
            yield Item(
                id=told.get("id") or Path(told["image"]).stem,
                image=_find_picture(source.parent, told["image"]),
                category=_category(told.get("category", ""), labels, where),
                colour=told.get("colour", "").lower(),
                title=told.get("title") or _title(Path(told["image"]).stem),
                price=_price(told.get("price", ""), where),
                url=told.get("url", ""),
                attributes={name: value for name in others if (value := (row[name] or "").strip())},
                predicted=tuple(told.get("predicted", "").split()),
                box=_box(told.get("box", ""), where),
            )


def _columns(names: Sequence[str]) -> dict[str, str]:
    """The name of each field's column; where two would do, the one that comes first in ALIASES."""
    plain = {re.sub(r"[\s_-]", "", name).casefold(): name for name in reversed(names) if name}
    found = {field: next((plain[a] for a in aliases if a in plain), None) for field, aliases in ALIASES.items()}
    return {field: name for field, name in found.items() if name is not None}


def _find_picture(root: Path, name: str) -> str:
    """The picture as it lies there: data sets leave out the ending, or the folder `images`."""
    name = name.replace("\\", "/")
    endings = ("",) if Path(name).suffix.lower() in SUFFIXES else ("", *sorted(SUFFIXES))
    for folder in _FOLDERS:
        for ending in endings:
            if (root / folder / f"{name}{ending}").is_file():
                return (Path(folder) / f"{name}{ending}").as_posix()
    return name


def _category(value: str, labels: Mapping[str, str], where: str) -> str:
    named = labels.get(value.casefold(), value)
    if named.isdecimal():
        raise UsageError(
            f"{where}: the category “{value}” is a number; say what the numbers mean with --labels MAP.csv or .json."
        )
    return named.lower()


def _box(text: str, where: str) -> tuple[int, int, int, int] | None:
    if not text:
        return None
    try:
        x0, y0, x1, y1 = (round(float(edge)) for edge in re.split(r"[,;\s]+", text.strip("[]() ")))
        if not (0 <= x0 < x1 and 0 <= y0 < y1):
            raise ValueError(text)
    except ValueError as error:
        raise UsageError(f"{where}: the box “{text}” is none; write it like [x0, y0, x1, y1], in pixels.") from error
    return x0, y0, x1, y1


def _price(text: str, where: str) -> float | None:
    """A price as people write it: 39.90, 39,90, € 1.299,00, 1,299.00 USD."""
    if not text:
        return None
    digits = re.sub(r"^[^\d.,+-]+|[^\d.,]+$", "", text.strip()).replace(" ", "").replace("\u00a0", "")
    point = max(digits.rfind("."), digits.rfind(","))
    whole, rest = (digits[:point], digits[point + 1 :]) if point >= 0 else (digits, "")
    if rest and len(rest) == 3 and digits[point] == "," and whole:
        whole, rest = digits, ""
    try:
        if not digits:
            raise ValueError(text)
        amount = float(f"{whole.replace(',', '').replace('.', '')}.{rest or 0}")
    except ValueError as error:
        raise UsageError(f"{where}: the price “{text}” is no number; write it like 39.90.") from error
    return amount
