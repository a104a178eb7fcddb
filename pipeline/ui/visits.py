"""What the server holds of its visitors: in memory only, little of it, and not for long."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pipeline.query import Wish
from pipeline.types import Look, MatchResult, PieceMatches

if TYPE_CHECKING:
    from pipeline.wardrobe import Wardrobe

MAX_VISITS = 24
# The photos of one visitor that can be returned to without running a model again.
MAX_PAST = 5
# A page that lost its connection for a moment finds its photo again within this time.
LINGER_SECONDS = 60.0


Made = bytes | Callable[[], bytes]


@dataclass(frozen=True, eq=False)
class Past:
    """A photo's file, and what was found in it at that confidence or above."""

    photo: bytes
    min_score: float
    look: Look


def past_name(key: str) -> str:
    """What the small picture of a photo of that key is held as."""
    return f"past-{key[:16]}.webp"


@dataclass(eq=False)
class Visit:
    """One open page.

    token: part of the addresses of this visit's pictures, not to be guessed. photo: the current photo's file;
    key: its sha256, empty when there is no photo. waiting: its pieces are yet to be found.
    look, result: of the current photo. selected: number of the piece that stands out, from 1.
    wish: what is wanted of every piece's matches; wishes: what is wanted otherwise of a piece, by its place.
    chosen: ids of the items that were put into the whole look, by the piece's place, "" where it is left out.
    drawn: the boxes that were drawn, xyxy in photo pixels.
    browsed: what is wished for on each shelf of the catalogue. mapped: the method of the map that is shown.
    owner: may change the catalogue. stop: adding is to end.
    wardrobe: what was counted in many photos. halt: the counting is to end.
    kept: files that have nothing to do with a photo.
    files: pictures and downloads about the photo by name; what is seldom asked for is a function that makes it.
    """

    token: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    photo: bytes = b""
    key: str = ""
    waiting: bool = False
    look: Look | None = None
    result: MatchResult | None = None
    wish: Wish = field(default_factory=Wish)
    wishes: dict[int, Wish] = field(default_factory=dict)
    chosen: dict[int, str] = field(default_factory=dict)
    selected: int | None = None
    drawn: list[tuple[float, float, float, float]] = field(default_factory=list)
    files: dict[str, Made] = field(default_factory=dict)
    kept: dict[str, Made] = field(default_factory=dict)
    browsed: dict[str, Wish] = field(default_factory=dict)
    mapped: str = "tsne"
    owner: bool = False
    stop: threading.Event = field(default_factory=threading.Event)
    wardrobe: Wardrobe | None = None
    halt: threading.Event = field(default_factory=threading.Event)
    touched: float = field(default_factory=time.monotonic)
    _past: OrderedDict[str, Past] = field(default_factory=OrderedDict)

    def begin(self, photo: bytes) -> None:
        """Make `photo`, the bytes of a file, the current one."""
        self.photo, self.key = photo, hashlib.sha256(photo).hexdigest()
        self.waiting, self.look, self.result = True, None, None
        self._forget()

    def keep(self, key: str, min_score: float, look: Look) -> None:
        """Remember what was found in the photo of that key at confidence `min_score` or above."""
        self._past[key] = Past(self.photo, min_score, look)
        self._past.move_to_end(key)
        while len(self._past) > MAX_PAST:
            self._past.popitem(last=False)

    def recall(self, min_score: float) -> Look | None:
        """What is known of the current photo at that confidence, without running a model; None if it is not."""
        past = self._past.get(self.key)
        return confident(past.look, min_score) if past is not None and past.min_score <= min_score else None

    def earlier(self) -> dict[str, Past]:
        """The photos of this visit but for the current one by their keys, the latest first."""
        return {key: self._past[key] for key in reversed(self._past) if key != self.key}

    def forget_earlier(self) -> None:
        """Drop all photos but the current one."""
        for key in self.earlier():
            del self._past[key]
            self.kept.pop(past_name(key), None)

    def wished(self, place: int) -> Wish:
        """What is wanted of the matches of the piece at that place."""
        return self.wishes.get(place, self.wish)

    def replace_row(self, place: int, row: PieceMatches) -> None:
        """Hold other matches of one piece."""
        assert self.result is not None
        rows = list(self.result.pieces)
        rows[place] = row
        self.result = replace(self.result, pieces=tuple(rows))

    def show(self, name: str, data: Made) -> str:
        """Hold a file about the current photo, or what makes it; returns its address, relative to the page."""
        self.files[self._named(name)] = data
        return self.address(name)

    def keep_file(self, name: str, data: Made) -> str:
        """Hold a file that has nothing to do with a photo, until the visit is over; returns its address."""
        self.kept[name] = data
        return f"visit/{self.token}/{name}"

    def shows(self, name: str) -> bool:
        """Whether there is such a picture of the current photo."""
        return self._named(name) in self.files

    def address(self, name: str) -> str:
        """The address of a picture of the current photo, relative to the page."""
        return f"visit/{self.token}/{self._named(name)}"

    def end(self) -> None:
        """There is no current photo any more."""
        self.photo, self.key, self.waiting, self.look, self.result = b"", "", False, None, None
        self._forget()

    def leave(self) -> None:
        """The visit is over."""
        self.end()
        self.halt.set()

    def _forget(self) -> None:
        self.selected = None
        for held in (self.files, self.wishes, self.chosen, self.drawn):
            held.clear()

    def _named(self, name: str) -> str:
        # A browser keeps showing what it once got from an address, so another photo needs other ones.
        return f"{self.key[:12]}-{name}"


def confident(look: Look, min_score: float) -> Look:
    """The part of a look that was found with at least that confidence."""
    keep = [n for n, piece in enumerate(look.pieces) if piece.score >= min_score]
    return look if len(keep) == len(look.pieces) else look.only(keep)


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
                self._visits.popitem(last=False)[1].leave()
            return visit

    def waiting(self) -> int:
        """How many photos are waiting for their pieces or are being worked on."""
        with self._lock:
            return sum(visit.waiting for visit in self._visits.values())

    def file(self, token: str, name: str) -> bytes | None:
        """A file by its address; None once its visit is over."""
        with self._lock:
            visit = next((visit for visit in self._visits.values() if visit.token == token), None)
            made = None if visit is None else visit.files.get(name) or visit.kept.get(name)
        return made() if callable(made) else made

    def leave(self, session: str) -> None:
        """The page was closed or lost: drop what is held of it, unless it is heard of again shortly."""
        timer = threading.Timer(self._linger, self._forget_if_silent, (session, time.monotonic()))
        timer.daemon = True
        timer.start()

    def _forget_if_silent(self, session: str, since: float) -> None:
        with self._lock:
            visit = self._visits.get(session)
            if visit is not None and visit.touched <= since:
                self._visits.pop(session).leave()
