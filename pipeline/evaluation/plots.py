"""Plots as SVG for an HTML page, in the page's own colours: what is black or grey follows light and dark."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from html import escape
from itertools import count
from typing import Any

import numpy as np

# Stand for the page's variables until the SVG is written; no plot has these colours by chance.
_INK, _LINE = "#010203", "#040506"
_PAGE_COLOURS = {_INK: "var(--ink)", _LINE: "var(--line)"}
# Readable on white and on nearly black; told apart by most people who do not see all colours.
COLOURS = ("#3b7dd8", "#d9662b", "#2a9d6f", "#b0569f", "#a8871c", "#4aa3b8", "#c8505f", "#7c7fd0")
_STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "report",
    "font.size": 9.5,
    "text.color": _INK,
    "axes.labelcolor": _INK,
    "axes.titlesize": 10,
    "axes.edgecolor": _LINE,
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": _LINE,
    "grid.linewidth": 0.7,
    "xtick.color": _LINE,
    "ytick.color": _LINE,
    "xtick.labelcolor": _INK,
    "ytick.labelcolor": _INK,
    "figure.facecolor": "none",
    "legend.frameon": False,
}
_numbers = count(1)


@contextmanager
def drawing(width: float, height: float) -> Iterator[Any]:
    """A matplotlib Figure of that size in inches, and the style of the page for all that is drawn meanwhile."""
    import matplotlib
    from cycler import cycler
    from matplotlib.figure import Figure

    with matplotlib.rc_context(_STYLE | {"axes.prop_cycle": cycler(color=COLOURS)}):
        yield Figure(figsize=(width, height), layout="constrained")


def svg(figure: Any, title: str) -> str:
    """An <svg> element to be put into a page that has the variables --ink and --line; title: for who cannot see it."""
    import matplotlib

    buffer = io.StringIO()
    with matplotlib.rc_context(_STYLE):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    drawn = re.sub(r"<metadata>.*?</metadata>", "", buffer.getvalue(), flags=re.DOTALL)
    drawn = drawn[drawn.index("<svg") :]
    for colour, variable in _PAGE_COLOURS.items():
        drawn = drawn.replace(colour, variable)
    # A page has one element of each id.
    prefix = f"plot{next(_numbers)}-"
    drawn = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{prefix}", drawn)
    return drawn.replace("<svg ", f'<svg role="img" aria-label="{escape(title)}" ', 1)


def lines(
    curves: Mapping[str, tuple[Sequence[float] | np.ndarray, Sequence[float] | np.ndarray]], x: str, y: str
) -> Any:
    """Curves in the unit square, each under its name: (xs, ys)."""
    with drawing(6.6, 4.2) as figure:
        axes = figure.subplots()
        for place, (name, (xs, ys)) in enumerate(curves.items()):
            dashes = ("-", "--", ":")[place // len(COLOURS) % 3]
            axes.plot(xs, ys, linewidth=1.6, linestyle=dashes, label=name)
        axes.set(xlabel=x, ylabel=y, xlim=(0, 1), ylim=(0, 1.02))
        figure.legend(*axes.get_legend_handles_labels(), loc="outside right upper")
    return figure


def bars(values: Mapping[str, float], x: str) -> Any:
    """Shares (0..1) as lying bars, the first on top, each with its value."""
    with drawing(6.6, 0.9 + 0.26 * len(values)) as figure:
        axes = figure.subplots()
        drawn = axes.barh(list(values), list(values.values()), height=0.68)
        axes.bar_label(drawn, fmt="%.2f", padding=4)
        axes.set(xlabel=x, xlim=(0, 1.08))
        axes.grid(axis="y", visible=False)
        axes.invert_yaxis()
    return figure


def confusion(table: np.ndarray, rows: Sequence[str], columns: Sequence[str], x: str, y: str) -> Any:
    """(R, C) counts, each cell as dark as its share of the row; zeros are left blank."""
    with drawing(2.4 + 0.42 * len(columns), 1.8 + 0.36 * len(rows)) as figure:
        axes = figure.subplots()
        shares = table / np.maximum(1, table.sum(axis=1, keepdims=True))
        red, green, blue = (int(COLOURS[0][i : i + 2], 16) / 255 for i in (1, 3, 5))
        colours = np.empty((*table.shape, 4))
        colours[...] = (red, green, blue, 0)
        colours[..., 3] = shares
        axes.pcolormesh(colours, edgecolors="none")
        axes.set_xticks(np.arange(len(columns)) + 0.5, columns, rotation=90)
        axes.set_yticks(np.arange(len(rows)) + 0.5, rows)
        axes.set(xlabel=x, ylabel=y)
        axes.tick_params(length=0)
        axes.grid(visible=False)
        axes.invert_yaxis()
        for (row, column), number in np.ndenumerate(table):
            if number:
                ink = {"color": "white"} if shares[row, column] > 0.6 else {}
                axes.text(column + 0.5, row + 0.5, f"{number:,}", ha="center", va="center", fontsize=8, **ink)
    return figure
