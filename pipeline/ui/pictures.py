"""Pictures on their way to the browser: encoded, and served without a file or a path in sight."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

import numpy as np
from PIL import Image
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pipeline.errors import UnreadablePhoto
from pipeline.photo import crop_to, read_photo
from pipeline.settings import Settings
from pipeline.ui.examples import Example
from pipeline.ui.loading import Loader
from pipeline.ui.visits import Visits

THUMB_SIDE, LARGE_SIDE = 320, 1000
_TYPES = {
    "jpg": "image/jpeg",
    "webp": "image/webp",
    "csv": "text/csv",
    "json": "application/json",
    "zip": "application/zip",
}
_PRIVATE = {"Cache-Control": "private, no-store"}
_PUBLIC = {"Cache-Control": "public, max-age=600"}


def webp(pixels: np.ndarray, side: int | None = None) -> bytes:
    """(H, W, 3) or (H, W, 4) uint8 -> the bytes of a WebP file, its long side at most `side`."""
    image = Image.fromarray(pixels)
    if side is not None:
        image.thumbnail((side, side), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    # Method 0 takes a third of the default's time for a tenth more bytes.
    image.save(buffer, "WEBP", quality=86, method=0)
    return buffer.getvalue()


def item_address(item_id: str, large: bool = False) -> str:
    """Where the page finds the picture of a catalogue item, relative to the page."""
    return f"catalogue/{'large' if large else 'thumb'}/{quote(item_id)}"


def example_address(number: int) -> str:
    """Where the page finds the thumbnail of an example photo, relative to the page."""
    return f"example/{number}"


def routes(loader: Loader, visits: Visits, examples: Sequence[Example]) -> list[Route]:
    """The addresses of all pictures; they come before gradio's own."""

    def of_visit(request: Request) -> Response:
        name = request.path_params["name"]
        data = visits.file(request.path_params["token"], name)
        if data is None:
            return Response(status_code=404)
        return Response(data, media_type=_TYPES[name.rpartition(".")[2]], headers=_PRIVATE)

    def of_item(request: Request) -> Response:
        if not loader.status.ready:
            return Response(status_code=404)
        try:
            index = loader.matcher.index
            item = index.item(request.path_params["item"])
            side = LARGE_SIDE if request.path_params["size"] == "large" else THUMB_SIDE
            return Response(_scaled_once(index.picture(item), side, item.box), media_type="image/webp", headers=_PUBLIC)
        except (KeyError, UnreadablePhoto):
            return Response(status_code=404)

    def of_example(request: Request) -> Response:
        number = request.path_params["number"]
        if number >= len(examples):
            return Response(status_code=404)
        try:
            return Response(_scaled_once(examples[number].path, THUMB_SIDE), media_type="image/webp", headers=_PUBLIC)
        except UnreadablePhoto:
            return Response(status_code=404)

    return [
        Route("/visit/{token}/{name}", of_visit),
        Route("/catalogue/{size}/{item:path}", of_item),
        Route("/example/{number:int}", of_example),
    ]


def _scaled_once(path: Path, side: int, box: tuple[int, int, int, int] | None = None) -> bytes:
    # A picture may be replaced by another of its name.
    return _scaled(path, path.stat().st_mtime_ns if path.exists() else 0, side, box)


@lru_cache(maxsize=2048)
def _scaled(path: Path, changed: int, side: int, box: tuple[int, int, int, int] | None) -> bytes:
    return webp(crop_to(read_photo(path, Settings(max_side=max(side, LARGE_SIDE))), box), side)
