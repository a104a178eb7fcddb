"""A garment as photos of many makes show it: grounds, light, crop, blur, something in front, far away.

Deterministic: the name of the article and the number of the view decide everything. The conditions of one view share
its ground and its place, so that two of them differ by what their names say. The grounds are the studio's, which no
training of an embedder or a cut-out shows; the garments are its second drapes.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from pipeline.training import scenes
from pipeline.training.rendered import Drape
from pipeline.types import WHITE

# Pixels of a side of the photos; a drape at SIZE of it is shown at about the resolution that it was rendered in.
SIDE = 384
SIZE = 0.76
TEXTURES = ("wood", "linen", "carpet")
# Painted grounds are larger than the photos, and few: each photo shows another part of one.
_PAINTED, _PAINTINGS = 640, 4


@dataclass(frozen=True)
class Condition:
    """What is done to a photo.

    ground: white, plain, one of TEXTURES, or any: the view's own one of them.
    size: longer side of the garment, as a share of the photo's. light: how far brightness, colour and evenness leave
    daylight, 0..1. crop: share of the garment's box that lies outside the picture. blur: standard deviation in pixels.
    covered: share of the garment's box that something lies on.
    """

    name: str
    about: str
    ground: str = "any"
    size: float = SIZE
    light: float = 0.0
    crop: float = 0.0
    blur: float = 0.0
    covered: float = 0.0


CONDITIONS: tuple[Condition, ...] = (
    Condition("white", "another drape, cut out exactly and laid on white", "white"),
    Condition("plain", "on a ground of one colour, with its shadow", "plain"),
    Condition("wood", "on boards", "wood"),
    Condition("linen", "on a linen cloth", "linen"),
    Condition("carpet", "on a carpet", "carpet"),
    Condition("light", "in dim or glaring, warm or cold light, with a shadow across", light=1.0),
    Condition("crop", "a quarter of the garment outside the picture", crop=0.25),
    Condition("blur", "out of focus", blur=2.5),
    Condition("occlusion", "a quarter of the garment under something", covered=0.25),
    Condition("small", "far away: 115 pixels long", size=0.3),
    Condition("all of it", "a little of everything at once", size=0.55, light=0.5, crop=0.1, blur=1.0, covered=0.12),
)


@dataclass(frozen=True, eq=False)
class Shot:
    """A made-up photo: pixels (H, W, 3) uint8 and what of it is the garment, (H, W) bool."""

    pixels: np.ndarray
    mask: np.ndarray


def photograph(drape: Drape, condition: Condition, view: int = 0) -> Shot:
    """The garment under a condition; each view has a ground, a place, a light and so on of its own.

    Raises:
        ValueError: the drape shows nothing.
    """
    layer = scenes.cut(drape.rgb, drape.mask, np.ones(drape.mask.shape, np.uint8))
    if layer is None:
        raise ValueError(f"the drape of {drape.item} is empty")
    chance = _Chance(drape.item, view)
    height, width = layer.rgb.shape[:2]
    longer = condition.size * SIDE
    tall = longer * min(1.0, height / width)
    centre = SIDE * (0.5 + chance("place").uniform(-0.04, 0.04, 2))
    if condition.crop:
        centre = _outwards(condition.crop, np.array([tall * width / height, tall]), chance("crop"))
    scene = scenes.Scene.on(_ground(condition.ground, chance("ground")))
    scene.paste(layer, tall, (float(centre[0]), float(centre[1])))
    rgb: np.ndarray = scene.rgb.astype(np.float32)
    alpha = scene.alpha
    if condition.ground != "white":
        rgb *= _shadow(alpha)[..., None]
    if condition.covered:
        rgb, alpha = _covered(rgb, alpha, condition.covered, chance("cover"))
    if condition.light:
        rgb = _lit(rgb, condition.light, chance("light"))
    if condition.blur:
        rgb = cv2.GaussianBlur(rgb, (0, 0), condition.blur)
    return Shot(np.rint(np.clip(rgb, 0, WHITE)).astype(np.uint8), alpha >= 128)


class _Chance:
    """Random numbers for each step of a view, whatever the other steps draw."""

    def __init__(self, article: str, view: int) -> None:
        self._name = f"{article}/{view}"

    def __call__(self, step: str) -> np.random.Generator:
        digest = hashlib.sha256(f"one-shot-1:{self._name}/{step}".encode()).digest()
        return np.random.default_rng(int.from_bytes(digest[:8]))


@lru_cache(maxsize=len(TEXTURES) * _PAINTINGS)
def _painted(texture: str, number: int) -> np.ndarray:
    from studio.backgrounds import BACKGROUNDS

    grid = BACKGROUNDS[texture](_PAINTED, _PAINTED, np.random.default_rng(number))
    return np.rint(255 * grid).astype(np.uint8)


def _ground(name: str, rng: np.random.Generator) -> np.ndarray:
    """(SIDE, SIDE, 3) uint8."""
    own, number, flipped = TEXTURES[rng.integers(len(TEXTURES))], int(rng.integers(_PAINTINGS)), rng.uniform() < 0.5
    x, y = rng.integers(0, _PAINTED - SIDE + 1, 2)
    grey, tint = rng.uniform(90, 225), rng.uniform(-18, 18, 3)
    if name == "white":
        return np.full((SIDE, SIDE, 3), WHITE, np.uint8)
    if name == "plain":
        return np.broadcast_to(np.rint(grey + tint).astype(np.uint8), (SIDE, SIDE, 3)).copy()
    part = _painted(own if name == "any" else name, number)[y : y + SIDE, x : x + SIDE]
    return np.ascontiguousarray(part[:, ::-1] if flipped else part)


def _outwards(share: float, size: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The centre (x, y) of a box of that size (w, h) in pixels that leaves one side of the picture by a share."""
    centre = np.full(2, SIDE / 2)
    axis, far = int(rng.integers(2)), rng.uniform() < 0.5
    inside = (0.5 - share) * size[axis]
    centre[axis] = SIDE - inside if far else inside
    return centre


