"""The page as a visitor uses it, with fake stages behind it."""

from __future__ import annotations

import base64
import os
import re
import tempfile
import time
from pathlib import Path

import pytest
from PIL import Image
from pillow_heif import register_heif_opener
from playwright.sync_api import Page, expect

from pipeline.settings import ROOT
from pipeline.ui import texts
from tests.browser.conftest import serving
from tests.fakes import photo_of_pieces

pytestmark = pytest.mark.browser
INTERNAL = (str(ROOT), str(Path.home()), tempfile.gettempdir(), "site-packages", "Traceback", "Error:", ".py")


def choose(page: Page, path: Path) -> None:
    page.set_input_files("#fp-drop input[type=file]", path)


def see_rows(page: Page, count: int) -> None:
    expect(page.locator(".fp-row")).to_have_count(count)
    expect(page.locator("#fp-status")).to_contain_text("found in")


def click_photo(page: Page, x: float, y: float) -> None:
    """Click at these shares of the width and height of the picture."""
    picture = page.locator("#fp-photo img")
    expect(picture).to_have_js_property("complete", True)
    shown = picture.evaluate("""image => {
      const box = image.getBoundingClientRect();
      const scale = Math.min(box.width / image.naturalWidth, box.height / image.naturalHeight, 1);
      return [box.width, box.height, image.naturalWidth * scale, image.naturalHeight * scale];
    }""")
    width, height, w, h = shown
    picture.click(position={"x": (width - w) / 2 + x * w, "y": (height - h) / 2 + y * h})


def in_view(page: Page, selector: str) -> bool:
    box, size = page.locator(selector).bounding_box(), page.viewport_size
    return bool(box and size and -1 <= box["y"] < size["height"] - 100)


def no_sideways_scrolling(page: Page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_from_photo_to_piece_to_match(page: Page, photo_file: Path, size: tuple[int, int]) -> None:
    choose(page, photo_file)
    see_rows(page, 3)
    expect(page.locator("#fp-row-1 h2")).to_have_text("Top")
    expect(page.locator("#fp-row-1")).to_contain_text("very sure · 95%")
    expect(page.locator("#fp-row-1 .fp-card")).to_have_count(8)
    assert no_sideways_scrolling(page)

    click_photo(page, 0.83, 0.57)
    expect(page.locator("#fp-row-3")).to_have_class(re.compile("fp-selected"))
    expect(page.locator(".fp-selected")).to_have_count(1)
    expect(page.locator("#fp-pieces input:checked")).to_have_value("3")
    page.wait_for_function("document.querySelector('#fp-row-3').getBoundingClientRect().top < innerHeight - 100")
    assert in_view(page, "#fp-row-3")

    page.locator("#fp-row-3 .fp-card").nth(1).click()
    dialog = page.locator("dialog[open]")
    expect(dialog).to_contain_text("Yellow bag no. 1")
    expect(dialog).to_contain_text("11.00 €")
    picture = dialog.locator("img")
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("image => image.naturalWidth") > 0
    assert picture.bounding_box()["width"] >= min(size[0] * 0.7, 400)  # type: ignore[index]
    dialog.get_by_label(texts.CLOSE).click()
    expect(page.locator("dialog")).to_have_count(0)
    page.locator("#fp-row-3 .fp-card").nth(1).click()
    expect(page.locator("dialog[open]")).to_contain_text("Yellow bag no. 1")
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)


def test_hovering_names_the_pieces(page: Page, photo_file: Path) -> None:
    choose(page, photo_file)
    see_rows(page, 3)
    click_photo(page, 0.83, 0.57)
    expect(page.locator(".fp-tag")).to_have_text("3 · Bag")
    click_photo(page, 0.5, 0.3)
    expect(page.locator(".fp-tag")).to_have_text("1 · Top")
    page.mouse.move(1, 1)
    expect(page.locator(".fp-tag")).to_have_count(0)


def test_every_picture_of_the_results_is_there(page: Page, photo_file: Path) -> None:
    choose(page, photo_file)
    see_rows(page, 3)
    page.locator("#fp-row-3").scroll_into_view_if_needed()
    page.wait_for_function("""[...document.querySelectorAll('#fp-photo img, .fp-row img')]
      .every(image => image.loading === 'lazy' && !image.complete || image.naturalWidth > 0)""")


