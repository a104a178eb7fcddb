"""Pictures and alphas that the cut-out model learns from."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch.utils.data import Dataset
from torchvision import tv_tensors
from torchvision.transforms import v2
from tqdm import tqdm

from pipeline.training import scenes
from pipeline.training.datasets import Data, Street, read_garments, read_streets
from pipeline.training.grabcut import GARMENT_SIDE, sure_mask
from pipeline.training.homes import home_pieces
from pipeline.training.rendered import read_drapes

SIDE = 384
# Height and width of the held-out groups: the same, whatever the training's side, so that figures can be compared.
GROUP = (320, 480)
Sample = tuple[np.ndarray, np.ndarray]
# A garment whose outline is not known seldom reaches into the photo's corners, of this share of its sides.
CORNER = 0.2

# Share of each sort of picture: street photos and crops of them, garments as photographed at home, people put before
# other backgrounds, garments put before other backgrounds, backgrounds with nothing on them.
SORTS = {"street": 0.32, "home": 0.18, "people": 0.18, "pieces": 0.25, "empty": 0.07}
# The same where the set has no photos with masks, only single garments.
HOME_SORTS = {"home": 0.55, "pieces": 0.37, "empty": 0.08}


def home_garments(data: Data, cache: Path, part: str, most: int, seed: int) -> list[Sample]:
    """Pictures of single garments with a sure GrabCut mask: (rgb uint8, mask bool), at most `most`."""
    return [(rgb, mask) for rgb, mask, _ in home_pieces(data, cache, most, seed, part)]


def home_grounds(data: Data, cache: Path, most: int, seed: int) -> list[Sample]:
    """What garments at home were photographed on, at most `most`: (rgb uint8, mask bool of the garment).

    Where GrabCut is not sure of the garment, as on carpets, all but the corners counts as garment. Those are the
    grounds that the photos with a sure mask never show.
    """
    garments = read_garments(data, "train")
    found = []
    for place in tqdm(np.random.default_rng(seed).permutation(len(garments))[:most], desc="grounds", mininterval=5):
        rgb, mask = garments[place].read(GARMENT_SIDE), sure_mask(garments[place], cache)
        if mask is None:
            inner = (abs(np.linspace(-1, 1, side)) < 1 - 2 * CORNER for side in rgb.shape[:2])
            mask = np.logical_or.outer(*inner)
        found.append((rgb, mask))
    return found


def rendered_garments(drapes: Path, catalogue: Path) -> list[Sample]:
    """The studio's second drapes of articles not held out: (rgb uint8, mask bool); none without the folders."""
    return [(d.rgb, d.mask) for d in read_drapes(drapes, catalogue) if not d.held_out]


