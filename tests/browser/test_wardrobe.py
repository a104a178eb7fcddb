"""The Wardrobe tab as a visitor uses it, at a pace that leaves time to stop."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from pipeline.ui import texts
from pipeline.ui import texts_wardrobe as said
from tests.browser.conftest import serving
from tests.browser.test_accessible import findings
from tests.browser.test_page import no_sideways_scrolling
from tests.test_wardrobe import outfit

pytestmark = pytest.mark.browser
PATIENCE_MS = 60_000


@pytest.fixture(scope="module")
def paced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page with fake stages that take 0.2 s a photo."""
    folder = tmp_path_factory.mktemp("paced")
    command = ["-m", "tests.browser.serve_fakes", "PORT", str(folder / "catalogue"), "--pace", "0.2"]
    with serving(command, folder) as address:
        yield address


@pytest.fixture
def tab(visit: Page, paced: str) -> Page:
    """The Wardrobe tab, ready to take photos."""
    visit.goto(paced)
    visit.wait_for_selector(".fp-footer >> text=fake-pieces", timeout=PATIENCE_MS)
    open_tab(visit)
    visit.wait_for_selector("#fp-wardrobe-files input[type=file]", state="attached")
    return visit


def open_tab(page: Page) -> None:
    """Show the tab; where there is no room for all of them, it is in the menu of the others."""
    tab = page.get_by_role("tab", name=said.WARDROBE, exact=True)
    menu = page.locator(".overflow-menu > button")
    expect(tab.or_(menu.locator("visible=true")).first).to_be_visible()
    if not tab.is_visible():
        menu.click()
        tab = page.locator(".overflow-dropdown button", has_text=said.WARDROBE)
    tab.click()


def count(page: Page, photos: list[Path]) -> None:
    page.set_input_files("#fp-wardrobe-files input[type=file]", photos)
    expect(page.locator("#fp-wardrobe-files .file")).to_have_count(len(photos), timeout=PATIENCE_MS)
    page.get_by_role("button", name=said.START, exact=True).click()


def test_photos_are_counted_and_looked_into(tab: Page, tmp_path: Path, size: tuple[int, int]) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"nonsense")
    photos = [outfit(tmp_path / f"{n}.png", "red", "green", "yellow") for n in range(2)]
    count(tab, [*photos, outfit(tmp_path / "alone.png", "blue"), tmp_path / "broken.jpg"])
    summary, garments = tab.locator("#fp-wardrobe-summary"), tab.locator("#fp-wardrobe-garments")
    expect(summary.locator("h2")).to_have_text(
        "4 garments in 3 photos: among them bag, jeans and skirt.", timeout=PATIENCE_MS
    )
    expect(garments.locator(".fp-open")).to_have_count(4)
    expect(garments.locator(".fp-unread")).to_contain_text("broken.jpg")
    expect(summary.locator("table").nth(1).get_by_role("row")).to_have_count(5)
    with tab.expect_download() as download:
        summary.get_by_role("link", name=said.TABLE).click()
    assert download.value.suggested_filename == "wardrobe.csv"
    assert len(download.value.path().read_text("utf-8-sig").splitlines()) == 8
    assert no_sideways_scrolling(tab) and findings(tab) == []
    tab.locator("#fp-wardrobe-same input[type=number]").fill("0.3")
    tab.keyboard.press("Tab")
    expect(summary.locator("h2")).not_to_contain_text("4 garments")
    garments.locator(".fp-open").first.click()
    opened = tab.locator("dialog[open]")
    expect(opened.locator(".fp-sightings li").first).to_contain_text(".png")
    assert findings(tab) == []
    opened.locator(".fp-near .fp-open").first.click()
    expect(tab.locator("#fp-search-found .fp-chip")).to_contain_text(texts.CHIP_FROM)
    open_tab(tab)
    summary.get_by_role("button", name=said.FORGET).click()
    expect(summary.locator("h2")).to_have_count(0)
    expect(garments.locator(".fp-open")).to_have_count(0)


def test_counting_is_stopped_and_goes_again(tab: Page, tmp_path: Path) -> None:
    photos = [outfit(tmp_path / f"{n}.png", "red") for n in range(120)]
    count(tab, photos)
    told = tab.locator("#fp-wardrobe-told")
    expect(told).to_contain_text("s left", timeout=PATIENCE_MS)
    tab.get_by_role("button", name=said.STOP, exact=True).click()
    summary = tab.locator("#fp-wardrobe-summary")
    expect(summary).to_contain_text("of 120 photos", timeout=PATIENCE_MS)
    expect(summary.locator("h2")).to_contain_text("1 garment in")
    count(tab, photos[:1])
    expect(summary.locator("h2")).to_have_text("1 garment in 1 photo: t-shirt.", timeout=PATIENCE_MS)
