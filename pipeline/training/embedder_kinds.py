"""The reading of the kind of piece from an embedding that the product uses as a second opinion: a linear classifier."""

import numpy as np

from pipeline.kinds import KINDS
from pipeline.naming import KindReader
from pipeline.training.datasets.review import garment_kind
from pipeline.training.embedder_data import Piece

# Inverse strength of the L2 penalty, and how much rare kinds count: weights go with the number of pieces of a kind to
# the power of minus RARER. Kinds read rightly of held-out garments, at home / worn: 5 gave 0.842 / 0.716, 1 gave
# 0.847 / 0.727. Of an earlier embedder, penalties of 1, 10 and 100 with a power of 0.5 gave 0.791 / 0.647,
# 0.802 / 0.642 and 0.786 / 0.623; powers of 0.25 and 0 gave 0.807 / 0.656 and 0.802 / 0.667. Garments of photos with
# tags count TAGGED: at home and worn, names reviewed, 1 gave 0.842 / 0.716, a quarter 0.855 / 0.714.
INVERSE_PENALTY = 0.5
RARER = 0.25
TAGGED = 0.25


def fit_kinds(pieces: list[Piece], units: np.ndarray) -> KindReader:
    """Logistic regression on the embeddings of the pieces that are not held out; rare kinds count more.

    Args:
        units: (len(pieces), D) float32 of unit length.
    """
    from sklearn.linear_model import LogisticRegression

    learning = np.array([not p.held_out for p in pieces])
    kinds = np.array([KINDS.index(p.kind) for p in pieces])[learning]
    share = np.bincount(kinds, minlength=len(KINDS))[kinds] ** -RARER
    share *= np.where([p.source == "tagged" for p, learnt in zip(pieces, learning, strict=True) if learnt], TAGGED, 1.0)
    model = LogisticRegression(C=INVERSE_PENALTY, max_iter=1000)
    model.fit(units[learning], kinds, sample_weight=share / share.mean())
    # A kind that no piece shows cannot be read.
    weight = np.zeros((len(KINDS), units.shape[1]), np.float32)
    bias = np.full(len(KINDS), -20.0, np.float32)
    rows = model.coef_ if len(model.classes_) > 2 else np.vstack([-model.coef_, model.coef_]) / 2
    starts = model.intercept_ if len(model.classes_) > 2 else np.array([-1, 1]) * model.intercept_ / 2
    weight[model.classes_], bias[model.classes_] = rows, starts
    return KindReader(weight, bias)


def kind_scores(reader: KindReader, pieces: list[Piece], units: np.ndarray) -> dict[str, float]:
    """Share of the held-out pieces whose kind is read rightly, by source; of those at home also under reviewed names,
    without those that nobody can tell."""
    scores: dict[str, float] = {}
    for source in ("home", "street"):
        places = [i for i, p in enumerate(pieces) if p.held_out and p.source == source]
        if not places:
            continue
        read = [KINDS[kind] for kind in reader(units[places]).argmax(1)]
        told = [(kind, pieces[i]) for kind, i in zip(read, places, strict=True)]
        scores[f"{source}, pieces"] = len(places)
        scores[f"{source}, kind read rightly"] = round(float(np.mean([kind == p.kind for kind, p in told])), 4)
        if source == "home" and (right := [kind == name for kind, p in told if (name := reviewed_kind(p))]):
            scores[f"{source}, kind read rightly, names reviewed"] = round(float(np.mean(right)), 4)
    return scores


def reviewed_kind(piece: Piece) -> str:
    """The kind that a look at the picture gave, else the set's own; "" where nobody can tell."""
    seen = garment_kind(piece.garment.removeprefix("home "))
    return piece.kind if seen is None else seen