def test_pieces_are_chosen_by_keyboard(page: Page, photo_file: Path) -> None:
    choose(page, photo_file)
    see_rows(page, 3)
    page.locator("#fp-pieces input").first.focus()
    page.keyboard.press("Space")
    expect(page.locator("#fp-row-1")).to_have_class(re.compile("fp-selected"))
    page.keyboard.press("ArrowDown")
    expect(page.locator("#fp-row-2")).to_have_class(re.compile("fp-selected"))
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#fp-row-3")).to_have_class(re.compile("fp-selected"))
    page.locator("#fp-row-3 .fp-open").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("dialog[open]")).to_contain_text("Yellow bag no. 0")


def test_the_crop_of_a_row_shows_its_piece_on_the_photo(page: Page, photo_file: Path, size: tuple[int, int]) -> None:
    choose(page, photo_file)
    see_rows(page, 3)
    before = page.locator("#fp-photo img").get_attribute("src")
    page.locator("#fp-row-2 .fp-crop").click()
    expect(page.locator("#fp-row-2")).to_have_class(re.compile("fp-selected"))
    expect(page.locator("#fp-pieces input:checked")).to_have_value("2")
    expect(page.locator("#fp-photo img")).not_to_have_attribute("src", before or "")
    assert in_view(page, "#fp-photo")


