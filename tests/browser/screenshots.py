"""`make screenshots`: the pictures of the page in docs, taken of it as it is shipped. Only our own pictures show."""

from __future__ import annotations

import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from pipeline.settings import ROOT
from pipeline.ui import texts
from tests.browser.conftest import CHROMIUM, DESKTOP, PHONE, serving

TARGET = ROOT / "docs" / "images"
EXAMPLE = "Weekend"
LOADING_MS = 180_000


def example(page: Page) -> None:
    """An example's results with a piece selected."""
    page.locator(".fp-example", has_text=EXAMPLE).click()
    expect(page.locator("#fp-options")).to_be_visible(timeout=LOADING_MS)
    page.locator("#fp-pieces label").first.click()
    expect(page.locator("#fp-row-1.fp-selected")).to_be_visible()


def refined(page: Page) -> None:
    """Words that bend the matches of a piece."""
    example(page)
    row = page.locator("#fp-row-1")
    before = row.locator(".fp-cards").inner_html()
    row.locator("summary").click()
    row.locator("input[name=words]").fill("but black")
    row.locator("input[name=words]").press("Enter")
    expect(row.locator(".fp-cards")).not_to_have_js_property("innerHTML", before, timeout=LOADING_MS)
    page.evaluate("fpShow(1)")


def look(page: Page) -> None:
    """The whole look, and the chain at work."""
    example(page)
    page.locator(".fp-chain summary").click()
    page.locator(".fp-look").evaluate("element => element.scrollIntoView({block: 'start'})")


def search(page: Page) -> None:
    """Items like words."""
    page.get_by_role("tab", name=texts.SEARCH, exact=True).click()
    page.get_by_role("button", name="navy striped top").click()
    expect(page.locator("#fp-search-found .fp-card").first).to_be_visible(timeout=LOADING_MS)


PICTURES = {
    "page.webp": (DESKTOP, example),
    "phone.webp": (PHONE, example),
    "refine.webp": (DESKTOP, refined),
    "look.webp": (DESKTOP, look),
    "search.webp": (DESKTOP, search),
}


def take(browser: Browser, address: str, name: str) -> None:
    """One of PICTURES."""
    (width, height), prepare = PICTURES[name]
    page = browser.new_page(viewport={"width": width, "height": height}, reduced_motion="reduce")
    page.goto(address)
    expect(page.locator(".fp-footer")).to_contain_text("catalogue items", timeout=LOADING_MS)
    prepare(page)
    # What was chosen scrolls into view and the photo fades to its new marking; the page keeps a connection open, so
    # the network is never idle: every picture in sight tells instead.
    page.wait_for_timeout(1500)
    page.wait_for_function("""[...document.images].every(image => {
      const {top, bottom, height} = image.getBoundingClientRect();
      return !height || bottom < 0 || top > innerHeight || image.naturalWidth;
    })""")
    page.screenshot(path=TARGET / "raw.png")
    Image.open(TARGET / "raw.png").convert("RGB").save(TARGET / name, quality=85)
    (TARGET / "raw.png").unlink()
    page.close()


def main() -> None:
    """Write PICTURES into docs/images."""
    TARGET.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(["app.py", "--port", "PORT"], Path(folder)) as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        for name in PICTURES:
            take(browser, address, name)
        browser.close()


if __name__ == "__main__":
    main()
