"""The live camera, played by a film of an outfit."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from pipeline.ui import texts
from tests.browser.conftest import PATIENCE, PHONE
from tests.browser.test_page import see_rows

pytestmark = pytest.mark.browser
CAMERA_IS_OFF = "![...document.querySelectorAll('video')].some(video => video.srcObject?.active)"


def start(page: Page) -> None:
    page.get_by_role("button", name=texts.LIVE, exact=True).click()


def wait_for(page: Page, name: str, least: int) -> None:
    """Wait until the part has counted that many frames: answered or dropped."""
    counted = f"document.querySelector('#fp-camera [data-{name}], #fp-camera[data-{name}]')?.dataset.{name}"
    page.wait_for_function(f"Number({counted}) >= {least}", timeout=PATIENCE)


def tints(page: Page) -> list[int]:
    """How opaque (0..255) what is drawn over the camera is, each degree once; nothing: nothing is drawn."""
    return page.locator("[data-live-marks]").evaluate("""canvas => [...new Set(canvas.width ? canvas.getContext('2d')
      .getImageData(0, 0, canvas.width, canvas.height).data.filter((n, i) => i % 4 === 3 && n) : [])]""")


def test_pieces_follow_the_camera_and_one_frame_becomes_the_photo(page: Page, size: tuple[int, int]) -> None:
    start(page)
    wait_for(page, "answered", 4)
    # The chosen piece is tinted more than the others, and none of them is hidden.
    assert {round(0.25 * 255), round(0.45 * 255)} <= set(tints(page))
    expect(page.locator("[data-live-says]")).to_contain_text("frames a second")
    # The largest piece, until another one is chosen.
    expect(page.locator("[data-live-matches] h2")).to_have_text("Skirt")
    expect(page.locator("[data-live-matches] li")).to_have_count(4)
    view = page.locator("[data-live-marks]")
    box = view.bounding_box()
    assert box
    view.click(position={"x": box["width"] / 2, "y": box["height"] * 0.3})
    expect(page.locator("[data-live-matches] h2")).to_have_text("Top")
    expect(page.locator("#fp-drop")).to_be_hidden()
    page.get_by_role("button", name=texts.LIVE_TAKE).click()
    see_rows(page, 3)
    expect(page.locator("[data-live-panel]")).to_be_hidden()
    page.wait_for_function(CAMERA_IS_OFF)


def test_frames_are_dropped_while_one_is_on_its_way(page: Page) -> None:
    on_the_way: list[int] = []
    most, lock = [0], threading.Lock()

    def slow(route: Route) -> None:
        with lock:
            on_the_way.append(1)
            most[0] = max(most[0], len(on_the_way))
        time.sleep(1)
        with lock:
            on_the_way.pop()
        route.continue_()

    page.route("**/live*", slow)
    start(page)
    wait_for(page, "answered", 3)
    wait_for(page, "dropped", 10)
    assert most == [1]
    page.get_by_role("button", name=texts.LIVE_STOP).click()
    expect(page.locator("[data-live-panel]")).to_be_hidden()
    expect(page.get_by_role("button", name=texts.LIVE, exact=True)).to_be_focused()
    page.wait_for_function(CAMERA_IS_OFF)


def test_no_camera_is_one_sentence(page: Page) -> None:
    sentences = {
        "NotAllowedError": texts.LIVE_DENIED,
        "NotFoundError": texts.LIVE_MISSING,
        "NotReadableError": texts.LIVE_BROKEN,
    }
    for error, sentence in sentences.items():
        refuse = f"async () => {{ throw new DOMException('', '{error}'); }}"
        page.evaluate(f"() => {{ navigator.mediaDevices.getUserMedia = {refuse}; }}")
        start(page)
        expect(page.locator("#fp-camera [role=alert]")).to_have_text(sentence)
        expect(page.locator("[data-live-panel]")).to_be_hidden()
    expect(page.locator("#fp-drop")).to_be_visible()


def test_a_phone_offers_its_camera_first(chromium: Browser, address: str, photo_file: Path) -> None:
    width, height = PHONE
    context = chromium.new_context(viewport={"width": width, "height": height}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(address)
    camera = page.locator("#fp-camera input[type=file]")
    expect(camera).to_have_attribute("capture", "environment")
    page.wait_for_selector(".fp-footer >> text=fake-pieces")
    first, drop = page.locator(".fp-capture").bounding_box(), page.locator("#fp-drop").bounding_box()
    assert first and drop and first["y"] + first["height"] <= drop["y"] and first["height"] >= 44
    camera.set_input_files(photo_file)
    see_rows(page, 3)
    expect(page.locator(".fp-capture")).to_be_hidden()
    context.close()


def test_a_mouse_is_offered_no_camera_of_a_phone(page: Page) -> None:
    expect(page.locator(".fp-capture")).to_be_hidden()
    expect(page.get_by_role("button", name=texts.LIVE, exact=True)).to_be_visible()
