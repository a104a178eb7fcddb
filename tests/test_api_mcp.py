"""match and search as tools, through the client library of the protocol."""

from __future__ import annotations

import asyncio
import base64
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

import app
from pipeline.matcher import Matcher
from pipeline.ui.page import NO_MCP
from tests.test_app import free_port


def test_a_missing_extra_is_one_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "mcp", None)
    for name in [name for name in sys.modules if name.startswith("mcp.") or name == "pipeline.ui.api_mcp"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(app.signal, "signal", lambda *_: None)
    with pytest.raises(SystemExit) as ended:
        app.main(["--mcp", "--port", str(free_port())])
    assert ended.value.code == 2 and capsys.readouterr().err == f"{NO_MCP}\n"


@pytest.fixture
def address(fake_matcher: Matcher) -> Iterator[str]:
    pytest.importorskip("mcp", reason="the extra of requirements-mcp.txt is not installed")
    page = app.build_app(lambda progress: fake_matcher)
    page.launch(server_name="127.0.0.1", server_port=free_port(), mcp=True, prevent_thread_lock=True)
    page.loader.wait(30)
    yield str(page.local_url)
    page.close()


def test_two_tools_and_nothing_else(address: str, photo: Any, encode: Callable[..., bytes]) -> None:
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    picture = encode(photo)

    async def visit() -> None:
        async with (
            streamable_http_client(f"{address}mcp") as (read, write, _),
            ClientSession(read, write) as session,
        ):
            offered = await session.initialize()
            assert offered.capabilities.tools and "clothing" in (offered.instructions or "")
            tools = {tool.name: tool for tool in (await session.list_tools()).tools}
            assert set(tools) == {"match", "search"}
            assert not (await session.list_resources()).resources and not (await session.list_prompts()).prompts
            for tool, required in (("match", ["photo"]), ("search", ["q"])):
                assert tools[tool].inputSchema["required"] == required
                described = tools[tool].inputSchema["properties"].values()
                assert all(option["description"] for option in described)
                assert "when" in (tools[tool].description or "") or "For a photo" in (tools[tool].description or "")

            told = await session.call_tool("match", {"photo": base64.b64encode(picture).decode(), "top": 2})
            pieces = told.structuredContent["pieces"]
            assert [piece["label"] for piece in pieces] == ["top", "skirt", "bag"]
            match = pieces[0]["matches"][0]
            assert match["id"] == "red-0" and match["image"].startswith(address)

            assert httpx.get(match["image"]).status_code == 200

            found = await session.call_tool("search", {"q": "red", "top": 1, "max_price": 20})
            assert [match["id"] for match in found.structuredContent["matches"]] == ["red-0"]

            for tool, options, said in (
                ("match", {"photo": "no base64"}, "picture file as base64"),
                ("match", {"photo": base64.b64encode(b"no picture").decode()}, "not a picture"),
                ("search", {"q": "red", "category": ["poncho"]}, "no category “poncho”; it has: "),
                ("search", {"q": "red", "top": 0}, "greater than or equal to 1"),
            ):
                refused = await session.call_tool(tool, options)
                assert refused.isError and said in refused.content[0].text

    # The browser tests leave a loop running in this thread.
    with ThreadPoolExecutor(1) as aside:
        aside.submit(asyncio.run, visit()).result()


def test_tools_are_only_served_when_asked_for(
    fake_matcher: Matcher, monkeypatch: pytest.MonkeyPatch, photo: Any
) -> None:
    monkeypatch.setenv("GRADIO_MCP_SERVER", "true")
    page = app.build_app(lambda progress: fake_matcher)
    page.launch(server_name="127.0.0.1", server_port=free_port(), prevent_thread_lock=True)
    try:
        for path in ("mcp", "gradio_api/mcp/"):
            answer = httpx.post(f"{page.local_url}{path}", json={"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
            assert answer.status_code in (404, 405)
    finally:
        page.close()
