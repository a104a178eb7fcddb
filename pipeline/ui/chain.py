"""The chain at work: what each stage made of the photo, with which model, and how long it took."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from pipeline.draw import annotate, jpeg
from pipeline.ui import texts
from pipeline.ui.pictures import THUMB_SIDE, item_address, webp
from pipeline.ui.visits import Visit

if TYPE_CHECKING:
    from pipeline.matcher import Matcher

SHOWN = 4
SIDE = 480


def section(visit: Visit, matcher: Matcher) -> str:
    """The part of the page, closed until it is wanted: browsers then fetch, and we then make, its pictures."""
    look, result = visit.look, visit.result
    if look is None or result is None:
        return ""
    cutout, pieces = look.cutout, look.pieces
    times, models = result.timings, matcher.models
    mark = len(pieces)
    photo = visit.show("chain-photo.webp", lambda: webp(cutout.photo.pixels, SIDE))
    cut = visit.show("chain-cutout.webp", lambda: webp(cutout.rgba, SIDE))
    masks = visit.show(f"chain-masks-{mark}.jpg", lambda: jpeg(annotate(cutout.photo, pieces)))
    crops = [
        visit.show(f"chain-crop-{mark}-{n}.webp", lambda crop=crop: webp(crop, THUMB_SIDE))  # type: ignore[misc]
        for n, crop in enumerate(look.crops[:SHOWN])
    ]
    nearest = [item_address(row.matches[0].item.id) for row in result.pieces[:SHOWN] if row.matches]
    steps = (
        _step(texts.STEP_PHOTO, [photo], times.get("decode"), texts.pixels(*cutout.photo.size)),
        _step(texts.STEP_CUTOUT, [cut], times.get("cutout"), models["cutout"]),
        _step(texts.STEP_PIECES, [masks], times.get("pieces"), models["pieces"]),
        _step(texts.STEP_CROPS, crops, times.get("embeddings"), models["embeddings"]),
        _step(texts.STEP_MATCHES, nearest, times.get("search"), texts.searched(len(matcher.index))),
    )
    return (
        f"<details class='fp-chain'><summary>{texts.CHAIN}</summary><p>{texts.CHAIN_HINT}</p>"
        f"<ol>{''.join(steps)}</ol></details>"
    )


def _step(name: str, pictures: list[str], milliseconds: float | None, by: str) -> str:
    many = " fp-many" if len(pictures) > 1 else ""
    images = "".join(f"<img src='{escape(p)}' alt='' loading='lazy'>" for p in pictures)
    time = "" if milliseconds is None else texts.milliseconds(milliseconds)
    return (
        f"<li><div class='fp-step{many}'>{images}</div><h3>{escape(name)}</h3>"
        f"<p>{escape(by)}</p><p class='fp-time'>{escape(time)}</p></li>"
    )
