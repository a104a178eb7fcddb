"""Photos with one mask a garment: from polygons or RLE to label maps, decoded once and kept beside the other caches."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol, overload

import cv2
import numpy as np
from tqdm import tqdm

from pipeline.training.datasets import records
from pipeline.training.datasets.records import (
    MASKED_SIDE,
    DataUnreadable,
    Street,
    bounded,
    kind_of_meaning,
    read_levels,
    read_rgb,
)
from pipeline.types import mask_box

MOST_INSTANCES = 254
# Kinds whose two halves are one piece of one person, and kinds of which nobody wears two.
PAIRS = ("shoes", "legwear")
WORN_ONCE = ("dress", "trousers", "shorts", "skirt", "shoes", "hat", "glasses")


@dataclass(frozen=True)
class Instance:
    """One garment of a photo.

    segmentation: COCO's forms, that is polygons [[x1, y1, x2, y2, ...], ...] in pixels or RLE {"size": [height, width],
    "counts": ...}; garment: the same word for the same article in other photos, "" where that is not known.
    """

    meaning: str
    segmentation: Any
    garment: str = ""


@dataclass(frozen=True)
class Annotated:
    """An annotated photo before it is decoded.

    size: (height, width) that the masks are drawn at, None for the photo's own; split and group: as in `Street`.
    """

    path: Path
    instances: tuple[Instance, ...]
    size: tuple[int, int] | None = None
    split: str = ""
    group: str = ""


class InstanceSet(Protocol):
    """What a format has to offer: names of its annotated photos that are there, and each one's annotation."""

    def names(self) -> list[str]: ...

    def read(self, name: str) -> Annotated: ...


class Streets(Sequence[Street]):
    """Photos that are decoded when they are asked for: a large set does not fit into memory."""

    def __init__(self, readers: list[Callable[[], Street]]) -> None:
        self.readers = readers

    def __len__(self) -> int:
        return len(self.readers)

    @overload
    def __getitem__(self, place: int) -> Street: ...
    @overload
    def __getitem__(self, place: slice) -> "Streets": ...
    def __getitem__(self, place: int | slice) -> "Street | Streets":
        return Streets(self.readers[place]) if isinstance(place, slice) else self.readers[place]()


@dataclass(frozen=True)
class Kept:
    """A photo in the cache: everything of a `Street` but the pixels."""

    stem: str
    names: tuple[str, ...]
    alone: bool
    garments: tuple[str, ...]
    split: str
    group: str

    def open(self, folder: Path) -> Street:
        rgb, labels = read_rgb(folder / f"{self.stem}.jpg", MASKED_SIDE), read_levels(folder / f"{self.stem}.png")
        return Street(
            self.stem, rgb, labels, tuple(self.names), self.alone, tuple(self.garments), self.split, self.group
        )


def mask_of(segmentation: Any, size: tuple[int, int]) -> np.ndarray:
    """COCO's polygons or RLE -> (H, W) bool; size: (height, width). Polygons of fewer than three points are nothing."""
    from pycocotools import mask as coco

    parts = segmentation if isinstance(segmentation, list) else [segmentation]
    runs = []
    for part in parts:
        if isinstance(part, dict):
            packed = isinstance(part["counts"], str | bytes)
            runs.append(part if packed else coco.frPyObjects(part, *part["size"]))
        elif len(part) >= 6:
            runs += coco.frPyObjects([part], *size)
    if not runs:
        return np.zeros(size, bool)
    return coco.decode(coco.merge(runs)).astype(bool)


def _gap(a: tuple[int, int, int, int], b: tuple[int, int, int, int]) -> float:
    """Distance of two boxes, as a share of the larger one's longer side."""
    dx, dy = max(0, a[0] - b[2], b[0] - a[2]), max(0, a[1] - b[3], b[1] - a[3])
    longest = max(a[2] - a[0], a[3] - a[1], b[2] - b[0], b[3] - b[1])
    return float(np.hypot(dx, dy)) / max(1, longest)


