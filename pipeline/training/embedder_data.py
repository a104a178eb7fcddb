"""Garments that the embedder learns from, all in the form in which the product embeds them."""

import csv
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from torch.utils.data import Dataset
from torchvision.transforms import v2
from tqdm import tqdm

from pipeline.kinds import KIND_OF_CATEGORY
from pipeline.towers import SIDE
from pipeline.training.colours import colour_name, colour_shares, colour_word
from pipeline.training.datasets import held_out, read_garments, read_rgb, read_streets
from pipeline.training.grabcut import GARMENT_SIDE, cached_mask
from pipeline.training.matte_export import CutoutModel
from pipeline.types import square_on_white

STORED = 192
# Views are cut out of pictures already shrunk to this: half of the augmentation's time was spent on the rest.
WORKING = 144
# Street garments below this share of the photo are too small to learn from.
LEAST_STREET = 0.004
# Clothing-dataset labels wider than the category they map to: only the kind may be believed.
WIDE_LABELS = ("Longsleeve", "Outwear")


@dataclass(frozen=True)
class Piece:
    """One picture of one garment.

    rgb: (STORED, STORED, 3) uint8, on white; category: '' where only the kind is known; shares: (len(COLOURS),)
    float32; source: home, street or catalogue; garment: pictures of one garment share it; label: as the source has it.
    """

    rgb: np.ndarray
    category: str
    kind: str
    colour: str
    shares: np.ndarray
    pattern: str
    source: str
    garment: str
    label: str
    held_out: bool


def _stored(rgb: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    return cv2.resize(square_on_white(rgb, alpha), (STORED, STORED), interpolation=cv2.INTER_AREA)


def home_pieces(data: Path, cache: Path, cutout: CutoutModel) -> list[Piece]:
    """Every picture of the clothing dataset, cut out by a sure GrabCut mask or else by the bundled cut-out model."""
    pieces = []
    for garment in tqdm(read_garments(data), desc="garments at home", mininterval=5):
        rgb = read_rgb(garment.path, GARMENT_SIDE)
        # A sure GrabCut mask costs nothing and is sharper; held-out pictures are cut as the product cuts them.
        sure = None if garment.held_out else cached_mask(garment.path, cache)
        alpha = cutout.cached_alpha(garment.path, rgb, cache) if sure is None else sure.astype(np.uint8) * 255
        shares = colour_shares(rgb, alpha >= 128)
        category = "" if garment.label in WIDE_LABELS else garment.category
        pieces.append(Piece(
            _stored(rgb, alpha), category, garment.kind, colour_name(shares), shares, "", "home",
            f"home {garment.stem}", garment.label, garment.held_out,
        ))  # fmt: skip
    return pieces


def street_pieces(data: Path, cache: Path) -> list[Piece]:
    """Every garment of the street photos, cut out by its labels."""
    pieces = []
    for street in tqdm(read_streets(data, cache, "all"), desc="street garments", mininterval=5):
        for category, mask in street.categories():
            if mask.mean() < LEAST_STREET:
                continue
            shares = colour_shares(street.rgb, mask)
            pieces.append(Piece(
                _stored(street.rgb, np.where(mask, 255, 0).astype(np.uint8)), category, KIND_OF_CATEGORY[category],
                colour_name(shares), shares, "", "street", f"street {street.stem} {category}", category,
                held_out(f"photo {street.stem}"),
            ))  # fmt: skip
    return pieces


def catalogue_pieces(catalogue: Path) -> list[Piece]:
    """The rendered articles of a catalogue folder with items.csv; none where there is no such folder."""
    if not (catalogue / "items.csv").exists():
        return []
    with (catalogue / "items.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    pieces = []
    for row in rows:
        path = catalogue / row["image"]
        if row["category"] not in KIND_OF_CATEGORY or not path.exists():
            continue
        rgb = read_rgb(path)
        mask = rgb.min(axis=2) < 245
        shares = colour_shares(rgb, mask)
        colour = colour_word(row["colour"]) or colour_name(shares)
        pieces.append(Piece(
            _stored(rgb, np.where(mask, 255, 0).astype(np.uint8)), row["category"], KIND_OF_CATEGORY[row["category"]],
            colour, shares, row.get("pattern", ""), "catalogue", f"catalogue {row['id']}", row["category"], False,
        ))  # fmt: skip
    return pieces


def all_pieces(data: Path, cache: Path, cutout: CutoutModel, catalogue: Path) -> list[Piece]:
    """Home, street and catalogue garments; the first two are kept in `cache` under the cut-out model's checksum."""
    kept = cache / f"pieces-{cutout.mark}.npz"
    if not kept.exists():
        made = home_pieces(data, cache, cutout) + street_pieces(data, cache)
        words = [[p.category, p.kind, p.colour, p.pattern, p.source, p.garment, p.label] for p in made]
        np.savez(
            kept, rgb=np.stack([p.rgb for p in made]), words=np.array(words), shares=np.stack([p.shares for p in made]),
            held_out=np.array([p.held_out for p in made]),
        )  # fmt: skip
    with np.load(kept) as file:
        columns = (file["rgb"], file["words"], file["shares"], file["held_out"])
    pieces = [
        Piece(rgb, w[0], w[1], w[2], shares, w[3], w[4], w[5], w[6], bool(out))
        for rgb, w, shares, out in zip(*columns, strict=True)
    ]
    return pieces + catalogue_pieces(catalogue)


def to_tensor(pieces: list[Piece]) -> torch.Tensor:
    """(N, 3, SIDE, SIDE) float32 in 0..1 without augmentation, as the runtime's transform prepares them."""
    resize = v2.Resize((SIDE, SIDE), interpolation=v2.InterpolationMode.BICUBIC, antialias=True)
    stacked = torch.from_numpy(np.stack([p.rgb for p in pieces])).permute(0, 3, 1, 2)
    return torch.cat([resize(part) for part in stacked.split(64)]).float() / 255


class Views(Dataset):
    """Two augmented views of each garment: (2, 3, SIDE, SIDE) float32 in 0..1, and the garment's place.

    Hue is never changed, since colour is part of what a match means.
    """

    def __init__(self, pieces: list[Piece]) -> None:
        self.pieces = pieces
        self.pictures = [cv2.resize(p.rgb, (WORKING, WORKING), interpolation=cv2.INTER_AREA) for p in pieces]
        self.change = v2.Compose([
            v2.RandomHorizontalFlip(),
            v2.RandomApply([v2.RandomAffine(degrees=12, shear=8, fill=255)], 0.5),
            v2.RandomResizedCrop(SIDE, scale=(0.62, 1.0), ratio=(0.8, 1.25), antialias=False),
            v2.ColorJitter(brightness=0.15, contrast=0.12),
            v2.RandomErasing(0.2, scale=(0.02, 0.12), value=255),
        ])  # fmt: skip

    def __len__(self) -> int:
        return len(self.pieces)

    def __getitem__(self, place: int) -> tuple[torch.Tensor, int]:
        picture = torch.from_numpy(self.pictures[place]).permute(2, 0, 1)
        return torch.stack([self.change(picture), self.change(picture)]).float() / 255, place
