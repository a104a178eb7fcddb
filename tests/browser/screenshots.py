"""`make screenshots`: the pictures of the page in docs, taken of it as it is shipped. Only our own pictures show."""

from __future__ import annotations

import argparse
import io
import tempfile
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from pipeline.settings import ROOT
from pipeline.ui import texts
from pipeline.ui.examples import OWN, find_examples
from tests.browser import film, gallery
from tests.browser.conftest import CHROMIUM, DESKTOP, PHONE, serving

TARGET = ROOT / "docs" / "images"
EXAMPLE = film.EXAMPLE
LOADING_MS = 180_000


def example(page: Page) -> None:
    """An example's results with a piece selected."""
    page.locator(".fp-example", has_text=EXAMPLE).click()
    expect(page.locator("#fp-options")).to_be_visible(timeout=LOADING_MS)
    page.locator("#fp-pieces label").first.click()
    expect(page.locator("#fp-row-1.fp-selected")).to_be_visible()
    # What lies under the mouse would show its buttons.
    page.mouse.move(0, 0)


def whole(page: Page) -> None:
    """The same from the top of the page on."""
    example(page)
    # The row has come into view by then.
    page.wait_for_timeout(1000)
    page.evaluate("scrollTo(0, 0)")


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


def wardrobe(page: Page) -> None:
    """Several photos counted."""
    page.get_by_role("tab", name="Wardrobe", exact=True).click()
    page.locator("#fp-wardrobe-files input[type=file]").set_input_files(sorted(OWN.glob("*.jpg")))
    page.locator("#fp-wardrobe-do button").first.click()
    expect(page.locator("#fp-wardrobe-garments .fp-card").first).to_be_visible(timeout=LOADING_MS)
    expect(page.locator("#fp-wardrobe-told .fp-status")).to_have_count(0, timeout=LOADING_MS)
    page.locator("#fp-wardrobe-summary").evaluate("element => element.scrollIntoView({block: 'start'})")


def fashion_map(page: Page) -> None:
    """The whole catalogue laid out by likeness, the photo's pieces among it."""
    example(page)
    page.get_by_role("tab", name="Map", exact=True).click()
    expect(page.locator("#fp-map [data-drawn]")).to_be_visible(timeout=LOADING_MS)
    loaded = "fpMap.sheets?.length && fpMap.sheets.every(sheet => sheet.naturalWidth)"
    page.wait_for_function(loaded, timeout=LOADING_MS)
    page.locator("#fp-map").evaluate("element => element.scrollIntoView({block: 'end'})")


PICTURES: dict[str, tuple[tuple[int, int], Callable[[Page], None]]] = {
    "page.webp": (DESKTOP, whole),
    "phone.webp": (PHONE, example),
    "refine.webp": (DESKTOP, refined),
    "look.webp": (DESKTOP, look),
    "search.webp": (DESKTOP, search),
    "map.webp": (DESKTOP, fashion_map),
    "wardrobe.webp": (DESKTOP, wardrobe),
}


def ready(browser: Browser, address: str, size: tuple[int, int]) -> Page:
    """The page in a window of that size, its models loaded."""
    page = browser.new_page(viewport={"width": size[0], "height": size[1]}, reduced_motion="reduce", locale="en-GB")
    page.goto(address)
    expect(page.locator(".fp-footer")).to_contain_text("catalogue items", timeout=LOADING_MS)
    # Photos that packages bring along are not ours to show.
    ours = sum(example.path.parent == OWN for example in find_examples())
    page.add_style_tag(content=f".fp-example:nth-of-type(n + {ours + 1}) {{ display: none; }}")
    return page


def shot(page: Page) -> Image.Image:
    """What the window shows, once it has settled."""
    # What was chosen scrolls into view and the photo fades to its new marking; the page keeps a connection open, so
    # the network is never idle: every picture in sight tells instead.
    page.wait_for_timeout(1500)
    page.wait_for_function("""[...document.images].every(image => {
      const {top, bottom, height} = image.getBoundingClientRect();
      const hidden = !height || bottom < 0 || top > innerHeight || !image.checkVisibility();
      return hidden || image.naturalWidth;
    })""")
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def take(browser: Browser, address: str, name: str) -> None:
    """One of PICTURES."""
    size, prepare = PICTURES[name]
    page = ready(browser, address, size)
    prepare(page)
    shot(page).save(TARGET / name, quality=85)
    page.close()


def main() -> None:
    """Write PICTURES, the film and the gallery; or only those that are named."""
    parser = argparse.ArgumentParser(prog="python -m tests.browser.screenshots", description=main.__doc__)
    names = [*PICTURES, film.NAME, gallery.NAME]
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of: {', '.join(names)}")
    wanted = parser.parse_args().names or names
    if unknown := set(wanted) - set(names):
        parser.error(f"there is no picture {', '.join(sorted(unknown))}")
    TARGET.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(["app.py", "--port", "PORT"], Path(folder), {"FASHION_MODELS": "bundled"}) as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        for name in (name for name in wanted if name in PICTURES):
            print(name, flush=True)
            take(browser, address, name)
        if film.NAME in wanted:
            print(film.NAME, flush=True)
            page = ready(browser, address, film.SIZE)
            film.save(film.frames(page, lambda: shot(page)), TARGET / film.NAME)
        browser.close()
    if gallery.NAME in wanted:
        print(gallery.NAME, flush=True)
        gallery.write(ROOT / "docs" / gallery.NAME, TARGET / "gallery")


if __name__ == "__main__":
    main()
