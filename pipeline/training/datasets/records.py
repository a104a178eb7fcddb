"""What every data set is read into: street photos with labels, single garments, and the words for what they show.

A label's *meaning* is a catalogue category (`pipeline.kinds`), `some KIND` where only the kind is known, HAIR, or ""
for whatever else is worn or seen with the person and is no piece of clothing.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from pipeline.drafts import whole
from pipeline.errors import PipelineError
from pipeline.kinds import KIND_OF_CATEGORY, KINDS
from pipeline.training.datasets.review import Sight

LONGEST_SIDE = 512
# Photos with masks are taken apart, and their parts enlarged: CCP's, 832 px tall, stay as they are.
MASKED_SIDE = 1024
SOME = "some "
# The one meaning of what is no garment: hats are told from it.
HAIR = "hair"
TRAIN, VAL, ALL = "train", "val", "all"
Box = tuple[int, int, int, int]


class DataUnreadable(PipelineError):
    """Training data that are not there, not complete, or not in the format that was named."""

    exit_code = 3


def held_out(key: str) -> bool:
    """Whether the picture (or sender) named `key` belongs to the tenth that no training of this repo sees.

    A hash and not a list, so that the split needs no file and stays the same when pictures are added.
    """
    return hashlib.sha256(f"fashion-split-1:{key}".encode()).digest()[0] < 26


def kind_of_meaning(meaning: str) -> str:
    """The kind of piece, "" for none."""
    return meaning.removeprefix(SOME) if meaning.startswith(SOME) else KIND_OF_CATEGORY.get(meaning, "")


def category_of_meaning(meaning: str) -> str:
    """The catalogue category, "" where only the kind is known or there is no piece."""
    return meaning if meaning in KIND_OF_CATEGORY else ""


def kind_lookup(meanings: Iterable[str]) -> np.ndarray:
    """Return (labels,) uint8: for each label's meaning 0 for no piece, else 1 + the kind's place in KINDS."""
    place = {kind: 1 + i for i, kind in enumerate(KINDS)}
    return np.array([place.get(kind_of_meaning(meaning), 0) for meaning in meanings], np.uint8)


@dataclass(frozen=True)
class Street:
    """A photo of dressed people, or of garments, with labels.

    rgb: (H, W, 3) uint8; labels: (H, W) uint8, 0 = background; names: the meaning of each label; alone: whether the
    photo shows one person, so that one kind is one piece, else each label is a piece of its own; garments: what each
    label shows, the same word for the same article in other photos, () where nothing is known about that; split: the
    side that the set's authors put it on, 'train' or 'val', or '' for a split by `group`; reviewed: the names once
    more, mistakes of the set put right, () where nobody looked.
    """

    stem: str
    rgb: np.ndarray
    labels: np.ndarray
    names: tuple[str, ...]
    alone: bool = True
    garments: tuple[str, ...] = ()
    split: str = ""
    group: str = ""
    reviewed: tuple[str, ...] = ()

    def put_right(self) -> "Street":
        """The photo under its reviewed names, to learn from; measured is, unless said otherwise, by the set's own."""
        return replace(self, names=self.reviewed or self.names)

    @property
    def person(self) -> np.ndarray:
        """(H, W) bool: everything that is not background; skin and hair only where the set labels them."""
        return self.labels > 0

    @property
    def hair(self) -> np.ndarray:
        """(H, W) bool: nowhere where the set does not label it."""
        return np.isin(self.labels, [value for value, name in enumerate(self.names) if name == HAIR])

    @property
    def held_out(self) -> bool:
        return is_held_out(self.split, self.group or f"photo {self.stem}")

    def kinds(self) -> np.ndarray:
        """(H, W) uint8: 0 = no piece, else 1 + the kind's place in KINDS."""
        return kind_lookup(self.names)[self.labels]

    def pieces(self) -> list[tuple[int, np.ndarray]]:
        """(kind's place in KINDS, (H, W) bool) of each piece."""
        if self.alone:
            kinds = self.kinds()
            return [(int(k) - 1, kinds == k) for k in np.unique(kinds) if k]
        places = kind_lookup(self.names)
        return [(int(places[v]) - 1, self.labels == v) for v in np.unique(self.labels) if places[v]]

    def labelled(self) -> Iterator[tuple[str, str, np.ndarray]]:
        """Yield (meaning, garment's own name, (H, W) bool) of each labelled garment."""
        for value in np.unique(self.labels):
            meaning = self.names[value]
            if kind_of_meaning(meaning):
                own = self.garments[value] if self.garments else ""
                # Two garments of one category in one photo are told apart by their labels.
                suffix = meaning if self.names.count(meaning) == 1 or self.alone else f"{meaning} {value}"
                yield meaning, own or f"street {self.stem} {suffix}", self.labels == value

    def categories(self) -> Iterator[tuple[str, np.ndarray]]:
        """Yield (catalogue category, (H, W) bool) of each labelled garment whose category is known."""
        for meaning, _, mask in self.labelled():
            if category_of_meaning(meaning):
                yield meaning, mask


