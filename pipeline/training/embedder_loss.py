"""What the embedder is asked for: like garments close, true captions close, category and colour readable."""

from collections.abc import Sequence
from typing import Any, Literal

import torch
from torch import nn

from pipeline.colours import COLOURS
from pipeline.kinds import KIND_OF_CATEGORY, KINDS
from pipeline.training.embedder_data import Piece
from pipeline.training.embedder_text import agreement

MetricLoss = Literal["supcon", "triplet"]
# Cosines between an anchor's positive and its negative, as FaceNet chose it for squared distances on a sphere.
MARGIN = 0.2

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
        """unit (N, D), classes (N,) int64, shares (N, len(COLOURS)); returns the two losses' sum, class doubled."""
        cosines = unit @ nn.functional.normalize(self.classes.weight, dim=1).T
        by_class = nn.functional.cross_entropy(16 * cosines, classes, label_smoothing=0.1)
        by_colour = nn.functional.kl_div(self.colours(6 * unit).log_softmax(1), shares, reduction="batchmean")
        return 2 * by_class + by_colour


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


def metric_loss(name: MetricLoss, temperature: float) -> Any:
    """A loss over (N, D) unit embeddings and (N,) labels that pulls like labels together.

    supcon: supervised contrastive (Khosla et al., 2020) at this temperature. triplet: triplets with semi-hard negatives
    mined in the batch (Schroff et al., 2015): further than the positive, but by less than the margin.
    """
    from pytorch_metric_learning.distances import CosineSimilarity
    from pytorch_metric_learning.losses import SupConLoss, TripletMarginLoss
    from pytorch_metric_learning.miners import TripletMarginMiner

    if name == "supcon":
        return SupConLoss(temperature=temperature)
    cosine = CosineSimilarity()
    return Mined(
        TripletMarginLoss(margin=MARGIN, distance=cosine),
        TripletMarginMiner(margin=MARGIN, distance=cosine, type_of_triplets="semihard"),
    )


class Mined(nn.Module):
    """A loss over the triplets that a miner picks; 0 where it finds none."""

    def __init__(self, loss: nn.Module, miner: nn.Module) -> None:
        super().__init__()
        self.loss, self.miner = loss, miner

    def forward(self, unit: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return self.loss(unit, labels, self.miner(unit, labels))


class EmbedderLoss(nn.Module):
    """Sum of six: category and colour together; same category; same colour; the very same garment; captions; the
    teacher."""

    def __init__(self, dimension: int, metric: MetricLoss = "supcon") -> None:
        super().__init__()
        self.teacher = Teacher(dimension)
        self.like = metric_loss(metric, 0.1)
        self.same_class = metric_loss(metric, 0.1)
        self.same_colour = metric_loss(metric, 0.15)
        self.same_garment = metric_loss(metric, 0.07)

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
        names = {name: place for place, name in enumerate({p.garment for p in pieces})}
        garment = torch.tensor([names[p.garment] for p in pieces])
        both = caption_loss(views[0], texts, true, unknown, scale) + caption_loss(views[1], texts, true, unknown, scale)
        return {
            "like": self.like(unit, fine.repeat(2)),
            "same class": 2.5 * self.same_class(unit, classes.repeat(2)),
            "same colour": 0.3 * self.same_colour(unit, colour.repeat(2)),
            "same garment": self.same_garment(unit, garment.repeat(2)),
            "captions": 0.5 * both,
            "teacher": self.teacher(unit, classes.repeat(2), shares.repeat(2, 1)),
        }
