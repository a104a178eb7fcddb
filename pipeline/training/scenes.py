"""Made-up pictures with known masks: people and garments cut out of photos, put before other backgrounds."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from pipeline.training.datasets import Street
from pipeline.types import mask_box

# Of a garment that the picture's edge cuts off as much must be seen, or it must cover as much of what is left.
LEAST_VISIBLE, LARGE_IN_PART = 0.2, 0.02
# Grey, blond, ginger, brown and black: CIELAB's L* at its lightest, a*, b*.
HAIR_COLOURS = ((85, 0, 2), (80, 4, 26), (60, 22, 30), (45, 8, 14), (25, 1, 1))
# Shifted copies of a ground that fill the gap where something lay on it: what they leave open gets one colour.
SHIFTS = 40


@dataclass(frozen=True)
class Layer:
    """Something cut out: rgb (H, W, 3) uint8, alpha (H, W) uint8, kinds (H, W) uint8 (0 none, else 1 + kind)."""

    rgb: np.ndarray
    alpha: np.ndarray
    kinds: np.ndarray


@dataclass
class Scene:
    """A picture under construction.

    rgb: (H, W, 3) uint8; alpha: (H, W) uint8, what of it is foreground; pieces: (kind's place, (H, W) bool) of each
    visible piece, one for each kind and pasted layer.
    """

    rgb: np.ndarray
    alpha: np.ndarray
    pieces: list[tuple[int, np.ndarray]] = field(default_factory=list)

    @classmethod
    def on(cls, backdrop: np.ndarray) -> "Scene":
        return cls(backdrop.copy(), np.zeros(backdrop.shape[:2], np.uint8))

    def paste(self, layer: Layer, height: float, centre: tuple[float, float]) -> None:
        """Put `layer` in front, scaled to `height` pixels, its middle at `centre` (x, y); parts outside are cut."""
        scale = height / layer.rgb.shape[0]
        matrix = np.array([
            [scale, 0, centre[0] - scale * layer.rgb.shape[1] / 2],
            [0, scale, centre[1] - height / 2],
        ])  # fmt: skip
        size = self.rgb.shape[1::-1]
        smooth = cv2.INTER_AREA if scale < 0.5 else cv2.INTER_LINEAR
        rgb, alpha = layer.rgb, layer.alpha
        if scale < 0.5:
            # warpAffine samples single pixels: shrink by area first, or small people turn to noise.
            small = (max(1, round(rgb.shape[1] * scale)), max(1, round(height)))
            rgb, alpha = cv2.resize(rgb, small, interpolation=smooth), cv2.resize(alpha, small, interpolation=smooth)
            shift = matrix[:, 2:]
            fit = np.hstack([np.eye(2), shift])
            rgb, alpha = cv2.warpAffine(rgb, fit, size), cv2.warpAffine(alpha, fit, size)
        else:
            rgb, alpha = cv2.warpAffine(rgb, matrix, size), cv2.warpAffine(alpha, matrix, size)
        kinds = cv2.warpAffine(layer.kinds, matrix, size, flags=cv2.INTER_NEAREST)
        weight = alpha[..., None].astype(np.float32) / 255
        self.rgb = np.rint(rgb * weight + self.rgb * (1 - weight)).astype(np.uint8)
        self.alpha = np.maximum(self.alpha, alpha)
        opaque = alpha >= 128
        self.pieces = [(kind, mask & ~opaque) for kind, mask in self.pieces]
        self.pieces += [(int(k) - 1, (kinds == k) & opaque) for k in np.unique(kinds[opaque]) if k]


def soft_alpha(mask: np.ndarray) -> np.ndarray:
    """(H, W) bool -> (H, W) uint8 with an edge two pixels soft and a pixel tighter, without the old background."""
    tight = cv2.erode(mask.astype(np.uint8) * 255, np.ones((3, 3), np.uint8))
    return cv2.GaussianBlur(tight, (3, 3), 0)


def cut(rgb: np.ndarray, mask: np.ndarray, kinds: np.ndarray) -> Layer | None:
    """Cut the (H, W) bool `mask` out of a picture, bounded to its box; None for an empty mask."""
    box = mask_box(mask)
    if box is None:
        return None
    x0, y0, x1, y1 = box
    inside = np.where(mask, kinds, 0)[y0:y1, x0:x1]
    return Layer(rgb[y0:y1, x0:x1], soft_alpha(mask)[y0:y1, x0:x1], inside.astype(np.uint8))


def person_layer(street: Street) -> Layer | None:
    """Cut the dressed person out of a street photo."""
    return cut(street.rgb, street.person, street.kinds())


def still_seen(whole: np.ndarray, part: np.ndarray) -> np.ndarray:
    """(256,) bool: of which kinds a part of a map of kinds, (H, W) uint8, shows enough to tell what they are."""
    before, after = (np.bincount(kinds.ravel(), minlength=256) for kinds in (whole, part))
    return (after > 0) & ((after >= LEAST_VISIBLE * before) | (after >= LARGE_IN_PART * part.size))


def half_layer(street: Street, rng: np.random.Generator) -> Layer | None:
    """Cut the upper 30-65% of the dressed person out of a street photo; kinds that are hardly seen any more count as
    none."""
    layer = person_layer(street)
    if layer is None:
        return None
    end = max(8, round(layer.rgb.shape[0] * rng.uniform(0.3, 0.65)))
    kinds = np.where(still_seen(layer.kinds, layer.kinds[:end]), np.arange(256), 0).astype(np.uint8)
    return Layer(layer.rgb[:end], layer.alpha[:end], kinds[layer.kinds[:end]])


def piece_layer(street: Street, rng: np.random.Generator, least: float = 0.01) -> Layer | None:
    """Cut one piece of clothing, any that covers at least the share `least`, out of a street photo."""
    kinds = street.kinds()
    counts = np.bincount(kinds.ravel(), minlength=2)
    large = 1 + np.flatnonzero(counts[1:] > least * kinds.size)
    if not len(large):
        return None
    return cut(street.rgb, kinds == rng.choice(large), kinds)


def hair_dyed(rgb: np.ndarray, hair: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(H, W, 3) uint8: what the (H, W) bool `hair` covers in another colour that hair has, its light and shade kept."""
    if not hair.any():
        return rgb
    lab = cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    mean = lab[hair].mean(axis=0)
    lightest, a, b = HAIR_COLOURS[rng.integers(len(HAIR_COLOURS))]
    goal = np.array([rng.uniform(0.5, 1) * lightest, a, b])
    shade = (lab - mean) * [max(1.0, goal[0] / max(mean[0], 1)) ** 0.7, 0.5, 0.5]
    other = cv2.cvtColor((goal + shade).astype(np.float32), cv2.COLOR_LAB2RGB).clip(0, 1) * 255
    weight = cv2.GaussianBlur(hair.astype(np.float32), (0, 0), 1.5)[..., None]
    return np.rint(other * weight + rgb * (1 - weight)).astype(np.uint8)


def emptied(street: Street) -> np.ndarray:
    """(H, W, 3) uint8: the photo without its person, the gap filled with blurred surroundings."""
    keep = cv2.erode((~street.person).astype(np.uint8), np.ones((9, 9), np.uint8)).astype(np.float32)
    filled = street.rgb.astype(np.float32)
    size = max(street.rgb.shape[:2])
    total, weights = np.zeros_like(filled), np.zeros_like(keep)
    for width in (size // 16, size // 5, size):
        share = cv2.blur(keep, (width, width), borderType=cv2.BORDER_REFLECT)
        mean = cv2.blur(filled * keep[..., None], (width, width), borderType=cv2.BORDER_REFLECT)
        mean = mean / np.maximum(share, 1e-4)[..., None]
        gain = (share > 0.02).astype(np.float32) * (1 - weights)
        total, weights = total + mean * gain[..., None], weights + gain
    edge = cv2.GaussianBlur(keep, (7, 7), 0)[..., None]
    return np.clip(filled * edge + total * (1 - edge), 0, 255).astype(np.uint8)


def beside(street: Street, rng: np.random.Generator) -> np.ndarray | None:
    """A real piece of background: the wider strip left or right of the person, None where both are narrow."""
    box = mask_box(street.person)
    width = street.rgb.shape[1]
    strips = [(0, box[0]), (box[2], width)] if box else [(0, width)]
    start, end = max(strips, key=lambda s: s[1] - s[0])
    if end - start < 0.2 * width:
        return None
    top = int(rng.integers(0, street.rgb.shape[0] // 2))
    return street.rgb[top : top + street.rgb.shape[0] // 2, start:end]


def regrown(rgb: np.ndarray, mask: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(H, W, 3) uint8: the picture with its own ground in place of what the (H, W) bool `mask` covers: copies of the
    ground, shifted at random, until the gap is filled."""
    hidden = cv2.dilate(mask.astype(np.uint8), np.ones((9, 9), np.uint8)).astype(bool)
    filled, gap = rgb.copy(), hidden.copy()
    if hidden.all():
        return filled
    for _ in range(SHIFTS):
        shift = tuple(int(rng.integers(side)) for side in mask.shape)
        fits = gap & ~np.roll(hidden, shift, (0, 1))
        filled[fits] = np.roll(rgb, shift, (0, 1))[fits]
        gap &= ~fits
        if not gap.any():
            return filled
    filled[gap] = np.median(rgb[~hidden], axis=0)
    return filled


def _noise(rng: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
    """(H, W) float32 in about -1..1: cloudy or grainy, by chance."""
    height, width = size
    total = np.zeros(size, np.float32)
    for cells in (3, 9, 27, 81):
        grid = rng.normal(0, 1, (max(2, cells * height // width), cells)).astype(np.float32)
        total += cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC) * rng.uniform(0, 0.6)
    return total


def shadowed(rgb: np.ndarray, alpha: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The picture with a soft shadow of the foreground, (H, W) uint8 alpha, on the ground beside it; uint8."""
    side = max(alpha.shape)
    x, y = rng.uniform(-0.04, 0.04, 2) * side
    moved = cv2.warpAffine(alpha, np.array([[1.0, 0, x], [0, 1.0, y]]), alpha.shape[::-1])
    dark = cv2.GaussianBlur(moved, (0, 0), rng.uniform(0.005, 0.03) * side).astype(np.float32) / 255
    dark *= rng.uniform(0.15, 0.6) * (1 - alpha.astype(np.float32) / 255)
    return np.rint(rgb * (1 - dark[..., None])).astype(np.uint8)


def plain(rng: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
    """(H, W, 3) uint8: white, one colour, a gradient, a wall over a floor, cloth-like noise or stripes."""
    height, width = size
    sorts = {"white": 0.3, "colour": 0.1, "gradient": 0.15, "floor": 0.1, "noise": 0.25, "stripes": 0.1}
    choice = rng.choice(list(sorts), p=list(sorts.values()))
    if choice == "white":
        return np.full((height, width, 3), rng.choice([255, 255, 250, 242]), np.uint8)
    light = rng.uniform(0, 1) < 0.6
    first, second = rng.uniform(150 if light else 20, 255 if light else 200, (2, 3))
    if light:
        first, second = first.mean() + (first - first.mean()) * 0.3, second.mean() + (second - second.mean()) * 0.3
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32) / max(size)
    if choice == "colour":
        mix = np.zeros(size, np.float32)
    elif choice == "gradient":
        mix = np.clip(xs * rng.uniform(-1, 1) + ys * rng.uniform(-1, 1) + 0.5, 0, 1)
    elif choice == "floor":
        mix = (ys > rng.uniform(0.3, 0.8) * height / max(size)).astype(np.float32)
    elif choice == "noise":
        mix = np.clip(0.5 + _noise(rng, size) * rng.uniform(0.1, 0.6), 0, 1)
    else:
        angle, frequency = rng.uniform(0, np.pi), rng.uniform(10, 120)
        wave = np.sin((xs * np.cos(angle) + ys * np.sin(angle)) * frequency)
        mix = (wave > rng.uniform(-0.9, 0.9)) * rng.uniform(0.2, 1)
    picture = first * (1 - mix[..., None]) + second * mix[..., None]
    grain = rng.normal(0, rng.uniform(0, 5), (height, width, 1))
    return np.clip(picture + grain, 0, 255).astype(np.uint8)


def backdrop(
    rng: np.random.Generator, size: tuple[int, int], streets: Sequence[Street], real: float = 0.5
) -> np.ndarray:
    """(H, W, 3) uint8 background: with probability `real` from a photo, else made up."""
    if not len(streets) or rng.uniform() >= real:
        return plain(rng, size)
    street = streets[int(rng.integers(len(streets)))]
    picture = beside(street, rng) if rng.uniform() < 0.5 else None
    if picture is None:
        picture = emptied(street)
    return fitted(picture, size, rng)


def fitted(picture: np.ndarray, size: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """The picture, or its mirror image, stretched to a size (H, W)."""
    picture = cv2.resize(picture, size[::-1], interpolation=cv2.INTER_LINEAR)
    if rng.uniform() < 0.5:
        picture = picture[:, ::-1]
    return np.ascontiguousarray(picture)


def group_scene(rng: np.random.Generator, background: np.ndarray, layers: list[Layer]) -> Scene:
    """Put people or garments side by side, at one of many scales, before a background; later ones in front."""
    scene = Scene.on(background)
    height, width = background.shape[:2]
    base = height * float(rng.choice([0.35, 0.5, 0.7, 0.9, 1.3]) * rng.uniform(0.85, 1.15))
    places = (np.arange(len(layers)) + rng.uniform(0.2, 0.8, len(layers))) / len(layers) * width
    ground = rng.uniform(max(0.6 * base, 0.5 * height), max(height, 0.98 * base))
    for layer, x in zip(layers, places, strict=True):
        tall = base * rng.uniform(0.8, 1.1)
        scene.paste(layer, tall, (float(x), float(ground - tall / 2 + rng.uniform(-0.05, 0.05) * height)))
    return scene