@dataclass(frozen=True)
class Tagged:
    """A photo whose tags name what it shows. tags: their meanings; sights: what a review saw on it, None: no look."""

    path: Path
    tags: set[str]
    sights: list[Sight] | None = None

    @property
    def kinds(self) -> set[str]:
        """The kinds of piece that the tags name."""
        return {kind for tag in self.tags if (kind := kind_of_meaning(tag))}


@dataclass(frozen=True)
class Garment:
    """A picture of a single garment.

    stem: unique among all sets; sender: pictures of one sender (a home, an article) stay on one side of the split;
    label: as the set has it; box: xyxy of the garment in the picture's pixels, None for all of it; split: as in Street;
    reviewed: the meaning that a look at the picture gave, "" where it cannot be told, None where nobody looked.
    """

    stem: str
    path: Path
    sender: str
    label: str
    meaning: str
    box: Box | None = None
    split: str = ""
    reviewed: str | None = None

    def put_right(self) -> "Garment":
        """The picture under its reviewed name, which has no kind where that cannot be told."""
        return self if self.reviewed is None else replace(self, meaning=self.reviewed)

    @property
    def category(self) -> str:
        """The catalogue category, "" where only the kind is known."""
        return category_of_meaning(self.meaning)

    @property
    def kind(self) -> str:
        return kind_of_meaning(self.meaning)

    @property
    def held_out(self) -> bool:
        """By sender: one home's pictures of one garment must not fall on both sides."""
        return is_held_out(self.split, f"sender {self.sender}")

    def read(self, longest: int = LONGEST_SIDE) -> np.ndarray:
        """(H, W, 3) uint8 RGB: the garment's part of the picture, its longer side at most `longest`."""
        if self.box is None:
            return read_rgb(self.path, longest)
        whole = read_rgb(self.path, 100_000)
        x0, y0, x1, y1 = (max(0, v) for v in self.box)
        inside = whole[y0:y1, x0:x1]
        return bounded(inside if min(inside.shape[:2]) > 1 else whole, longest)


def is_held_out(split: str, key: str) -> bool:
    """By the authors' split where there is one, else by the hash of `key`."""
    return split == VAL if split else held_out(key)


def wanted(part: str, out: bool) -> bool:
    """Whether a picture that is held `out`, or not, belongs to a part: 'train', 'val' or 'all'."""
    return part == ALL or out == (part == VAL)


def read_rgb(path: Path, longest: int = LONGEST_SIDE) -> np.ndarray:
    """Decode a picture to (H, W, 3) uint8 RGB with its longer side at most `longest`."""
    bgr = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if bgr is None:
        raise DataUnreadable(f"“{path}” is not a readable picture; take it out of the set or replace it.")
    return cv2.cvtColor(bounded(bgr, longest), cv2.COLOR_BGR2RGB)


def read_levels(path: Path) -> np.ndarray:
    """Decode a PNG of one channel, such as a mask or a label map, to (H, W) uint8."""
    levels = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if levels is None:
        raise DataUnreadable(f"“{path}” is not a readable picture; delete it to have it made anew.")
    return levels


def bounded(image: np.ndarray, longest: int, labels: bool = False) -> np.ndarray:
    """Shrink an (H, W[, 3]) array to a longer side of at most `longest`; label maps keep their values."""
    scale = longest / max(image.shape[:2])
    if scale >= 1:
        return image
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    return cv2.resize(image, size, interpolation=cv2.INTER_NEAREST if labels else cv2.INTER_AREA)


def keep_picture(path: Path, picture: np.ndarray, how: Sequence[int] = ()) -> None:
    """Write a picture, (H, W) or BGR uint8, as a whole. how: OpenCV's parameters of the format."""
    with whole(path) as draft:
        cv2.imwrite(str(draft), picture, how)


def write_pair(photo: Path, labels: Path, rgb: np.ndarray, values: np.ndarray) -> None:
    """Keep a decoded photo as JPEG and its label map as PNG; the label map, written last, tells that both are there."""
    keep_picture(photo, cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 95])
    keep_picture(labels, values)


def meaning_in(table: Mapping[str, str | None], label: str, where: str) -> str | None:
    """What a label of a fixed vocabulary means; one that its table does not have is an error that names it."""
    if label not in table:
        raise DataUnreadable(
            f"“{where}” has the class “{label}”, which this format does not know; check --format, or add the class to "
            "its table in pipeline/training/datasets/."
        )
    return table[label]


def spread(name: str) -> str:
    """A sorting key that scatters names in an order that is always the same."""
    return hashlib.sha256(f"fashion-choice-1:{name}".encode()).hexdigest()
