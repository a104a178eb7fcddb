"""Writing stands out from what is behind it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.test_page import choose, see_rows

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_writing_is_readable_in_light_and_dark(
    chromium: Browser, address: str, photo_file: Path, scheme: str, contrast: Callable[[Page, str], float]
) -> None:
    context = chromium.new_context(color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector("#fp-drop input[type=file]", state="attached")
    choose(page, photo_file)
    see_rows(page, 3)
    for part in (
        ".fp-header h1",
        ".fp-header p",
        "#fp-status span",
        ".fp-name h2",
        ".fp-name p",
        ".fp-title",
        ".fp-likeness",
        ".fp-footer p",
        "#fp-pieces label",
        "#fp-another",
    ):
        assert contrast(page, part) >= 4.5, part
    context.close()


@pytest.fixture
def contrast() -> Callable[[Page, str], float]:
    """Contrast ratio (WCAG) of the writing in an element against what lies behind it."""

    def ratio(page: Page, selector: str) -> float:
        ink, paper = page.locator(selector).first.evaluate("""element => {
          const filled = style => !/rgba\\(.*, 0\\)|transparent/.test(style.backgroundColor);
          let behind = element;
          while (behind.parentElement && !filled(getComputedStyle(behind))) behind = behind.parentElement;
          return [getComputedStyle(element).color, getComputedStyle(behind).backgroundColor];
        }""")
        light, dark = sorted((luminance(ink), luminance(paper)), reverse=True)
        return (light + 0.05) / (dark + 0.05)

    return ratio


def luminance(colour: str) -> float:
    channels = [float(part) / 255 for part in re.findall(r"[\d.]+", colour)[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