def test_options_change_the_rows(page: Page, photo_file: Path) -> None:
    choose(page, photo_file)
    see_rows(page, 3)
    page.get_by_role("button", name=texts.OPTIONS).click()
    page.get_by_label(f"number input for {texts.TOP}").fill("3")
    expect(page.locator("#fp-row-1 .fp-card")).to_have_count(3)
    page.get_by_label(f"number input for {texts.TOP}").fill("24")
    expect(page.locator("#fp-row-1 .fp-card")).to_have_count(10)
    page.locator("#fp-options").get_by_label(texts.SAME_KIND).uncheck()
    expect(page.locator("#fp-row-1 .fp-card").nth(10)).to_be_visible()
    page.get_by_label(f"number input for {texts.MIN_SCORE}").fill("80")
    see_rows(page, 2)
    expect(page.locator("#fp-pieces input")).to_have_count(2)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cut-off.jpg", b"\xff\xd8\xff\xe0 nothing more"),
        ("empty.png", b""),
        ("notes.txt", b"no picture at all"),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
    ],
)
def test_what_is_no_photo_gets_one_sentence(page: Page, tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    choose(page, tmp_path / name)
    expect(page.locator("#fp-status [role=alert]")).to_contain_text("The file")
    shown = page.locator("body").inner_text()
    assert not [word for word in INTERNAL if word in shown]
    expect(page.locator("#fp-drop")).to_be_visible()
    expect(page.locator("#fp-stage")).to_have_count(0)
    photo_of_pieces().save(tmp_path / "good.png")
    choose(page, tmp_path / "good.png")
    see_rows(page, 3)


def test_a_photo_of_200_megapixels_is_refused(page: Page, tmp_path: Path) -> None:
    Image.new("1", (20_000, 10_000)).save(tmp_path / "huge.png")
    choose(page, tmp_path / "huge.png")
    expect(page.locator("#fp-status [role=alert]")).to_contain_text("200 megapixels")


def test_a_phone_photo_in_heic_works(page: Page, tmp_path: Path) -> None:
    register_heif_opener()
    photo_of_pieces((720, 960)).save(tmp_path / "IMG_0001.HEIC", quality=95)
    choose(page, tmp_path / "IMG_0001.HEIC")
    see_rows(page, 3)
    page.wait_for_function("document.querySelector('#fp-photo img').naturalWidth === 720")


def given(page: Page, event: str, path: Path, kind: str) -> None:
    """Drop or paste a file of a type of our choosing somewhere on the page."""
    page.evaluate(
        """([event, data, name, type]) => {
          const bytes = Uint8Array.from(atob(data), letter => letter.charCodeAt(0));
          const files = new DataTransfer();
          files.items.add(new File([bytes], name, {type}));
          document.body.dispatchEvent(event === 'drop'
            ? new DragEvent('drop', {dataTransfer: files, bubbles: true, cancelable: true})
            : new ClipboardEvent('paste', {clipboardData: files, bubbles: true, cancelable: true}));
        }""",
        [event, base64.b64encode(path.read_bytes()).decode(), path.name, kind],
    )


def test_a_photo_can_be_dropped_and_pasted_anywhere(page: Page, photo_file: Path, tmp_path: Path) -> None:
    # Browsers that do not know a format give its files no type.
    given(page, "drop", photo_file, "")
    see_rows(page, 3)
    Image.new("RGB", (300, 300), "white").save(tmp_path / "blank.png")
    given(page, "paste", tmp_path / "blank.png", "image/png")
    expect(page.get_by_role("heading", name=texts.NO_PIECES)).to_be_visible()
    expect(page.locator(".fp-row")).to_have_count(0)
    for tip in texts.tips():
        expect(page.locator("#fp-right")).to_contain_text(tip)


def test_a_snapshot_of_the_webcam_is_looked_at(page: Page) -> None:
    page.get_by_label("Capture from camera").click()
    page.locator("#fp-drop").get_by_text("Click to Access Webcam").click()
    page.wait_for_function("document.querySelector('#fp-drop video')?.videoWidth > 0")
    page.get_by_label("capture photo").click()
    see_rows(page, 3)
    # The camera is off again.
    live = "[...document.querySelectorAll('video')].some(video => video.srcObject?.active)"
    page.wait_for_function(f"!{live}")


def test_an_example_photo(page: Page) -> None:
    page.locator(".fp-example").first.click()
    expect(page.locator("#fp-stage")).to_be_visible()
    expect(page.locator("#fp-status .fp-bar")).to_have_count(0)


def test_clear_brings_back_the_empty_page(page: Page, photo_file: Path) -> None:
    choose(page, photo_file)
    see_rows(page, 3)
    page.get_by_role("button", name=texts.ANOTHER).click()
    expect(page.locator("#fp-drop")).to_be_visible()
    expect(page.locator(".fp-example").first).to_be_visible()
    expect(page.locator("#fp-right")).to_have_count(0)
    expect(page.locator("#fp-stage")).to_have_count(0)
    choose(page, photo_file)
    see_rows(page, 3)


def test_an_earlier_photo_is_returned_to(page: Page, photo_file: Path, tmp_path: Path) -> None:
    choose(page, photo_file)
    see_rows(page, 3)
    page.get_by_role("button", name=texts.ANOTHER).click()
    Image.new("RGB", (300, 300), "white").save(tmp_path / "blank.png")
    choose(page, tmp_path / "blank.png")
    expect(page.get_by_role("heading", name=texts.NO_PIECES)).to_be_visible()
    page.locator(".fp-past").click()
    see_rows(page, 3)
    expect(page.locator(".fp-past")).to_have_count(1)
    page.get_by_role("button", name=texts.FORGET).click()
    expect(page.locator(".fp-past")).to_have_count(0)


def test_nothing_of_a_photo_stays_on_the_disk(page: Page, photo_file: Path, server_folder: Path) -> None:
    choose(page, photo_file)
    see_rows(page, 3)
    deadline = time.monotonic() + 15
    while (left := files_in(server_folder / "temporary")) and time.monotonic() < deadline:
        time.sleep(0.5)
    assert left == []


def files_in(folder: Path) -> list[str]:
    return [name for _, _, names in os.walk(folder) for name in names]


def test_a_photo_before_the_models_waits_in_view(visit: Page, tmp_path: Path, photo_file: Path) -> None:
    folder = tmp_path / "slow"
    folder.mkdir()
    command = ["-m", "tests.browser.serve_fakes", "PORT", str(folder / "catalogue"), "--slow", "8"]
    with serving(command, folder) as address:
        visit.goto(address)
        expect(visit.locator("#fp-loading")).to_contain_text("Loading the")
        choose(visit, photo_file)
        expect(visit.locator("#fp-status")).to_contain_text("Your photo is next. Loading the")
        expect(visit.locator("#fp-photo img")).to_be_visible()
        see_rows(visit, 3)
        expect(visit.locator("#fp-loading")).to_be_hidden()
        visit.goto("about:blank")
