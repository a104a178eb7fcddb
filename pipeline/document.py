"""Results as the JSON documents that the command line promises."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from pipeline.types import Item, Match, MatchResult, Photo, Piece

if TYPE_CHECKING:
    from pipeline.index import Index
    from pipeline.matcher import Matcher


def match_document(photo: str, result: MatchResult, matcher: Matcher) -> dict[str, Any]:
    """One photo's result: boxes in pixels of the upright original, `area` as a share of the photo, 0..1."""
    source = result.cutout.photo
    return {
        "photo": photo,
        "size": list(source.full_size or source.size),
        "models": matcher.models,
        "pieces": [
            {
                "label": row.piece.label,
                "score": round(row.piece.score, 4),
                "box": full_size_box(row.piece, source),
                "area": round(row.piece.area, 6),
                "matches": matches_document(row.matches, matcher.index, matcher.embed.likeness),
            }
            for row in result.pieces
        ],
        "timings_ms": {stage: round(ms, 2) for stage, ms in result.timings.items()},
    }


def matches_document(
    matches: Sequence[Match], index: Index, likeness: Callable[[float], float | None]
) -> list[dict[str, Any]]:
    """Matches, nearest first, each with the path of its picture.

    likeness: what a cosine is worth, the share (0..1) of pairs at it that are of one category; None where unknown.
    """
    return [
        {
            "id": match.item.id,
            "image": str(shown_path(index.picture(match.item))),
            "category": match.item.category,
            "title": match.item.title,
            "similarity": round(match.similarity, 4),
            "likeness": _rounded(likeness(match.similarity)),
        }
        for match in matches
    ]


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)


def item_document(item: Item, index: Index) -> dict[str, Any]:
    """All that the catalogue knows of an item."""
    return {
        "id": item.id,
        "image": str(shown_path(index.picture(item))),
        "category": item.category,
        "colour": item.colour,
        "title": item.title,
        "price": item.price,
        "url": item.url,
        "attributes": dict(item.attributes),
        "predicted": list(item.predicted),
        "box": list(item.box) if item.box else None,
    }


def index_document(index: Index) -> dict[str, Any]:
    """What an index says of itself: how many items of which categories, and what embedded them."""
    manifest = index.manifest
    return {
        "items": len(index),
        "embedder": manifest.embedder,
        "dimension": manifest.dimension,
        "index_type": manifest.index_type,
        "categories": dict(index.facets.categories),
    }


def shown_path(path: Path) -> Path:
    """The path relative to the working directory where it lies below it."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def full_size_box(piece: Piece, photo: Photo) -> list[float]:
    """The piece's xyxy box in pixels of the upright original."""
    full = photo.full_size or photo.size
    scale = (full[0] / photo.size[0], full[1] / photo.size[1])
    return [round(edge * scale[n % 2], 1) for n, edge in enumerate(piece.box)]


def save_masks(stem: str, result: MatchResult, folder: Path) -> list[Path]:
    """Write each piece's mask as an 8-bit PNG (255 = piece) at the size of the upright original."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for n, row in enumerate(result.pieces, 1):
        path = folder / f"{stem}-{n}-{row.piece.label}.png"
        mask = np.where(row.piece.mask, 255, 0).astype(np.uint8)
        _at_full_size(Image.fromarray(mask), result.cutout.photo).point(lambda v: 255 if v >= 128 else 0).save(path)
        paths.append(path)
    return paths


def save_cutout(stem: str, result: MatchResult, folder: Path) -> Path:
    """Write the cut-out as an RGBA PNG at the size of the upright original."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{stem}-cutout.png"
    _at_full_size(Image.fromarray(result.cutout.rgba), result.cutout.photo).save(path)
    return path


def _at_full_size(image: Image.Image, photo: Photo) -> Image.Image:
    full = photo.full_size or photo.size
    return image if image.size == full else image.resize(full, Image.Resampling.BILINEAR)