class MatteScenes(Dataset):
    """An endless choice of pictures; item i of an epoch is always the same for one seed and epoch.

    Each item: (3, SIDE, SIDE) float32 RGB in 0..1 divided by its maximum, as rembg does; (1, SIDE, SIDE) float32 alpha.
    """

    def __init__(
        self, streets: Sequence[Street], homes: list[Sample], length: int, seed: int, rendered: Sequence[Sample] = (),
        grounds: Sequence[Sample] = (),
    ) -> None:  # fmt: skip
        """homes: garments as photographed. rendered: garments to be put before backgrounds only. grounds: photos for
        such backgrounds, and what of them must not be seen."""
        self.streets, self.homes, self.length, self.seed, self.epoch = streets, homes, length, seed, 0
        self.grounds = grounds
        self.loose = [*homes, *rendered]
        # Half of the loose garments that are shown are rendered ones: there are fewer of those.
        counts = np.repeat([len(homes), len(rendered)], [len(homes), len(rendered)])
        self.share = 1 / counts / (1 / counts).sum() if len(counts) else counts
        self.sorts = SORTS if len(streets) else HOME_SORTS
        # rembg squashes any photo to a square: crops of all proportions, squashed, are what the model will see.
        self.crop = v2.RandomResizedCrop(SIDE, scale=(0.2, 1.0), ratio=(0.5, 1.8), antialias=True)
        self.whole = v2.Resize((SIDE, SIDE), antialias=True)
        self.flip = v2.RandomHorizontalFlip()
        self.looks = v2.Compose([
            v2.ColorJitter(brightness=0.3, contrast=0.3, saturation=0.3, hue=0.05),
            v2.RandomGrayscale(0.05),
            v2.RandomApply([v2.GaussianBlur(5, (0.3, 1.8))], 0.15),
            v2.RandomApply([v2.JPEG((30, 90))], 0.2),
        ])  # fmt: skip

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, place: int) -> tuple[torch.Tensor, torch.Tensor]:
        key = [self.seed, self.epoch, place]
        rng = np.random.default_rng(key)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(rng.integers(2**31)))
            return self._sample(rng)

    def _sample(self, rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        rgb, alpha = self._draw(str(rng.choice(list(self.sorts), p=list(self.sorts.values()))), rng)
        image = tv_tensors.Image(torch.from_numpy(np.ascontiguousarray(rgb)).permute(2, 0, 1))
        mask = tv_tensors.Mask(torch.from_numpy(np.ascontiguousarray(alpha))[None])
        image, mask = (self.whole if rng.uniform() < 0.35 else self.crop)(image, mask)
        image, mask = self.flip(image, mask)
        pixels = self.looks(image).float()
        return pixels / pixels.max().clamp(min=1e-6), mask.float() / 255

    def _draw(self, sort: str, rng: np.random.Generator) -> Sample:
        street = self.streets[int(rng.integers(len(self.streets)))] if len(self.streets) else None
        if sort == "street" and street:
            return street.rgb, scenes.soft_alpha(street.person)
        if sort == "home" and self.homes:
            rgb, mask = self.homes[rng.integers(len(self.homes))]
            return rgb, mask.astype(np.uint8) * 255
        size = (SIDE, int(SIDE * rng.uniform(0.6, 1.8)))
        if sort == "empty":
            return self._background(sort, rng, size), np.zeros(size, np.uint8)
        layers = self._layers(sort, rng, street)
        scene = scenes.group_scene(rng, self._background(sort, rng, size), layers)
        rgb = scenes.shadowed(scene.rgb, scene.alpha, rng) if rng.uniform() < 0.4 else scene.rgb
        return rgb, scene.alpha

    def _background(self, sort: str, rng: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
        """A floor, carpet or sheet from home for half of the pictures without people; else as `scenes.backdrop`."""
        if sort != "people" and len(self.grounds) and rng.uniform() < 0.5:
            return scenes.fitted(scenes.regrown(*self.grounds[int(rng.integers(len(self.grounds)))], rng), size, rng)
        return scenes.backdrop(rng, size, self.streets, real=0.7 if sort == "empty" else 0.5)

    def _layers(self, sort: str, rng: np.random.Generator, street: Street | None) -> list[scenes.Layer]:
        if sort == "people":
            people = [self.streets[i] for i in rng.integers(len(self.streets), size=rng.integers(1, 5))]
            layers = [scenes.person_layer(s) for s in people]
        elif self.loose and (rng.uniform() < 0.8 or street is None):
            count = 1 if rng.uniform() < 0.7 else int(rng.integers(2, 5))
            chosen = [self.loose[i] for i in rng.choice(len(self.loose), count, p=self.share)]
            layers = [scenes.cut(rgb, mask, np.zeros(mask.shape, np.uint8)) for rgb, mask in chosen]
        else:
            layers = [scenes.piece_layer(street, rng) if street else None]
        return [layer for layer in layers if layer]


def held_out_pictures(data: Data, cache: Path, seed: int) -> dict[str, list[Sample]]:
    """Fixed held-out pictures of each sort that the card reports on: (rgb uint8, mask bool); no sort is empty."""
    streets, rng = read_streets(data, cache, "val"), np.random.default_rng(seed)
    photos = [(s.rgb, s.person) for s in streets]
    halves = [(s.rgb[: s.rgb.shape[0] * 55 // 100], s.person[: s.rgb.shape[0] * 55 // 100]) for s in streets]
    groups = []
    for _ in range(40 if len(streets) else 0):
        people = [scenes.person_layer(streets[i]) for i in rng.integers(len(streets), size=rng.integers(2, 5))]
        background = scenes.backdrop(rng, GROUP, streets, real=0.6)
        scene = scenes.group_scene(rng, background, [p for p in people if p])
        groups.append((scene.rgb, scene.alpha >= 128))
    empty = [(scenes.emptied(s), np.zeros(s.labels.shape, bool)) for s in streets[:40]]
    homes = home_garments(data, cache, "val", 80, seed)
    sorts = {
        "street photos": photos, "upper halves": halves, "groups": groups, "garments at home": homes, "empty": empty,
    }  # fmt: skip
    return {name: pictures for name, pictures in sorts.items() if pictures}


def scored(alphas: Sequence[np.ndarray], pictures: Sequence[Sample]) -> dict[str, float]:
    """Mean IoU at one half over pictures (1 for a rightly empty one), and the share of pixels called foreground.

    alphas: (H, W) uint8 of each picture.
    """
    ious, shares = [], []
    for alpha, (_, mask) in zip(alphas, pictures, strict=True):
        found = alpha >= 128
        either = (found | mask).sum()
        ious.append((found & mask).sum() / either if either else 1.0)
        shares.append(found.mean())
    return {"iou": float(np.mean(ious)), "foreground": float(np.mean(shares))}
