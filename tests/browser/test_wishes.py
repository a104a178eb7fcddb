"""What a visitor asks of the matches of a piece, and of the look as a whole."""

from __future__ import annotations

import csv
import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from pipeline.ui import texts
from tests.browser.conftest import PHONE
from tests.browser.test_page import choose, no_sideways_scrolling, see_rows

pytestmark = pytest.mark.browser


@pytest.fixture
def matched(page: Page, photo_file: Path) -> Page:
    """The page with the rows of a red top, a green skirt and a yellow bag."""
    choose(page, photo_file)
    see_rows(page, 3)
    return page


def titles(page: Page, number: int) -> list[str]:
    return page.locator(f"#fp-row-{number} .fp-title").all_inner_texts()


def test_words_bend_the_matches_of_one_piece(matched: Page, size: tuple[int, int]) -> None:
    row = matched.locator("#fp-row-1")
    words = row.get_by_label(texts.words("top"))
    row.locator("summary").click()
    row.get_by_label(texts.SAME_KIND).uncheck()
    expect(row.locator(".fp-title").first).to_contain_text("Red t-shirt")
    row.get_by_label(texts.STRENGTH).fill("90")
    words.fill("but blue")
    words.press("Enter")
    expect(row.locator(".fp-title").first).to_contain_text("Blue jeans")
    expect(matched.locator("#fp-row-2 .fp-title").first).to_contain_text("Green skirt")
    # The form stays open, and as it was filled in.
    expect(words).to_have_value("but blue")
    expect(row.get_by_label(texts.STRENGTH)).to_be_visible()
    assert no_sideways_scrolling(matched)
    row.get_by_role("button", name=texts.RESET).click()
    expect(row.locator(".fp-title").first).to_contain_text("Red t-shirt")
    expect(words).to_have_value("")


def test_filters_and_the_name_of_a_piece(matched: Page) -> None:
    row = matched.locator("#fp-row-2")
    row.locator("summary").click()
    row.get_by_label(texts.PRICE_FROM).fill("13")
    row.get_by_label(texts.PRICE_TO).fill("15")
    row.get_by_label(texts.PRICE_TO).press("Enter")
    expect(row.locator(".fp-card")).to_have_count(3)
    row.get_by_label(texts.COLOUR).select_option("blue")
    expect(row).to_contain_text(texts.NOTHING_CLOSE)
    row.get_by_role("button", name=texts.SHOW_FAR).click()
    expect(row).to_contain_text(texts.NOTHING_FILTERED)
    row.get_by_label(texts.COLOUR).select_option("")
    row.get_by_label(texts.KIND).select_option("bag")
    expect(row.locator("h2")).to_have_text("Bag")
    expect(matched.locator("#fp-pieces label").nth(1)).to_contain_text("2 · bag")


def test_more_like_less_like_and_on_from_a_match(matched: Page) -> None:
    row = matched.locator("#fp-row-1")
    row.get_by_label(texts.more_like("Red t-shirt no. 4")).click()
    expect(row.locator(".fp-chip")).to_contain_text("More like Red t-shirt no. 4")
    row.get_by_label(texts.less_like("Red t-shirt no. 0")).click()
    expect(row.locator(".fp-chip")).to_have_count(2)
    expect(row.locator(".fp-title", has_text="no. 0")).to_have_count(0)
    row.locator(".fp-chip").nth(1).click()
    expect(row.locator(".fp-title", has_text="no. 0")).to_have_count(1)
    row.locator(".fp-card").nth(2).click()
    matched.locator("dialog[open]").get_by_role("button", name=texts.SEARCH_FROM).click()
    expect(matched.locator("dialog")).to_have_count(0)
    expect(row.locator(".fp-chip")).to_contain_text(texts.CHIP_FROM)
    row.get_by_role("button", name=texts.FURTHER).click()
    expect(row.locator(".fp-card")).to_have_count(9)


