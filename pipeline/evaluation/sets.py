"""Labelled data to measure on: the readers of the trainings, a side of their split, a limit, and clear refusals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pipeline.training.datasets import FORMATS, MOST, DataUnreadable, Garment, Street, TrainingData
from pipeline.training.datasets.records import ALL, TRAIN, VAL, spread

Split = Literal["held-out", "all", "rest"]
_PARTS = {"held-out": VAL, "all": ALL, "rest": TRAIN}
WITH_MASKS = tuple(name for name, form in FORMATS.items() if form.streets)


@dataclass(frozen=True)
class Labelled:
    """What is measured on.

    root: a set, or a folder with several; format: 'auto' or one of FORMATS; split: 'held-out', what no training of
    this repository takes, its 'rest', or 'all'; limit: photos, or garments, at most, a fixed choice; None: all there
    are. cache: folder for decoded photos and masks.
    """

    root: Path
    format: str
    split: Split
    limit: int | None
    cache: Path

    def rest(self) -> Labelled:
        """What is not held out, all of it."""
        return replace(self, split="rest", limit=None)

    @cached_property
    def sets(self) -> TrainingData:
        """The sets that are there.

        Raises:
            DataUnreadable: no such folder or format, or nothing in it that can be read.
        """
        if not self.root.is_dir():
            raise DataUnreadable(f"There is no folder “{self.root}”; name the folder that holds the data set.")
        return TrainingData(self.root, self.format, MOST)

    @property
    def formats(self) -> list[str]:
        """The formats of the sets."""
        return sorted({source.format for source in self.sets.sources})

    def has_masks(self) -> bool:
        """Whether any of the sets has photos with masks."""
        return any(name in WITH_MASKS for name in self.formats)

    def photos(self) -> Sequence[Street]:
        """Photos with masks, decoded when they are asked for.

        Raises:
            DataUnreadable: the sets have no masks, or no photo on this side of the split.
        """
        if not self.has_masks():
            raise DataUnreadable(
                f"“{self.root}” ({', '.join(self.formats)}) has labels but no masks; take a set with masks "
                f"({', '.join(WITH_MASKS)}), or evaluate classification or retrieval on it."
            )
        # Decoding takes the time: where everything may be measured on, no more than needed is decoded.
        sets = replace(self.sets, most=self.limit) if self.limit and self.split == "all" else self.sets
        with _needed():
            photos = sets.streets(self.cache, _PARTS[self.split])
        if not len(photos):
            also = "; add --split all to measure on every photo" if self.split == "held-out" else ""
            raise DataUnreadable(f"No photo of “{self.root}” is on the side “{self.split}” of the split{also}.")
        return photos[: self.limit] if self.limit else photos

    def garments(self) -> list[Garment]:
        """Pictures of single garments with a label, in a fixed order at random; none where the sets have no such."""
        with _needed():
            found = self.sets.garments(_PARTS[self.split])
        # Not by the stem, which says where the set lies.
        return sorted(found, key=lambda garment: spread(f"{garment.sender} {garment.path.name}"))[: self.limit]

    def document(self, measured: int, what: str) -> dict[str, Any]:
        """What was measured on, for JSON. measured: how many; what: of what."""
        return {"data": str(self.root), "formats": self.formats, "split": self.split, what: measured}


@contextmanager
def _needed() -> Iterator[None]:
    """Reading some sets needs packages of `requirements-dev.txt`; says so where they are missing."""
    try:
        yield
    except ImportError as error:
        raise DataUnreadable(
            f"Reading this set needs the package {error.name}; `make setup-dev` installs what data sets need."
        ) from error
