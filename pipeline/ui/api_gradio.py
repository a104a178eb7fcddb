"""The endpoints of gradio's own API, for `gradio_client`. No event of the page beside these can be called by name."""

# No `from __future__ import annotations` here: gradio reads the types of the answers from the functions themselves.

from collections.abc import Callable
from typing import Any, Literal, TypeVar

import gradio as gr
from pydantic import BaseModel, ValidationError
from typing_extensions import TypedDict

from pipeline.errors import UnreadablePhoto
from pipeline.settings import Settings
from pipeline.ui import uploads
from pipeline.ui.api import Service, decoded, sentence_of
from pipeline.ui.api_limits import NO_PHOTO, Refused, caller_of
from pipeline.ui.api_models import (
    CatalogueAnswer,
    CatalogueOptions,
    MatchAnswer,
    MatchOptions,
    SearchAnswer,
    SearchOptions,
)
from pipeline.ui.turns import MODEL_RUNS

Options = TypeVar("Options", bound=BaseModel)


class Mark(TypedDict):
    """What tells an uploaded file from any other object."""

    _type: Literal["gradio.FileData"]


class PhotoFile(TypedDict):
    """A file that was uploaded before; `gradio_client.handle_file` makes one."""

    path: str
    meta: Mark


def add_endpoints(service: Service) -> None:
    """Add match, search and catalogue to the surrounding Blocks."""

    def match(
        request: gr.Request,
        photo: PhotoFile | str,
        top: int = Settings.top,
        same_kind: bool = True,
        min_score: float = Settings.min_score,
        category: list[str] | None = None,
        colour: list[str] | None = None,
        min_price: float | None = None,
        max_price: float | None = None,
        where: list[str] | None = None,
    ) -> MatchAnswer:
        """Find the pieces of clothing in a photo, and the nearest items of the catalogue for each.

        Parameters:
            photo: an uploaded picture file, or one as base64
            top: matches for each piece
            same_kind: only items of the piece's own kind
            min_score: least confidence of a piece, between 0 and 1
            category: only these categories
            colour: only these colours
            min_price: only items that cost at least this
            max_price: only items that cost at most this
            where: only items with these attributes, each as NAME=VALUE
        """
        options = _options(MatchOptions, top=top, same_kind=same_kind, min_score=min_score, category=category,
                           colour=colour, min_price=min_price, max_price=max_price, where=where)  # fmt: skip
        data = _bytes_of(photo)
        name = photo.get("orig_name") if isinstance(photo, dict) else None
        return _told(service, request, lambda root: service.match(data, str(name or "photo"), options, root))

    def search(
        request: gr.Request,
        q: str,
        top: int = Settings.top,
        category: list[str] | None = None,
        colour: list[str] | None = None,
        min_price: float | None = None,
        max_price: float | None = None,
        where: list[str] | None = None,
    ) -> SearchAnswer:
        """Find the items of the catalogue that are nearest to a description.

        Parameters:
            q: a description, such as "navy striped top"
            top: matches in all
            category: only these categories
            colour: only these colours
            min_price: only items that cost at least this
            max_price: only items that cost at most this
            where: only items with these attributes, each as NAME=VALUE
        """
        options = _options(SearchOptions, q=q, top=top, category=category, colour=colour, min_price=min_price,
                           max_price=max_price, where=where)  # fmt: skip
        return _told(service, request, lambda root: service.search(options, root))

    def catalogue(
        request: gr.Request,
        start: int = 0,
        count: int = 50,
        category: list[str] | None = None,
        colour: list[str] | None = None,
        min_price: float | None = None,
        max_price: float | None = None,
        where: list[str] | None = None,
    ) -> CatalogueAnswer:
        """Say what the catalogue is and what it can be filtered by, and list a page of its items.

        Parameters:
            start: items passed over
            count: items listed at most
            category: only these categories
            colour: only these colours
            min_price: only items that cost at least this
            max_price: only items that cost at most this
            where: only items with these attributes, each as NAME=VALUE
        """
        options = _options(CatalogueOptions, start=start, count=count, category=category, colour=colour,
                           min_price=min_price, max_price=max_price, where=where)  # fmt: skip
        return _told(service, request, lambda root: service.catalogue(options, root))

    gr.api(match, api_name="match", concurrency_id="models", concurrency_limit=MODEL_RUNS)
    gr.api(search, api_name="search")
    gr.api(catalogue, api_name="catalogue")


def _options(kind: type[Options], **told: Any) -> Options:
    try:
        return kind(**{name: value for name, value in told.items() if value is not None})
    except ValidationError as error:
        raise _problem(sentence_of(error.errors())) from error


def _bytes_of(photo: Any) -> bytes:
    """The picture file that was sent; anybody can send anything here."""
    try:
        if isinstance(photo, dict):
            return uploads.take(photo)
        if isinstance(photo, str):
            return decoded(photo)
    except (UnreadablePhoto, Refused) as error:
        raise _problem(str(error)) from error
    raise _problem(NO_PHOTO)


def _told(service: Service, request: gr.Request, answer: Callable[[str], dict[str, Any]]) -> Any:
    """The answer for somebody who may have one."""
    try:
        host = request.client.host if request.client else None
        service.admit(caller_of(host, request.headers, service.settings.proxy))
        return answer(str(request.request.scope.get("root_path", "")).rstrip("/") if request.request else "")
    except Refused as error:
        raise _problem(str(error)) from error


def _problem(sentence: str) -> gr.Error:
    return gr.Error(sentence, print_exception=False)
