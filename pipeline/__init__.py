"""Find the pieces of clothing in a photo and their nearest matches in a catalogue.

    photo -> cutout -> pieces -> embeddings -> matches
             rembg     YOLOv8n-seg  open_clip   Faiss

`Matcher.load().match("photo.jpg")` is the whole chain; each stage is one module of the same name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline import environment
from pipeline.settings import Settings
from pipeline.types import Cutout, Item, Match, MatchResult, Photo, Piece, PieceMatches

if TYPE_CHECKING:
    from pipeline.matcher import Matcher

environment.prepare()

__all__ = ["Cutout", "Item", "Match", "MatchResult", "Matcher", "Photo", "Piece", "PieceMatches", "Settings"]


def __getattr__(name: str) -> Any:
    """`Matcher` brings the model libraries with it, so it is imported when it is first asked for."""
    if name == "Matcher":
        from pipeline.matcher import Matcher

        return Matcher
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
