"""Single garments with an outline that no dataset gives: GrabCut's where it is sure, else the cut-out model's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from tqdm import tqdm

from pipeline.kinds import KINDS
from pipeline.training.datasets import Data, read_garments
from pipeline.training.grabcut import GARMENT_SIDE, sure_mask

if TYPE_CHECKING:
    from pipeline.training.matte_export import CutoutModel

# An alpha is believed where the garment covers a share of the photo between these, is one part, or two like shoes, but
# for this share of it, touches this much of the photo's border at most, and has this many doubtful pixels for each of
# its own at most.
COVERED, LOOSE, BORDER, DOUBTFUL = (0.08, 0.85), 0.08, 0.3, 0.45
# A part of this share of the largest one's size belongs to the garment, too.
PART = 0.4

HomePiece = tuple[np.ndarray, np.ndarray, int]


def believed_mask(alpha: np.ndarray) -> np.ndarray | None:
    """The (H, W) bool mask of one garment in an (H, W) uint8 alpha, or None where the alpha looks like no garment."""
    found = alpha >= 128
    if not COVERED[0] < found.mean() < COVERED[1]:
        return None
    _, parts, stats, _ = cv2.connectedComponentsWithStats(found.astype(np.uint8))
    areas = stats[1:, cv2.CC_STAT_AREA]
    mask = np.isin(parts, 1 + np.flatnonzero(areas >= PART * areas.max()))
    border = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
    doubtful = np.count_nonzero((alpha > 48) & (alpha < 208)) / np.count_nonzero(found)
    if mask.sum() < (1 - LOOSE) * found.sum() or border.mean() > BORDER or doubtful > DOUBTFUL:
        return None
    return cv2.medianBlur(mask.astype(np.uint8), 5).astype(bool)


def home_pieces(
    data: Data, cache: Path, most: int, seed: int, part: str = "train", cutout: CutoutModel | None = None
) -> list[HomePiece]:
    """Single garments with an outline, under reviewed names: (rgb uint8, mask bool, kind's place), at most `most`.

    cutout: outlines those that GrabCut is not sure of, photographed on carpets or patterned sheets; without it they
    are left out.
    """
    garments = [right for garment in read_garments(data, part) if (right := garment.put_right()).kind]
    found: list[HomePiece] = []
    for place in tqdm(np.random.default_rng(seed).permutation(len(garments)), desc="outlines", mininterval=5):
        if len(found) >= most:
            break
        garment = garments[place]
        mask = sure_mask(garment, cache)
        if mask is None and not cutout:
            continue
        rgb = garment.read(GARMENT_SIDE)
        if mask is None and cutout:
            mask = believed_mask(cutout.cached_alpha(garment.path, rgb, cache, garment.stem))
        if mask is not None:
            found.append((rgb, mask, KINDS.index(garment.kind)))
    return found
