"""The main flow as a short animated picture: a photo is chosen, its pieces are matched, words bend a match."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.sync_api import Locator, Page, expect

SIZE = (1200, 860)
NAME = "flow.webp"
EXAMPLE, WORDS = "Weekend", "but black"
# Pixels; and milliseconds that a picture stays.
WIDTH, MAX_BYTES = 1000, 1_500_000
LOOK, MOVE, TYPE = 2600, 900, 260
_WAIT_MS = 180_000

Frame = tuple[Image.Image, int]


def frames(page: Page, shot: Callable[[], Image.Image]) -> Iterator[Frame]:
    """Go through the flow on a page that is ready, yielding pictures and how long each stays."""
    chosen = page.locator(".fp-example", has_text=EXAMPLE)
    yield shot(), LOOK
    yield _pointed(shot(), chosen), MOVE
    chosen.click()
    # A stage is over sooner than a picture is taken, so the first is what counts.
    page.locator("#fp-status .fp-status").wait_for(timeout=_WAIT_MS)
    yield _at_once(page), MOVE
    expect(page.locator("#fp-options")).to_be_visible(timeout=_WAIT_MS)
    # What lies under the mouse would show its buttons.
    page.mouse.move(0, 0)
    yield shot(), LOOK
    piece = page.locator("#fp-pieces label").first
    yield _pointed(shot(), piece), MOVE
    piece.click()
    expect(page.locator("#fp-row-1.fp-selected")).to_be_visible()
    yield shot(), LOOK
    row = page.locator("#fp-row-1")
    words = row.locator("input[name=words]")
    yield _pointed(shot(), words), MOVE
    before = row.locator(".fp-cards").inner_html()
    words.click()
    for end in range(4, len(WORDS) + 1):
        words.fill(WORDS[:end])
        yield _at_once(page), TYPE
    words.press("Enter")
    expect(row.locator(".fp-cards")).not_to_have_js_property("innerHTML", before, timeout=_WAIT_MS)
    yield shot(), LOOK
    page.locator(".fp-look").evaluate("element => element.scrollIntoView({block: 'center'})")
    yield shot(), LOOK


def save(film: Iterator[Frame], path: Path) -> None:
    """Write the pictures as one animated WebP of at most MAX_BYTES."""
    pictures, stays = zip(*film, strict=True)
    height = round(WIDTH * SIZE[1] / SIZE[0])
    small = [picture.resize((WIDTH, height), Image.Resampling.LANCZOS) for picture in pictures]
    for quality in (88, 75, 60, 45):
        small[0].save(
            path, save_all=True, append_images=small[1:], duration=list(stays), loop=0, quality=quality, method=6
        )
        if path.stat().st_size <= MAX_BYTES:
            return
    raise SystemExit(f"{path.name} has {path.stat().st_size} bytes; take fewer pictures.")


def _at_once(page: Page) -> Image.Image:
    """What the window shows, settled or not."""
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def _pointed(picture: Image.Image, target: Locator) -> Image.Image:
    """The picture with a dot where a finger would be."""
    box = target.bounding_box()
    assert box is not None
    x, y, radius = box["x"] + min(box["width"] / 2, 60), box["y"] + box["height"] / 2, 17
    over = Image.new("RGBA", picture.size)
    ImageDraw.Draw(over).ellipse(
        (x - radius, y - radius, x + radius, y + radius), fill=(53, 107, 84, 110), outline=(53, 107, 84, 255), width=3
    )
    return Image.alpha_composite(picture.convert("RGBA"), over).convert("RGB")
