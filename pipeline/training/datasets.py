"""Readers of the two public training sets, in their upstream layout, and the fixed split of held-out pictures.

Clothing Co-Parsing (street photos with pixel labels or tags) and the clothing dataset (single garments with one label).
"""

import csv
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from pipeline.kinds import KIND_OF_CATEGORY, KINDS

CCP, GARMENTS = "clothing-co-parsing", "clothing-dataset"
LONGEST_SIDE = 512

CCP_LABELS_OF_KIND: dict[str, tuple[str, ...]] = {
    "top": ("t-shirt", "top", "blouse", "shirt", "bodysuit"),
    "sweater": ("sweater", "sweatshirt", "jumper", "hoodie", "cardigan"),
    "outerwear": ("coat", "jacket", "blazer", "cape", "vest"),
    "suit": ("suit",),
    "dress": ("dress", "romper"),
    "trousers": ("pants", "jeans", "leggings"),
    "shorts": ("shorts",),
    "skirt": ("skirt",),
    "shoes": (
        "shoes", "boots", "heels", "sandals", "sneakers", "flats", "loafers", "pumps", "wedges", "clogs",
    ),
    "bag": ("bag", "purse", "wallet"),
    "hat": ("hat",),
    "scarf": ("scarf",),
    "glasses": ("sunglasses", "glasses"),
    "belt": ("belt",),
    "legwear": ("socks", "stockings", "tights"),
}  # fmt: skip

CATEGORY_OF_GARMENT_LABEL = {
    "T-Shirt": "t-shirt", "Longsleeve": "top", "Pants": "trousers", "Shoes": "shoes", "Shirt": "shirt",
    "Dress": "dress", "Outwear": "jacket", "Shorts": "shorts", "Hat": "hat", "Skirt": "skirt", "Polo": "polo",
    "Undershirt": "undershirt", "Blazer": "blazer", "Hoodie": "hoodie", "Body": "bodysuit", "Top": "top",
    "Blouse": "blouse",
}  # fmt: skip
LARGE_GARMENT_LABELS = (
    "T-Shirt", "Longsleeve", "Pants", "Shoes", "Shirt", "Dress", "Outwear", "Shorts", "Hat", "Skirt",
)  # fmt: skip

# CCP labels whose name is not a catalogue category, and the one that comes nearest.
CATEGORY_OF_CCP_LABEL = {
    "jumper": "sweater", "cape": "coat", "romper": "jumpsuit", "pants": "trousers", "purse": "bag", "wallet": "bag",
    "flats": "shoes", "loafers": "shoes", "pumps": "heels", "wedges": "heels", "clogs": "shoes",
    "sunglasses": "glasses", "stockings": "socks", "tights": "socks",
}  # fmt: skip


def held_out(key: str) -> bool:
    """Whether the picture (or sender) named `key` belongs to the tenth that no training of this repo sees.

    A hash and not a list, so that the split needs no file and stays the same when pictures are added.
    """
    return hashlib.sha256(f"fashion-split-1:{key}".encode()).digest()[0] < 26


@dataclass(frozen=True)
class Street:
    """A street photo of CCP.

    rgb: (H, W, 3) uint8; labels: (H, W) uint8, CCP's 58 labels with 0 = background; names: name of each label.
    """

    stem: str
    rgb: np.ndarray
    labels: np.ndarray
    names: tuple[str, ...]

    @property
    def person(self) -> np.ndarray:
        """(H, W) bool: everything that is not background, skin and hair included."""
        return self.labels > 0

    def kinds(self) -> np.ndarray:
        """(H, W) uint8: 0 = no piece, else 1 + the kind's place in KINDS."""
        return kind_lookup(self.names)[self.labels]

    def categories(self) -> Iterator[tuple[str, np.ndarray]]:
        """Yield (catalogue category, (H, W) bool) of each labelled garment."""
        for value in np.unique(self.labels):
            category = CATEGORY_OF_CCP_LABEL.get(self.names[value], self.names[value])
            if category in KIND_OF_CATEGORY:
                yield category, self.labels == value


@dataclass(frozen=True)
class Garment:
    """One row of the clothing dataset that names a category."""

    stem: str
    path: Path
    sender: str
    label: str

    @property
    def category(self) -> str:
        return CATEGORY_OF_GARMENT_LABEL[self.label]

    @property
    def kind(self) -> str:
        return KIND_OF_CATEGORY[self.category]

    @property
    def held_out(self) -> bool:
        """By sender: one home's pictures of one garment must not fall on both sides."""
        return held_out(f"sender {self.sender}")


