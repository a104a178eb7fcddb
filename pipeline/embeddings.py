"""Crops or words -> embeddings of unit length: an open_clip model."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from pipeline.errors import ModelMissing

# The image tower once more, for ONNX Runtime: a half to a third of torch's time (docs/decisions.md).
IMAGE_TOWER = "image.onnx"
# More crops than this at once only cost memory.
BATCH = 64


class Embedder:
    """Embeds pictures of single pieces, and words, into one space.

    name: the model's name, kept by every index that is made with it. dimension: D.
    none_below, none_below_words: the cosine under which a match of a picture, or of words, is no match;
    calibrated on pictures kept out of the training.
    """

    def __init__(self, folder: Path, name: str, threads: int) -> None:
        """Load open_clip's local form: `open_clip_config.json`, `open_clip_model.safetensors`, a vocabulary;
        and beside it the image tower as ONNX and the calibration.

        Raises:
            ModelMissing: the folder is incomplete or not of that form.
        """
        import onnxruntime
        import open_clip
        import torch

        from pipeline.towers import register

        register()
        torch.set_num_threads(threads)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        # Threads that spin after a run steal the cores from the next stage.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            tower = (folder / IMAGE_TOWER).read_bytes()
            self._tower = onnxruntime.InferenceSession(tower, options, providers=["CPUExecutionProvider"])
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
        rows = [np.empty((0, self.dimension), np.float32)]
        for start in range(0, len(crops), BATCH):
            pictures = np.stack([self._prepare(Image.fromarray(c)).numpy() for c in crops[start : start + BATCH]])
            rows.append(self._tower.run(None, {"pictures": pictures})[0])
        return np.concatenate(rows)

    def embed_words(self, texts: Sequence[str]) -> np.ndarray:
        """Descriptions such as "navy striped top" -> (N, D) float32 of unit length."""
        import torch

        if not texts:
            return np.empty((0, self.dimension), np.float32)
        with torch.inference_mode():
            return self._model.encode_text(self._tokenize(list(texts)), normalize=True).numpy()
