"""Photos -> every piece in them, each small enough that hundreds of photos fit into memory."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from pipeline.catalogue.predicting import predict_categories, votes_in
from pipeline.colours import colour_name, colour_shares, in_full_light, swatches
from pipeline.errors import UnreadablePhoto
from pipeline.photo import Source
from pipeline.types import Look

if TYPE_CHECKING:
    from pipeline.matcher import Matcher

Steps = Callable[[Source], Iterator[object]]

# Long side in pixels of what is kept of a piece to be shown.
THUMB_SIDE = 240
_GREY = (128, 128, 128)


@dataclass(frozen=True, eq=False)
class Sighting:
    """A piece as one photo shows it.

    photo: the photo's name; place: where it was in the row of photos, from 0. number: of the piece in the photo, from
    1. kind, score: the segmenter's, 0..1.
    category: "" until `named` has seen it. colour: its word; shade: sRGB of its leading colour, 0..255.
    vector: (D,) float32 of unit length. thumb: the crop on white as a WebP file.
    """

    photo: str
    place: int
    number: int
    kind: str
    score: float
    colour: str
    shade: tuple[int, ...]
    vector: np.ndarray
    thumb: bytes
    category: str = ""


@dataclass(frozen=True, eq=False)
class Seen:
    """What was seen of one photo; problem: the sentence to say if it cannot be read."""

    photo: str
    sightings: tuple[Sighting, ...] = ()
    problem: str = ""


def look_through(
    photos: Iterable[tuple[str, Source]], steps: Steps, cancelled: Callable[[], bool] = lambda: False
) -> Iterator[Seen]:
    """Look at photos one after the other; only one of them is in memory at a time.

    Args:
        photos: names and what `read_photo` takes. steps: a matcher's `steps`, the Look being the last.
        cancelled: asked after every step; the photo that is being looked at is left out then, and the rest.

    Raises:
        PipelineError: what `steps` raises, but for photos that cannot be read.
    """
    for place, (name, source) in enumerate(photos):
        look = None
        try:
            for step in steps(source):
                if cancelled():
                    return
                look = step
        except UnreadablePhoto as error:
            yield Seen(name, problem=str(error))
            continue
        assert isinstance(look, Look)
        yield Seen(name, _sightings(name, place, look))


def named(sightings: Sequence[Sighting], matcher: Matcher) -> tuple[Sighting, ...]:
    """The sightings with their categories, in the catalogue's own words where its items have some."""
    if not sightings:
        return ()
    vectors = np.stack([sighting.vector for sighting in sightings])
    labels = [sighting.kind for sighting in sightings]
    categories = predict_categories(vectors, labels, votes_in(matcher.index, vectors), matcher.embed)
    return tuple(replace(one, category=category) for one, category in zip(sightings, categories, strict=True))


def _sightings(name: str, place: int, look: Look) -> tuple[Sighting, ...]:
    photo = look.cutout.photo.pixels
    lit = in_full_light(photo)
    found = []
    for number, (piece, crop, vector) in enumerate(zip(look.pieces, look.crops, look.embeddings, strict=True), 1):
        colour = colour_name(colour_shares(lit, piece.mask))
        leading = swatches(photo, piece.mask, least=0.01)
        shade = leading.get(colour) or next(iter(leading.values()), _GREY)
        found.append(Sighting(name, place, number, piece.label, piece.score, colour, shade, vector, _thumb(crop)))
    return tuple(found)


def _thumb(crop: np.ndarray) -> bytes:
    image = Image.fromarray(crop)
    image.thumbnail((THUMB_SIDE, THUMB_SIDE), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=85, method=0)
    return buffer.getvalue()
