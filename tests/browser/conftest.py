"""A served page and a browser that must not leave this machine."""

from __future__ import annotations

import math
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlparse

import numpy as np
import pytest
from PIL import ImageChops
from playwright.sync_api import Browser, Page, expect, sync_playwright

from pipeline.settings import ROOT
from tests.fakes import photo_of_pieces

# Without a window to draw, frames come in time: now and then the whole Chromium stopped drawing a page for good.
BROWSERS = ("/usr/bin/chromium-headless-shell", "/usr/bin/chromium")
CHROMIUM = os.environ.get("CHROMIUM") or next((path for path in BROWSERS if Path(path).exists()), BROWSERS[0])
DESKTOP, PHONE = (1440, 900), (390, 844)
# Milliseconds. Nothing waits longer than it must; a machine that is busy with other things gets the time it needs.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)


@contextmanager
def serving(command: list[str], folder: Path, environment: dict[str, str] | None = None) -> Iterator[str]:
    """Run a command that serves the page on the port given as PORT in it; yields the page's address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    temporary = folder / "temporary"
    temporary.mkdir()
    settings = {**os.environ, "TMPDIR": str(temporary), **(environment or {})}
    settings.pop("GRADIO_TEMP_DIR", None)
    arguments = [part.replace("PORT", str(port)) for part in command]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([sys.executable, *arguments], cwd=ROOT, env=settings, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}/"
    try:
        for _ in range(900):
            try:
                urllib.request.urlopen(address, timeout=10).close()
                break
            except OSError:
                assert process.poll() is None, (folder / "log").read_text()
                time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait(60)


@pytest.fixture(scope="session")
def server_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the served page of fakes keeps its catalogue, its log and its temporary files."""
    return tmp_path_factory.mktemp("served")


@pytest.fixture(scope="session")
def address(server_folder: Path) -> Iterator[str]:
    """The page with fake stages."""
    command = ["-m", "tests.browser.serve_fakes", "PORT", str(server_folder / "catalogue")]
    with serving(command, server_folder) as served:
        yield served


def write_video(path: Path, size: tuple[int, int] = (480, 640), frames: int = 10) -> None:
    """A film of the outfit that `photo_of_pieces` shows, swaying, as Chromium's fake camera plays it (Y4M, 4:2:0)."""
    width, height = size
    with path.open("wb") as file:
        file.write(b"YUV4MPEG2 W%d H%d F10:1 Ip A1:1 C420mpeg2\n" % size)
        for n in range(frames):
            sway = round(12 * math.sin(2 * math.pi * n / frames))
            picture = ImageChops.offset(photo_of_pieces(size), sway, 0).convert("YCbCr")
            luma, blue, red = (np.asarray(band, np.float32) for band in picture.split())
            # Films know less than the full range: 16 to 235, and 16 to 240.
            planes = [16 + luma * 219 / 255, *(128 + (band[::2, ::2] - 128) * 224 / 255 for band in (blue, red))]
            file.write(b"FRAME\n" + b"".join(plane.round().astype(np.uint8).tobytes() for plane in planes))


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    film = tmp_path_factory.mktemp("camera") / "outfit.y4m"
    write_video(film)
    options = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    ]
    # A run that decides about a change must not pass by leaving the browser out.
    if not Path(CHROMIUM).exists() and not os.environ.get("CI"):
        pytest.skip(f"there is no Chromium at {CHROMIUM}; install it, or name another one in CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        yield browser
        browser.close()


@pytest.fixture(params=[DESKTOP, PHONE], ids=["desktop", "phone"])
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    """Tests that ask for it run at both sizes."""
    return request.param


@pytest.fixture
def visit(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """An empty tab; at the end, nothing may have been asked of another machine, and no script may have failed."""
    width, height = request.getfixturevalue("size") if "size" in request.fixturenames else DESKTOP
    context = chromium.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    outside: list[str] = []
    failed: list[str] = []

    def watch(url: str) -> None:
        if urlparse(url).scheme not in ("data", "blob") and urlparse(url).hostname != "127.0.0.1":
            outside.append(url)

    page.on("request", lambda asked: watch(asked.url))
    page.on("pageerror", lambda error: failed.append(str(error)))
    yield page
    context.close()
    assert not outside and not failed


@pytest.fixture
def page(visit: Page, address: str) -> Page:
    """The page with fake stages, opened and ready."""
    visit.goto(address)
    visit.wait_for_selector("#fp-drop input[type=file]", state="attached")
    visit.wait_for_selector(".fp-footer >> text=fake-pieces")
    return visit


@pytest.fixture
def photo_file(tmp_path: Path) -> Path:
    """A red top, a green skirt and a yellow bag, as a file."""
    path = tmp_path / "outfit.png"
    photo_of_pieces((720, 960)).save(path)
    return path
