"""What crosses a boundary between two stages: frozen, and checked when made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

WHITE = 255


def _require(ok: bool, what: str, expected: str, actual: object) -> None:
    if not ok:
        raise ValueError(f"{what}: expected {expected}, got {actual}")


def _describe(array: np.ndarray) -> str:
    return f"shape {array.shape} of {array.dtype}"


def mask_box(mask: np.ndarray) -> tuple[int, int, int, int] | None:
    """Tight xyxy box (x1, y1 exclusive) of the true pixels of an (H, W) mask; None where there are none."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def square_on_white(rgb: np.ndarray, alpha: np.ndarray, margin: float = 0.06) -> np.ndarray:
    """The foreground, centred on a white square: the form of every picture that is embedded.

    Args:
        rgb: (H, W, 3) uint8.
        alpha: (H, W) uint8, 255 = foreground.
        margin: white border on each side, as a share of the longer side of the foreground's box.

    Returns:
        (S, S, 3) uint8, S = the longer side with both margins. An alpha without foreground
        (nothing at 50% or above) gives the whole picture on a square.
    """
    box = mask_box(alpha >= 128)
    if box is None:
        box, alpha = (0, 0, rgb.shape[1], rgb.shape[0]), np.full(rgb.shape[:2], 255, np.uint8)
    x0, y0, x1, y1 = box
    weight = alpha[y0:y1, x0:x1, None].astype(np.float32) / 255
    blended = rgb[y0:y1, x0:x1] * weight + WHITE * (1 - weight)
    height, width = y1 - y0, x1 - x0
    side = max(height, width) + 2 * round(margin * max(height, width))
    square = np.full((side, side, 3), WHITE, np.uint8)
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = np.rint(blended).astype(np.uint8)
    return square


