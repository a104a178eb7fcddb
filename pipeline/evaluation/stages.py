"""The stages that an evaluation runs: those of the product, loaded from the settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pipeline.choice import choose
from pipeline.cutout import BackgroundRemover
from pipeline.embeddings import Embedder
from pipeline.matcher import Progress, load_embedder, load_finder, load_remover
from pipeline.settings import Settings
from pipeline.training.segmenter_measure import chain_finder, photo_finder
from pipeline.training.segmenter_score import Finding
from pipeline.types import Cutout, Photo
from pipeline.weights import SLOTS
from pipeline.yolo import load


@dataclass(frozen=True, eq=False)
class Finders:
    """What an evaluation of segmentation runs; see `pipeline.evaluation.segmentation.Finder`."""

    cut: BackgroundRemover
    alone: Callable[[np.ndarray], list[Finding]]
    _chain: Callable[[np.ndarray, np.ndarray], list[Finding]]

    def chain(self, cutout: Cutout) -> list[Finding]:
        """What the chain finds in a cut-out photo."""
        return self._chain(cutout.photo.pixels, cutout.alpha)


def load_finders(settings: Settings, tell: Progress) -> tuple[Finders, dict[str, str]]:
    """The stages, and the names of their models by slot.

    Raises:
        ModelMissing: with what to do about it.
    """
    chosen = {slot: choose(slot, settings) for slot in SLOTS}
    tell("the background remover", 0.0)
    cut = load_remover(settings)
    tell("the piece finder", 0.3)
    finder = load_finder(settings)
    detector = photo_finder(*load(chosen["pieces"].path, settings.allow_pickle))
    tell("the embedder", 0.7)
    chain = chain_finder(finder, load_embedder(settings))
    return Finders(cut, detector, chain), {slot: model.name for slot, model in chosen.items()}


@dataclass(frozen=True, eq=False)
class Embedders:
    """What an evaluation of classification or retrieval runs."""

    cut: Callable[[Photo], Cutout]
    embed: Embedder


def load_embedders(settings: Settings, tell: Progress) -> tuple[Embedders, dict[str, str]]:
    """The stages, and the names of their models by slot.

    Raises:
        ModelMissing: with what to do about it.
    """
    tell("the background remover", 0.0)
    cut = load_remover(settings)
    tell("the embedder", 0.5)
    embed = load_embedder(settings)
    return Embedders(cut, embed), {"cutout": cut.name, "embeddings": embed.name}
