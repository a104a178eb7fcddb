"""Fashionpedia: street and event photos, 27 garments and accessories with masks, 19 parts of garments.

Layout: `instances_attributes_train2020.json` and `instances_attributes_val2020.json`, in the folder or in annotations/
(COCO's form; `attribute_ids` are not used), and the photos as unpacked (train/, test/). Masks are of garments, so skin
and hair count as background. The annotations are CC BY 4.0, the photos under licences of their own.
"""

from pathlib import Path

from pipeline.training.datasets.coco import CocoSet, annotation_files

PATTERNS = ("*attributes_train2020*.json", "*attributes_val2020*.json")
# "" is worn with the person and no piece; None is a part of another garment, or not worn.
MEANINGS: dict[str, str | None] = {
    "shirt, blouse": "some top", "top, t-shirt, sweatshirt": "some top", "sweater": "sweater", "cardigan": "cardigan",
    "jacket": "jacket", "vest": "vest", "pants": "some trousers", "shorts": "shorts", "skirt": "skirt", "coat": "coat",
    "dress": "dress", "jumpsuit": "jumpsuit", "cape": "some outerwear", "glasses": "glasses", "hat": "hat",
    "headband, head covering, hair accessory": "", "tie": "", "glove": "", "watch": "", "belt": "belt",
    "leg warmer": "some legwear", "tights, stockings": "socks", "sock": "socks", "shoe": "some shoes",
    "bag, wallet": "bag", "scarf": "scarf", "umbrella": None, "hood": None, "collar": None, "lapel": None,
    "epaulette": None, "sleeve": None, "pocket": None, "neckline": None, "buckle": None, "zipper": None,
    "applique": None, "bead": None, "bow": None, "flower": None, "fringe": None, "ribbon": None, "rivet": None,
    "ruffle": None, "sequin": None, "tassel": None,
}  # fmt: skip


def is_fashionpedia(root: Path) -> bool:
    return bool(annotation_files(root, PATTERNS))


def open_fashionpedia(root: Path) -> CocoSet:
    return CocoSet(root, PATTERNS, MEANINGS)
