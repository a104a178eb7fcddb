"""A start and a wish -> the nearest items: the query is bent, the index searched, near-duplicates folded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipeline.errors import UsageError
from pipeline.query import LESS, MORE, Pull, Wish, bend, fold
from pipeline.types import Match

if TYPE_CHECKING:
    from pipeline.embeddings import Embedder
    from pipeline.index import Index


@dataclass(frozen=True, eq=False)
class Seeker:
    """Searches one index with one embedder's queries. top: matches where a wish names no number."""

    index: Index
    embed: Embedder
    top: int

    def nearest(self, start: np.ndarray | None, kind: str, wish: Wish) -> tuple[Match, ...]:
        """The items that are wished for, nearest first.

        Args:
            start: (D,) float32 of unit length, a piece's embedding; None where words or items are all there is.
            kind: the only kind of item that is wanted; "" for any.

        Raises:
            UsageError: nothing is wished for, wishes cancel each other, or name what the catalogue does not have.
        """
        query, floor = bend(self._pulls(start, kind, wish))
        top = self._top(wish)
        count = top + len(wish.hidden)
        while True:
            least = -1.0 if wish.far else floor
            found = self.index.search(query[None], count, [kind or None], wish.filters, least)[0]
            seen = [match for match in found if match.item.id not in wish.hidden]
            vectors = self.index.embeddings_of([match.item.id for match in seen])
            shown = fold(seen, vectors, self.embed.same_above)
            if len(shown) >= top or len(found) < count:
                return shown[:top]
            count *= 2

    def _pulls(self, start: np.ndarray | None, kind: str, wish: Wish) -> list[Pull]:
        try:
            more, less = (self.index.embeddings_of(ids) for ids in (wish.more, wish.less))
            if wish.origin:
                start = self.index.embeddings_of([wish.origin])[0]
        except KeyError as error:
            raise UsageError("The catalogue does not have this item any more; choose another one.") from error
        words = wish.words.strip()
        strength = 0.0 if not words else 1.0 if start is None else wish.strength
        floor = self.embed.none_below
        pulls = [Pull(vector, MORE / len(more), floor) for vector in more]
        pulls += [Pull(vector, -LESS / len(less), floor) for vector in less]
        if start is not None:
            pulls.append(Pull(start, 1 - strength, floor))
        if words:
            # “But red” keeps to the kind better as “but red top”: see docs/decisions.md.
            told = self.embed.embed_words([f"{words} {kind}".strip()])[0]
            pulls.append(Pull(told, strength, self.embed.none_below_words))
        return pulls

    def _top(self, wish: Wish) -> int:
        top = self.top if wish.top is None else wish.top
        if top < 1:
            raise UsageError(f"At least one match must be asked for, not {top}.")
        return top
