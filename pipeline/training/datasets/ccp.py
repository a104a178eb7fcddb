"""Clothing Co-Parsing (CCP): street photos with pixel labels, or with tags only.

Layout: `photos/NNNN.jpg`; `annotations/pixel-level/NNNN.mat` with `groundtruth` (H, W), values index `label_list.mat`;
`annotations/image-level/NNNN.mat` with `tags`. A few masks differ from their photo's size by some pixels: the mask
decides.
"""

from pathlib import Path

import cv2
import numpy as np

from pipeline.training.datasets import records, review
from pipeline.training.datasets.records import (
    HAIR,
    MASKED_SIDE,
    DataUnreadable,
    Street,
    Tagged,
    bounded,
    read_levels,
    read_rgb,
)

CCP = "clothing-co-parsing"

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

# CCP labels whose name is not a catalogue category, and the one that comes nearest.
CATEGORY_OF_CCP_LABEL = {
    "jumper": "sweater", "cape": "coat", "romper": "jumpsuit", "pants": "trousers", "purse": "bag", "wallet": "bag",
    "flats": "shoes", "loafers": "shoes", "pumps": "heels", "wedges": "heels", "clogs": "shoes",
    "sunglasses": "glasses", "stockings": "socks", "tights": "socks",
}  # fmt: skip
MEANINGS = {
    label: CATEGORY_OF_CCP_LABEL.get(label, label) for labels in CCP_LABELS_OF_KIND.values() for label in labels
}


def is_ccp(root: Path) -> bool:
    return (root / "label_list.mat").exists() and (root / "photos").is_dir()


def _root(data: Path) -> Path:
    """The set's own folder, whether `data` is it or holds it."""
    return data / CCP if (data / CCP).is_dir() else data


def _mat(path: Path, name: str) -> np.ndarray:
    """One variable of a MATLAB file."""
    from scipy.io import loadmat
    from scipy.io.matlab import MatReadError

    try:
        return loadmat(path)[name]
    except (ValueError, KeyError, TypeError, MatReadError) as error:
        raise DataUnreadable(f"“{path}” is not a whole MATLAB file with “{name}”; download it again.") from error


def ccp_label_names(data: Path) -> tuple[str, ...]:
    """Return the names of CCP's label values, 'null' first."""
    rows = _mat(_root(data) / "label_list.mat", "label_list").ravel()
    return tuple(str(row[0]) if len(row) else "" for row in rows)


def ccp_stems(data: Path, annotation: str = "pixel-level") -> list[str]:
    """Return the stems of the photos that have pixel labels (or tags: 'image-level'), sorted."""
    folder = _root(data) / "annotations" / annotation
    return sorted(p.stem for p in folder.glob("*.mat") if ccp_photo(data, p.stem).exists())


def ccp_photo(data: Path, stem: str) -> Path:
    return _root(data) / "photos" / f"{stem}.jpg"


def _annotation(data: Path, stem: str, sort: str) -> Path:
    return _root(data) / "annotations" / sort / f"{stem}.mat"


def _decode_street(data: Path, stem: str) -> tuple[np.ndarray, np.ndarray]:
    labels = _mat(_annotation(data, stem, "pixel-level"), "groundtruth").astype(np.uint8)
    rgb = read_rgb(ccp_photo(data, stem), longest=100_000)
    if rgb.shape[:2] != labels.shape:
        rgb = cv2.resize(rgb, labels.shape[::-1], interpolation=cv2.INTER_AREA)
    return bounded(rgb, MASKED_SIDE), bounded(labels, MASKED_SIDE, labels=True)


def read_street(data: Path, cache: Path, stem: str, names: tuple[str, ...]) -> Street:
    """Read one photo with its labels, bounded to MASKED_SIDE; decoded once and kept in `cache` as JPEG and PNG.

    names: CCP's own, as `ccp_label_names` gives them.
    """
    folder = cache / f"ccp-{MASKED_SIDE}"
    photo, labels = folder / f"{stem}.jpg", folder / f"{stem}.png"
    if not labels.exists():
        records.write_pair(photo, labels, *_decode_street(data, stem))
    wrong = review.right_names(_annotation(data, stem, "pixel-level"))
    published, reviewed = (
        tuple(MEANINGS.get(name, HAIR if name == "hair" else "") for name in said)
        for said in (names, [wrong.get(name, name) for name in names])
    )
    return Street(stem, read_rgb(photo, MASKED_SIDE), read_levels(labels), published, reviewed=reviewed)


def read_ccp(data: Path, cache: Path, part: str) -> list[Street]:
    """Read the photos with pixel labels. part: 'train', 'val' (held out) or 'all'."""
    names = ccp_label_names(data)
    stems = [s for s in ccp_stems(data) if records.wanted(part, records.held_out(f"photo {s}"))]
    return [read_street(data, cache, stem, names) for stem in stems]


def read_ccp_tags(data: Path) -> dict[str, Tagged]:
    """Return the photos without pixel labels that have tags, by stem."""
    names = ccp_label_names(data)
    photos = {}
    for stem in ccp_stems(data, "image-level"):
        annotation = _annotation(data, stem, "image-level")
        tags = {MEANINGS[names[v]] for v in _mat(annotation, "tags").ravel() if names[v] in MEANINGS}
        photos[stem] = Tagged(ccp_photo(data, stem), tags, review.sights(annotation))
    return photos
