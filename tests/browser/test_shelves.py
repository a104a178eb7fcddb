"""The Search and Catalogue tabs as a visitor and as the owner use them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from pipeline.ui import owning, texts
from tests.browser.conftest import serving
from tests.browser.test_page import no_sideways_scrolling, see_rows

pytestmark = pytest.mark.browser


def tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name, exact=True).click()


def test_words_find_items_and_lead_on(page: Page, photo_file: Path, size: tuple[int, int]) -> None:
    tab(page, texts.SEARCH)
    found = page.locator("#fp-search-found")
    page.get_by_label(texts.SEARCH_WORDS).locator("visible=true").fill("something green")
    page.keyboard.press("Enter")
    expect(found.locator(".fp-card")).to_have_count(10)
    assert no_sideways_scrolling(page)
    found.locator(".fp-card").nth(2).click()
    page.locator("dialog[open]").get_by_role("button", name=texts.MORE_LIKE, exact=True).click()
    expect(page.locator("dialog")).to_have_count(0)
    expect(found.locator(".fp-chip")).to_contain_text("More like Green skirt no. 2")
    tab(page, texts.MATCH)
    page.set_input_files("#fp-drop input[type=file]", photo_file)
    see_rows(page, 3)
    tab(page, texts.SEARCH)
    expect(found.locator(".fp-chip")).to_have_count(1)


@pytest.fixture
def own_page(visit: Page, tmp_path: Path) -> Iterator[Page]:
    """A page with a catalogue of its own, which may be changed."""
    folder = tmp_path / "served"
    folder.mkdir()
    with serving(["-m", "tests.browser.serve_fakes", "PORT", str(folder / "catalogue")], folder) as address:
        visit.goto(address)
        tab(visit, texts.CATALOGUE)
        expect(visit.locator(".fp-count")).to_have_text("40 items", timeout=30_000)
        yield visit
        visit.goto("about:blank")


def test_the_catalogue_is_browsed_added_to_and_removed_from(own_page: Page, tmp_path: Path) -> None:
    page, found = own_page, own_page.locator("#fp-catalogue-found")
    expect(found.locator(".fp-card")).to_have_count(24)
    page.get_by_role("button", name="bag10").click()
    expect(page.locator(".fp-count")).to_have_text("10 items")
    page.locator("#fp-catalogue-form summary").click()
    page.get_by_label(texts.PRICE_FROM).locator("visible=true").fill("18")
    page.keyboard.press("Enter")
    expect(page.locator(".fp-count")).to_have_text("2 items")
    canvas = Image.new("RGB", (80, 80), "white")
    canvas.paste((120, 30, 140), (10, 10, 70, 66))
    canvas.save(tmp_path / "poncho.png")
    page.get_by_role("button", name=texts.ADD, exact=False).first.click()
    page.set_input_files("#fp-add input[type=file]", tmp_path / "poncho.png")
    page.locator("#fp-add").get_by_role("button", name=texts.ADD_START, exact=True).click()
    expect(page.locator("#fp-add-told")).to_contain_text("1 added; the catalogue has 41 items", timeout=60_000)
    page.get_by_role("button", name=texts.RESET).locator("visible=true").click()
    expect(page.locator(".fp-count")).to_have_text("41 items")
    found.get_by_role("button", name=texts.FURTHER).click()
    found.locator(".fp-card", has_text="poncho").locator(".fp-open").click()
    page.once("dialog", lambda question: question.accept())
    page.locator("dialog[open]").get_by_role("button", name=texts.DELETE).click()
    expect(page.locator(".fp-count")).to_have_text("40 items")


def test_with_a_password_only_its_owner_may_add(visit: Page, tmp_path: Path) -> None:
    folder = tmp_path / "served"
    folder.mkdir()
    command = ["-m", "tests.browser.serve_fakes", "PORT", str(folder / "catalogue")]
    with serving(command, folder, {owning.PASSWORD: "sesame"}) as address:
        visit.goto(address)
        tab(visit, texts.CATALOGUE)
        field = visit.get_by_label(texts.PASSWORD)
        expect(field).to_be_visible(timeout=30_000)
        expect(visit.locator("#fp-add")).to_have_count(0)
        field.fill("wrong")
        field.press("Enter")
        expect(visit.locator("#fp-add-told")).to_contain_text(texts.WRONG)
        field.fill("sesame")
        visit.get_by_role("button", name=texts.SIGN_IN).click()
        expect(visit.locator("#fp-add")).to_be_visible()
        visit.goto("about:blank")
