"""A layout as the data that the viewer (`viewer.js`) draws: columns of numbers, groups with colours, clusters."""

from __future__ import annotations

import colorsys
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from pipeline.colours import PALETTE, colour_word
from pipeline.fashionmap.clusters import Cluster
from pipeline.fashionmap.layout import Layout
from pipeline.fashionmap.points import Points
from pipeline.fashionmap.sprites import Sheets
from pipeline.types import Item

GROUPINGS = ("category", "colour")
_UNNAMED, _UNKNOWN = "", "#9a948b"
# Turning by the golden angle keeps neighbouring colours apart, however many there are.
_GOLDEN_ANGLE = 0.381966

Say = Callable[[str], str]


def map_document(
    points: Points, layout: Layout, clusters: Sequence[Cluster], sheets: Sequence[str], say: Say = str
) -> dict[str, Any]:
    """Everything that the viewer needs.

    Args:
        sheets: addresses of the thumbnails' sheets. say: the words of categories and colours as they are shown.
    """
    sprites = Sheets.of(len(points))
    return {
        "ids": [item.id for item in points.items],
        "titles": [title_of(item) for item in points.items],
        "free": _rounded(layout.places),
        "grid": layout.cells.tolist(),
        "groups": {name: _grouped(points.items, name, say) for name in GROUPINGS},
        "clusters": [
            {
                "name": " · ".join(say(word) for word in cluster.name.split()),
                "size": len(cluster.members),
                # The upper edge of the crowd, above which its name stands.
                "free": _rounded(np.quantile(layout.places[list(cluster.members)], (0.5, 0.05), axis=0).diagonal()),
                "grid": np.median(layout.cells[list(cluster.members)], axis=0).tolist(),
            }
            for cluster in clusters
        ],
        "sprites": {"side": sprites.side, "across": sprites.across, "sheets": list(sheets)},
    }


def title_of(item: Item) -> str:
    """What an item is called; one without a title goes by its colour and category."""
    return item.title or f"{item.colour} {item.category}".strip() or item.id


def groups_of(items: Sequence[Item], grouping: str) -> list[tuple[str, int, str]]:
    """The values of a grouping, the most frequent first: each with its number of items and its CSS colour."""
    counts = Counter(getattr(item, grouping) for item in items)
    ordered = sorted(counts, key=lambda value: (value == _UNNAMED, -counts[value], value))
    colour = _colour_of if grouping == "colour" else lambda value, place: _spread(place)
    return [
        (value, counts[value], _UNKNOWN if value == _UNNAMED else colour(value, place))
        for place, value in enumerate(ordered)
    ]


def _grouped(items: Sequence[Item], grouping: str, say: Say) -> dict[str, Any]:
    groups = groups_of(items, grouping)
    number = {value: n for n, (value, *_) in enumerate(groups)}
    return {
        "names": [say(value) if value else "" for value, *_ in groups],
        "counts": [count for _, count, _ in groups],
        "colours": [colour for *_, colour in groups],
        "of": [number[getattr(item, grouping)] for item in items],
    }


def _colour_of(value: str, place: int) -> str:
    """A colour's own colour; a grey where the word is none of ours."""
    middles = PALETTE.get(colour_word(value))
    return _UNKNOWN if middles is None else "#{:02x}{:02x}{:02x}".format(*middles[0])


def _spread(place: int) -> str:
    """A colour for the group of that place, from 0, unlike those of its neighbours."""
    hue, darkness = (place * _GOLDEN_ANGLE + 0.42) % 1, (0.52, 0.4, 0.62)[place % 3]
    rgb = colorsys.hls_to_rgb(hue, darkness, 0.55)
    return "#{:02x}{:02x}{:02x}".format(*(round(255 * channel) for channel in rgb))


def _rounded(places: np.ndarray) -> list[Any]:
    return np.round(places.astype(np.float64), 4).tolist()
