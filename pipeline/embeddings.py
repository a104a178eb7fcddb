"""Crops or words -> embeddings of unit length: an open_clip model."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from pipeline.errors import ModelMissing

if TYPE_CHECKING:
    import torch

# More crops than this at once only cost memory.
BATCH = 64


class Embedder:
    """Embeds pictures of single pieces, and words, into one space.

    name: the model's name, kept by every index that is made with it. dimension: D.
    none_below, none_below_words: the cosine under which a match of a picture, or of words, is no match;
    calibrated on pictures kept out of the training.
    """

    def __init__(self, folder: Path, name: str, threads: int) -> None:
        """Load open_clip's local form: `open_clip_config.json`, `open_clip_model.safetensors`, a vocabulary.

        Raises:
            ModelMissing: the folder is incomplete or not of that form.
        """
        import open_clip
        import torch

        from pipeline.towers import register

        register()
        torch.set_num_threads(threads)
        try:
            self._model: Any = open_clip.create_model(f"local-dir:{folder}").eval()
            config = json.loads((folder / "open_clip_config.json").read_text())
            calibration = json.loads((folder / "calibration.json").read_text())
            self.none_below = float(calibration["none_below"])
            self.none_below_words = float(calibration["none_below_words"])
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            raise ModelMissing(f"The embedder in “{folder.name}” cannot be loaded: it is incomplete.") from error
        self.name = name
        self.dimension = int(config["model_cfg"]["embed_dim"])
        preprocess = open_clip.transform.PreprocessCfg(**config["preprocess_cfg"])
        self._prepare = open_clip.transform.image_transform_v2(preprocess, is_train=False)
        self._tokenize = open_clip.tokenizer.SimpleTokenizer(
            bpe_path=str(next(folder.glob("*.gz"))), context_length=config["model_cfg"]["text_cfg"]["context_length"]
        )

    def embed_pictures(self, crops: Sequence[np.ndarray]) -> np.ndarray:
        """(S, S, 3) uint8 RGB crops of any sizes S -> (N, D) float32 of unit length, all in one batch."""
        import torch

        batches = []
        with torch.inference_mode():
            for start in range(0, len(crops), BATCH):
                images = [self._prepare(Image.fromarray(crop)) for crop in crops[start : start + BATCH]]
                batches.append(self._model.encode_image(torch.stack(images), normalize=True))
        return self._rows(batches)

    def embed_words(self, texts: Sequence[str]) -> np.ndarray:
        """Descriptions such as "navy striped top" -> (N, D) float32 of unit length."""
        import torch

        with torch.inference_mode():
            return self._rows([self._model.encode_text(self._tokenize(list(texts)), normalize=True)] if texts else [])

    def _rows(self, batches: list[torch.Tensor]) -> np.ndarray:
        if not batches:
            return np.empty((0, self.dimension), np.float32)
        return np.concatenate([batch.float().numpy() for batch in batches])
