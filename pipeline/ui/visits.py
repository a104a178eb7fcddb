"""What the server holds of its visitors: in memory only, little of it, and not for long."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pipeline.types import MatchResult

if TYPE_CHECKING:
    from pipeline.matcher import Look

MAX_VISITS = 24
# The photos of one visitor that can be returned to without running a model again.
MAX_LOOKS = 3
# A page that lost its connection for a moment finds its photo again within this time.
LINGER_SECONDS = 60.0


@dataclass(eq=False)
class Visit:
    """One open page.

    token: part of the addresses of this visit's pictures, not to be guessed. photo: the current photo's file;
    key: its sha256, empty when there is no photo. waiting: its pieces are yet to be found.
    look, result: of the current photo; asked: the number of matches and whether only the same kind was wanted.
    pictures: encoded, by name.
    """

    token: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    photo: bytes = b""
    key: str = ""
    waiting: bool = False
    look: Look | None = None
    result: MatchResult | None = None
    asked: tuple[int, bool] = (0, True)
    pictures: dict[str, bytes] = field(default_factory=dict)
    touched: float = field(default_factory=time.monotonic)
    _looks: OrderedDict[str, tuple[float, Look]] = field(default_factory=OrderedDict)

    def begin(self, photo: bytes) -> None:
        """Make `photo`, the bytes of a file, the current one."""
        self.photo, self.key = photo, hashlib.sha256(photo).hexdigest()
        self.waiting, self.look, self.result = True, None, None
        self.pictures.clear()

    def keep(self, key: str, min_score: float, look: Look) -> None:
        """Remember what was found in the photo of that key at confidence `min_score` or above."""
        self._looks[key] = (min_score, look)
        self._looks.move_to_end(key)
        while len(self._looks) > MAX_LOOKS:
            self._looks.popitem(last=False)

    def recall(self, min_score: float) -> Look | None:
        """What is known of the current photo at that confidence, without running a model; None if it is not."""
        at, look = self._looks.get(self.key, (1.0, None))
        return confident(look, min_score) if look is not None and at <= min_score else None

    def show(self, name: str, data: bytes) -> str:
        """Hold an encoded picture of the current photo; returns its address, relative to the page."""
        self.pictures[self._named(name)] = data
        return self.address(name)

    def shows(self, name: str) -> bool:
        """Whether there is such a picture of the current photo."""
        return self._named(name) in self.pictures

    def address(self, name: str) -> str:
        """The address of a picture of the current photo, relative to the page."""
        return f"visit/{self.token}/{self._named(name)}"

    def end(self) -> None:
        """There is no current photo any more."""
        self.photo, self.key, self.waiting, self.look, self.result = b"", "", False, None, None
        self.pictures.clear()

    def _named(self, name: str) -> str:
        # A browser keeps showing what it once got from an address, so another photo needs other ones.
        return f"{self.key[:12]}-{name}"


def confident(look: Look, min_score: float) -> Look:
    """The part of a look that was found with at least that confidence."""
    keep = [n for n, piece in enumerate(look.pieces) if piece.score >= min_score]
    if len(keep) == len(look.pieces):
        return look
    return replace(
        look,
        pieces=tuple(look.pieces[n] for n in keep),
        crops=tuple(look.crops[n] for n in keep),
        embeddings=look.embeddings[keep],
    )


class Visits:
    """The open pages by session; the one that was idle longest makes room for a new one."""

    def __init__(self, capacity: int = MAX_VISITS, linger: float = LINGER_SECONDS) -> None:
        self._capacity = capacity
        self._linger = linger
        self._lock = threading.Lock()
        self._visits: OrderedDict[str, Visit] = OrderedDict()

    def of(self, session: str) -> Visit:
        """The visit of a session, a fresh one where there is none."""
        with self._lock:
            visit = self._visits.setdefault(session, Visit())
            visit.touched = time.monotonic()
            self._visits.move_to_end(session)
            while len(self._visits) > self._capacity:
                self._visits.popitem(last=False)[1].end()
            return visit

    def waiting(self) -> int:
        """How many photos are waiting for their pieces or are being worked on."""
        with self._lock:
            return sum(visit.waiting for visit in self._visits.values())

    def picture(self, token: str, name: str) -> bytes | None:
        """An encoded picture by its address; None once its visit is over."""
        with self._lock:
            for visit in self._visits.values():
                if visit.token == token:
                    return visit.pictures.get(name)
        return None

    def leave(self, session: str) -> None:
        """The page was closed or lost: drop what is held of it, unless it is heard of again shortly."""
        timer = threading.Timer(self._linger, self._forget_if_silent, (session, time.monotonic()))
        timer.daemon = True
        timer.start()

    def _forget_if_silent(self, session: str, since: float) -> None:
        with self._lock:
            visit = self._visits.get(session)
            if visit is not None and visit.touched <= since:
                self._visits.pop(session).end()
