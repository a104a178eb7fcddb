"""The Map tab as a visitor uses it, by mouse, by touch and by keyboard; and the self-contained file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from pipeline.fashionmap import Points, make, write_page
from pipeline.types import Item
from pipeline.ui import texts, texts_map
from tests.browser.conftest import PHONE
from tests.browser.test_accessible import findings
from tests.browser.test_page import choose, no_sideways_scrolling, see_rows

pytestmark = pytest.mark.browser

# Where an item lies on the screen, in pixels of the canvas.
WHERE = "(map, id) => map.onScreen(map.data.ids.indexOf(id))"


def open_map(page: Page) -> None:
    tab = page.get_by_role("tab", name=texts_map.MAP, exact=True)
    if not tab.is_visible():
        # On a phone the last tabs are in a menu.
        page.locator(".overflow-menu > button").click()
        tab = page.locator(".overflow-dropdown button", has_text=texts_map.MAP)
    tab.click()
    expect(page.locator("[data-drawn]")).to_be_attached(timeout=60_000)
    painted(page, "map.sheets.every(sheet => sheet.complete) && map.painted > 0")


def painted(page: Page, condition: str) -> None:
    """Wait until a condition on the map holds."""
    page.wait_for_function(f"() => {{ const map = window.fpMap ?? window.map; return {condition}; }}", timeout=30_000)


def lit(page: Page) -> int:
    return page.evaluate("[...fpMap.order].filter(n => fpMap.isLit(n)).length")


def click_item(page: Page, item: str) -> None:
    x, y = page.evaluate(f"id => ({WHERE})(fpMap, id)", item)
    page.locator("#fp-map canvas").click(position={"x": x, "y": y})


def test_from_the_map_to_an_item_and_to_its_like(page: Page, photo_file: Path, size: tuple[int, int]) -> None:
    choose(page, photo_file)
    see_rows(page, 3)
    open_map(page)
    assert no_sideways_scrolling(page) and lit(page) == 40
    page.get_by_role("button", name=texts_map.GRID, exact=True).click()
    painted(page, "map.layout === 'grid' && !map.step")
    page.locator("#fp-map canvas").scroll_into_view_if_needed()
    click_item(page, "blue-4")
    dialog = page.locator("dialog[open]")
    expect(dialog).to_contain_text("Blue jeans no. 4")
    dialog.get_by_role("button", name=texts.SEARCH_FROM).click()
    expect(page.locator("dialog")).to_have_count(0)
    expect(page.locator("#fp-map-found .fp-chip")).to_contain_text("Blue jeans no. 4")
    painted(page, "map.lit?.size === 9")
    page.get_by_role("button", name=texts_map.piece("skirt", 2)).click()
    painted(page, "map.lit?.size === 8")
    expect(page.locator("#fp-map-found .fp-lit")).to_contain_text("Near piece 2")
    page.locator("#fp-map-found summary").click()
    expect(page.locator("#fp-map-found .fp-card:visible")).to_have_count(8)
    page.locator("#fp-map-found").get_by_role("button", name=texts.RESET).click()
    painted(page, "map.lit === null")
    # The list that was open stays open.
    expect(page.locator("#fp-map-found .fp-card:visible")).to_have_count(24)
    assert no_sideways_scrolling(page)


def test_words_and_groups_dim_the_rest(page: Page) -> None:
    open_map(page)
    field = page.get_by_label(texts.SEARCH_WORDS).locator("visible=true")
    field.fill("something yellow")
    page.keyboard.press("Enter")
    painted(page, "map.lit?.size === 10")
    page.get_by_role("button", name=texts_map.COLOUR, exact=True).click()
    page.locator(".fm-legend button", has_text="yellow").click()
    assert lit(page) == 10
    page.locator(".fm-legend button", has_text="red").click()
    assert lit(page) == 0
    page.get_by_role("button", name=texts_map.NOTHING, exact=True).click()
    expect(page.locator(".fm-legend button")).to_have_count(0)


def test_the_map_is_walked_by_keyboard_and_zoomed(page: Page) -> None:
    open_map(page)
    page.get_by_role("button", name=texts_map.GRID, exact=True).click()
    canvas, said = page.locator("#fp-map canvas"), page.locator(".fm-told")
    canvas.focus()
    page.keyboard.press("ArrowRight")
    expect(said).not_to_be_empty()
    here = said.inner_text()
    page.keyboard.press("ArrowRight")
    expect(said).not_to_have_text(here)
    page.keyboard.press("ArrowLeft")
    expect(said).to_have_text(here)
    page.keyboard.press("Enter")
    expect(page.locator("dialog[open]")).to_contain_text(here)
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    before = page.evaluate("fpMap.scale")
    canvas.focus()
    page.keyboard.press("+")
    painted(page, f"map.scale > 1.3 * {before}")
    page.keyboard.press("0")
    painted(page, f"Math.abs(map.scale - {before}) < 1e-6")
    x, y = page.evaluate(f"({WHERE})(fpMap, 'red-0')")
    box = canvas.bounding_box()
    assert box
    page.mouse.move(box["x"] + x, box["y"] + y)
    expect(page.locator(".fm-tip")).to_have_text("Red t-shirt no. 0")
    page.mouse.wheel(0, -300)
    painted(page, f"map.scale > 1.5 * {before}")
    # What was under the pointer stays under it.
    assert page.evaluate(f"({WHERE})(fpMap, 'red-0')") == pytest.approx([x, y], abs=1)
    start = page.evaluate("[fpMap.x, fpMap.y]")
    page.mouse.down()
    page.mouse.move(box["x"] + x + 60, box["y"] + y + 20, steps=4)
    page.mouse.up()
    moved = page.evaluate("[fpMap.x, fpMap.y]")
    assert moved[0] < start[0] and moved[1] < start[1]
    expect(page.locator("dialog")).to_have_count(0)


def test_two_fingers_zoom(chromium: Browser, address: str) -> None:
    width, height = PHONE
    context = chromium.new_context(viewport={"width": width, "height": height}, has_touch=True, reduced_motion="reduce")
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector(".fp-footer >> text=fake-pieces")
    open_map(page)
    canvas = page.locator("#fp-map canvas")
    canvas.scroll_into_view_if_needed()
    box, before = canvas.bounding_box(), page.evaluate("fpMap.scale")
    assert box
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    session = context.new_cdp_session(page)

    def touch(kind: str, *ways: float) -> None:
        points = [{"x": middle[0] + way, "y": middle[1], "id": n} for n, way in enumerate(ways)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", -30, 30)
    for way in (40, 50, 60):
        touch("touchMove", -way, way)
    touch("touchEnd")
    painted(page, f"map.scale > 1.6 * {before}")
    expect(page.locator("dialog")).to_have_count(0)
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_on_the_map(chromium: Browser, address: str, photo_file: Path, scheme: str) -> None:
    context = chromium.new_context(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector(".fp-footer >> text=fake-pieces")
    choose(page, photo_file)
    see_rows(page, 3)
    open_map(page)
    page.get_by_role("button", name=texts_map.CATEGORY, exact=True).click()
    page.locator(".fm-legend button").first.click()
    page.locator("#fp-map-found summary").click()
    page.locator("#fp-map canvas").focus()
    page.keyboard.press("ArrowRight")
    assert findings(page) == []
    context.close()


def test_the_self_contained_file_works_without_a_server(chromium: Browser, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    vectors = random.normal(size=(40, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    items = tuple(Item(f"{n}", "", "coat" if n % 2 else "belt", "red", f"Piece <{n}>", 5.0) for n in range(40))
    points = Points(items, vectors, 40, lambda n, side: np.full((32, 32, 3), 90, np.uint8))
    write_page(
        tmp_path / "m.html", points, make(points, "tsne", 0, 1, lambda *_: None), grid=True, grouping="category",
        threads=1, tell=lambda *_: None,
    )  # fmt: skip
    visit = chromium.new_page(reduced_motion="reduce")
    asked: list[str] = []
    visit.on("request", lambda request: asked.append(request.url.partition(":")[0]))
    visit.goto((tmp_path / "m.html").as_uri())
    visit.wait_for_function("map.sheets.every(sheet => sheet.naturalWidth) && map.painted === 40")
    assert visit.evaluate("map.layout") == "grid"
    visit.locator("#seek").fill("coat")
    expect(visit.locator("#count")).to_have_text("20 of 40 items")
    visit.wait_for_function("map.painted === 20")
    x, y = visit.evaluate(f"({WHERE})(map, '7')")
    visit.locator(".fm canvas").click(position={"x": x, "y": y})
    expect(visit.locator("dialog[open]")).to_contain_text("Piece <7>")
    expect(visit.locator("dialog[open]")).to_contain_text("5.00 €")
    assert findings(visit) == []
    visit.keyboard.press("Escape")
    expect(visit.locator("dialog[open]")).to_have_count(0)
    visit.close()
    assert set(asked) <= {"file", "data"}