def kind_lookup(names: Iterable[str]) -> np.ndarray:
    """Return (labels,) uint8: for each CCP label 0 for no piece, else 1 + the kind's place in KINDS."""
    place = {label: 1 + i for i, group in enumerate(CCP_LABELS_OF_KIND.values()) for label in group}
    return np.array([place.get(name, 0) for name in names], np.uint8)


def read_rgb(path: Path, longest: int = LONGEST_SIDE) -> np.ndarray:
    """Decode a picture to (H, W, 3) uint8 RGB with its longer side at most `longest`."""
    bgr = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if bgr is None:
        raise ValueError(f"not a readable picture: {path.name}")
    return cv2.cvtColor(bounded(bgr, longest), cv2.COLOR_BGR2RGB)


def read_levels(path: Path) -> np.ndarray:
    """Decode a PNG of one channel, such as a mask or a label map, to (H, W) uint8."""
    levels = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if levels is None:
        raise ValueError(f"not a readable picture: {path.name}")
    return levels


def bounded(image: np.ndarray, longest: int, labels: bool = False) -> np.ndarray:
    """Shrink an (H, W[, 3]) array to a longer side of at most `longest`; label maps keep their values."""
    scale = longest / max(image.shape[:2])
    if scale >= 1:
        return image
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    return cv2.resize(image, size, interpolation=cv2.INTER_NEAREST if labels else cv2.INTER_AREA)


def ccp_label_names(data: Path) -> tuple[str, ...]:
    """Return the names of CCP's label values, 'null' first."""
    from scipy.io import loadmat

    rows = loadmat(data / CCP / "label_list.mat")["label_list"].ravel()
    return tuple(str(row[0]) if len(row) else "" for row in rows)


def ccp_stems(data: Path, annotation: str = "pixel-level") -> list[str]:
    """Return the stems of the photos that have pixel labels (or tags: 'image-level'), sorted."""
    folder = data / CCP / "annotations" / annotation
    return sorted(p.stem for p in folder.glob("*.mat") if (data / CCP / "photos" / f"{p.stem}.jpg").exists())


def _decode_street(data: Path, stem: str) -> tuple[np.ndarray, np.ndarray]:
    from scipy.io import loadmat

    labels = loadmat(data / CCP / "annotations" / "pixel-level" / f"{stem}.mat")["groundtruth"].astype(np.uint8)
    rgb = read_rgb(data / CCP / "photos" / f"{stem}.jpg", longest=100_000)
    if rgb.shape[:2] != labels.shape:
        rgb = cv2.resize(rgb, labels.shape[::-1], interpolation=cv2.INTER_AREA)
    return bounded(rgb, LONGEST_SIDE), bounded(labels, LONGEST_SIDE, labels=True)


def read_street(data: Path, cache: Path, stem: str, names: tuple[str, ...]) -> Street:
    """Read one photo with its labels, bounded to 512 px; decoded once and kept in `cache` as JPEG and PNG."""
    photo, labels = cache / "ccp" / f"{stem}.jpg", cache / "ccp" / f"{stem}.png"
    if not labels.exists():
        rgb, values = _decode_street(data, stem)
        photo.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(photo), cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 95])
        cv2.imwrite(str(labels), values)
    return Street(stem, read_rgb(photo), read_levels(labels), names)


def read_streets(data: Path, cache: Path, part: str) -> list[Street]:
    """Read the photos with pixel labels. part: 'train', 'val' (held out) or 'all'."""
    names = ccp_label_names(data)
    wanted = [s for s in ccp_stems(data) if part == "all" or held_out(f"photo {s}") == (part == "val")]
    return [read_street(data, cache, stem, names) for stem in wanted]


def read_tags(data: Path) -> dict[str, set[str]]:
    """Return the kinds that the image-level tags name, by stem, for the photos without pixel labels."""
    from scipy.io import loadmat

    lookup = kind_lookup(ccp_label_names(data))
    tags = {}
    for stem in ccp_stems(data, "image-level"):
        values = loadmat(data / CCP / "annotations" / "image-level" / f"{stem}.mat")["tags"].ravel()
        tags[stem] = {KINDS[lookup[v] - 1] for v in values if lookup[v]}
    return tags


def read_garments(data: Path, part: str = "all") -> list[Garment]:
    """Read the clothing dataset's rows with a category. part: 'train', 'val' (held-out senders) or 'all'."""
    folder = data / GARMENTS
    with (folder / "images.csv").open(newline="") as file:
        rows = [
            Garment(row["image"], folder / "images" / f"{row['image']}.jpg", row["sender_id"], row["label"])
            for row in csv.DictReader(file)
            if row["label"] in CATEGORY_OF_GARMENT_LABEL
        ]
    return [g for g in rows if g.path.exists() and (part == "all" or g.held_out == (part == "val"))]
