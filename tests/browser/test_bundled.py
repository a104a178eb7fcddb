"""The page as it is shipped: the bundled models, the demo catalogue, the example photos."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from pipeline.settings import MODELS
from pipeline.ui import texts
from pipeline.ui.examples import find_examples
from tests.browser.conftest import serving

pytestmark = [pytest.mark.browser, pytest.mark.slow]
REGISTRY = json.loads((MODELS / "registry.json").read_text())


def test_example_photos_go_through_the_bundled_models(visit: Page, tmp_path: Path) -> None:
    found = 0
    with serving(["app.py", "--port", "PORT"], tmp_path) as address:
        visit.goto(address)
        for slot in ("cutout", "pieces", "embeddings"):
            expect(visit.locator(".fp-footer")).to_contain_text(REGISTRY[slot]["name"], timeout=180_000)
        for number, _ in enumerate(find_examples()):
            visit.locator(".fp-example").nth(number).click()
            expect(visit.locator("#fp-options")).to_be_visible(timeout=60_000)
            expect(visit.locator("#fp-status [role=alert]")).to_have_count(0)
            if visit.locator(".fp-row").count():
                found += 1
                look_at_the_first_piece(visit)
            visit.locator("#fp-another").click()
            expect(visit.locator("#fp-drop")).to_be_visible()
        visit.goto("about:blank")
    assert found
    assert "Traceback" not in (tmp_path / "log").read_text()


def look_at_the_first_piece(page: Page) -> None:
    page.locator("#fp-pieces label").first.click()
    expect(page.locator("#fp-row-1")).to_have_class(re.compile("fp-selected"))
    far = page.locator("#fp-row-1").get_by_role("button", name=texts.SHOW_FAR)
    if far.count():
        far.click()
        expect(page.locator("#fp-row-1")).to_contain_text(texts.FAR)
    card = page.locator("#fp-row-1 .fp-card").first
    expect(card).to_contain_text("similarity")
    card.click()
    page.wait_for_function("document.querySelector('dialog[open] img')?.naturalWidth > 200")
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
