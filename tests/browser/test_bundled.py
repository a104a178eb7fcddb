"""The page as it is shipped: the bundled models, the demo catalogue, a photo that comes with an installed package."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from pipeline.settings import DEMO_INDEX, MODELS
from pipeline.ui.examples import find_examples
from tests.browser.conftest import serving

pytestmark = [pytest.mark.browser, pytest.mark.slow]
REGISTRY = json.loads((MODELS / "registry.json").read_text())


@pytest.mark.skipif("embeddings" not in REGISTRY, reason="the bundled embedder is not there yet")
@pytest.mark.skipif(not (DEMO_INDEX / "manifest.json").exists(), reason="the demo index is not published yet")
def test_an_example_photo_finds_pieces_and_matches(visit: Page, tmp_path: Path) -> None:
    with serving(["app.py", "--port", "PORT"], tmp_path) as address:
        visit.goto(address)
        visit.locator(".fp-example").first.click()
        expect(visit.locator(".fp-row").first).to_be_visible(timeout=180_000)
        for slot in ("cutout", "pieces", "embeddings"):
            expect(visit.locator(".fp-footer")).to_contain_text(REGISTRY[slot]["name"])
        visit.locator("#fp-pieces label").first.click()
        expect(visit.locator("#fp-row-1")).to_have_class(re.compile("fp-selected"))
        card = visit.locator(".fp-card").first
        expect(card).to_contain_text("similarity")
        card.click()
        visit.wait_for_function("document.querySelector('dialog[open] img')?.naturalWidth > 200")
        for number in range(len(find_examples())):
            visit.keyboard.press("Escape")
            visit.locator("#fp-another").click()
            visit.locator(".fp-example").nth(number).click()
            expect(visit.locator("#fp-status .fp-bar")).to_have_count(1, timeout=30_000)
            expect(visit.locator("#fp-status .fp-bar")).to_have_count(0, timeout=60_000)
            expect(visit.locator("#fp-status [role=alert]")).to_have_count(0)
        visit.goto("about:blank")
    assert "Traceback" not in (tmp_path / "log").read_text()