def _shadow(alpha: np.ndarray) -> np.ndarray:
    """(H, W) float32: how bright the ground is beside and under the garment, which keeps its own brightness."""
    moved = cv2.warpAffine(alpha, np.array([[1.0, 0, 5], [0, 1.0, 7]]), alpha.shape[::-1])
    dark = 0.4 * cv2.GaussianBlur(moved, (0, 0), 7).astype(np.float32) / 255
    return 1 - dark * (1 - alpha.astype(np.float32) / 255)


def _covered(
    rgb: np.ndarray, alpha: np.ndarray, share: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """A band of one colour across the garment, its width that share of the garment's extent."""
    ys, xs = np.nonzero(alpha >= 128)
    angle = rng.uniform(0, np.pi)
    along = np.array([np.cos(angle), np.sin(angle)])
    rows, columns = np.mgrid[0:SIDE, 0:SIDE]
    ahead = columns * along[0] + rows * along[1]
    first, last = np.quantile(ahead[ys, xs], [0, 1])
    start = first + rng.uniform(0.2, 0.8 - share) * (last - first)
    band = ((ahead >= start) & (ahead <= start + share * (last - first))).astype(np.float32)
    band = cv2.GaussianBlur(band, (0, 0), 0.8)
    colour = rng.uniform(30, 230, 3).astype(np.float32)
    rgb = rgb * (1 - band[..., None]) + colour * band[..., None]
    return rgb, np.where(band >= 0.5, 0, alpha).astype(np.uint8)


def _lit(rgb: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Another light: gamma, a cast between warm and cold, and a soft-edged shadow over a part of the picture."""
    gamma = (1 + 0.7 * strength) ** (1 if rng.uniform() < 0.5 else -1)
    warmth = strength * rng.choice([-1, 1]) * rng.uniform(0.06, 0.14)
    angle, edge = rng.uniform(0, 2 * np.pi), rng.uniform(-0.2, 0.2)
    ys, xs = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32) / SIDE - 0.5
    across = np.clip((xs * np.cos(angle) + ys * np.sin(angle) - edge) / 0.08 + 0.5, 0, 1)
    light = (1 - 0.4 * strength * across)[..., None] * (1 + warmth * np.array([1, 0, -1], np.float32))
    return 255 * np.clip(rgb / 255, 0, 1) ** gamma * light
