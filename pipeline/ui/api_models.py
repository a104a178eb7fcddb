"""What goes into the API and what comes out of it, as types: the OpenAPI description is made from them."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from pipeline.query import filters_of
from pipeline.settings import Settings
from pipeline.types import Filters

MOST_MATCHES, MOST_ITEMS, MOST_WORDS = 100, 200, 200

Top = Annotated[int, Field(ge=1, le=MOST_MATCHES, description="Matches, for each piece or in all.")]
SameKind = Annotated[bool, Field(description="Only items of the piece's own kind.")]
MinScore = Annotated[float, Field(gt=0, lt=1, description="Least confidence of a piece.")]
Words = Annotated[str, Field(min_length=1, max_length=MOST_WORDS, description="A description, as “navy striped top”.")]
Categories = Annotated[list[str], Field(description="Only these categories; repeatable.")]
Colours = Annotated[list[str], Field(description="Only these colours; repeatable.")]
Price = Annotated[float | None, Field(ge=0, allow_inf_nan=False, description="Bound of the price, inclusive.")]
Where = Annotated[list[str], Field(description="Only items with this attribute, NAME=VALUE; repeatable.")]


class FilterOptions(BaseModel):
    """What items must be like."""

    model_config = ConfigDict(extra="forbid")

    category: Categories = []
    colour: Colours = []
    min_price: Price = None
    max_price: Price = None
    where: Where = []

    @property
    def filters(self) -> Filters:
        """The same as the pipeline takes it.

        Raises:
            UsageError: an attribute without a value.
        """
        return filters_of(self.category, self.colour, self.min_price, self.max_price, self.where)


class MatchOptions(FilterOptions):
    """What is wanted of the matches of a photo."""

    top: Top = Settings.top
    same_kind: SameKind = True
    min_score: MinScore = Settings.min_score


class SearchOptions(FilterOptions):
    """What is searched for."""

    q: Words
    top: Top = Settings.top


class CatalogueOptions(FilterOptions):
    """Which part of the catalogue is listed."""

    start: Annotated[int, Field(ge=0, description="Items passed over.")] = 0
    count: Annotated[int, Field(ge=0, le=MOST_ITEMS, description="Items listed at most.")] = 50


class MatchedItem(BaseModel):
    """An item of the catalogue and how near it is. image, thumbnail: addresses on this server."""

    id: str
    image: str
    thumbnail: str
    category: str
    colour: str
    title: str
    price: float | None
    url: str
    similarity: Annotated[float, Field(description="Cosine, -1..1.")]
    likeness: Annotated[float | None, Field(description="Share of pairs that close that are of one category.")]


class MatchedPiece(BaseModel):
    """A piece of clothing and its matches, nearest first."""

    label: str
    score: Annotated[float, Field(description="Confidence, 0..1.")]
    box: Annotated[list[float], Field(description="x0, y0, x1, y1 in pixels of the upright photo.")]
    area: Annotated[float, Field(description="Share of the photo, 0..1.")]
    matches: list[MatchedItem]


class MatchAnswer(BaseModel):
    """One photo's pieces and their matches: what `python -m pipeline match --json` writes, with addresses."""

    photo: str
    size: Annotated[list[int], Field(description="Width and height of the upright photo.")]
    models: dict[str, str]
    pieces: list[MatchedPiece]
    timings_ms: dict[str, float]


class SearchAnswer(BaseModel):
    """The items nearest to a description."""

    query: str
    models: dict[str, str]
    matches: list[MatchedItem]


class ListedItem(BaseModel):
    """All that the catalogue knows of an item. image, thumbnail: addresses on this server."""

    id: str
    image: str
    thumbnail: str
    category: str
    colour: str
    title: str
    price: float | None
    url: str
    attributes: dict[str, str]
    predicted: Annotated[list[str], Field(description="What was measured from the picture, and not stated.")]
    box: Annotated[list[int] | None, Field(description="Where in its picture the item is; null: all of it.")]


class CatalogueAnswer(BaseModel):
    """What the catalogue is, what it can be filtered by, and a page of its items."""

    items: Annotated[int, Field(description="Items in the whole catalogue.")]
    embedder: str
    dimension: int
    index_type: str
    categories: dict[str, int]
    colours: dict[str, int]
    attributes: dict[str, list[str]]
    found: Annotated[int, Field(description="Items that pass the filters.")]
    start: int
    page: list[ListedItem]


class Problem(BaseModel):
    """Why there is no answer, in one sentence."""

    error: str
