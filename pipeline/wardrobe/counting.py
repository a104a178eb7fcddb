"""How many garments of each sort: what a wardrobe comes down to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from pipeline.wardrobe.grouping import Garment, garments_of
from pipeline.wardrobe.looking import Seen, Sighting

Field = Literal["kind", "category", "colour"]
FIELDS: tuple[Field, ...] = ("kind", "category", "colour")


@dataclass(frozen=True, eq=False)
class Wardrobe:
    """All garments of many photos.

    photos: how many were looked at, unreadable ones included; total: how many there are, more where somebody stopped.
    sightings: every piece, with its category. unreadable: names of photos, each with the sentence that says why.
    same: the mean cosine from which pieces are one garment.
    """

    photos: int
    total: int
    sightings: tuple[Sighting, ...]
    unreadable: tuple[tuple[str, str], ...]
    same: float

    @classmethod
    def of(cls, seen: Sequence[Seen], total: int, sightings: Sequence[Sighting], same: float) -> Wardrobe:
        """What was seen of the photos so far. sightings: theirs, with categories (see `looking.named`)."""
        unreadable = tuple((one.photo, one.problem) for one in seen if one.problem)
        return cls(len(seen), total, tuple(sightings), unreadable, same)

    def regrouped(self, same: float) -> Wardrobe:
        """The same pieces, taken for one garment from another cosine on; no model runs."""
        return replace(self, same=same)

    @cached_property
    def garments(self) -> tuple[Garment, ...]:
        """The garments, those seen in most photos first."""
        return garments_of(self.sightings, self.same)

    def count(self, field: Field) -> dict[str, int]:
        """How many garments there are of each kind, category or colour; the most frequent first, then by name."""
        counts = Counter(getattr(garment, field) for garment in self.garments)
        return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))

    def pieces(self, field: Field) -> Counter[str]:
        """How many pieces in all photos belong to those garments."""
        counts: Counter[str] = Counter()
        for garment in self.garments:
            counts[getattr(garment, field)] += len(garment.sightings)
        return counts
