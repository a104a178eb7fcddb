"""Outfits put together anew: what one person wears above the hem on what another one wears below it.

A net that knows some hundred people learns who wears what with what. Their photos' masks are enough to take them apart
where the upper garments end.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import cv2
import numpy as np

from pipeline.kinds import KINDS
from pipeline.training import scenes
from pipeline.training.datasets import Street, Streets

ABOVE = ("top", "sweater", "outerwear", "suit", "scarf")
BELOW = ("trousers", "skirt", "shorts")
WITH_BELOW = ("legwear", "shoes")
# Upper and lower garments each cover this share of the photo at least.
LEAST = 0.015
# At the hem the lower garment has this share of its width at least; it is measured by this share of the photo lower.
HEM_WIDTH, MEASURED_BELOW = 0.5, 0.04
# How far a lower half is scaled, where in the photo it ends at the lowest, how far it reaches under the upper one.
SCALES, LOWEST, LIFTED = (0.6, 1.6), 1.12, 0.02
# More labels than this do not fit into a map of bytes.
MOST_LABELS = 255
# Pairs are drawn this many times for each outfit that is wanted: most fit.
TRIES = 6


@dataclass(frozen=True)
class Cut:
    """Where a person is taken apart, and what tells who fits whom; pixels. hem: the row where what is worn above ends;
    middle, width: of the lower garment just below it; feet: the lower half's last row; height: the photo's; labels: how
    many the photo has; kinds: 1 + the place of each that it shows."""

    hem: int
    middle: float
    width: float
    feet: int
    height: int
    labels: int
    kinds: frozenset[int]


@dataclass(frozen=True)
class Halves:
    """A person taken apart. upper, lower: (H, W) bool."""

    upper: np.ndarray
    lower: np.ndarray
    cut: Cut


def halves(street: Street) -> Halves | None:
    """Take the person of a photo apart; None where that cannot be done, as with dresses, or with several people."""
    kinds = street.kinds()
    above, below, beside, dress = (
        np.isin(kinds, [1 + KINDS.index(kind) for kind in names]) for names in (ABOVE, BELOW, WITH_BELOW, ("dress",))
    )
    if not street.alone or dress.any() or above.mean() < LEAST or below.mean() < LEAST:
        return None
    across = below.sum(axis=1)
    hem = int(np.flatnonzero(across >= HEM_WIDTH * across.max())[0])
    lower = below | beside | _legs(street.person & (kinds == 0), above, hem)
    height = len(below)
    row = np.flatnonzero(below[min(hem + max(2, int(MEASURED_BELOW * height)), height - 1)])
    if len(row) < 6:
        return None
    left, right = np.percentile(row, (3, 97))
    feet = int(np.flatnonzero(lower.any(axis=1))[-1])
    shown = frozenset(np.unique(kinds).tolist()) - {0}
    cut = Cut(hem, float(row.mean()), float(right - left), feet, height, len(street.names), shown)
    return Halves(street.person & ~lower, lower, cut)


def _legs(bare: np.ndarray, above: np.ndarray, hem: int) -> np.ndarray:
    """(H, W) bool: of skin and hair what begins below the hem and touches nothing that is worn above: legs, no arms."""
    near = cv2.dilate(above.astype(np.uint8), np.ones((7, 7), np.uint8)).astype(bool)
    count, parts, stats, _ = cv2.connectedComponentsWithStats(bare.astype(np.uint8))
    touching = np.bincount(parts[near & bare], minlength=count) > 0
    legs = ~touching & (stats[:, cv2.CC_STAT_TOP] >= hem)
    legs[0] = False
    return legs[parts]


def fitting(above: Cut, below: Cut) -> float | None:
    """How large the second one's lower half is drawn below the first one's hem, 1 as it is; None: they do not fit."""
    scale = above.width / below.width
    feet = above.hem + scale * (below.feet - below.hem)
    fits = SCALES[0] < scale < SCALES[1] and feet <= LOWEST * above.height
    return scale if fits and above.labels + below.labels <= MOST_LABELS else None


def recombined(above: Street, below: Street) -> Street | None:
    """The first photo, its person in the second one's trousers, skirt or shorts, with legs and shoes; None where one of
    them cannot be taken apart, or they do not fit."""
    one, other = halves(above), halves(below)
    if one is None or other is None or (scale := fitting(one.cut, other.cut)) is None:
        return None
    height, width = above.labels.shape
    across, down = one.cut.middle - scale * other.cut.middle, one.cut.hem - LIFTED * height - scale * other.cut.hem
    to_hem = np.array([[scale, 0, across], [0, scale, down]])
    moved = partial(cv2.warpAffine, M=to_hem, dsize=(width, height))
    worn = moved(np.where(other.lower, below.labels, 0).astype(np.uint8), flags=cv2.INTER_NEAREST)
    alpha = moved(scenes.soft_alpha(other.lower))
    picture = _over(moved(below.rgb), alpha, scenes.emptied(above))
    picture = _over(above.rgb, scenes.soft_alpha(one.upper), picture)
    seen = (worn > 0) & (alpha >= 128)
    labels = np.where(one.upper, above.labels, np.where(seen, worn + len(above.names), 0)).astype(np.uint8)
    return replace(
        above, stem=f"{above.stem}x{below.stem}", rgb=np.rint(picture).astype(np.uint8), labels=labels,
        names=(*above.names, *below.names), garments=(), reviewed=(),
    )  # fmt: skip


def _over(front: np.ndarray, alpha: np.ndarray, back: np.ndarray) -> np.ndarray:
    """(H, W, 3) float: `front` before `back`; alpha: (H, W) uint8."""
    weight = alpha[..., None] / 255.0
    return front * weight + back * (1 - weight)


def with_recombined(streets: Sequence[Street], count: int, seed: int) -> Sequence[Street]:
    """The photos, and after them outfits put together anew from them, made when they are asked for. Of people in rare
    kinds there are more.

    count: outfits put together anew; fewer where few photos can be taken apart.
    """
    cuts = {place: apart.cut for place, street in enumerate(streets) if (apart := halves(street))}
    pairs: list[tuple[int, int]] = []
    if len(cuts) > 1:
        often = np.bincount([kind for cut in cuts.values() for kind in cut.kinds])
        share = np.array([max(often[kind] ** -0.5 for kind in cut.kinds) for cut in cuts.values()])
        rng = np.random.default_rng(seed)
        tried: set[tuple[int, int]] = set()
        for _ in range(TRIES * count):
            if len(pairs) == count or len(tried) == len(cuts) * (len(cuts) - 1):
                break
            above, below = map(int, rng.choice(list(cuts), 2, replace=False, p=share / share.sum()))
            if (above, below) not in tried and fitting(cuts[above], cuts[below]):
                pairs.append((above, below))
            tried.add((above, below))
    photos = [partial(streets.__getitem__, place) for place in range(len(streets))]
    return Streets([*photos, *(partial(_anew, streets, above, below) for above, below in pairs)])


def _anew(streets: Sequence[Street], above: int, below: int) -> Street:
    made = recombined(streets[above], streets[below])
    assert made, "pairs that do not fit are not drawn"
    return made
