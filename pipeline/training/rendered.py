"""The studio's second drapes (assets/drapes): exact masks for the segmenter, photo-like looks for the embedder."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from pipeline.kinds import KIND_OF_CATEGORY
from pipeline.training import scenes
from pipeline.training.datasets import Street, held_out

TABLE = "drapes.csv"
# Long side in pixels of the made-up photos.
SIDE = 384
# Mean distance in CIELAB from which on another dye makes another article.
VISIBLE = 14


@dataclass(frozen=True)
class Drape:
    """A catalogue item draped once more. rgb: (H, W, 3) uint8; mask: (H, W) bool, exact; shop: the catalogue's picture
    of the item."""

    item: str
    category: str
    rgb: np.ndarray
    mask: np.ndarray
    shop: Path = Path()

    @property
    def kind(self) -> str:
        return KIND_OF_CATEGORY[self.category]

    @property
    def held_out(self) -> bool:
        """Whether the item is kept back from the cut-out's and the embedder's training."""
        return item_held_out(self.item)


def item_held_out(item: str) -> bool:
    """Whether an item of the catalogue is kept back, by its id."""
    return held_out(f"item {item}")


def read_drapes(drapes: Path, catalogue: Path) -> Iterator[Drape]:
    """Yield the drapes whose item is in the catalogue's items.csv; none where either table is absent."""
    if not (drapes / TABLE).exists() or not (catalogue / "items.csv").exists():
        return
    with (catalogue / "items.csv").open(newline="") as file:
        sold = {row["id"]: row for row in csv.DictReader(file)}
    with (drapes / TABLE).open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        path = drapes / row["image"]
        item = sold.get(row["item"], {})
        if item.get("category") in KIND_OF_CATEGORY and path.exists():
            pixels = np.asarray(Image.open(path).convert("RGBA"))
            rgb, mask, shop = pixels[..., :3].copy(), pixels[..., 3] >= 128, catalogue / item.get("image", "")
            yield Drape(row["item"], item["category"], rgb, mask, shop)


def dyed(rgb: np.ndarray, mask: np.ndarray, rng: np.random.Generator) -> np.ndarray | None:
    """The garment in another dye: its hues turned, and perhaps tinted. Two pictures of one garment get the same dye
    from generators in the same state.

    Returns:
        (H, W, 3) uint8; None where the dye hardly shows, as on black cloth.
    """
    turn, gain = np.radians(rng.uniform(40, 320)), rng.uniform(0.8, 1.3)
    tint = rng.uniform(0.35, 1.0, 3) if rng.uniform() < 0.6 else np.ones(3)
    lab = cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    matrix = gain * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    other = np.dstack([lab[..., 0], lab[..., 1:] @ matrix.T]).astype(np.float32)
    pixels = (cv2.cvtColor(other, cv2.COLOR_LAB2RGB).clip(0, 1) * tint).astype(np.float32)
    change = np.linalg.norm(cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB) - lab, axis=2)[mask]
    if change.size == 0 or change.mean() < VISIBLE:
        return None
    return np.where(mask[..., None], np.rint(255 * pixels), rgb).astype(np.uint8)


def _lit(rgb: np.ndarray, rng: np.random.Generator, rough: bool) -> np.ndarray:
    """Another light: brightness, contrast, a little warmth, a shadow across, noise; uint8. rough: more of all, and
    shadows with an edge."""
    height, width = rgb.shape[:2]
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32) / max(height, width)
    angle = rng.uniform(0, 2 * np.pi)
    across = xs * np.cos(angle) + ys * np.sin(angle)
    slope = 1 + rng.uniform(0, 0.35) * (across - 0.5)
    if rough and rng.uniform() < 0.4:
        edge = rng.uniform(across.min(), across.max())
        slope = slope * (1 - rng.uniform(0.1, 0.45) * np.clip((across - edge) / 0.06 + 0.5, 0, 1))
    warmth = 1 + rng.uniform(-0.07, 0.07) * (2 if rough else 1) * np.array([1, 0, -1], np.float32)
    light = (rgb.astype(np.float32) / 255) ** (rng.uniform(0.65, 1.5) if rough else rng.uniform(0.8, 1.25))
    light = light * (rng.uniform(0.7, 1.2) if rough else rng.uniform(0.75, 1.15)) * slope[..., None] * warmth
    return np.clip(light * 255 + rng.normal(0, rng.uniform(0, 6), rgb.shape), 0, 255).astype(np.uint8)


def _something(rng: np.random.Generator, size: tuple[int, int], streets: Sequence[Street]) -> scenes.Layer:
    """A cloth, or a strip, of some colour or of a photo's pixels, to lie on a garment."""
    sides = np.array([rng.uniform(0.1, 0.35) * max(size), rng.uniform(0.2, 1.2) * max(size)]).astype(int)
    rows, columns = sides if rng.uniform() < 0.5 else sides[::-1]
    rgb = scenes.backdrop(rng, (int(rows), int(columns)), streets, 0.4)
    alpha = np.full((rows, columns), 255, np.uint8)
    return scenes.Layer(rgb, alpha, np.zeros((rows, columns), np.uint8))


def photographed(
    drape: Drape, streets: Sequence[Street], rng: np.random.Generator, rough: bool = False
) -> tuple[np.ndarray, np.ndarray] | None:
    """The drape as a hasty photo shows it: before a background, in another light, tilted, cropped, blurred.

    rough: more of all of it, far away or half outside the picture, and perhaps with something lying on it.

    Returns:
        (H, W, 3) uint8 and its true mask (H, W) bool; None where nothing of the garment is left in the picture.
    """
    layer = scenes.cut(drape.rgb, drape.mask, np.ones(drape.mask.shape, np.uint8))
    if layer is None:
        return None
    size = [(SIDE, SIDE), (SIDE, int(SIDE * 0.75)), (int(SIDE * 0.75), SIDE)][rng.integers(3)]
    scene = scenes.Scene.on(scenes.backdrop(rng, size, streets, 0.5))
    fit = min(size[0], size[1] * layer.rgb.shape[0] / layer.rgb.shape[1])
    centre = np.array(size[::-1]) * (rng.uniform(0.25, 0.75, 2) if rough else rng.uniform(0.4, 0.6, 2))
    # Above the full size the edges of the garment leave the picture.
    scene.paste(layer, fit * (rng.uniform(0.3, 1.2) if rough else rng.uniform(0.5, 1.15)), (centre[0], centre[1]))
    if rough and rng.uniform() < 0.35:
        over = _something(rng, size, streets)
        x, y = centre + rng.uniform(-0.3, 0.3, 2) * fit
        scene.paste(over, over.rgb.shape[0], (x, y))
    rgb = _lit(scene.rgb, rng, rough)
    if rng.uniform() < 0.4:
        rgb = cv2.GaussianBlur(rgb, (0, 0), rng.uniform(0.4, 2.5 if rough else 1.6))
    mask = scene.pieces[0][1] if scene.pieces else np.zeros(size, bool)
    turn = cv2.getRotationMatrix2D((size[1] / 2, size[0] / 2), rng.uniform(-20, 20), 1.0)
    rgb = cv2.warpAffine(rgb, turn, size[::-1], borderMode=cv2.BORDER_REFLECT)
    mask = cv2.warpAffine(mask.astype(np.uint8), turn, size[::-1]) > 0
    return (rgb, mask) if mask.mean() > 0.02 else None
