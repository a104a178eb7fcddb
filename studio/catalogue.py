"""Builds assets/catalogue: renders missing pictures, measures their colours and writes items.csv."""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from PIL import Image

from studio.colours import main_colour, shares
from studio.cuts import CUTS
from studio.fabrics import PATTERN_OF
from studio.picture import SIZE, garment_pixels, on_white
from studio.specs import Item, items

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "assets" / "catalogue"
RENDERS = Path(__file__).parent / ".cache" / "renders"
HEADER = ("id", "image", "category", "colour", "pattern", "fabric", "title", "price", "url")
SAMPLES = 8
SECOND = 0.22  # share of the pixels from which a second colour is named in the title
Row = dict[str, str]


def picture_path(item: Item) -> Path:
    """Where an item's shop picture lies."""
    return FOLDER / f"{item.id}.webp"


def describe(item: Item, render: Image.Image) -> Row:
    """The item's CSV row, its colours measured from the render's own pixels."""
    pixels = garment_pixels(render)
    colour = main_colour(pixels)
    # folds and highlights of one dye must not become a second colour of plain cloth
    several = len(item.colours) > 1 or (item.trim and item.trim not in item.colours)
    others = [name for name, share in shares(pixels).items() if name != colour and share >= SECOND]
    words = f"{colour} and {others[0]}" if others and several else colour
    return {
        "id": item.id, "image": picture_path(item).name, "category": item.category, "colour": colour,
        "pattern": PATTERN_OF[item.fabric], "fabric": item.material, "title": item.title(words),
        "price": f"{item.price:.2f}", "url": "",
    }  # fmt: skip


def read_rows() -> dict[str, Row]:
    """The rows of the items.csv that is there, by id."""
    path = FOLDER / "items.csv"
    if not path.is_file():
        return {}
    with path.open(newline="", encoding="utf-8") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def write_rows(fresh: set[str] | None = None) -> int:
    """Write items.csv for every picture that exists and return their number.

    Rows of the ``fresh`` ids (all, without it) are measured where the render is in the cache; others are kept.
    """
    old, rows = read_rows(), []
    for item in items():
        render = RENDERS / f"{item.id}.png"
        if not picture_path(item).is_file():
            continue
        if render.is_file() and (fresh is None or item.id in fresh or item.id not in old):
            with Image.open(render) as image:
                rows.append(describe(item, image.convert("RGBA")))
        elif item.id in old:
            rows.append(old[item.id])
    with (FOLDER / "items.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, HEADER, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return len(rows)


def save_picture(item: Item, render: Image.Image) -> None:
    """Keep the raw render in the cache and write the shop picture."""
    RENDERS.mkdir(parents=True, exist_ok=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    render.save(RENDERS / f"{item.id}.png")
    hung = item.cut in CUTS and CUTS[item.cut].hung
    on_white(render, 0.12 if hung else 0.35).save(picture_path(item), "WEBP", quality=92, method=6)


def _render(group: list[Item], seed: int) -> Iterator[tuple[Item, Image.Image]]:
    """Photograph items of one cut, one after the other."""
    first = group[0]
    if first.cut in CUTS:
        from studio.drape import drape
        from studio.dressing import Dresser

        dresser = Dresser(drape(CUTS[first.cut], seed), SIZE)
        for item in group:
            yield item, dresser.photograph(item, SAMPLES, 118 + item.seed % 15)
    else:
        from studio.modelled import photograph_modelled

        for item in group:
            yield item, photograph_modelled(item, SIZE, SAMPLES, 118 + item.seed % 15)


def build(only: list[str], seed: int = 1, limit: int = 0) -> int:
    """Render what is missing, or exactly the ids (or cuts) in ``only``, and return how many failed.

    Two items of every cut come first, so that an interrupted run still leaves a varied catalogue.
    """
    wanted = [
        item for item in items() if (item.id in only or item.cut in only if only else not picture_path(item).is_file())
    ]
    wanted.sort(key=lambda item: (int(item.id[-2:]) > 2, list(CUTS).index(item.cut) if item.cut in CUTS else 99))
    wanted = wanted[:limit] if limit else wanted
    began, done, failed = time.monotonic(), 0, 0
    for _, group in groupby(wanted, key=lambda item: (int(item.id[-2:]) > 2, item.cut)):
        batch = list(group)
        try:
            for item, render in _render(batch, seed):
                save_picture(item, render)
                write_rows({item.id})
                done += 1
                left = (time.monotonic() - began) / done * (len(wanted) - done)
                print(f"{done}/{len(wanted)} {item.id}  {left / 60:.1f} min left", flush=True)
        except (RuntimeError, ValueError) as error:
            failed += len(batch)
            print(f"{batch[0].cut}: {error}", flush=True)
    return failed
