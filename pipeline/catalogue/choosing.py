"""Which items the garments of a picture become, and which of them are there already."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from pipeline.catalogue.duplicates import CLOSE, are_same, close_pairs
from pipeline.catalogue.duplicates import NEIGHBOURS as NEAR
from pipeline.catalogue.looking import Garment, Look
from pipeline.catalogue.predicting import NEIGHBOURS, Votes, predict_categories, stated_near, votes_of
from pipeline.embeddings import Embedder
from pipeline.index import Index
from pipeline.kinds import KINDS, kind_of
from pipeline.types import Item


@dataclass(frozen=True, eq=False)
class Candidate:
    """What a source says of a picture, and what was seen of it."""

    item: Item
    look: Look


@dataclass(frozen=True, eq=False)
class Choice:
    """An item to be added, and the garment that it is of."""

    item: Item
    garment: Garment
    look: Look


def choose_items(
    candidates: Sequence[Candidate], embed: Embedder, taken: Callable[[str], bool], base: Index | None
) -> list[Choice]:
    """The items of the pictures, with what was not said of them predicted.

    A picture of which the category is stated is of one garment: where several are seen, of the largest one of that
    kind. Without one, each of the large garments becomes an item; they share the picture, and the second one's id
    ends in -2.

    Args:
        taken: whether an id must not be a further garment's. base: the index, whose items have a say in predictions.
    """
    given: set[str] = set()
    choices: list[Choice] = []
    for candidate in candidates:
        for n, garment in enumerate(_garments(candidate)):
            item = replace(candidate.item, box=garment.box)
            if n:
                item = replace(item, id=_free(item.id, n + 1, lambda name: name in given or taken(name)))
                given.add(item.id)
            choices.append(Choice(item, garment, candidate.look))
    return _predicted(choices, embed, base)


def _garments(candidate: Candidate) -> Sequence[Garment]:
    whole, *parts = candidate.look.garments
    category = candidate.item.category
    if not parts:
        return (whole,)
    if not category:
        return parts
    return ([part for part in parts if part.label == kind_of(category)] or [whole])[:1]


def _free(name: str, number: int, taken: Callable[[str], bool]) -> str:
    while taken(f"{name}-{number}"):
        number += 1
    return f"{name}-{number}"


def _predicted(choices: Sequence[Choice], embed: Embedder, base: Index | None) -> list[Choice]:
    """The choices with category, colour and kind where they were not said."""
    unsure = [choice for choice in choices if kind_of(choice.item.category) not in KINDS]
    vectors = _vectors(unsure, embed)
    labels = [choice.garment.label if choice.garment.box else "" for choice in unsure]
    stated = [c for c in choices if c.item.category and "category" not in c.item.predicted]
    categories = predict_categories(vectors, labels, _votes(vectors, stated, base, embed), embed)
    guesses = dict(zip(map(id, unsure), categories, strict=True))
    found = []
    for choice in choices:
        item, guess = choice.item, guesses.get(id(choice), "")
        if guess and item.category:
            # A word that nobody knows stays the item's category; photos find it by what the picture shows.
            item = replace(item, kind=kind_of(guess))
        elif guess:
            item = replace(item, category=guess, predicted=(*item.predicted, "category"))
        if not item.colour and choice.garment.colour:
            item = replace(item, colour=choice.garment.colour, predicted=(*item.predicted, "colour"))
        found.append(replace(choice, item=item))
    return found


def _vectors(choices: Sequence[Choice], embed: Embedder) -> np.ndarray:
    if not choices:
        return np.empty((0, embed.dimension), np.float32)
    return np.stack([choice.garment.vector for choice in choices])


def _votes(vectors: np.ndarray, stated: Sequence[Choice], base: Index | None, embed: Embedder) -> list[Votes]:
    """For each vector the say of the nearest items whose category somebody stated: new ones, and the index's."""
    cosines = vectors @ _vectors(stated, embed).T
    names = [choice.item.category for choice in stated]
    near: list[list[tuple[float, str]]] = []
    for row in cosines:
        best = np.argsort(-row)[:NEIGHBOURS]
        near.append([(float(row[n]), names[n]) for n in best])
    if base:
        near = [told + old for told, old in zip(near, stated_near(base, vectors), strict=True)]
    return [votes_of([c for c, _ in told], [name for _, name in told]) for told in near]


def repeated(choices: Sequence[Choice], embed: Embedder, base: Index | None) -> list[tuple[Choice, str]]:
    """The choices whose picture is another item's, saved anew, each with that item's id: one of the index, or an
    earlier one of the choices that is not repeated itself."""
    vectors = _vectors(choices, embed)
    found: dict[int, str] = {}
    if base and len(base):
        cosines, rows = base.nearest(vectors, NEAR)
        close = (cosines >= CLOSE) & (rows >= 0)
        prints = base.store.fingerprints(set(rows[close].tolist()))
        for n, place in zip(*(places.tolist() for places in np.nonzero(close)), strict=True):
            row = int(rows[n, place])
            if n in found or row not in prints:
                continue
            if are_same(choices[n].garment.fingerprint, prints[row], float(cosines[n, place])):
                found[n] = base.store.get([row])[0].id
    for earlier, n, cosine in close_pairs(vectors):
        one, other = choices[earlier], choices[n]
        if n in found or earlier in found or one.look.task.path == other.look.task.path:
            continue
        if are_same(one.garment.fingerprint, other.garment.fingerprint, cosine):
            found[n] = one.item.id
    return [(choices[n], of) for n, of in sorted(found.items())]
