"""A report opens from its file: no script, nothing from elsewhere, nothing wider than a phone, readable by all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser

from pipeline.evaluation import plots
from pipeline.evaluation.report import Column, Interval, Picture, Report
from pipeline.kinds import KINDS
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_accessible import findings
from tests.fakes import photo_of_pieces

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report with all that one can have, as wide as it gets."""
    rows = [[kind, 1200 + n, 0.5, Interval(0.5, 0.4, 0.6)] for n, kind in enumerate(KINDS)]
    report = Report("Everything", "What was measured.", {"Data": "a/very/long/path/" * 6}, {"figure": 1})
    section = report.section("By kind", "In words.")
    columns = [Column("kind"), Column("pieces", "count"), Column("AP", "figure"), Column("with its bounds", "figure")]
    section.table(columns, rows, "The caption.")
    steps = np.linspace(0, 1, 11)
    section.plot(plots.lines({kind: (steps, 1 - steps) for kind in KINDS}, "recall", "precision"), "Curves.")
    section.plot(plots.bars({kind: 0.5 for kind in KINDS}, "AP"), "Bars.")
    counts = np.arange(len(KINDS) ** 2).reshape(len(KINDS), -1)
    section.plot(plots.confusion(counts, KINDS, KINDS, "found", "true"), "Confusion.")
    photo = np.asarray(photo_of_pieces())
    section.pictures([Picture(photo, f"picture {n}") for n in range(7)], "Pictures.")
    section.pictures([Picture(np.hstack([photo, photo]), f"pair {n}") for n in range(3)], "Pairs.", 640, wide=True)
    return report.write(tmp_path_factory.mktemp("report"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_report_stands_alone(chromium: Browser, page_file: Path, scheme: str, viewport: tuple[int, int]) -> None:
    context = chromium.new_context(
        viewport={"width": viewport[0], "height": viewport[1]},
        color_scheme=scheme,  # type: ignore[arg-type]
    )
    page = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(page_file.as_uri())
    assert not said and [url for url in asked if not url.startswith("data:")] == [page_file.as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    broken = "[...document.images].filter(image => !image.complete || !image.naturalWidth).length"
    assert page.locator("img").count() == 10 and page.evaluate(broken) == 0
    # The plots' own writing follows the page's colours.
    ink = page.evaluate("getComputedStyle(document.body).color")
    assert page.locator("svg text").first.evaluate("element => getComputedStyle(element).fill") == ink
    assert findings(page) == []
    context.close()
