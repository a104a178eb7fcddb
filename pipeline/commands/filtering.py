"""The options that filter items, the same for every verb."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from pipeline.errors import UsageError
from pipeline.types import Filters

_AGAIN = "repeatable: one of them"
CategoryOption = Annotated[list[str] | None, typer.Option("--category", help=f"Only this category; {_AGAIN}.")]
ColourOption = Annotated[list[str] | None, typer.Option("--colour", help=f"Only this colour; {_AGAIN}.")]
MinPriceOption = Annotated[float | None, typer.Option("--min-price", help="Only items that cost at least this.")]
MaxPriceOption = Annotated[float | None, typer.Option("--max-price", help="Only items that cost at most this.")]
WhereOption = Annotated[
    list[str] | None,
    typer.Option("--where", metavar="NAME=VALUE", help="Only items with this attribute, such as fabric=linen."),
]


def filters_of(
    category: Sequence[str] | None,
    colour: Sequence[str] | None,
    min_price: float | None,
    max_price: float | None,
    where: Sequence[str] | None,
) -> Filters:
    """The filters that the options name.

    Raises:
        UsageError: an attribute without a value.
    """
    pairs = []
    for text in where or ():
        name, sign, value = (part.strip() for part in text.partition("="))
        if not (name and sign and value):
            raise UsageError(f"--where {text} says nothing to compare; write it like --where fabric=linen.")
        pairs.append((name, value))
    return Filters(tuple(category or ()), tuple(colour or ()), min_price, max_price, tuple(pairs))