def join_pairs(meanings: list[str], masks: list[np.ndarray]) -> list[int]:
    """For each mask the place of the one that it is a piece with: its own, or its other shoe's.

    The sets give each shoe and each sock a mask of its own; nearest halves of one meaning are taken for a pair when no
    further apart than they are long.
    """
    boxes = [mask_box(mask) for mask in masks]
    near = sorted(
        (_gap(a, b), i, j)
        for i, a in enumerate(boxes)
        for j, b in enumerate(boxes[:i])
        if a and b and meanings[i] == meanings[j] and kind_of_meaning(meanings[i]) in PAIRS
    )
    owner = list(range(len(masks)))
    taken: set[int] = set()
    for gap, i, j in near:
        if gap <= 1 and not taken & {i, j}:
            owner[i] = j
            taken |= {i, j}
    return owner


def to_street(stem: str, annotated: Annotated) -> Street:
    """Decode a photo and draw its masks into one label map, small garments over large ones, at most MASKED_SIDE px."""
    rgb = read_rgb(annotated.path, 100_000)
    size = annotated.size or rgb.shape[:2]
    if rgb.shape[:2] != size:
        rgb = cv2.resize(rgb, size[::-1], interpolation=cv2.INTER_AREA)
    drawn = [(instance, mask_of(instance.segmentation, size)) for instance in annotated.instances]
    drawn = sorted((d for d in drawn if d[1].any()), key=lambda d: -int(d[1].sum()))[:MOST_INSTANCES]
    meanings = [instance.meaning for instance, _ in drawn]
    owner = join_pairs(meanings, [mask for _, mask in drawn])
    labels = np.zeros(size, np.uint8)
    for place, (_, mask) in enumerate(drawn):
        labels[mask] = 1 + owner[place]
    kinds = [kind_of_meaning(m) for place, m in enumerate(meanings) if owner[place] == place]
    return Street(
        stem, bounded(rgb, MASKED_SIDE), bounded(labels, MASKED_SIDE, labels=True), ("", *meanings),
        all(kinds.count(kind) < 2 for kind in WORN_ONCE), ("", *(instance.garment for instance, _ in drawn)),
        annotated.split, annotated.group,
    )  # fmt: skip


def _decode(found: InstanceSet, names: list[str], folder: Path, title: str) -> Iterator[Kept]:
    for name in tqdm(names, desc=title, mininterval=5):
        annotated = found.read(name)
        stem = f"{folder.name}-{name.replace('/', '-').replace('.', '-')}"
        try:
            street = to_street(stem, annotated)
        except DataUnreadable as error:
            print(f"Left out: {error}", file=sys.stderr)
            continue
        records.write_pair(folder / f"{stem}.jpg", folder / f"{stem}.png", street.rgb, street.labels)
        # Not the stem: the split must not change when the set moves to another folder.
        yield Kept(stem, street.names, street.alone, street.garments, street.split, street.group or f"photo {name}")


def read_instances(open_set: Callable[[], InstanceSet], folder: Path, title: str, most: int, part: str) -> Streets:
    """Read an annotated set by way of its cache.

    Args:
        open_set: reads the annotations; called only where the cache does not have the photos.
        folder: the cache of this very set.
        most: photos taken, a fixed choice spread over the set.
        part: 'train', 'val' or 'all'.
    """
    manifest = folder / f"photos-{MASKED_SIDE}-{most}.json"
    if not manifest.exists():
        print(f"Reading the annotations of {title}.", file=sys.stderr)
        found = open_set()
        names = sorted(found.names(), key=records.spread)[:most]
        if not names:
            raise DataUnreadable(f"None of the annotated photos of {title} is there; put them beside the annotations.")
        kept = [asdict(entry) for entry in _decode(found, names, folder, f"reading {title}")]
        folder.mkdir(parents=True, exist_ok=True)
        manifest.write_text(json.dumps(kept))
    entries = [Kept(**row) for row in json.loads(manifest.read_text())]
    chosen = [e for e in entries if records.wanted(part, records.is_held_out(e.split, e.group))]
    return Streets([partial(entry.open, folder) for entry in chosen])