@dataclass(frozen=True, eq=False)
class Photo:
    """A decoded picture: (H, W, 3) uint8, RGB, upright, its long side bounded.

    full_size: (width, height) of the upright original, from which `pixels` may have been scaled down;
    None means that nothing was scaled.
    """

    pixels: np.ndarray
    full_size: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        p = self.pixels
        ok = p.ndim == 3 and p.shape[2] == 3 and p.dtype == np.uint8 and p.size > 0
        _require(ok, "Photo.pixels", "a non-empty (H, W, 3) array of uint8", _describe(p))
        if self.full_size is None:
            object.__setattr__(self, "full_size", self.size)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of `pixels`."""
        return self.pixels.shape[1], self.pixels.shape[0]


@dataclass(frozen=True, eq=False)
class Cutout:
    """A photo and how much each pixel belongs to the foreground: alpha (H, W) uint8, 255 = foreground."""

    photo: Photo
    alpha: np.ndarray

    def __post_init__(self) -> None:
        expected = self.photo.pixels.shape[:2]
        ok = self.alpha.shape == expected and self.alpha.dtype == np.uint8
        _require(ok, "Cutout.alpha", f"{expected} of uint8", _describe(self.alpha))

    @property
    def rgba(self) -> np.ndarray:
        """(H, W, 4) uint8."""
        return np.dstack([self.photo.pixels, self.alpha])


@dataclass(frozen=True, eq=False)
class Piece:
    """One piece of clothing in a photo.

    label: one of the detector's kinds; score: 0..1; box: xyxy in photo pixels;
    mask: (H, W) bool at the photo's size. drawn: somebody drew the box; nothing was detected there.
    alone: it is all that its figure in the cut-out shows, a garment lying or hanging.
    opinion: the detector's confidence (0 and above) in each of `pipeline.kinds.KINDS`; empty where it is not known.
    """

    label: str
    score: float
    box: tuple[float, float, float, float]
    mask: np.ndarray
    drawn: bool = False
    alone: bool = False
    opinion: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        _require(self.mask.ndim == 2 and self.mask.dtype == bool, "Piece.mask", "(H, W) of bool", _describe(self.mask))
        _require(0 <= self.score <= 1, "Piece.score", "0..1", self.score)
        x0, y0, x1, y1 = self.box
        _require(x0 <= x1 and y0 <= y1, "Piece.box", "x0 <= x1 and y0 <= y1", self.box)

    @property
    def area(self) -> float:
        """Share of the photo that the mask covers, 0..1."""
        return float(self.mask.mean())

    def crop(self, cutout: Cutout) -> np.ndarray:
        """The piece on a white square, (S, S, 3) uint8, as the catalogue's pictures are.

        Of a garment alone, what the cut-out doubts is fainter: a patch of the floor, a shadow.
        """
        height, width = self.mask.shape
        x0, y0, x1, y1 = mask_box(self.mask) or (0, 0, width, height)
        alpha = cutout.alpha[y0:y1, x0:x1] if self.alone else np.uint8(255)
        alpha = np.where(self.mask[y0:y1, x0:x1], alpha, np.uint8(0))
        return square_on_white(cutout.photo.pixels[y0:y1, x0:x1], alpha)


@dataclass(frozen=True, eq=False)
class Look:
    """Everything about a photo that does not depend on how it is searched: made once, searched many times.

    crops: one (S, S, 3) uint8 a piece; embeddings: (N, D) float32, a row a piece; timings: milliseconds by stage.
    """

    cutout: Cutout
    pieces: tuple[Piece, ...]
    crops: tuple[np.ndarray, ...]
    embeddings: np.ndarray
    timings: Mapping[str, float]

    def only(self, places: Sequence[int]) -> Look:
        """The look with the pieces at these places alone."""
        return replace(
            self,
            pieces=tuple(self.pieces[n] for n in places),
            crops=tuple(self.crops[n] for n in places),
            embeddings=self.embeddings[list(places)],
        )

    def renamed(self, place: int, label: str) -> Look:
        """The look with another kind for the piece at that place."""
        pieces = list(self.pieces)
        pieces[place] = replace(pieces[place], label=label)
        return replace(self, pieces=tuple(pieces))


@dataclass(frozen=True)
class Item:
    """One article of the catalogue.

    image: path relative to the catalogue's picture folder.
    kind: kind of piece that it is found as; empty means the one that its category belongs to.
    predicted: names of the fields ("category", "colour") that were measured from the picture, not stated.
    box: xyxy in pixels of the upright picture where the picture shows other garments, too; None for all of it.
    """

    id: str
    image: str
    category: str
    colour: str = ""
    title: str = ""
    price: float | None = None
    url: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    kind: str = ""
    predicted: tuple[str, ...] = ()
    box: tuple[int, int, int, int] | None = None


@dataclass(frozen=True)
class Filters:
    """What items must be like, in any case of letters; what is left empty says nothing.

    categories, colours: one of these. min_price, max_price: inclusive; an item without a price is in no range.
    attributes: pairs of a name and a value; several values of one name are alternatives, different names all hold.
    """

    categories: tuple[str, ...] = ()
    colours: tuple[str, ...] = ()
    min_price: float | None = None
    max_price: float | None = None
    attributes: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        return self != Filters()


@dataclass(frozen=True)
class Match:
    """An item and how like the query it is: cosine similarity, -1..1; alike: near-duplicates put away under it."""

    item: Item
    similarity: float
    alike: tuple[Item, ...] = ()


@dataclass(frozen=True, eq=False)
class PieceMatches:
    """A piece, the (S, S, 3) uint8 crop it was embedded from, and its matches, nearest first."""

    piece: Piece
    crop: np.ndarray
    matches: tuple[Match, ...]


@dataclass(frozen=True, eq=False)
class MatchResult:
    """What the whole chain says of one photo; no garment found is an empty `pieces`.

    timings: milliseconds of each stage, by the stage's name.
    """

    cutout: Cutout
    pieces: tuple[PieceMatches, ...]
    timings: Mapping[str, float]
