"""Pictures that everybody can look up, from installed packages, and what the people in front wear on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.kinds import KINDS
from pipeline.training.datasets import read_rgb
from pipeline.training.datasets.review import RelativeBox
from pipeline.training.matte_export import CutoutModel
from pipeline.training.segmenter_measure import Find, decided
from pipeline.training.segmenter_score import Finding
from pipeline.training.tagged import box_ious, relative_box

# Longest side at which they are looked at, in pixels; the share of two boxes' union that makes them one garment's.
SIDE, SAME_BOX = 1024, 0.5


@dataclass(frozen=True)
class Worn:
    """A garment of 1.5% of the picture or more. kinds: what it may be called; box: read off the picture by
    eye."""

    kinds: tuple[str, ...]
    box: RelativeBox


JACKET = ("outerwear", "suit")
WORN: dict[str, tuple[Worn, ...]] = {
    "bus.jpg": (
        Worn(("outerwear",), (0.07, 0.43, 0.25, 0.65)), Worn(("trousers",), (0.07, 0.63, 0.25, 0.8)),
        Worn(("outerwear",), (0.28, 0.45, 0.43, 0.68)), Worn(("outerwear",), (0.9, 0.42, 1.0, 0.65)),
        Worn(("outerwear",), (0.0, 0.51, 0.08, 0.8)),
    ),
    "zidane.jpg": (
        Worn(JACKET, (0.12, 0.44, 0.73, 1.0)), Worn(JACKET, (0.57, 0.32, 0.87, 1.0)),
        Worn(("top",), (0.27, 0.44, 0.46, 1.0)),
    ),
    # A space suit: nobody can say what it is among our kinds, but it is no hat.
    "astronaut": (Worn((*JACKET, "dress"), (0.05, 0.29, 0.76, 1.0)),),
}  # fmt: skip


def familiar_pictures(find: Find, cutout: CutoutModel) -> dict[str, Any]:
    """What is found on each picture, and of the large garments of the people in front the share that is found.

    Pictures that are not installed are left out.
    """
    seen = {name: decided(find, cutout, rgb) for name, rgb in _installed().items()}
    right = [_shown(worn, found) for name, found in seen.items() for worn in WORN.get(name, ())]
    told: dict[str, Any] = {name: _named(found) for name, found in seen.items()}
    return told | {"large garments": len(right), "found with the right kind": round(sum(right) / max(1, len(right)), 4)}


def _installed() -> dict[str, np.ndarray]:
    from ultralytics.utils import ASSETS

    pictures = {path.name: read_rgb(path, SIDE) for path in sorted(ASSETS.glob("*.jpg"))}
    try:
        from skimage.data import astronaut

        pictures["astronaut"] = astronaut()
    except ImportError:
        pass
    return pictures


def _shown(worn: Worn, found: Sequence[Finding]) -> bool:
    """Whether a finding of a right kind lies where the garment is."""
    boxes = np.array([relative_box(mask) for kind, _, mask in found if KINDS[kind] in worn.kinds]).reshape(-1, 4)
    return bool(box_ious(worn.box, boxes).max(initial=0) >= SAME_BOX)


def _named(found: Sequence[Finding]) -> str:
    named = ", ".join(f"{KINDS[kind]} {score:.2f}" for kind, score, _ in sorted(found, key=lambda f: -f[1]))
    return named or "nothing"
