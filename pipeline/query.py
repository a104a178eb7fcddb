"""What a visitor wants of the matches of one piece beside likeness, and the query that comes of it. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from pipeline.errors import UsageError
from pipeline.types import Filters, Match

# Weights of Rocchio's relevance feedback (Manning et al., Introduction to Information Retrieval, section 9.1.1).
MORE, LESS = 0.75, 0.15
# Opinions of either sort that one wish holds; the oldest is dropped.
MAX_OPINIONS = 12
# How much words count against the picture unless said otherwise: measured, see docs/decisions.md.
STRENGTH = 0.8


@dataclass(frozen=True)
class Wish:
    """What is wanted of one piece's matches.

    top: how many, None for the settings' number. same_kind: only of the piece's own kind.
    filters: what they must be like.
    words: bend the query, such as "but red"; strength: how much, 0 (not at all) to 1 (words alone).
    more, less: ids of items that the matches should be more, or less, like. origin: id of an item to search from
    in place of the piece. far: what lies too far away to be a match is wanted, too.
    """

    top: int | None = None
    same_kind: bool = True
    filters: Filters = Filters()
    words: str = ""
    strength: float = STRENGTH
    more: tuple[str, ...] = ()
    less: tuple[str, ...] = ()
    origin: str = ""
    far: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.strength <= 1:
            raise UsageError(f"The strength of the words must lie between 0 and 1, not {self.strength}.")

    def without(self, item: str) -> Wish:
        """The wish with no opinion on that item, and not searching from it."""
        more, less = (tuple(i for i in ids if i != item) for ids in (self.more, self.less))
        return replace(self, more=more, less=less, origin="" if self.origin == item else self.origin)

    def liking(self, item: str) -> Wish:
        """The wish with more like that item."""
        return replace(self.without(item), more=(*self.without(item).more, item)[-MAX_OPINIONS:])

    def disliking(self, item: str) -> Wish:
        """The wish with less like that item."""
        return replace(self.without(item), less=(*self.without(item).less, item)[-MAX_OPINIONS:])

    @property
    def hidden(self) -> frozenset[str]:
        """Ids of items that answer nothing: what was sent away, and what the search started from."""
        return frozenset((*self.less, self.origin))


NO_WISH = Wish()


@dataclass(frozen=True, eq=False)
class Pull:
    """One direction of a query.

    vector: (D,) float32 of unit length. weight: below 0 it pushes away.
    floor: the cosine to it alone under which nothing is a match.
    """

    vector: np.ndarray
    weight: float
    floor: float


def bend(pulls: Sequence[Pull]) -> tuple[np.ndarray, float]:
    """The normalised weighted sum of some directions.

    Returns:
        (D,) float32 of unit length, and the cosine under which nothing is a match: what an item has that lies just
        on the floor of every single direction.

    Raises:
        UsageError: there is none, or they cancel each other.
    """
    if not any(pull.weight > 0 for pull in pulls):
        raise UsageError("There is nothing to search for; say something, or choose an item.")
    total = np.sum([pull.weight * pull.vector for pull in pulls], axis=0)
    length = float(np.linalg.norm(total))
    if length < 1e-3:
        raise UsageError("These wishes cancel each other; take one of them back.")
    floor = sum(pull.weight * pull.floor for pull in pulls) / length
    return (total / length).astype(np.float32), float(floor)


def fold(matches: Sequence[Match], vectors: np.ndarray, above: float) -> tuple[Match, ...]:
    """Near-duplicates put away under the nearest one of them.

    Args:
        matches: N, nearest first. vectors: (N, D) float32 of unit length, of their items.
        above: cosine from which two items of one category count as the same article.
    """
    kept: list[int] = []
    under: dict[int, list[Match]] = {}
    for n, match in enumerate(matches):
        twin = next((k for k in kept if _alike(matches[k], match, vectors[k] @ vectors[n], above)), None)
        if twin is None:
            kept.append(n)
        else:
            under.setdefault(twin, []).append(match)
    return tuple(replace(matches[k], alike=tuple(m.item for m in under[k])) if k in under else matches[k] for k in kept)


def _alike(first: Match, second: Match, cosine: float, above: float) -> bool:
    return first.item.category == second.item.category and cosine >= above


def filters_of(
    category: Sequence[str] | None = None,
    colour: Sequence[str] | None = None,
    min_price: float | None = None,
    max_price: float | None = None,
    where: Sequence[str] | None = None,
) -> Filters:
    """The filters that options name. where: attributes, each as "NAME=VALUE".

    Raises:
        UsageError: an attribute without a value.
    """
    pairs = []
    for text in where or ():
        name, sign, value = (part.strip() for part in text.partition("="))
        if not (name and sign and value):
            raise UsageError(f"“{text}” says nothing to compare; write it as NAME=VALUE, like fabric=linen.")
        pairs.append((name, value))
    return Filters(tuple(category or ()), tuple(colour or ()), min_price, max_price, tuple(pairs))
