"""DeepFashion2: shop and customer photos, one JSON file a photo.

Layout: `train/image/000001.jpg` with `train/annos/000001.json`, `validation/` alike. A file holds `source` ('shop' or
'user'), `pair_id`, and `item1`, `item2`, ... with `category_id` (1..13), `category_name`, `style`, `segmentation`
[[x1, y1, ...], ...] in pixels, `bounding_box` [x1, y1, x2, y2], landmarks and viewpoints (not used). Items of one
pair_id and one style above 0 are the same article. Skin and hair count as background. For non-commercial research
only.
"""

from pathlib import Path
from typing import Any

from pipeline.training.datasets.coco import read_json
from pipeline.training.datasets.instances import Annotated, Instance
from pipeline.training.datasets.records import TRAIN, VAL, DataUnreadable, meaning_in

SPLITS = {"train": TRAIN, "validation": VAL}
MEANINGS: dict[str, str | None] = {
    "short sleeve top": "some top", "long sleeve top": "some top", "short sleeve outwear": "some outerwear",
    "long sleeve outwear": "some outerwear",
    # Not a waistcoat: a top without sleeves. A sling has thin straps.
    "vest": "undershirt", "sling": "undershirt",
    "shorts": "shorts", "trousers": "some trousers", "skirt": "skirt", "short sleeve dress": "dress",
    "long sleeve dress": "dress", "vest dress": "dress", "sling dress": "dress",
}  # fmt: skip


def _splits(root: Path) -> list[tuple[Path, str]]:
    """The folders that hold annos/ and image/, each with its side of the split; the folder itself may be one."""
    inside = [(root / name, split) for name, split in SPLITS.items() if (root / name / "annos").is_dir()]
    if inside:
        # One of the two alone has to be split by ourselves.
        return inside if len(inside) == len(SPLITS) else [(folder, "") for folder, _ in inside]
    return [(root, "")] if (root / "annos").is_dir() and (root / "image").is_dir() else []


def is_deepfashion2(root: Path) -> bool:
    return bool(_splits(root))


class DeepFashion2:
    """The annotated photos of the set."""

    def __init__(self, root: Path) -> None:
        self.files = {
            f"{folder.name}/{path.stem}": (path, folder / "image" / f"{path.stem}.jpg", split)
            for folder, split in _splits(root)
            for path in sorted((folder / "annos").glob("*.json"))
        }

    def names(self) -> list[str]:
        return [name for name, (_, photo, _) in self.files.items() if photo.exists()]

    def read(self, name: str) -> Annotated:
        path, photo, split = self.files[name]
        content: dict[str, Any] = read_json(path)
        try:
            pair = content["pair_id"]
            instances = []
            for key in sorted(k for k in content if k.startswith("item")):
                item = content[key]
                meaning = meaning_in(MEANINGS, item["category_name"], path.name)
                # Style 0 is an item without a counterpart in another photo.
                own = f"deepfashion2 {pair} {item['style']} {item['category_id']}" if item["style"] else ""
                instances.append(Instance(meaning or "", item["segmentation"], own))
        except (KeyError, TypeError) as error:
            raise DataUnreadable(f"“{path}” is not in DeepFashion2's form: {error} is missing.") from error
        return Annotated(photo, tuple(instances), None, split, f"pair {pair}")
