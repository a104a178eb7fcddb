"""A folder of pictures -> their cut-outs in another folder, and a table of what each one shows."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
from PIL import Image

from pipeline.catalogue import read_folder
from pipeline.catalogue.predicting import predict_categories, votes_in
from pipeline.catalogue.preparing import ahead, foreground
from pipeline.cutout import BackgroundRemover
from pipeline.drafts import whole
from pipeline.embeddings import BATCH, Embedder
from pipeline.errors import UnreadablePhoto, UsageError
from pipeline.index import Index
from pipeline.photo import read_photo
from pipeline.settings import Settings
from pipeline.types import Cutout, Item, square_on_white

TABLE, MADE_WITH = "pictures.csv", "preprocess.json"
# `predicted` holds the word category where nobody said it, as in the table of `catalogue export`.
COLUMNS = ("id", "image", "category", "predicted", "source")
_QUALITY = 92


class Form(StrEnum):
    """How cut-outs are kept: alone on a white square, as embeddings are made of; or with an alpha channel."""

    WHITE = "white"
    RGBA = "rgba"


@dataclass(frozen=True)
class Prepared:
    """What was done: pictures made now and kept from before, and one sentence for each that could not be read."""

    made: int
    kept: int
    unreadable: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _One:
    """A picture on its way: the cut-out to be kept, and the square to be embedded."""

    item: Item
    kept: np.ndarray
    square: np.ndarray


def prepare_folder(
    folder: Path,
    out: Path,
    form: Form,
    cut: BackgroundRemover,
    embed: Embedder,
    index: Index,
    settings: Settings,
    tell: Callable[[str, int, int], None],
) -> Prepared:
    """Cut out every picture below a folder and say what it shows.

    Writes `out`/ID.webp and a table, COLUMNS. Sub-folders are categories, as in a catalogue; where there are none, the
    category is predicted, by words and by the nearest items of the index. Called again it makes what is missing or
    older than its picture.

    Args:
        index: made by `embed`. tell: called with what goes on, and how many of how many pictures are done.

    Raises:
        UsageError: no pictures, `out` lies within the folder, or was made in another way.
    """
    source = read_folder(folder)
    check_apart(folder, out)
    _check_made(out, {"cutout": cut.name, "embeddings": embed.name, "form": form.value})
    before = _rows(out / TABLE)
    rows = {
        # A call that was killed may have left a name cut short.
        item.id: before[item.id] | {"source": item.image}
        for item in source.items
        if item.id in before and _fresh(out, source.root, item)
    }
    todo = [item for item in source.items if item.id not in rows]
    kept = len(rows)
    unreadable: list[str] = []
    waiting: list[_One] = []

    def work(item: Item) -> _One | str:
        try:
            photo = read_photo(source.root / item.image, settings)
        except UnreadablePhoto as error:
            return str(error)
        alpha = foreground(photo, cut)
        square = square_on_white(photo.pixels, alpha)
        return _One(item, square if form is Form.WHITE else Cutout(photo, alpha).rgba, square)

    _write(out / TABLE, rows.values())
    with (out / TABLE).open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        for seen, one in enumerate(ahead(work, todo, settings.threads), 1):
            if isinstance(one, str):
                unreadable.append(one)
            else:
                waiting.append(one)
            if len(waiting) == BATCH or seen == len(todo):
                for row in _finished(waiting, out, embed, index):
                    writer.writerow(row)
                    rows[row["id"]] = row
                file.flush()
                waiting = []
            tell("Cutting out", kept + seen, len(source.items))
    # The table of an interrupted call is in the order of the work, this one in the order of the folder.
    _write(out / TABLE, (rows[item.id] for item in source.items if item.id in rows))
    return Prepared(len(rows) - kept, kept, tuple(unreadable))


def check_apart(folder: Path, out: Path) -> None:
    """See that what is made is not read again as what it was made of.

    Raises:
        UsageError: one of the folders lies within the other.
    """
    inner, outer = out.resolve(), folder.resolve()
    if inner.is_relative_to(outer) or outer.is_relative_to(inner):
        raise UsageError(f"“{out}” and “{folder}” lie within each other; name a folder elsewhere with --out.")


def picture_path(out: Path, item_id: str) -> Path:
    """Where the cut-out of a picture lies."""
    return out / f"{item_id}.webp"


def _finished(waiting: Sequence[_One], out: Path, embed: Embedder, index: Index) -> Iterator[dict[str, str]]:
    """Write the cut-outs and yield their rows."""
    unsaid = [one for one in waiting if not one.item.category]
    guesses: dict[str, str] = {}
    if unsaid:
        vectors = embed.embed_pictures([one.square for one in unsaid])
        found = predict_categories(vectors, [""] * len(unsaid), votes_in(index, vectors), embed)
        guesses = {one.item.id: word for one, word in zip(unsaid, found, strict=True)}
    for one in waiting:
        path = picture_path(out, one.item.id)
        # Half a picture would be taken for a finished one the next time.
        with whole(path) as draft:
            Image.fromarray(one.kept).save(draft, "WEBP", quality=_QUALITY)
        yield {
            "id": one.item.id, "image": path.relative_to(out).as_posix(),
            "category": one.item.category or guesses[one.item.id],
            "predicted": "" if one.item.category else "category", "source": one.item.image,
        }  # fmt: skip


def _fresh(out: Path, root: Path, item: Item) -> bool:
    try:
        return picture_path(out, item.id).stat().st_mtime_ns >= (root / item.image).stat().st_mtime_ns
    except OSError:
        return False


def _check_made(out: Path, how: dict[str, str]) -> None:
    """Note how the folder is made; a folder is made in one way."""
    note = out / MADE_WITH
    out.mkdir(parents=True, exist_ok=True)
    try:
        made = json.loads(note.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        made = None
    if made is None and any(out.iterdir()):
        raise UsageError(f"“{out}” holds something else; name a new folder with --out.")
    if made is not None and made != how:
        other = next(f"{made.get(key)} and not {value}" for key, value in how.items() if made.get(key) != value)
        raise UsageError(f"“{out}” was made with {other}; name another folder with --out, or remove that one.")
    note.write_text(json.dumps(how, indent=2) + "\n", encoding="utf-8")


def _rows(path: Path) -> dict[str, dict[str, str]]:
    """The rows that are whole, by id; none where there is no table yet."""
    if not path.is_file():
        return {}
    with path.open(newline="", encoding="utf-8") as file:
        # A call that was killed may have left half a line.
        return {row["id"]: row for row in csv.DictReader(file) if None not in row and None not in row.values()}


def _write(path: Path, rows: Iterable[dict[str, str]]) -> None:
    with whole(path) as draft, draft.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
