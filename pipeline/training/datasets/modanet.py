"""ModaNet: street photos of the PaperDoll set with 13 classes of polygons.

Layout: `modanet2018_instances_train.json`, in the folder or in annotations/ (COCO's form), and the photos as JPEG
files under the names that the file gives them, such as images/0000001.jpg. The file for validation has no annotations
and is passed over; a tenth of the photos is held out by a hash. Skin and hair count as background. Annotations: CC
BY-NC 4.0.
"""

from pathlib import Path

from pipeline.training.datasets.coco import CocoSet, annotation_files

PATTERNS = ("modanet*.json",)
MEANINGS: dict[str, str | None] = {
    "bag": "bag", "belt": "belt", "boots": "boots", "footwear": "some shoes",
    # Coats, jackets, suits, blazers, cardigans, sweaters, jumpsuits and vests in one class; most are outerwear.
    "outer": "some outerwear",
    "dress": "dress", "sunglasses": "glasses", "pants": "some trousers", "top": "some top", "shorts": "shorts",
    "skirt": "skirt", "headwear": "hat",
    # Both spellings occur; ties, a few, go along with the scarves.
    "scarf & tie": "scarf", "scarf/tie": "scarf",
}  # fmt: skip


def is_modanet(root: Path) -> bool:
    return bool(annotation_files(root, PATTERNS))


def open_modanet(root: Path) -> CocoSet:
    return CocoSet(root, PATTERNS, MEANINGS)
