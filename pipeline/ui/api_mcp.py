"""match and search as tools of the Model Context Protocol, at /mcp. Needs the extra of requirements-mcp.txt."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Annotated, Any

from anyio.to_thread import run_sync
from mcp.server.fastmcp import Context, FastMCP
from mcp.server.fastmcp.exceptions import ToolError
from mcp.server.transport_security import TransportSecuritySettings
from mcp.types import ToolAnnotations
from pydantic import Field
from starlette.requests import Request
from starlette.routing import BaseRoute

from pipeline.settings import Settings
from pipeline.ui.api import Service, decoded
from pipeline.ui.api_limits import Refused, caller_of
from pipeline.ui.api_models import (
    Categories,
    Colours,
    MatchAnswer,
    MatchOptions,
    MinScore,
    Price,
    SameKind,
    SearchAnswer,
    SearchOptions,
    Top,
    Where,
    Words,
)

PATH = "/mcp"
Picture = Annotated[str, Field(description="A picture file (JPEG, PNG, WebP, HEIC, …) as base64, or as a data URL.")]
_INSTRUCTIONS = "Finds the pieces of clothing in photos, and articles of one shop's catalogue that are like them."
_ASKS_ONLY = ToolAnnotations(readOnlyHint=True, destructiveHint=False, idempotentHint=True, openWorldHint=False)


def mcp_server(service: Service) -> FastMCP:
    """The server with its two tools; every call stands for itself."""
    server = FastMCP(
        "fashion-pieces-matching",
        _INSTRUCTIONS,
        streamable_http_path=PATH,
        stateless_http=True,
        json_response=True,
        log_level="WARNING",
        # The check is for servers that are reached by one name only; what is told here anybody may know.
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )

    @server.tool(annotations=_ASKS_ONLY)
    async def match(
        context: Context,
        photo: Picture,
        top: Top = Settings.top,
        same_kind: SameKind = True,
        min_score: MinScore = Settings.min_score,
        category: Categories = [],  # noqa: B006  pydantic copies it
        colour: Colours = [],  # noqa: B006
        min_price: Price = None,
        max_price: Price = None,
        where: Where = [],  # noqa: B006
    ) -> MatchAnswer:
        """Find every piece of clothing in a photo (top, skirt, shoes, bag, …) and, for each, the articles of the
        catalogue that look most like it, nearest first, with price, link and picture address. Use it when there is a
        photo; use `search` when there are only words. An empty list of pieces means that no clothing was found; an
        empty list of matches means that nothing in the catalogue is close enough."""
        options = MatchOptions(top=top, same_kind=same_kind, min_score=min_score, category=category, colour=colour,
                               min_price=min_price, max_price=max_price, where=where)  # fmt: skip
        answer = await _told(service, context, lambda root: service.match(decoded(photo), "photo", options, root))
        return MatchAnswer(**answer)

    @server.tool(annotations=_ASKS_ONLY)
    async def search(
        context: Context,
        q: Words,
        top: Top = Settings.top,
        category: Categories = [],  # noqa: B006
        colour: Colours = [],  # noqa: B006
        min_price: Price = None,
        max_price: Price = None,
        where: Where = [],  # noqa: B006
    ) -> SearchAnswer:
        """Find articles of the catalogue by a short description of colour, pattern and kind, such as "navy striped
        top" or "black leather bag", nearest first, with price, link and picture address. Names of categories and
        colours that do not exist are answered with those that do. For a photo, use `match`."""
        options = SearchOptions(q=q, top=top, category=category, colour=colour, min_price=min_price,
                                max_price=max_price, where=where)  # fmt: skip
        return SearchAnswer(**await _told(service, context, lambda root: service.search(options, root)))

    return server


def mcp_routes(server: FastMCP) -> tuple[list[BaseRoute], Callable[[Any], AbstractAsyncContextManager[None]]]:
    """The routes to put before gradio's own, and what has to run while they are served."""
    routes = server.streamable_http_app().routes
    return list(routes), lambda app: server.session_manager.run()


async def _told(service: Service, context: Context, answer: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """The answer for somebody who may have one, made in a thread; it takes the address that this server goes by."""
    request = context.request_context.request
    assert isinstance(request, Request)
    host = request.client.host if request.client else None
    try:
        service.admit(caller_of(host, request.headers, service.settings.proxy))
        return await run_sync(answer, str(request.base_url).rstrip("/"))
    except Refused as error:
        raise ToolError(str(error)) from error
