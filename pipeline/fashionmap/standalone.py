"""A layout as one self-contained HTML page: pictures, script and style are inside, nothing is loaded from anywhere."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path

import jinja2
from markupsafe import Markup

from pipeline.fashionmap.clusters import clusters_of
from pipeline.fashionmap.document import map_document
from pipeline.fashionmap.layout import Layout
from pipeline.fashionmap.markup import viewer
from pipeline.fashionmap.points import Points
from pipeline.fashionmap.sprites import Sheets, sheet
from pipeline.fashionmap.viewer import VIEWER_CSS, VIEWER_JS
from pipeline.fashionmap.wording import NAMES_OF_METHODS, WORDS

Tell = Callable[[str, float], None]
_FOLDER = Path(__file__).parent


def write_page(
    out: Path, points: Points, layout: Layout, *, grid: bool, grouping: str, threads: int, tell: Tell
) -> None:
    """Write the page.

    Args:
        grid: it opens on the grid. grouping: what it is coloured by, "category", "colour" or "".
        tell: called with what goes on and the share (0..1) that is done.

    Raises:
        OSError: it cannot be written.
    """
    addresses = []
    for number in range(count := Sheets.of(len(points)).count):
        tell("Making thumbnails", number / count)
        addresses.append("data:image/webp;base64," + base64.b64encode(sheet(points, number, threads)).decode())
    data = map_document(points, layout, clusters_of(layout.places, points.items), addresses)
    data["items"] = [
        {
            "category": item.category,
            "colour": item.colour,
            "price": "" if item.price is None else f"{item.price:.2f} €",
            # Only web addresses: a catalogue of unknown origin must not bring script links along.
            "url": item.url if item.url.startswith(("http://", "https://")) else "",
            **{
                name: value
                for name, value in item.attributes.items()
                if name not in ("category", "colour", "price", "url")
            },
        }
        for item in points.items
    ]
    start = {"layout": "grid" if grid else "free", "grouping": grouping}
    templates = jinja2.Environment(loader=jinja2.FileSystemLoader(_FOLDER), autoescape=True)
    page = templates.get_template("map.html.j2").render(
        title="Fashion map",
        count=len(points),
        total=points.total,
        method=NAMES_OF_METHODS[layout.method],
        viewer=Markup(viewer(WORDS, **start)),
        style=Markup(VIEWER_CSS),
        script=Markup(VIEWER_JS),
        data=Markup(_inline({**data, "start": start, "words": WORDS})),
    )
    out.write_text(page, encoding="utf-8")


def _inline(data: object) -> str:
    """JSON that ends no script element, whatever the titles are."""
    return json.dumps(data, ensure_ascii=False).replace("</", "<\\/").replace("<!--", "<\\!--")
