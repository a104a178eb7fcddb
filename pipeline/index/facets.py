"""What the items can be filtered by, and the SQL of a filter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from pipeline.errors import UsageError
from pipeline.index.items import Items
from pipeline.types import Filters

_NAMED = 30


class Facets:
    """What the items can be filtered by, with how many have each value. Counted when first asked for, one by one: a
    filter by category does not wait for the attributes of a million items."""

    def __init__(self, store: Items) -> None:
        self._store = store

    @cached_property
    def categories(self) -> Mapping[str, int]:
        """How many items have each category."""
        return self._store.counts("category")

    @cached_property
    def colours(self) -> Mapping[str, int]:
        """How many items have each colour."""
        return self._store.counts("colour")

    @cached_property
    def kinds(self) -> Mapping[str, int]:
        """How many items are found as each kind of piece."""
        return self._store.counts("kind")

    @cached_property
    def attributes(self) -> Mapping[str, Mapping[str, int]]:
        """How many items have each value of each attribute."""
        return self._store.attributes()

    @cached_property
    def prices(self) -> tuple[float, float] | None:
        """The lowest and the highest price; None where no item has one."""
        return self._store.prices()

    def condition(self, filters: Filters, kind: str | None) -> tuple[str, list[str | float]]:
        """What a row of `items` must be like, as SQL with its values; "" where any will do.

        Raises:
            UsageError: no item has such a category, colour or attribute; or no price can lie in the range.
        """
        parts: list[str] = []
        values: list[str | float] = []

        def one_of(column: str, spellings: Iterable[str]) -> str:
            found = list(spellings)
            values.extend(found)
            return f"{column} IN ({', '.join('?' * len(found))})"

        if kind is not None:
            parts.append(one_of("kind", [kind]))
        if filters.categories:
            parts.append(one_of("category", _all_spellings(filters.categories, self.categories, "category")))
        if filters.colours:
            parts.append(one_of("colour", _all_spellings(filters.colours, self.colours, "colour")))
        low, high = filters.min_price, filters.max_price
        if low is not None and high is not None and low > high:
            raise UsageError(f"No price is at least {low:g} and at most {high:g}; exchange the two.")
        for bound, sign in ((low, ">="), (high, "<=")):
            if bound is not None:
                parts.append(f"price {sign} ?")
                values.append(bound)
        for name in dict.fromkeys(name.casefold() for name, _ in filters.attributes):
            names = _spellings(name, self.attributes, "attribute")
            known = [value for spelling in names for value in self.attributes[spelling]]
            wanted = [value for other, value in filters.attributes if other.casefold() == name]
            named, valued = one_of("name", names), one_of("value", _all_spellings(wanted, known, names[0]))
            parts.append(f"row IN (SELECT row FROM attributes WHERE {named} AND {valued})")
        return " AND ".join(parts), values


def _spellings(value: str, known: Iterable[str], what: str) -> list[str]:
    """How the catalogue spells a value, in every case of letters that occurs.

    Raises:
        UsageError: it does not occur.
    """
    found = [other for other in known if other.casefold() == value.strip().casefold()]
    if not found:
        names = list(known)
        listed = ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")
        has = f"it has: {listed}" if names else "it has none"
        raise UsageError(f"The catalogue has no {what} “{value}”; {has}.")
    return found


def _all_spellings(values: Iterable[str], known: Iterable[str], what: str) -> list[str]:
    return [spelling for value in values for spelling in _spellings(value, known, what)]
