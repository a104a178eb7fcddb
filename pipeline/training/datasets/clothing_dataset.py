"""The clothing dataset (A. Grigorev): single garments photographed at home, one label each.

Layout: `images.csv` with the columns image, sender_id, label, kids; `images/IMAGE.jpg`. The labels 'Not sure', 'Other'
and 'Skip' are no categories: their rows are left out.
"""

import csv
from pathlib import Path

from pipeline.training.datasets import review
from pipeline.training.datasets.records import SOME, DataUnreadable, Garment, wanted

GARMENTS = "clothing-dataset"

CATEGORY_OF_GARMENT_LABEL = {
    "T-Shirt": "t-shirt", "Longsleeve": "top", "Pants": "trousers", "Shoes": "shoes", "Shirt": "shirt",
    "Dress": "dress", "Outwear": "jacket", "Shorts": "shorts", "Hat": "hat", "Skirt": "skirt", "Polo": "polo",
    "Undershirt": "undershirt", "Blazer": "blazer", "Hoodie": "hoodie", "Body": "bodysuit", "Top": "top",
    "Blouse": "blouse",
}  # fmt: skip
LARGE_GARMENT_LABELS = (
    "T-Shirt", "Longsleeve", "Pants", "Shoes", "Shirt", "Dress", "Outwear", "Shorts", "Hat", "Skirt",
)  # fmt: skip
COLUMNS = ("image", "sender_id", "label")


def is_clothing_dataset(root: Path) -> bool:
    return (root / "images.csv").exists()


def read_clothing_dataset(data: Path, part: str = "all") -> list[Garment]:
    """Read the rows with a category. part: 'train', 'val' (held-out senders) or 'all'."""
    folder = data / GARMENTS if (data / GARMENTS).is_dir() else data
    with (folder / "images.csv").open(newline="") as file:
        reader = csv.DictReader(file)
        missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            raise DataUnreadable(f"“{file.name}” has no column “{missing[0]}”; it needs {', '.join(COLUMNS)}.")
        rows = [
            Garment(
                row["image"], folder / "images" / f"{row['image']}.jpg", row["sender_id"], row["label"],
                CATEGORY_OF_GARMENT_LABEL[row["label"]], reviewed=_reviewed(row["image"]),
            )
            for row in reader
            if row["label"] in CATEGORY_OF_GARMENT_LABEL
        ]  # fmt: skip
    return [g for g in rows if g.path.exists() and wanted(part, g.held_out)]


def _reviewed(picture: str) -> str | None:
    kind = review.garment_kind(picture)
    return SOME + kind if kind else kind
