"""The kind of a piece by two opinions: the detector's, who saw the photo, and the embedder's, who saw the crop alone.

The detector knows what is worn where but confuses garments that lie alone; the embedder's reading of a crop does not
depend on the scene. Their probabilities are multiplied, the embedder's raised to a weight.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from pipeline.kinds import KINDS
from pipeline.types import Piece

# The embedder's weight for a garment alone, and for one that is worn: measured, see docs/decisions.md.
ALONE, WORN = 2.0, 0.6
# From this probability on, and from this share of the photo, the embedder is heard SURELY: on worn pieces that changes
# nothing, on garments laid out side by side, which are not alone in the cut-out, it mends names.
SURE, LARGE, SURELY = 0.98, 0.03, 2.0
# What the detector leaves open is shared by the other kinds; this much is always left open.
OPEN = 0.02
# No kind is less likely to the detector than this.
LEAST = 0.005


@dataclass(frozen=True, eq=False)
class KindReader:
    """A linear reading of the kind of piece from an embedding: weight (len(KINDS), D), bias (len(KINDS),)."""

    weight: np.ndarray
    bias: np.ndarray

    @classmethod
    def read(cls, path: Path) -> KindReader:
        """The reader in a file that `write` wrote.

        Raises:
            OSError, ValueError, KeyError: there is no such file, or it is something else.
        """
        document = json.loads(path.read_text())
        if document["kinds"] != list(KINDS):
            raise ValueError(f"{path.name} names other kinds of piece")
        return cls(np.array(document["weight"], np.float32), np.array(document["bias"], np.float32))

    def write(self, path: Path) -> None:
        """Write it down beside the embedder's weights."""
        rounded = {"weight": np.round(self.weight, 3).tolist(), "bias": np.round(self.bias, 3).tolist()}
        path.write_text(json.dumps({"kinds": list(KINDS), **rounded}) + "\n")

    def __call__(self, embeddings: np.ndarray) -> np.ndarray:
        """(N, D) embeddings of unit length -> (N, len(KINDS)) probabilities, each row summing to 1."""
        logits = embeddings @ self.weight.T + self.bias
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        return shares / shares.sum(axis=1, keepdims=True)


def detected(piece: Piece) -> np.ndarray:
    """(len(KINDS),) probabilities that the detector's confidences, or else its one label and score, stand for."""
    if piece.opinion:
        shares = np.maximum(piece.opinion, LEAST)
        return shares / shares.sum()
    sure = min(piece.score, 1 - OPEN)
    shares = np.full(len(KINDS), (1 - sure) / (len(KINDS) - 1))
    if piece.label in KINDS:
        shares[KINDS.index(piece.label)] = max(sure, shares[0])
    return shares


def named(pieces: Sequence[Piece], read: np.ndarray, alone: float = ALONE, worn: float = WORN) -> tuple[Piece, ...]:
    """The pieces under the kinds that both opinions together favour; drawn ones and foreign kinds keep theirs.

    A garment alone gets the confidence of both opinions, too; a worn one keeps the detector's.

    Args:
        read: (len(pieces), len(KINDS)) probabilities of a KindReader.
        alone, worn: exponent of the embedder's opinion, where it is not SURE; 0 leaves the detector alone.
    """
    renamed = []
    for piece, shares in zip(pieces, read, strict=True):
        if piece.label not in KINDS or piece.drawn:
            renamed.append(piece)
            continue
        sure = shares.max() >= SURE and piece.area >= LARGE
        weight = alone if piece.alone else SURELY if sure else worn
        both = detected(piece) * np.maximum(shares, 1e-6) ** weight
        both /= both.sum()
        best = int(both.argmax())
        score = float(both[best]) if piece.alone else piece.score
        renamed.append(replace(piece, label=KINDS[best], score=score))
    return tuple(renamed)
