"""The viewer's sentences, in English; the page translates them."""

from __future__ import annotations

from pipeline.fashionmap.projection import METHODS

NAMES_OF_METHODS = dict(zip(METHODS, ("t-SNE", "UMAP"), strict=True))

WORDS = {
    "arranged": "Arranged",
    "free": "Freely",
    "grid": "On a grid",
    "coloured": "Coloured by",
    "nothing": "nothing",
    "category": "category",
    "colour": "colour",
    "nearer": "Zoom in",
    "farther": "Zoom out",
    "fit": "Show all of it",
    "unnamed": "not stated",
    "hint": (
        "Drag to move, scroll or pinch to zoom, click an item to open it. With the keyboard: arrow keys go from item "
        "to item, Enter opens, plus and minus zoom, 0 shows all of it."
    ),
    "canvas": "Map of the items: arrow keys go from item to item, Enter opens",
}
