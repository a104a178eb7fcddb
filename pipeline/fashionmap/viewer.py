"""The viewer's files as text: what draws the map in a browser, and how it looks."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).parent


def _text(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


VIEWER_JS = "".join(_text(f"{name}.js") for name in ("plane", "drawing", "viewer"))
VIEWER_CSS = _text("viewer.css")
