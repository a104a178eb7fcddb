"""What the embedder is asked for: like garments close, true captions close, category and colour readable."""

from collections.abc import Sequence

import torch
from torch import nn

from pipeline.kinds import KIND_OF_CATEGORY, KINDS
from pipeline.training.colours import COLOURS
from pipeline.training.embedder_data import Piece
from pipeline.training.embedder_text import agreement

CATEGORIES = tuple(KIND_OF_CATEGORY)
# One class a category, and one a kind for garments of which only the kind is known.
CLASSES = CATEGORIES + tuple(f"some {kind}" for kind in KINDS)


def class_of(piece: Piece) -> int:
    """The place in CLASSES of a garment."""
    return CLASSES.index(piece.category or f"some {piece.kind}")


class Teacher(nn.Module):
    """Classifiers that exist during training only, on top of the unit embeddings."""

    def __init__(self, dimension: int) -> None:
        super().__init__()
        self.classes = nn.Linear(dimension, len(CLASSES), bias=False)
        self.colours = nn.Linear(dimension, len(COLOURS))

    def forward(self, unit: torch.Tensor, classes: torch.Tensor, shares: torch.Tensor) -> torch.Tensor:
        """unit (N, D), classes (N,) int64, shares (N, len(COLOURS)); returns the two losses' sum, colour doubled."""
        cosines = unit @ nn.functional.normalize(self.classes.weight, dim=1).T
        by_class = nn.functional.cross_entropy(16 * cosines, classes, label_smoothing=0.1)
        by_colour = nn.functional.kl_div(self.colours(6 * unit).log_softmax(1), shares, reduction="batchmean")
        return by_class + 2 * by_colour


def caption_loss(
    images: torch.Tensor, texts: torch.Tensor, true: torch.Tensor, unknown: torch.Tensor, scale: torch.Tensor
) -> torch.Tensor:
    """CLIP's loss both ways with any number of true captions a garment.

    images (N, D) and texts (M, D) unit length; true, unknown (N, M) bool; unknown pairs are left out.
    """
    logits = (scale * images @ texts.T).masked_fill(unknown, -1e4)
    losses = []
    for way, right in ((logits, true), (logits.T, true.T)):
        some = right.any(1)
        share = right[some].float() / right[some].sum(1, keepdim=True)
        losses.append(-(share * way[some].log_softmax(1)).sum(1).mean())
    return (losses[0] + losses[1]) / 2


class EmbedderLoss(nn.Module):
    """Sum of five: same garment, category and colour together; same category; same colour; captions; the teacher."""

    def __init__(self, dimension: int) -> None:
        from pytorch_metric_learning.losses import SupConLoss

        super().__init__()
        self.teacher = Teacher(dimension)
        self.like = SupConLoss(temperature=0.1)
        self.same_class = SupConLoss(temperature=0.15)
        self.same_colour = SupConLoss(temperature=0.15)

    def forward(
        self, views: torch.Tensor, texts: torch.Tensor, scale: torch.Tensor, pieces: Sequence[Piece], captions: list
    ) -> dict[str, torch.Tensor]:
        """views (2, N, D), texts (M, D), unit length -> the parts of the loss, each a scalar."""
        classes = torch.tensor([class_of(p) for p in pieces])
        colours = {word: place for place, word in enumerate((*COLOURS, "multicoloured"))}
        colour = torch.tensor([colours[p.colour] for p in pieces])
        fine = classes * len(colours) + colour
        # Two patterned garments need not be alike: each is like itself only.
        mixed = torch.tensor([p.colour == "multicoloured" for p in pieces])
        alone = 100_000 + torch.arange(len(pieces))
        fine, colour = torch.where(mixed, alone, fine), torch.where(mixed, alone, colour)
        shares = torch.stack([torch.from_numpy(p.shares) for p in pieces])
        true, unknown = agreement(list(pieces), captions)
        unit = views.flatten(0, 1)
        both = caption_loss(views[0], texts, true, unknown, scale) + caption_loss(views[1], texts, true, unknown, scale)
        return {
            "like": self.like(unit, fine.repeat(2)),
            "same class": 0.5 * self.same_class(unit, classes.repeat(2)),
            "same colour": 0.5 * self.same_colour(unit, colour.repeat(2)),
            "captions": 0.5 * both,
            "teacher": 0.5 * self.teacher(unit, classes.repeat(2), shares.repeat(2, 1)),
        }
