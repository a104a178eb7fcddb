"""The options that filter items, the same for every verb."""

from __future__ import annotations

from typing import Annotated

import typer

_AGAIN = "repeatable: one of them"
CategoryOption = Annotated[list[str] | None, typer.Option("--category", help=f"Only this category; {_AGAIN}.")]
ColourOption = Annotated[list[str] | None, typer.Option("--colour", help=f"Only this colour; {_AGAIN}.")]
MinPriceOption = Annotated[float | None, typer.Option("--min-price", help="Only items that cost at least this.")]
MaxPriceOption = Annotated[float | None, typer.Option("--max-price", help="Only items that cost at most this.")]
WhereOption = Annotated[
    list[str] | None,
    typer.Option("--where", metavar="NAME=VALUE", help="Only items with this attribute, such as fabric=linen."),
]
