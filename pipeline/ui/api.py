"""What programs can ask of the running app. Every entrance (HTTP, gradio's API, MCP) gives these answers."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pipeline.document import index_document, item_document, match_document, matches_document
from pipeline.errors import PipelineError, UnreadablePhoto, UsageError
from pipeline.settings import Settings
from pipeline.types import Item, Match
from pipeline.ui.api_limits import BUSY, LOADING, NO_PHOTO, TOO_LARGE, Callers, Refused
from pipeline.ui.api_models import CatalogueOptions, MatchOptions, SearchOptions
from pipeline.ui.loading import Loader, problem_of
from pipeline.ui.pictures import item_address
from pipeline.ui.turns import Full

if TYPE_CHECKING:
    from pipeline.matcher import Matcher

# Seconds after which a call is worth another try, while models load and while all places are taken.
AFTER_LOADING, AFTER_BUSY = 5, 5


class Service:
    """match, search and catalogue as JSON documents. A photo is held for the length of its call, in memory only.

    Every method takes `root`, the address that pictures are served below, and raises nothing but `Refused`.
    """

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    @cached_property
    def settings(self) -> Settings:
        """The environment's settings.

        Raises:
            UsageError: a variable has a value that makes no sense.
        """
        return Settings.from_environment()

    @cached_property
    def callers(self) -> Callers:
        """Who called how often.

        Raises:
            UsageError: FASHION_API_RATE says no rate.
        """
        return Callers(self.settings.api_rate)

    @property
    def max_bytes(self) -> int:
        """The largest file of a photo that is taken."""
        return self.settings.api_megabytes * 2**20

    def admit(self, caller: str, *, photo: bool = False) -> None:
        """Count a call, before anything is done for it. photo: one is to come, and needs a place.

        Raises:
            Refused: the caller asks too often, the models are not there, or there is no place.
        """
        self.callers.count(caller)
        self._matcher()
        if photo and self._loader.turns.is_full(self.settings.api_waiting):
            raise Refused(503, BUSY, AFTER_BUSY)

    def match(self, photo: bytes, name: str, options: MatchOptions, root: str = "") -> dict[str, Any]:
        """`MatchAnswer` for a photo, given as the bytes of a file. name: what the answer calls it."""
        if len(photo) > self.max_bytes:
            raise Refused(413, TOO_LARGE.format(self.settings.api_megabytes))

        def answer() -> dict[str, Any]:
            matcher = self._matcher()
            with self._loader.turns.queue(self.settings.api_waiting):
                result = matcher.match(
                    photo,
                    top=options.top,
                    same_kind=options.same_kind,
                    min_score=options.min_score,
                    filters=options.filters,
                )
            document = match_document(name, result, matcher)
            for piece, row in zip(document["pieces"], result.pieces, strict=True):
                piece["matches"] = [
                    _reachable(told, match, root) for told, match in zip(piece["matches"], row.matches, strict=True)
                ]
            return document

        return _answered(answer)

    def search(self, options: SearchOptions, root: str = "") -> dict[str, Any]:
        """`SearchAnswer` for a description."""

        def answer() -> dict[str, Any]:
            matcher = self._matcher()
            found = matcher.search_words(options.q, top=options.top, filters=options.filters)
            told = matches_document(found, matcher.index, matcher.embed.likeness_of_words)
            matches = [_reachable(one, match, root) for one, match in zip(told, found, strict=True)]
            return {"query": options.q, "models": {"embeddings": matcher.embed.name}, "matches": matches}

        return _answered(answer)

    def catalogue(self, options: CatalogueOptions, root: str = "") -> dict[str, Any]:
        """`CatalogueAnswer`: facts, filters, and a page of items."""

        def answer() -> dict[str, Any]:
            index = self._matcher().index
            items = index.select(options.filters, options.start, options.count)
            return {
                **index_document(index),
                "colours": dict(index.facets.colours),
                "attributes": {name: list(values) for name, values in index.facets.attributes.items()},
                "found": len(index.rows(options.filters)),
                "start": options.start,
                "page": [{**item_document(item, index), **_addresses(item, root)} for item in items],
            }

        return _answered(answer)

    def _matcher(self) -> Matcher:
        self._loader.start()
        status = self._loader.status
        if status.problem:
            raise Refused(503, status.problem)
        if not status.ready:
            raise Refused(503, LOADING, AFTER_LOADING)
        return self._loader.matcher


def decoded(photo: str) -> bytes:
    """The picture file in a base64 text or data URL.

    Raises:
        Refused: it is neither.
    """
    try:
        # A data URL says what comes before it.
        return base64.b64decode(photo.rpartition(",")[2], validate=True)
    except ValueError as error:
        raise Refused(422, NO_PHOTO) from error


def sentence_of(errors: Sequence[Any]) -> str:
    """What is wrong with the first option that is, in one sentence. errors: as pydantic lists them."""
    first = errors[0]
    name = str(first["loc"][-1]) if first["loc"] else "The options"
    if first["type"] == "extra_forbidden":
        return f"There is no option “{name}”; the documentation at /api lists those there are."
    if first["type"] == "missing":
        return f"The option “{name}” is missing."
    return f"{name}: {first['msg'][:1].lower()}{first['msg'][1:]}."


def _answered(answer: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The answer, or why there is none."""
    try:
        return answer()
    except Full as error:
        raise Refused(503, BUSY, AFTER_BUSY) from error
    except (UsageError, UnreadablePhoto) as error:
        raise Refused(422, str(error)) from error
    except PipelineError as error:
        raise Refused(503, str(error)) from error
    except Refused:
        raise
    except Exception as error:
        raise Refused(500, problem_of(error)) from error


def _reachable(told: dict[str, Any], match: Match, root: str) -> dict[str, Any]:
    """A match's document with what a program that has no catalogue needs beside it."""
    item = match.item
    return {**told, "colour": item.colour, "price": item.price, "url": item.url, **_addresses(item, root)}


def _addresses(item: Item, root: str) -> dict[str, str]:
    """Where the item's picture is served; where it lies on the disk is nobody's business."""
    return {
        "image": f"{root}/{item_address(item.id, large=True)}",
        "thumbnail": f"{root}/{item_address(item.id)}",
    }
