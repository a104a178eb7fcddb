"""The addresses of a map: its data in the language of whoever asks, and its sheets of thumbnails."""

from __future__ import annotations

import json

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pipeline.ui.languages import preferred, speaking
from pipeline.ui.map_layouts import Maps

# A map that changes has other addresses, so what was fetched stays good.
_SHEET = {"Cache-Control": "public, max-age=86400, immutable"}
_DATA = {"Cache-Control": "private, max-age=600", "Vary": "Accept-Language"}


def map_routes(maps: Maps) -> list[Route]:
    """The addresses, relative to the page."""

    def data(request: Request) -> Response:
        shown = maps.of(request.path_params["key"])
        if shown is None:
            return Response(status_code=404)
        with speaking(preferred(request.headers.get("accept-language", ""))):
            document = json.dumps(shown.document(), separators=(",", ":"))
        return Response(document, media_type="application/json", headers=_DATA)

    def sheet(request: Request) -> Response:
        shown = maps.of(request.path_params["key"])
        made = None if shown is None else shown.sheet(request.path_params["number"])
        return Response(status_code=404) if made is None else Response(made, media_type="image/webp", headers=_SHEET)

    return [Route("/map/{key}/data.json", data), Route("/map/{key}/{number:int}.webp", sheet)]
