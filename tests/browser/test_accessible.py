"""What axe finds in every state of the page: nothing serious."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from pipeline.ui import texts
from tests.browser.test_page import choose, see_rows

pytestmark = pytest.mark.browser


def findings(page: Page) -> list[str]:
    """Serious and critical findings, each with the elements that it is about."""
    answer = Axe().run(page, options={"resultTypes": ["violations"]}).response
    return [
        f"{found['id']} ({found['impact']}): {'; '.join(node['html'][:160] for node in found['nodes'][:4])}"
        for found in answer["violations"]
        if found["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(chromium: Browser, address: str, photo_file: Path, scheme: str) -> None:
    context = chromium.new_context(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector(".fp-footer >> text=fake-pieces")
    found = {"empty": findings(page)}
    page.get_by_role("button", name=texts.LIVE, exact=True).click()
    page.locator("[data-live-matches] li").first.wait_for(timeout=60_000)
    found["live"] = findings(page)
    page.get_by_role("button", name=texts.LIVE_STOP).click()
    choose(page, photo_file)
    see_rows(page, 3)
    page.locator("#fp-row-1 summary").click()
    page.locator("#fp-row-1 [data-act=more]").first.click()
    expect(page.locator(".fp-chip")).to_have_count(1)
    page.locator(".fp-chain summary").click()
    found["results"] = findings(page)
    page.locator("#fp-row-2 .fp-open").first.click()
    expect(page.locator("dialog[open]")).to_be_visible()
    found["dialog"] = findings(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name=texts.DRAW).click()
    found["drawing"] = findings(page)
    page.keyboard.press("Escape")
    page.get_by_role("tab", name=texts.SEARCH, exact=True).click()
    page.get_by_role("button", name="navy striped top").click()
    expect(page.locator("#fp-search-found .fp-card, #fp-search-found .fp-none").first).to_be_visible()
    found["search"] = findings(page)
    page.get_by_role("tab", name=texts.CATALOGUE, exact=True).click()
    expect(page.locator(".fp-count")).to_be_visible()
    page.locator("#fp-add button").first.click()
    page.locator("#fp-catalogue-form summary").click()
    found["catalogue"] = findings(page)
    context.close()
    assert {state: serious for state, serious in found.items() if serious} == {}
