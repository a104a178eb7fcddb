"""Garments of photos that have tags only: a trained segmenter outlines them, a review of the photos names them.

Of a photo that nobody looked at, the tags name what they can. A kind that the segmenter confuses with another (a
sweater called a top) gets the name that the tags leave over for it.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from tqdm import tqdm

from pipeline.kinds import KINDS
from pipeline.training.datasets import Data, held_out, opened, read_rgb
from pipeline.training.datasets.review import RelativeBox, Sight
from pipeline.types import mask_box

Piece = tuple[int, np.ndarray]
Finding = tuple[int, float, np.ndarray]
# A segmenter on one (H, W, 3) uint8 picture, down to a low confidence.
Find = Callable[[np.ndarray], list[Finding]]

# A garment that somebody saw is what the segmenter finds in that place, under any name and with any confidence from
# LEAST_SEEN on: the finding whose box shares the most with the garment's, this much at least.
LEAST_SEEN, SAME_BOX = 0.08, 0.7
# A tagged kind needs little confidence; another kind's mask needs more before it is renamed.
LEAST_NAMED, LEAST_RENAMED = 0.12, 0.3
# Side in pixels at which exported weights outline such photos: larger than trained, for finer masks.
TAUGHT_AT = 416
CONFUSED = (
    frozenset({"top", "sweater", "outerwear", "suit", "dress"}), frozenset({"trousers", "legwear"}),
    frozenset({"skirt", "dress", "shorts"}),
)  # fmt: skip
# Without one of these a photo may still be learned from: it is small, hidden, or too rarely found to wait for.
MAY_MISS = frozenset({"glasses", "belt", "scarf", "legwear", "hat"})
# Two pieces that share more than this are one piece named twice.
SAME = 0.6


def outliner(weights: Path) -> Find | None:
    """A segmenter's file, such as pieces.onnx, as what outlines garments here; None if there is no such file."""
    from pipeline.training.segmenter_measure import raw_finder

    return raw_finder(weights, TAUGHT_AT, LEAST_SEEN) if weights.exists() else None


def _iou(a: np.ndarray, b: np.ndarray) -> float:
    either = np.count_nonzero(a | b)
    return np.count_nonzero(a & b) / either if either else 0.0


def settled(found: list[Finding], tags: set[str]) -> list[Piece] | None:
    """The pieces of a tagged photo, or None where a tagged piece that everybody would see was not found.

    Args:
        found: (kind's place, score 0..1, mask (H, W) bool) of every finding, weak ones included.
        tags: the kinds that the photo shows.
    """
    pieces: list[Piece] = []
    missing = set(tags)

    def free(mask: np.ndarray) -> bool:
        return all(_iou(mask, other) < SAME for _, other in pieces)

    ordered = sorted(found, key=lambda f: -f[1])
    for kind, score, mask in ordered:
        if KINDS[kind] in missing and score >= LEAST_NAMED and free(mask):
            pieces.append((kind, mask))
            missing.discard(KINDS[kind])
    for kind, score, mask in ordered:
        wanted = {tag for tag in missing if any({tag, KINDS[kind]} <= group for group in CONFUSED)}
        if KINDS[kind] not in tags and score >= LEAST_RENAMED and len(wanted) == 1 and free(mask):
            pieces.append((KINDS.index(wanted.pop()), mask))
            missing.discard(KINDS[pieces[-1][0]])
    return pieces if pieces and missing <= MAY_MISS else None


def recognised(found: list[Finding], sights: list[Sight], whole: bool) -> list[Piece] | None:
    """The garments that somebody saw on a photo, outlined by the segmenter; None where there are none.

    Args:
        found: as for `settled`.
        whole: whether the photo is only of use with every garment that everybody would see; None without one.
    """
    boxes = np.array([relative_box(mask) for *_, mask in found]).reshape(-1, 4)
    pieces: list[Piece] = []
    for kind, box in sights:
        alike = box_ious(box, boxes) if box else np.zeros(1)
        if alike.max(initial=0) >= SAME_BOX:
            pieces.append((KINDS.index(kind), found[int(alike.argmax())][2]))
        elif whole and kind not in MAY_MISS:
            return None
    return pieces or None


def relative_box(mask: np.ndarray) -> RelativeBox:
    """The box around an (H, W) bool mask; an empty mask has an empty one."""
    x0, y0, x1, y1 = mask_box(mask) or (0, 0, 0, 0)
    height, width = mask.shape
    return x0 / width, y0 / height, x1 / width, y1 / height


def box_ious(box: RelativeBox, boxes: np.ndarray) -> np.ndarray:
    """(N,): the intersection over union of a box with each of (N, 4) others, all xyxy."""
    from torch import tensor
    from torchvision.ops import box_iou

    return box_iou(tensor([box]).double(), tensor(boxes).double())[0].nan_to_num().numpy()


def tagged_pictures(
    data: Data, find: Find, whole: bool
) -> Iterator[tuple[str, set[str], tuple[np.ndarray, list[Piece]]]]:
    """Yield (stem, the tags' meanings, (rgb, pieces)) of the photos with tags, held-out ones left out.

    whole: leave out reviewed photos on which a garment is missing that everybody would see; of others that is done
    anyway, since nobody knows which of their outlines are right.
    """
    for stem, photo in tqdm(sorted(opened(data).tagged().items()), desc="tagged photos", mininterval=5):
        if held_out(f"photo {stem}") or photo.sights == []:
            continue
        rgb = read_rgb(photo.path)
        found = find(rgb)
        pieces = settled(found, photo.kinds) if photo.sights is None else recognised(found, photo.sights, whole)
        if pieces:
            yield stem, photo.tags, (rgb, pieces)
