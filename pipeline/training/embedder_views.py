"""Views of garments for the embedder: a batch at a time, as other drapes, cameras and lights would show them.

Hue is never changed, since colour is part of what a match means.
"""

import math
from collections import defaultdict
from collections.abc import Iterator

import cv2
import numpy as np
import torch
from torch.nn import functional
from torch.utils.data import Dataset, Sampler
from torchvision.ops import masks_to_boxes

from pipeline.training.embedder_data import Piece

# Views are cut out of pictures already shrunk to this, and are smaller than what the runtime sees: being crops,
# garments look as large in them as they do there (Touvron et al., NeurIPS 2019).
WORKING, SIDE = 216, 192
# So many pictures fit into a core's cache: a batch at once takes twice as long.
AT_ONCE = 16
# The catalogue's share of each batch, and how many articles of one category stand side by side in it: likenesses are
# told apart only where they meet.
CATALOGUE_SHARE, SIDE_BY_SIDE = 0.25, 8


class Views(Dataset):
    """Two pictures of each garment as they are stored: (2, 3, WORKING, WORKING) uint8, and the garment's place.

    The second comes from any picture of the same garment.
    """

    def __init__(self, pieces: list[Piece]) -> None:
        self.pieces = pieces
        small = [cv2.resize(p.rgb, (WORKING, WORKING), interpolation=cv2.INTER_AREA) for p in pieces]
        self.pictures = torch.from_numpy(np.stack(small)).permute(0, 3, 1, 2).contiguous()
        self.looks: dict[str, list[int]] = defaultdict(list)
        for place, piece in enumerate(pieces):
            self.looks[piece.garment].append(place)

    def __len__(self) -> int:
        return len(self.pieces)

    def __getitem__(self, place: int) -> tuple[torch.Tensor, int]:
        looks = self.looks[self.pieces[place].garment]
        other = looks[int(torch.randint(len(looks), ()))]
        return self.pictures[[place, other]], place


class Mixed(Sampler[list[int]]):
    """Batches of places: drawn by weight, and CATALOGUE_SHARE of each from the catalogue, similar articles together."""

    def __init__(self, pieces: list[Piece], weights: list[float], batch: int, samples: int) -> None:
        """weights: one a piece. Without catalogue pieces all are drawn by weight."""
        self.weights = torch.tensor(weights, dtype=torch.double)
        of_category: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        for place, piece in enumerate(pieces):
            if piece.source in ("catalogue", "draped"):
                of_category[piece.category][piece.garment].append(place)
        self.articles = [list(garments.values()) for garments in of_category.values()]
        self.batch, self.count = batch, samples // batch

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[list[int]]:
        shown = round(CATALOGUE_SHARE * self.batch) if self.articles else 0
        sizes = torch.tensor([float(len(garments)) for garments in self.articles]).clamp(max=SIDE_BY_SIDE)
        for _ in range(self.count):
            places: list[int] = []
            while len(places) < shown:
                garments = self.articles[int(torch.multinomial(sizes, 1))]
                for which in torch.randperm(len(garments))[: min(SIDE_BY_SIDE, shown - len(places))].tolist():
                    looks = garments[which]
                    places.append(looks[int(torch.randint(len(looks), ()))])
            places += torch.multinomial(self.weights, self.batch - shown, replacement=True).tolist()
            yield places


def _some(count: int, chance: float) -> torch.Tensor:
    return (torch.rand(count) < chance).float()


def _spread(count: int, low: float, high: float) -> torch.Tensor:
    return low + (high - low) * torch.rand(count)


