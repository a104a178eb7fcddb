"""Second drapes: every garment once more, hung, turned over or laid out otherwise, for training and evaluation.

The pictures are RGBA WebP in assets/drapes, listed in drapes.csv; the app never loads them.
"""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import numpy as np
from PIL import Image

from studio.catalogue import ROOT, picture_path
from studio.cuts import CUTS, Cloth, Cut
from studio.specs import Item, items

FOLDER = ROOT / "assets" / "drapes"
HEADER = ("item", "image", "drape", "seed", "yaw")
SIZE = 288  # pixels, the longer side
MARGIN = 0.05  # of the longer side, left free around the garment
SAMPLES = 6


@dataclass(frozen=True)
class Look:
    """Another drape of a cut: ``laid``, ``back`` or (modelled things) ``turned``, and its simulation's seed."""

    drape: str
    seed: int


# what a shop shows from behind as well; everything else is laid out otherwise
BACKS = {
    "teev", "tank", "body", "sweatshirt", "vest", "jeans", "chinos", "shorts", "leggings", "cami", "blazer", "raglan",
    "henley", "flares", "skinny", "sweatpants", "gilet", "biker",
}  # fmt: skip


def look_of(item: Item) -> Look:
    """How an item's second picture shows it."""
    if item.cut not in CUTS:
        return Look("turned", 2)
    return Look("back" if item.cut in BACKS else "laid", 2)


def recut(cut: Cut, look: str) -> Cut:
    """The cut as another drape wants it; the sewing pattern stays."""
    if cut.hung:
        return replace(cut, hung=False, pleats=0, cloth=Cloth(bending=0.4), squeeze=(0.90, 0.95), warp=0.03)
    warp = cut.warp * 1.5
    if look == "back":
        return replace(cut, face_down=True, arms=(-30, 8), legs=(-4, 7), warp=warp)
    return replace(cut, arms=(14, -34), legs=(9, -4), warp=warp)


def yaw_of(item: Item, look: Look) -> float:
    """How far the picture is turned, in degrees; modelled things turn about their height."""
    rng = np.random.default_rng((item.seed, look.seed))
    if item.cut == "glasses":
        # a larger turn would show the temples alone
        return round(float(rng.uniform(-55, -40)), 1)
    if look.drape == "turned":
        return round(float(rng.uniform(50, 75)), 1)
    return round(float(rng.uniform(10, 28) * rng.choice([-1, 1])), 1)


def trimmed(render: Image.Image, size: int = SIZE) -> Image.Image:
    """The render on a transparent square of ``size`` pixels that its garment fills up to the margin."""
    box = render.getchannel("A").point(lambda v: 255 * (v > 8)).getbbox()
    if box is None:
        raise ValueError("nothing was rendered")
    piece = render.crop(box)
    side = round(max(piece.size) * (1 + 2 * MARGIN))
    square = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    square.paste(piece, ((side - piece.width) // 2, (side - piece.height) // 2))
    return square.resize((size, size), Image.Resampling.LANCZOS)


def image_path(item: Item, number: int = 2) -> Path:
    """Where an item's further picture lies."""
    return FOLDER / f"{item.id}-{number}.webp"


def write_list() -> int:
    """Write drapes.csv for every picture that exists and return their number."""
    rows = []
    for item in items():
        if image_path(item).is_file():
            look = look_of(item)
            rows.append((item.id, image_path(item).name, look.drape, look.seed, yaw_of(item, look)))
    with (FOLDER / "drapes.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows(rows)
    return len(rows)


def _render(group: list[Item], samples: int) -> Iterator[tuple[Item, Image.Image]]:
    look = look_of(group[0])
    lights = {item.id: 45 + item.seed % 40 for item in group}
    if look.drape == "turned":
        from studio.modelled import photograph_modelled

        for item in group:
            yield item, photograph_modelled(item, SIZE, samples, lights[item.id], yaw_of(item, look))
        return
    from studio.drape import drape
    from studio.dressing import Dresser

    dresser = Dresser(drape(recut(CUTS[group[0].cut], look.drape), look.seed), round(SIZE * 1.15))
    for item in group:
        yaw = yaw_of(item, look)
        render = dresser.photograph(item, samples, lights[item.id] - yaw)
        yield item, render.rotate(yaw, Image.Resampling.BICUBIC, expand=True)


def build(only: list[str], samples: int = SAMPLES) -> int:
    """Render the second drapes that are missing, or exactly those of ``only``, and return how many failed."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    wanted = [
        item
        for item in items()
        if (item.id in only or item.cut in only if only else picture_path(item).is_file())
        and (only or not image_path(item).is_file())
    ]
    began, done, failed = time.monotonic(), 0, 0
    for cut, group in groupby(wanted, key=lambda item: item.cut):
        batch = list(group)
        try:
            for item, render in _render(batch, samples):
                trimmed(render).save(image_path(item), "WEBP", quality=70, alpha_quality=90, method=6)
                write_list()
                done += 1
                left = (time.monotonic() - began) / done * (len(wanted) - done)
                print(f"{done}/{len(wanted)} {item.id} again  {left / 60:.1f} min left", flush=True)
        except (RuntimeError, ValueError) as error:
            failed += len(batch)
            print(f"{cut}: {error}", flush=True)
    return failed
