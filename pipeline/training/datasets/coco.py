"""Sets in COCO's form, which Fashionpedia and ModaNet share: one JSON file with images, categories and annotations.

    {"images": [{"id", "file_name", "width", "height"}], "categories": [{"id", "name"}],
     "annotations": [{"image_id", "category_id", "segmentation", "bbox", "area", "iscrowd"}]}

`segmentation` is a list of polygons [x1, y1, x2, y2, ...] in pixels, or RLE {"size": [height, width], "counts": ...},
its counts packed or plain. Read with pycocotools. The photos may lie anywhere in the set's folder; they are found by
name.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pipeline.training.datasets.instances import Annotated, Instance
from pipeline.training.datasets.records import TRAIN, VAL, DataUnreadable, meaning_in

PICTURES = (".jpg", ".jpeg", ".png", ".webp")


def pictures_by_name(root: Path) -> dict[str, Path]:
    """Every picture below a folder, by file name."""
    return {path.name: path for path in sorted(root.rglob("*")) if path.suffix.lower() in PICTURES}


def annotation_files(root: Path, patterns: Iterable[str] = ("*.json",)) -> list[Path]:
    """The JSON files of a set, in its folder or in annotations/ below it; all of them without their usual names."""
    return sorted(p for pattern in patterns for folder in (root, root / "annotations") for p in folder.glob(pattern))


def read_json(path: Path) -> Any:
    """The content of a JSON file; a damaged one is named."""
    try:
        return json.loads(path.read_text())
    except ValueError as error:
        raise DataUnreadable(f"“{path}” is not a whole JSON file ({error}); download it again.") from error


class CocoSet:
    """The annotated photos of a set.

    Files whose name says 'val' are held out when another one is there to train from, else the split goes by the hash.
    """

    def __init__(self, root: Path, patterns: Iterable[str], table: Mapping[str, str | None]) -> None:
        """table: what each category means here, None for one that is left out (a part of another garment)."""
        self.root, self.table, self.photos = root, table, pictures_by_name(root)
        self.images: dict[str, dict[str, Any]] = {}
        self.annotations: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.categories: dict[int, str] = {}
        self.splits: dict[str, str] = {}
        contents = {path: read_json(path) for path in annotation_files(root, patterns) or annotation_files(root)}
        # ModaNet's file for validation lists photos and has no annotations.
        contents = {path: content for path, content in contents.items() if content.get("annotations")}
        if not contents:
            raise DataUnreadable(f"No JSON file in “{root}” has annotations; name the folder that holds them.")
        official = {"val" in path.stem for path in contents} == {True, False}
        for path, content in contents.items():
            self._add(path, content, (VAL if "val" in path.stem else TRAIN) if official else "")

    def _add(self, path: Path, content: dict[str, Any], split: str) -> None:
        try:
            self.categories |= {row["id"]: row["name"] for row in content["categories"]}
            names = {row["id"]: row["file_name"] for row in content["images"]}
            self.images |= {row["file_name"]: row for row in content["images"]}
            for row in content["annotations"]:
                self.annotations[names[row["image_id"]]].append(row)
                self.splits[names[row["image_id"]]] = split
        except (KeyError, TypeError) as error:
            raise DataUnreadable(f"“{path}” is not in COCO's form: {error} is missing or out of place.") from error
        for name in self.categories.values():
            meaning_in(self.table, name, path.name)

    def names(self) -> list[str]:
        return [name for name in self.annotations if self._photo(name)]

    def _photo(self, name: str) -> Path | None:
        """Where a photo is: at its path in the set, in images/ there, or anywhere under its name."""
        exact = next((p for p in (self.root / name, self.root / "images" / name) if p.exists()), None)
        return exact or self.photos.get(Path(name).name)

    def read(self, name: str) -> Annotated:
        row, photo = self.images[name], self._photo(name)
        assert photo is not None, "names() lists photos that are there"
        instances = []
        for annotation in self.annotations[name]:
            meaning = self.table[self.categories[annotation["category_id"]]]
            if meaning is not None and annotation.get("segmentation"):
                instances.append(Instance(meaning, annotation["segmentation"]))
        size = (int(row["height"]), int(row["width"])) if row.get("height") and row.get("width") else None
        return Annotated(photo, tuple(instances), size, self.splits[name])
