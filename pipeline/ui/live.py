"""The live camera: one frame in, its pieces out, or a frame dropped at once. Nothing waits here and nothing is kept."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pipeline.draw import colour_of, dot_centre, outlines, piece_at
from pipeline.query import Wish
from pipeline.types import Look, Piece
from pipeline.ui import camera, texts
from pipeline.ui.languages import heading, preferred, speaking, told
from pipeline.ui.loading import Loader, problem_of

if TYPE_CHECKING:
    from pipeline.matcher import Matcher

ADDRESS = "live"
# Bytes. The page sends JPEGs of 640 pixels, of some 50 kB.
MAX_FRAME = 2 * 2**20
MATCHES = 4

Answer = dict[str, Any]


class Live:
    """Answers frames, one at a time whoever sends them, so that the other turns at the models stay with photos."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader
        self._one = threading.Lock()

    def answer(self, frame: bytes, at: tuple[float, float] | None = None) -> Answer:
        """The pieces of a frame.

        Args:
            frame: a picture file.
            at: a point on the piece whose matches are wanted, as shares (0..1) of the frame's width and height;
                None, or a point beside all pieces: the largest.

        Returns:
            {"dropped": True} where somebody else's frame or photo is looked at, with a sentence in "says" if that
            takes longer; {"problem": sentence}; or "size", "pieces", "chosen" (a place in pieces, None) and "matches"
            (HTML). Of a piece: name, colour (r, g, b), dot (x, y) and outlines, lists of (x, y), in the frame's pixels.
        """
        self._loader.start()
        status = self._loader.status
        if not status.over:
            return {"dropped": True, "says": texts.loading(status.what)}
        if status.problem:
            return {"problem": told(status.problem)}
        if not self._one.acquire(blocking=False):
            return {"dropped": True}
        try:
            with self._loader.turns.take_if_free() as free:
                return self._answer(self._loader.matcher, frame, at) if free else {"dropped": True}
        except Exception as error:
            return {"problem": problem_of(error)}
        finally:
            self._one.release()

    def _answer(self, matcher: Matcher, frame: bytes, at: tuple[float, float] | None) -> Answer:
        *_, look = matcher.steps(frame)
        assert isinstance(look, Look)
        width, height = look.cutout.photo.size
        chosen = _chosen(look, at)
        return {
            "size": [width, height],
            "pieces": [_drawn(piece) for piece in look.pieces],
            "chosen": chosen,
            "matches": "" if chosen is None else camera.matches(matcher.matches(look, chosen, Wish(MATCHES))),
        }


def live_routes(loader: Loader) -> list[Route]:
    """Where the page sends its frames."""
    live = Live(loader)

    def look(frame: bytes, at: tuple[float, float] | None, accepted: str) -> Answer:
        with speaking(preferred(accepted)):
            return live.answer(frame, at)

    async def of_frame(request: Request) -> Response:
        frame = bytearray()
        try:
            async for chunk in request.stream():
                frame += chunk
                if len(frame) > MAX_FRAME:
                    return Response(status_code=413)
        except ClientDisconnect:
            return Response(status_code=400)
        at, accepted = _point(request), request.headers.get("accept-language", "")
        answer = await run_in_threadpool(look, bytes(frame), at, accepted)
        return JSONResponse(answer, headers={"Cache-Control": "no-store"})

    return [Route(f"/{ADDRESS}", of_frame, methods=["POST"])]


def _point(request: Request) -> tuple[float, float] | None:
    try:
        x, y = float(request.query_params["x"]), float(request.query_params["y"])
    except (KeyError, ValueError):
        return None
    return (x, y) if 0 <= x <= 1 and 0 <= y <= 1 else None


def _chosen(look: Look, at: tuple[float, float] | None) -> int | None:
    if not look.pieces:
        return None
    photo = look.cutout.photo
    width, height = photo.size
    there = None if at is None else piece_at(photo, look.pieces, int(at[0] * (width - 1)), int(at[1] * (height - 1)))
    largest = max(range(len(look.pieces)), key=lambda place: look.pieces[place].area)
    return largest if there is None else there


def _drawn(piece: Piece) -> Answer:
    return {
        "name": heading(piece.label),
        "colour": colour_of(piece.label),
        "dot": dot_centre(piece.mask),
        "outlines": outlines(piece.mask),
    }
