"""Tables, plots and pictures -> DIR/index.html, one self-contained page, and DIR/figures.json, the same for programs.

report = Report("Retrieval", "Garments asked for among all others.", {"Data": "2 sets"}, document)
section = report.section("By category", "The worst first.")
section.table([Column("category"), Column("P@1", "figure")], [["dress", 0.71]])
with drawing(6, 3) as figure:
    figure.subplots().plot([0, 1], [0, 1])
section.plot(figure, "Precision against recall.")
section.pictures([Picture(rgb, "dress, taken for a skirt")])
report.write(folder)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple

import jinja2
import numpy as np
from markupsafe import Markup

from pipeline.draw import data_url
from pipeline.errors import UsageError
from pipeline.evaluation.plots import svg
from pipeline.training.exporting import write_json

PAGE, FIGURES = "index.html", "figures.json"
PICTURE_SIDE = 320
# What stands where a figure could not be measured.
NOTHING = "–"

Form = Literal["text", "count", "figure", "percent"]


class Interval(NamedTuple):
    """A figure and the bounds that it was found to lie between."""

    value: float
    low: float
    high: float


Cell = str | int | float | Interval | None


@dataclass(frozen=True)
class Column:
    """A column of a table and how its cells are written: 1,234 (count), 0.463 (figure), 46.3% (percent) or text.

    An Interval is written with its bounds, None as a dash.
    """

    name: str
    form: Form = "text"

    def written(self, cell: Cell) -> str:
        """The cell as the page shows it."""
        if cell is None:
            return NOTHING
        if isinstance(cell, Interval):
            return f"{self._one(cell.value)} ({self._one(cell.low)} to {self._one(cell.high)})"
        return self._one(cell)

    def _one(self, cell: str | int | float) -> str:
        if isinstance(cell, str) or self.form == "text":
            return str(cell)
        return {"count": f"{cell:,.0f}", "figure": f"{cell:.3f}", "percent": f"{cell:.1%}"}[self.form]


@dataclass(frozen=True, eq=False)
class Picture:
    """pixels: (H, W, 3) uint8 RGB; caption: what it shows, which is what somebody who cannot see it hears, too."""

    pixels: np.ndarray
    caption: str


@dataclass(frozen=True)
class Section:
    """A heading, a sentence or two, and below it what was added, in that order."""

    title: str
    text: str = ""
    parts: list[dict[str, Any]] = field(default_factory=list)

    def table(self, columns: Sequence[Column], rows: Sequence[Sequence[Cell]], caption: str = "") -> None:
        """Add a table; every row has a cell for each column."""
        written = [[c.written(cell) for c, cell in zip(columns, row, strict=True)] for row in rows]
        self.parts.append({"kind": "table", "columns": columns, "rows": written, "caption": caption})

    def plot(self, figure: Any, caption: str) -> None:
        """Add a plot drawn inside `plots.drawing`; it takes the page's colours, light or dark."""
        self.parts.append({"kind": "plot", "svg": Markup(svg(figure, caption)), "caption": caption})

    def pictures(
        self, pictures: Sequence[Picture], text: str = "", side: int = PICTURE_SIDE, wide: bool = False
    ) -> None:
        """Add a sheet of pictures, each at most `side` pixels long; nothing where there are none.

        wide: fewer in a row, at their own proportions; else in equal squares.
        """
        sheet = [{"url": data_url(picture.pixels, side), "caption": picture.caption} for picture in pictures]
        if sheet:
            self.parts.append({"kind": "pictures", "text": text, "sheet": sheet, "wide": wide})


class Report:
    """A page that sections are added to, and the document of figures behind it."""

    def __init__(self, title: str, lead: str, facts: Mapping[str, str], figures: Mapping[str, Any]) -> None:
        """Begin a report.

        Args:
            lead: what was measured, in a sentence.
            facts: name -> value, such as the data and the models, shown on top.
            figures: what `--json` writes; `figures.json` holds the same.
        """
        self.title, self.lead, self.facts, self.figures = title, lead, facts, figures
        self.sections: list[Section] = []

    def section(self, title: str, text: str = "") -> Section:
        """A new section at the end of the page, to be filled."""
        self.sections.append(Section(title, text))
        return self.sections[-1]

    def write(self, folder: Path) -> Path:
        """Write both files into a folder, which is made where it is missing; returns the page's path."""
        folder.mkdir(parents=True, exist_ok=True)
        templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True, lstrip_blocks=True
        )
        page = templates.get_template("report.html.j2").render(
            title=self.title, lead=self.lead, facts=self.facts, sections=self.sections, figures=FIGURES
        )
        (folder / PAGE).write_text(page, encoding="utf-8")
        write_json(folder / FIGURES, self.figures)
        return folder / PAGE


def report_folder(folder: Path) -> Path:
    """The folder of a report, made and found fit before minutes are spent on what goes into it.

    Raises:
        UsageError: it is a file, or holds a page of something else.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"“{folder}” is a file; name a folder for the report.")
    if (folder / PAGE).exists() and not (folder / FIGURES).exists():
        raise UsageError(f"“{folder}” holds an {PAGE} that is no report of ours; name another folder.")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
