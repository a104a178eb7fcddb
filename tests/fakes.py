"""Small stand-ins for the models: they compute something simple and true of the picture, fast and offline."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from pipeline.index import Index, publish
from pipeline.matcher import Matcher
from pipeline.settings import Settings
from pipeline.types import Cutout, Item, Photo, Piece, mask_box

COLOURS = {"red": (200, 30, 40), "green": (30, 150, 60), "blue": (40, 60, 200), "yellow": (230, 200, 40)}
KIND_OF_COLOUR = {"red": "top", "green": "skirt", "blue": "trousers", "yellow": "bag"}
CATEGORY_OF_KIND = {"top": "t-shirt", "skirt": "skirt", "trousers": "jeans", "bag": "bag"}


class FakeRemover:
    """Everything that is not nearly white is foreground."""

    name = "fake-cutout"

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, photo: Photo) -> Cutout:
        self.calls += 1
        return Cutout(photo, np.where(photo.pixels.min(axis=2) < 230, 255, 0).astype(np.uint8))


class FakeFinder:
    """Every one of the four colours is a piece of its own kind."""

    name = "fake-pieces"

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, cutout: Cutout, min_score: float) -> tuple[Piece, ...]:
        self.calls += 1
        pieces = []
        for rank, (colour, rgb) in enumerate(COLOURS.items()):
            mask = np.abs(cutout.photo.pixels.astype(int) - rgb).max(axis=2) < 40
            score = 0.95 - 0.1 * rank
            box = mask_box(mask)
            if box and mask.sum() > 50 and score >= min_score:
                pieces.append(Piece(KIND_OF_COLOUR[colour], score, box, mask))
        return tuple(pieces)


class FakeEmbedder:
    """The mean colour of what is not white, as a direction; a word is the direction of its colour."""

    name = "fake-embeddings"
    dimension = 8
    none_below = 0.3
    none_below_words = 0.5
    calibrated = True
    read_kinds = None
    # All items of one colour look the same here, and are different articles.
    same_above = 2.0

    def __init__(self) -> None:
        self.calls = 0

    def embed_pictures(self, crops: Sequence[np.ndarray]) -> np.ndarray:
        self.calls += 1
        return self._unit([crop[crop.min(axis=2) < 230].mean(axis=0) for crop in crops])

    def likeness(self, cosine: float) -> float:
        return max(cosine, 0.0)

    likeness_of_words = likeness

    def embed_words(self, texts: Sequence[str]) -> np.ndarray:
        colours = [[rgb for word, rgb in COLOURS.items() if word in text] or [(1, 1, 1)] for text in texts]
        return self._unit([np.mean(c, axis=0) for c in colours])

    def _unit(self, colours: list[np.ndarray]) -> np.ndarray:
        rows = np.zeros((len(colours), self.dimension), np.float32)
        for row, colour in zip(rows, colours, strict=True):
            row[:3] = np.asarray(colour) - 110
            row[:3] /= np.linalg.norm(row[:3])
        return rows


def photo_of_pieces(size: tuple[int, int] = (240, 320)) -> Image.Image:
    """A figure on white made of a red top, a green skirt and a yellow bag; width x height as given."""
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    w, h = size
    draw.rectangle((w * 0.3, h * 0.15, w * 0.7, h * 0.5), fill=COLOURS["red"])
    draw.rectangle((w * 0.3, h * 0.5, w * 0.7, h * 0.9), fill=COLOURS["green"])
    draw.rectangle((w * 0.75, h * 0.5, w * 0.92, h * 0.65), fill=COLOURS["yellow"])
    return image


def write_catalogue(pictures: Path) -> list[Item]:
    """Ten items a colour, each a plain square picture of nearly that colour, in `pictures`."""
    items = []
    for colour, rgb in COLOURS.items():
        kind = KIND_OF_COLOUR[colour]
        for n in range(10):
            name = f"{colour}-{n}.png"
            canvas = Image.new("RGB", (64, 64), "white")
            canvas.paste(tuple(min(c + 2 * n, 225) for c in rgb), (8, 8, 56, 56))
            canvas.save(pictures / name)
            title = f"{colour.title()} {CATEGORY_OF_KIND[kind]} no. {n}"
            items.append(Item(f"{colour}-{n}", name, CATEGORY_OF_KIND[kind], colour, title, 10.0 + n))
    return items


def fake_index(folder: Path) -> Path:
    """A published index of `write_catalogue`'s items, made with `FakeEmbedder`."""
    pictures = folder / "pictures"
    pictures.mkdir(parents=True)
    items = write_catalogue(pictures)
    crops = [np.asarray(Image.open(pictures / item.image)) for item in items]
    publish(folder / "index", items, FakeEmbedder().embed_pictures(crops), FakeEmbedder.name, pictures)
    return folder / "index"


def make_fake_matcher(folder: Path) -> Matcher:
    """A matcher of fake stages over a small real index, which is made in `folder`."""
    index = fake_index(folder)
    return Matcher(
        FakeRemover(),  # type: ignore[arg-type]
        FakeFinder(),  # type: ignore[arg-type]
        FakeEmbedder(),  # type: ignore[arg-type]
        Index.open(index, FakeEmbedder.name),
        Settings(index=index),
    )
