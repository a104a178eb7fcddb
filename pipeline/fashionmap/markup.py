"""The elements that the viewer works on, for the page and for the self-contained file alike."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape


def viewer(words: Mapping[str, str], above: str = "", *, layout: str = "free", grouping: str = "") -> str:
    """The viewer's HTML. words: as in `wording.WORDS`. above: further HTML in its bar.

    layout, grouping: what is pressed at first; the viewer itself is told by whoever starts it.
    """
    said = {key: escape(sentence) for key, sentence in words.items()}
    layouts = "".join(_button("layout", name, said[name], name == layout) for name in ("free", "grid"))
    colours = "".join(
        _button("colour", name, said[name or "nothing"], name == grouping) for name in ("", "category", "colour")
    )
    return (
        f"<div class='fm'><div class='fm-bar'>"
        f"<div role='group' aria-label='{said['arranged']}'><span>{said['arranged']}</span>{layouts}</div>"
        f"<div role='group' aria-label='{said['coloured']}'><span>{said['coloured']}</span>{colours}</div>{above}</div>"
        f"<div class='fm-view'><canvas tabindex='0' role='application' aria-label='{said['canvas']}'></canvas>"
        f"<div class='fm-tip' hidden></div><div class='fm-told' role='status'></div><div class='fm-zoom'>"
        f"{_sign('zoom', '1.6', '+', said['nearer'])}{_sign('zoom', '0.625', '−', said['farther'])}"
        f"{_sign('fit', '', '⤢', said['fit'])}</div></div>"
        f"<div class='fm-legend'></div><p class='fm-hint'>{said['hint']}</p></div>"
    )


def _button(act: str, value: str, shown: str, pressed: bool) -> str:
    state = str(pressed).lower()
    return f"<button type='button' data-map='{act}' data-value='{value}' aria-pressed='{state}'>{shown}</button>"


def _sign(act: str, value: str, sign: str, name: str) -> str:
    said = f"aria-label='{name}' title='{name}'"
    return f"<button type='button' data-map='{act}' data-value='{value}' {said}>{sign}</button>"
