"""The HTML of the camera: a phone's photo, the live view, and what is found in it."""

from __future__ import annotations

from html import escape

from pipeline.types import Match, PieceMatches
from pipeline.ui import markup, texts
from pipeline.ui.languages import heading
from pipeline.ui.pictures import item_address


def section() -> str:
    """A photo taken with the phone, and the live mode; its sentences wait where the script finds them."""
    says = {
        "starting": texts.LIVE_STARTING,
        "rate": texts.LIVE_RATE,
        "none": texts.LIVE_NONE,
        "lost": texts.LIVE_LOST,
        "denied": texts.LIVE_DENIED,
        "insecure": texts.LIVE_INSECURE,
        "missing": texts.LIVE_MISSING,
        "broken": texts.LIVE_BROKEN,
        "gone": texts.LIVE_GONE,
    }
    data = "".join(f" data-{name}='{escape(sentence)}'" for name, sentence in says.items())
    return (
        f"<div class='fp-camera'><label class='fp-main-button fp-capture'>{texts.TAKE_PHOTO}"
        f"<input type='file' accept='image/*' capture='environment'></label>"
        f"<button type='button' class='fp-quiet' data-live-start>{texts.LIVE}</button></div>"
        f"<div class='fp-problem' role='alert' data-live-problem hidden></div>"
        f"<section class='fp-live' aria-label='{texts.LIVE_NAME}' data-live-panel hidden>"
        f"<div class='fp-live-view'><video data-live-video muted playsinline aria-label='{texts.LIVE_VIDEO}'></video>"
        f"<canvas data-live-marks aria-hidden='true'></canvas></div>"
        f"<p class='fp-live-says' data-live-says{data}></p>"
        f"<div class='fp-live-does'>"
        f"<button type='button' class='fp-main-button' data-live-take>{texts.LIVE_TAKE}</button>"
        f"<button type='button' class='fp-quiet' data-live-stop>{texts.LIVE_STOP}</button></div>"
        f"<div data-live-matches></div></section>"
    )


def matches(found: PieceMatches) -> str:
    """The nearest items of the piece that is chosen in the live camera."""
    name = escape(heading(found.piece.label))
    if not found.matches:
        return f"<h2>{name}</h2><p>{texts.NOTHING_CLOSE}</p>"
    return f"<h2>{name}</h2><ul>{''.join(map(_match, found.matches))}</ul>"


def _match(match: Match) -> str:
    picture, title = escape(item_address(match.item.id)), escape(markup.title_of(match))
    return f"<li><img src='{picture}' alt=''><span>{title}</span></li>"