def test_the_whole_look_is_taken_along(matched: Page, tmp_path: Path, size: tuple[int, int]) -> None:
    look = matched.locator("#fp-look")
    expect(look).to_contain_text("Total 30.00 €")
    matched.locator("#fp-row-2 .fp-card").nth(3).click()
    matched.locator("dialog[open]").get_by_role("button", name=texts.WEAR).click()
    expect(matched.locator("dialog")).to_have_count(0)
    expect(look).to_contain_text("Total 33.00 €")
    look.get_by_label(texts.leave_out(3, "bag")).click()
    expect(look).to_contain_text("Total 23.00 €")
    kept = {}
    for suffix, name in texts.downloads().items():
        with matched.expect_download() as taken:
            look.get_by_role("link", name=name, exact=True).click()
        kept[suffix] = tmp_path / f"look.{suffix}"
        taken.value.save_as(kept[suffix])
        assert taken.value.suggested_filename == f"look.{suffix}"
    rows = list(csv.DictReader(kept["csv"].read_text("utf-8-sig").splitlines()))
    assert [row["id"] for row in rows] == ["red-0", "green-3"]
    assert "look.jpg" in zipfile.ZipFile(kept["zip"]).namelist()
    look.get_by_role("button", name=texts.put_back(3, "bag")).click()
    expect(look).to_contain_text("Total 33.00 €")


def draw_by_hand(page: Page, x0: float, y0: float, x1: float, y1: float) -> None:
    veil = page.locator(".fp-veil").bounding_box()
    assert veil
    ends = [(veil["x"] + x * veil["width"], veil["y"] + y * veil["height"]) for x, y in ((x0, y0), (x1, y1))]
    page.mouse.move(*ends[0])
    page.mouse.down()
    page.mouse.move(*[sum(pair) / 2 for pair in zip(*ends, strict=True)])
    page.mouse.move(*ends[1])
    page.mouse.up()


def test_a_box_drawn_where_something_was_missed_is_a_piece(matched: Page, size: tuple[int, int]) -> None:
    matched.get_by_role("button", name=texts.DRAW).click()
    matched.wait_for_selector(".fp-veil")
    draw_by_hand(matched, 0.73, 0.48, 0.94, 0.67)
    see_rows(matched, 4)
    expect(matched.locator("#fp-row-4")).to_contain_text("drawn by you")
    expect(matched.locator("#fp-row-4")).to_have_class(re.compile("fp-selected"))
    expect(matched.locator(".fp-veil")).to_have_count(0)
    matched.locator("#fp-row-4 summary").click()
    matched.locator("#fp-row-4").get_by_role("button", name=texts.REMOVE).click()
    see_rows(matched, 3)


def test_a_box_is_drawn_with_a_finger(chromium: Browser, address: str, photo_file: Path) -> None:
    width, height = PHONE
    context = chromium.new_context(viewport={"width": width, "height": height}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector(".fp-footer >> text=fake-pieces")
    choose(page, photo_file)
    see_rows(page, 3)
    page.get_by_role("button", name=texts.DRAW).tap()
    veil = page.locator(".fp-veil")
    expect(veil).to_be_focused()
    box = veil.bounding_box()
    assert box and box["width"] >= 200
    before = page.evaluate("scrollY")
    corners = [(0.73, 0.48), (0.8, 0.55), (0.9, 0.6), (0.94, 0.67)]
    points = [{"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]} for x, y in corners]
    finger = context.new_cdp_session(page)
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": points[:1]})
    for point in points[1:]:
        finger.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    expect(veil.locator("div")).to_be_visible()
    # The finger draws and does not scroll.
    assert page.evaluate("scrollY") == before
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    see_rows(page, 4)
    expect(page.locator("#fp-row-4")).to_contain_text("drawn by you")
    context.close()


def test_a_box_is_drawn_with_the_keyboard(matched: Page) -> None:
    matched.get_by_role("button", name=texts.DRAW).click()
    expect(matched.locator(".fp-veil")).to_be_focused()
    matched.keyboard.press("Escape")
    expect(matched.locator(".fp-veil")).to_have_count(0)
    expect(matched.get_by_role("button", name=texts.DRAW)).to_be_focused()
    matched.keyboard.press("Enter")
    for key in ("ArrowDown", "ArrowDown", "Shift+ArrowRight"):
        matched.keyboard.press(key)
    matched.keyboard.press("Enter")
    see_rows(matched, 4)


def test_the_chain_at_work(matched: Page) -> None:
    matched.locator(".fp-chain summary").click()
    for name in ("fake-cutout", "fake-pieces", "fake-embeddings", "Faiss over 40 items"):
        expect(matched.locator(".fp-chain")).to_contain_text(name)
    matched.locator(".fp-chain li").last.scroll_into_view_if_needed()
    matched.wait_for_function("[...document.querySelectorAll('.fp-chain img')].every(image => image.naturalWidth > 0)")
