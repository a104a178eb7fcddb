"""`make screenshots`: the README's pictures, taken of the page as it is shipped. They show our own pictures only."""

from __future__ import annotations

import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

from pipeline.settings import ROOT
from tests.browser.conftest import CHROMIUM, DESKTOP, PHONE, serving

TARGET = ROOT / "docs" / "images"
EXAMPLE = "Weekend"
LOADING_MS = 180_000


def take(page: Page, address: str, name: str) -> None:
    """One picture of an example's results with a piece selected."""
    page.goto(address)
    expect(page.locator(".fp-footer")).to_contain_text("catalogue items", timeout=LOADING_MS)
    page.locator(".fp-example", has_text=EXAMPLE).click()
    expect(page.locator("#fp-options")).to_be_visible(timeout=LOADING_MS)
    page.locator("#fp-pieces label").first.click()
    expect(page.locator("#fp-row-1.fp-selected")).to_be_visible()
    # The page keeps a connection open, so the network is never idle: every picture in sight tells instead.
    page.wait_for_function("[...document.querySelectorAll('#fp-row-1 img')].every(image => image.naturalWidth)")
    # The selected row scrolls into view and the photo fades to its new marking.
    page.wait_for_timeout(1500)
    page.screenshot(path=TARGET / "raw.png")
    Image.open(TARGET / "raw.png").convert("RGB").save(TARGET / name, quality=85)
    (TARGET / "raw.png").unlink()


def main() -> None:
    """Write docs/images/page.webp and phone.webp."""
    TARGET.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(["app.py", "--port", "PORT"], Path(folder)) as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        for name, (width, height) in (("page.webp", DESKTOP), ("phone.webp", PHONE)):
            page = browser.new_page(viewport={"width": width, "height": height}, reduced_motion="reduce")
            take(page, address, name)
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
