"""The page as a visitor sees it whose browser speaks German."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from pipeline.ui import texts
from pipeline.ui.languages import speaking
from tests.browser.test_page import choose

pytestmark = pytest.mark.browser


def test_everything_is_in_german(chromium: Browser, address: str, photo_file: Path, tmp_path: Path) -> None:
    context = chromium.new_context(locale="de-AT", reduced_motion="reduce")
    page = context.new_page()
    page.goto(address)
    # What is laid out once, what a handler says, and the document's own word for it.
    expect(page.get_by_role("tab", name="Zuordnen")).to_be_visible()
    expect(page.locator(".fp-header")).to_contain_text("Jedes Kleidungsstück")
    expect(page.locator(".fp-footer")).to_contain_text("Es antworten fake-cutout")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    (tmp_path / "notes.txt").write_bytes(b"no picture")
    choose(page, tmp_path / "notes.txt")
    expect(page.locator("#fp-status [role=alert]")).to_contain_text("Die Datei ist kein Bild")
    choose(page, photo_file)
    expect(page.locator("#fp-status")).to_contain_text("3 Teile in")
    row = page.locator("#fp-row-1")
    expect(row.locator("h2")).to_have_text("Oberteil")
    expect(row).to_contain_text("sehr sicher")
    expect(row.locator(".fp-card").first).to_contain_text("10,00 €")
    expect(page.locator("#fp-photo img")).to_have_attribute("alt", "Ihr Foto mit den gefundenen Teilen")
    with speaking("de"):
        page.get_by_role("tab", name=texts.SEARCH, exact=True).click()
        # Shown in German, searched for in the language that the embedder knows.
        page.get_by_role("button", name=texts.suggestions()["navy striped top"]).click()
    expect(page.locator("#fp-search-form input[name=words]")).to_have_value("navy striped top")
    shown = page.locator("body").inner_text()
    assert not [word for word in ("Search", "Catalogue", "Refine", "similarity", "Price") if word in shown.split()]
    context.close()
