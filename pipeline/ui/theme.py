"""One visual language: system fonts, warm greys, one green; light and dark."""

from __future__ import annotations

import json
from pathlib import Path

import gradio as gr

from pipeline.fashionmap.viewer import VIEWER_CSS, VIEWER_JS
from pipeline.ui.languages import LANGUAGES

_FOLDER = Path(__file__).parent
CSS = "\n".join(((_FOLDER / "page.css").read_text("utf-8"), VIEWER_CSS, (_FOLDER / "map.css").read_text("utf-8")))
_SCRIPT = (_FOLDER / "page.js").read_text(encoding="utf-8").replace("LANGUAGES", json.dumps(LANGUAGES))
HEAD = f"<script>{_SCRIPT}</script>"
PHOTO_JS = "".join((_FOLDER / name).read_text(encoding="utf-8") for name in ("box.js", "hover.js"))
MAP_JS = VIEWER_JS + (_FOLDER / "map.js").read_text(encoding="utf-8")
LIVE_JS = (_FOLDER / "live.js").read_text(encoding="utf-8")
FAVICON = _FOLDER / "favicon.svg"

_GREEN = gr.themes.Color(
    "#f1f6f3",
    "#dfece5",
    "#c0dacd",
    "#97c0ac",
    "#6aa287",
    "#478569",
    "#356b54",
    "#2b5645",
    "#244538",
    "#1e392f",
    "#10211b",
)
_STONE = gr.themes.Color(
    "#fbfaf8",
    "#f5f3ef",
    "#e8e4dd",
    "#d5cfc5",
    "#a8a096",
    "#7a736a",
    "#5a544d",
    "#443f3a",
    "#2b2825",
    "#1d1b19",
    "#141211",
)


def theme() -> gr.themes.Base:
    """The theme; nothing in it is loaded from outside."""
    return gr.themes.Base(
        primary_hue=_GREEN,
        secondary_hue=_GREEN,
        neutral_hue=_STONE,
        radius_size=gr.themes.sizes.radius_lg,
        text_size=gr.themes.sizes.text_md,
        font=["system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif"],
        font_mono=["ui-monospace", "Consolas", "monospace"],
    ).set(
        body_background_fill="*neutral_50",
        body_background_fill_dark="*neutral_950",
        block_background_fill="white",
        block_background_fill_dark="*neutral_900",
        background_fill_primary_dark="*neutral_900",
        background_fill_secondary_dark="*neutral_800",
        block_border_width="0px",
        block_shadow="none",
        block_shadow_dark="none",
        border_color_primary="*neutral_200",
        border_color_primary_dark="*neutral_800",
        body_text_color="*neutral_900",
        body_text_color_dark="*neutral_100",
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_400",
        color_accent="*primary_600",
        slider_color="*primary_600",
        slider_color_dark="*primary_400",
        input_background_fill_dark="*neutral_800",
        block_title_text_color="*neutral_600",
        block_title_text_color_dark="*neutral_400",
        block_label_text_color="*neutral_600",
        block_label_text_color_dark="*neutral_400",
        button_primary_background_fill="*primary_600",
        button_primary_background_fill_hover="*primary_700",
        button_primary_background_fill_dark="*primary_600",
        button_primary_background_fill_hover_dark="*primary_700",
        button_primary_text_color="white",
        button_secondary_background_fill="white",
        button_secondary_background_fill_dark="*neutral_800",
        button_secondary_border_color="*neutral_300",
        button_secondary_border_color_dark="*neutral_700",
        button_border_width="1px",
    )
