"""Pseudo-labels: what a trained segmenter finds on photos that have tags, set right by the tags.

The tags name the kinds that a photo shows, so only the masks are guessed. A kind that the segmenter confuses with
another (a sweater called a top) gets the name that the tags leave over for it.
"""

from collections.abc import Callable, Iterator

import numpy as np
from tqdm import tqdm

from pipeline.kinds import KINDS
from pipeline.training.datasets import Data, held_out, opened, read_rgb
from pipeline.training.datasets.records import kind_of_meaning

Piece = tuple[int, np.ndarray]
Finding = tuple[int, float, np.ndarray]
# A segmenter on one (H, W, 3) uint8 picture, down to a low confidence.
Find = Callable[[np.ndarray], list[Finding]]

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


def tagged_pictures(data: Data, find: Find) -> Iterator[tuple[str, set[str], tuple[np.ndarray, list[Piece]]]]:
    """Yield (stem, the tags' meanings, (rgb, pieces)) of the photos with tags, held-out ones left out."""
    for stem, (path, meanings) in tqdm(sorted(opened(data).tags().items()), desc="tagged photos", mininterval=5):
        if held_out(f"photo {stem}"):
            continue
        rgb = read_rgb(path)
        pieces = settled(find(rgb), {kind_of_meaning(meaning) for meaning in meanings})
        if pieces:
            yield stem, meanings, (rgb, pieces)
