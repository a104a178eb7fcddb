"""The HTTP entrance: one request in, one JSON document out. `GET /api` is its documentation."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from markdown_it import MarkdownIt
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.routing import BaseRoute, Mount, Route

from pipeline.settings import ROOT
from pipeline.ui.api import Service, sentence_of
from pipeline.ui.api_limits import TOO_LARGE, Refused, caller_of
from pipeline.ui.api_models import (
    CatalogueAnswer,
    CatalogueOptions,
    MatchAnswer,
    MatchOptions,
    Problem,
    SearchAnswer,
    SearchOptions,
)

DOCUMENTATION = ROOT / "docs" / "api.md"
_CSS = Path(__file__).parent / "plain.css"
# Bytes that a form may have beside the photo in it.
_FORM_ROOM = 2**16
_ONE_PHOTO = (
    "Send one photo: as the body of the request, or as the file “photo” of a form; options go into the address."
)
_PROBLEMS: dict[int | str, dict[str, Any]] = {
    422: {"model": Problem, "description": "What was asked makes no sense, or the photo cannot be read"},
    429: {"model": Problem, "description": "Too many calls; Retry-After says when to try again"},
    503: {"model": Problem, "description": "Models are being loaded, or too many photos are waiting; Retry-After"},
}
_PHOTO_PROBLEMS = {413: {"model": Problem, "description": "The photo is too large"}, **_PROBLEMS}
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_PHOTO_BODY = {
    "requestBody": {
        "required": True,
        "description": "A picture file: the body itself, or the file “photo” of a form.",
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["photo"],
                    "properties": {"photo": {"type": "string", "format": "binary"}},
                }
            },
            "image/*": _BINARY,
            "application/octet-stream": _BINARY,
        },
    }
}


def api_routes(service: Service) -> list[BaseRoute]:
    """The routes to put before gradio's own."""
    # Read now, so that a wrong setting is told when the app starts.
    assert service.callers
    return [Route("/api", _documentation), Mount("/api", _app(service))]


def _app(service: Service) -> FastAPI:
    app = FastAPI(
        title="Fashion Pieces Matching",
        version="1",
        description="Finds the pieces of clothing in a photo and their nearest matches in the catalogue.",
        docs_url=None,
        redoc_url=None,
    )
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _no_such)

    # Threads of their own, so that those who wait here take none from the page; one more, to turn the next one away.
    threads = CapacityLimiter(service.settings.api_waiting + 1)

    def admit(request: Request, *, photo: bool = False) -> None:
        host = request.client.host if request.client else None
        service.admit(caller_of(host, request.headers, service.settings.proxy), photo=photo)

    @app.post("/match", response_model=MatchAnswer, responses=_PHOTO_PROBLEMS, openapi_extra=_PHOTO_BODY)
    async def match(request: Request, options: Annotated[MatchOptions, Query()]) -> Any:
        """The pieces of a photo, and the nearest items of the catalogue for each."""
        most = service.max_bytes + _FORM_ROOM
        try:
            admit(request, photo=True)
        except Refused:
            await _body(request, 0, most)
            raise
        body = await _body(request, most, most)
        if body is None:
            raise Refused(413, TOO_LARGE.format(service.settings.api_megabytes))
        photo, name = await _photo(request, body)
        return await run_sync(service.match, photo, name, options, _root(request), limiter=threads)

    @app.get("/search", response_model=SearchAnswer, responses=_PROBLEMS)
    def search(request: Request, options: Annotated[SearchOptions, Query()]) -> Any:
        """The items of the catalogue nearest to a description."""
        admit(request)
        return service.search(options, _root(request))

    @app.get("/catalogue", response_model=CatalogueAnswer, responses=_PROBLEMS)
    def catalogue(request: Request, options: Annotated[CatalogueOptions, Query()]) -> Any:
        """What the catalogue is, what it can be filtered by, and a page of its items."""
        admit(request)
        return service.catalogue(options, _root(request))

    return app


async def _body(request: Request, most: int, patience: int) -> bytes | None:
    """The body of a request; None if it has more than `most` bytes, no more of which are ever in memory.

    What is on its way is let in and thrown away, up to `patience` bytes more: many clients only listen once they have
    said everything.
    """
    data, read = bytearray(), 0
    async for chunk in request.stream():
        read += len(chunk)
        if read <= most:
            data += chunk
        elif read > most + patience:
            break
    return bytes(data) if read <= most else None


async def _photo(request: Request, body: bytes) -> tuple[bytes, str]:
    """The photo in a body, and its name.

    Raises:
        Refused: there is none, or more than that.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "multipart/form-data":
        return body, "photo"

    async def once() -> AsyncIterator[bytes]:
        yield body

    try:
        form = await _InMemory(request.headers, once(), max_files=1, max_fields=0).parse()  # type: ignore[arg-type]
    except (MultiPartException, KeyError) as error:
        raise Refused(422, _ONE_PHOTO) from error
    for file in form.values():
        if not isinstance(file, str):
            return await file.read(), (file.filename or "photo").replace("\\", "/").rpartition("/")[2]
    raise Refused(422, _ONE_PHOTO)


class _InMemory(MultiPartParser):
    """Writes no part of a form to the disk; the body's size was bounded before."""

    spool_max_size = 2**62


def _root(request: Request) -> str:
    """What stands before the addresses of this server, where something does."""
    return str(request.scope.get("app_root_path", "")).rstrip("/")


def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refused)
    headers = {} if error.after is None else {"Retry-After": str(error.after)}
    return _problem(error.status, str(error), {**headers, "Access-Control-Expose-Headers": "Retry-After"})


def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    return _problem(422, sentence_of(error.errors()))


def _no_such(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return _problem(error.status_code, f"{error.detail}; see the documentation at /api.", error.headers)


def _problem(status: int, sentence: str, headers: Any = None) -> JSONResponse:
    return JSONResponse({"error": sentence}, status, headers)


@lru_cache(maxsize=1)
def _page() -> str:
    body = MarkdownIt("commonmark").enable("table").render(DOCUMENTATION.read_text())
    return (
        "<!doctype html><html lang='en'><meta charset='utf-8'><meta name='viewport' content='width=device-width'>"
        f"<title>API · Fashion Pieces Matching</title><style>{_CSS.read_text()}</style>"
        f"<main><nav><a href='./'>The page</a> · <a href='api/openapi.json'>openapi.json</a></nav>{body}</main></html>"
    )


def _documentation(request: Request) -> HTMLResponse:
    return HTMLResponse(_page())
