"""Tiny data sets in the public formats, for the tests of training: a few pictures with random shapes each."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from pycocotools import mask as coco

HEIGHT, WIDTH = 128, 96
Box = tuple[int, int, int, int]
# Where the made-up garments are, xyxy.
TOP, LOWER, LEFT, RIGHT, HAND = (
    (28, 24, 68, 64),
    (30, 64, 66, 104),
    (26, 106, 44, 118),
    (52, 106, 70, 118),
    (68, 50, 78, 62),
)


def photo(path: Path, boxes: list[Box], seed: int, size: tuple[int, int] = (HEIGHT, WIDTH)) -> None:
    """Write a noisy photo with a box of one colour each."""
    rng = np.random.default_rng(seed)
    picture = rng.integers(170, 230, (*size, 3)).astype(np.uint8)
    for x0, y0, x1, y1 in boxes:
        picture[y0:y1, x0:x1] = rng.integers(0, 140, 3)
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), picture)


def polygon(box: Box) -> list[list[float]]:
    x0, y0, x1, y1 = box
    return [[x0, y0, x1, y0, x1, y1, x0, y1]]


def plain_rle(box: Box) -> dict[str, Any]:
    """Run lengths as a list, column by column, as Fashionpedia's crowds have them."""
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[box[1] : box[3], box[0] : box[2]] = 1
    runs = np.flatnonzero(np.diff(np.concatenate([[0], mask.ravel(order="F"), [0]])))
    ends = np.concatenate([[0], runs, [mask.size]])
    counts = np.diff(ends).tolist()
    return {"size": [HEIGHT, WIDTH], "counts": counts if mask[0, 0] == 0 else [0, *counts]}


def packed_rle(box: Box) -> dict[str, Any]:
    packed = coco.frPyObjects(plain_rle(box), HEIGHT, WIDTH)
    return {"size": packed["size"], "counts": packed["counts"].decode()}


def coco_file(path: Path, names: list[str], photos: dict[str, list[tuple[str, Any]]], first: int = 0) -> None:
    """Write an annotation file; photos: (category, segmentation) of each of a photo's garments."""
    number = {name: first + place for place, name in enumerate(names)}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({
        "images": [
            {"id": i, "file_name": name, "height": HEIGHT, "width": WIDTH} for i, name in enumerate(photos)
        ],
        "categories": [{"id": i, "name": name} for name, i in number.items()],
        "annotations": [
            {"id": 100 * i + j, "image_id": i, "category_id": number[category], "segmentation": shape, "iscrowd": 0}
            for i, shapes in enumerate(photos.values())
            for j, (category, shape) in enumerate(shapes)
        ],
    }))  # fmt: skip


def fashionpedia(folder: Path) -> Path:
    """Five photos to train on and two to measure on; polygons, both forms of RLE, a part and a watch."""
    names = ["top, t-shirt, sweatshirt", "pants", "dress", "shoe", "watch", "sleeve"]
    for part, numbers in (("train", range(5)), ("val", range(5, 7))):
        photos: dict[str, list[tuple[str, Any]]] = {}
        for n in numbers:
            photo(folder / ("train" if part == "train" else "test") / f"{n}.jpg", [TOP, LOWER, LEFT, RIGHT], n)
            photos[f"{n}.jpg"] = [
                ("top, t-shirt, sweatshirt", polygon(TOP)), ("pants", packed_rle(LOWER)), ("shoe", plain_rle(LEFT)),
                ("shoe", [plain_rle(RIGHT)]), ("watch", polygon(HAND)), ("sleeve", polygon((28, 24, 36, 64))),
            ]  # fmt: skip
        coco_file(folder / "annotations" / f"instances_attributes_{part}2020.json", names, photos)
    return folder


def modanet(folder: Path) -> Path:
    """Photos with polygons; the file for validation has photos and no annotations, as the published one."""
    names = ["bag", "belt", "outer", "pants", "top", "footwear", "scarf/tie"]
    photos: dict[str, list[tuple[str, Any]]] = {}
    # Numbers of which the hash holds out four.
    for n in range(64, 88):
        photo(folder / "images" / f"{n:07d}.jpg", [TOP, LOWER, HAND], n)
        photos[f"{n:07d}.jpg"] = [("top", polygon(TOP)), ("pants", polygon(LOWER)), ("bag", polygon(HAND))]
    coco_file(folder / "modanet2018_instances_train.json", names, photos, first=1)
    (folder / "modanet2018_instances_val.json").write_text(json.dumps({"images": [{"id": 1, "file_name": "9.jpg"}]}))
    return folder


def deepfashion2(folder: Path) -> Path:
    """Both folders; pictures 1 and 2 show one top, a customer's and the shop's."""
    for part, numbers in (("train", range(1, 6)), ("validation", range(1, 3))):
        for n in numbers:
            photo(folder / part / "image" / f"{n:06d}.jpg", [TOP, LOWER], n)
            items = {
                "source": "user" if n == 1 else "shop", "pair_id": (n + 1) // 2,
                "item1": {
                    "category_id": 1, "category_name": "short sleeve top", "style": 1 if n < 3 else 0,
                    "segmentation": polygon(TOP), "bounding_box": list(TOP),
                },
                "item2": {
                    "category_id": 9, "category_name": "skirt", "style": 0, "segmentation": polygon(LOWER),
                    "bounding_box": list(LOWER),
                },
            }  # fmt: skip
            path = folder / part / "annos" / f"{n:06d}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(items))
    return folder


def _table(path: Path, columns: str, rows: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([str(len(rows)), columns, *rows]) + "\n")


def deepfashion(folder: Path) -> Path:
    """Twelve photos of three categories with boxes and the authors' partition."""
    names = [f"img/Striped_{'Tee' if n % 3 else 'Dress'}_{n}/img_{n:08d}.jpg" for n in range(12)]
    for n, name in enumerate(names):
        photo(folder / name, [(24, 24, 72, 104)], n)
    _table(
        folder / "Anno" / "list_category_cloth.txt",
        "category_name  category_type",
        ["Tee    1", "Top    1", "Dress    3"],
    )
    _table(folder / "Anno" / "list_category_img.txt", "image_name  category_label", [
        f"{name}    {(1, 2, 3)[n % 3]}" for n, name in enumerate(names)
    ])  # fmt: skip
    _table(folder / "Anno" / "list_bbox.txt", "image_name  x_1  y_1  x_2  y_2", [
        f"{name}  008 010 088 118" for name in names
    ])  # fmt: skip
    _table(folder / "Eval" / "list_eval_partition.txt", "image_name  evaluation_status", [
        f"{name}  {'train' if n < 8 else 'val' if n < 10 else 'test'}" for n, name in enumerate(names)
    ])  # fmt: skip
    return folder


def folders(folder: Path) -> Path:
    """Three classes under usual names, one that nobody knows, split into train/ and val/."""
    for part, numbers in (("train", range(4)), ("val", range(4, 6))):
        for name in ("Dresses", "T-Shirt", "trainers", "misc"):
            for n in numbers:
                photo(folder / part / name / f"{n}.png", [(24, 24, 72, 104)], n)
    return folder


MAKERS: dict[str, Callable[[Path], Path]] = {
    "fashionpedia": fashionpedia, "modanet": modanet, "deepfashion2": deepfashion2, "deepfashion": deepfashion,
    "folders": folders,
}  # fmt: skip
WITH_MASKS = ("fashionpedia", "modanet", "deepfashion2")