def cut_short(pictures: torch.Tensor, chance: float = 0.25) -> torch.Tensor:
    """Some of them (N, 3, W, W) without a strip along one side of the garment, what is left filling the square again:
    as where the photo's edge cuts it off."""
    some = torch.rand(len(pictures)) < chance
    if not some.any():
        return pictures
    part = pictures[some]
    count, wide = len(part), part.shape[3]
    shown = part.amin(1) < 0.97
    # Not even white on white is nothing.
    shown[:, wide // 2, wide // 2] = True
    low, high = masks_to_boxes(shown).split(2, dim=1)
    axis, far = functional.one_hot(torch.randint(2, (count,)), 2), torch.rand(count, 1) < 0.5
    strip = _spread(count, 0.1, 0.4)[:, None] * (high - low) * axis
    low, high = torch.where(far, low, low + strip), torch.where(far, high - strip, high)
    along = torch.arange(wide)
    columns, rows = ((along >= low[:, i : i + 1]) & (along <= high[:, i : i + 1]) for i in (0, 1))
    left = (1 - part) * (rows[:, :, None] & columns[:, None, :])[:, None]
    size, centre = (high - low + 1).amax(1) * 1.05 / wide, (low + high + 1) / wide - 1
    theta = torch.cat([torch.eye(2) * size.view(-1, 1, 1), centre[..., None]], 2)
    grid = functional.affine_grid(theta, list(part.shape), align_corners=False)
    return pictures.index_put((some,), 1 - functional.grid_sample(left, grid, align_corners=False))


def _moved(pictures: torch.Tensor) -> torch.Tensor:
    """(N, 3, W, W) 0..1 -> (N, 3, SIDE, SIDE): mirrored, turned, sheared, cropped, and rumpled as cloth is."""
    count = len(pictures)
    angle = _spread(count, -math.radians(22), math.radians(22)) * _some(count, 0.7)
    size, stretch = _spread(count, 0.6, 1.05), _spread(count, -0.16, 0.16).exp()
    flip = 1 - 2 * _some(count, 0.5)
    turn = torch.stack([angle.cos(), -angle.sin(), angle.sin(), angle.cos()], 1).view(-1, 2, 2)
    shape = torch.zeros(count, 2, 2)
    shape[:, 0, 0], shape[:, 1, 1] = size * stretch * flip, size / stretch
    shape[:, 0, 1] = size * _spread(count, -0.15, 0.15) * _some(count, 0.5)
    slack = (1 - size).abs() + 0.08
    shift = _spread(2 * count, -1, 1).view(-1, 2) * slack[:, None]
    grid = functional.affine_grid(
        torch.cat([turn @ shape, shift[..., None]], 2), [count, 3, SIDE, SIDE], align_corners=False
    )
    waves = torch.randn(count, 2, 4, 4) * (_spread(count, 0, 0.06) * _some(count, 0.7)).view(-1, 1, 1, 1)
    rumpled = functional.interpolate(waves, size=(SIDE, SIDE), mode="bicubic", align_corners=True)
    grid = grid + rumpled.permute(0, 2, 3, 1)
    # What is drawn from outside the picture is 0, which must mean white.
    return 1 - functional.grid_sample(1 - pictures, grid, align_corners=False)


def _lit(pictures: torch.Tensor) -> torch.Tensor:
    """Another light on the garment, not on the white around it: exposure, contrast, warmth, a shadow, noise."""
    count = len(pictures)
    one = (count, 1, 1, 1)
    garment = ((1 - pictures.amin(1, keepdim=True)) / 0.06).clamp(0, 1)
    bend = 1 + _spread(count, -0.25, 0.25).view(one) * (1 - pictures)
    light = pictures * bend * _spread(count, 0.7, 1.18).view(one)
    grey = light.mean((1, 2, 3), keepdim=True)
    light = grey + (light - grey) * _spread(count, 0.85, 1.15).view(one)
    warmth = _spread(count, -0.08, 0.08).view(one) * torch.tensor([1.0, 0.0, -1.0]).view(1, 3, 1, 1)
    along = torch.linspace(-0.5, 0.5, SIDE)
    way = _spread(count, -math.pi, math.pi)
    slope = along.view(1, 1, SIDE) * way.cos().view(-1, 1, 1) + along.view(1, SIDE, 1) * way.sin().view(-1, 1, 1)
    shadow = 1 + slope[:, None] * _spread(count, 0, 0.35).view(one)
    noise = torch.randn(count, 1, SIDE, SIDE) * (_spread(count, 0, 0.03) * _some(count, 0.5)).view(one)
    return pictures.lerp((light * ((1 + warmth) * shadow + noise)).clamp(0, 1), garment)


def _coarse(pictures: torch.Tensor, share: float = 0.2) -> torch.Tensor:
    """Some of them as if they were small in the photo: blurred by shrinking and enlarging."""
    some = torch.rand(len(pictures)) < share
    if some.any():
        side = int(torch.randint(40, 100, ()))
        small = functional.interpolate(pictures[some], size=(side, side), mode="area")
        back = functional.interpolate(small, size=(SIDE, SIDE), mode="bilinear", align_corners=False)
        pictures = pictures.index_put((some,), back)
    return pictures


def _hidden(pictures: torch.Tensor, chance: float = 0.4) -> torch.Tensor:
    """A rectangle of some of them white or of some colour, as where an arm or another garment lies in front."""
    count = len(pictures)
    area, ratio = _spread(count, 0.02, 0.2) * _some(count, chance), _spread(count, -1, 1).exp()
    tall, wide = (area * ratio).sqrt() * SIDE / 2, (area / ratio).sqrt() * SIDE / 2
    x, y = torch.rand(2, count) * SIDE
    along = torch.arange(SIDE)
    rows = (along - y[:, None]).abs() < tall[:, None]
    columns = (along - x[:, None]).abs() < wide[:, None]
    colour = torch.where(torch.rand(count, 1) < 0.6, 1.0, torch.rand(count, 3)).view(count, 3, 1, 1)
    return torch.where((rows[:, :, None] & columns[:, None, :])[:, None], colour, pictures)


def varied(pictures: torch.Tensor) -> torch.Tensor:
    """(N, 3, WORKING, WORKING) uint8 garments on white -> (N, 3, SIDE, SIDE) float32 in 0..1, each seen otherwise."""
    parts = (cut_short(part.float() / 255) for part in pictures.split(AT_ONCE))
    return torch.cat([_hidden(_coarse(_lit(_moved(part)))) for part in parts])
