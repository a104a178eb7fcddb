"""Crops or words -> embeddings of unit length: an open_clip model."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from pipeline.calibration import Calibration
from pipeline.clip_keys import open_clip_config, open_clip_weights
from pipeline.errors import ModelMissing
from pipeline.naming import KindReader

# The image tower once more, for ONNX Runtime: a half to a third of torch's time (docs/decisions.md).
IMAGE_TOWER = "image.onnx"
KINDS_FILE = "kinds.json"
# Batches larger than this only cost memory.
BATCH = 64

Pictures = Callable[[np.ndarray], np.ndarray]
Tokens = Callable[[list[str]], Any]


class Embedder:
    """Embeds pictures of single pieces, and words, into one space.

    name: the model's name, kept by every index that is made with it. dimension: D.
    none_below, none_below_words: the cosine under which a match of a picture, or of words, is no match;
    same_above: the cosine from which two pictures of one category show the same article.
    read_kinds: tells the kind of piece from an embedding; None for a model that brings no such reader.
    """

    def __init__(self, folder: Path, name: str, threads: int) -> None:
        """Load a model in the form that its folder has.

        open_clip's: `open_clip_config.json` and `open_clip_model.safetensors`; beside them, where the model has them,
        the image tower as ONNX, the calibration, a vocabulary of its own (`*.gz`) or a `tokenizer.json`.
        Hugging Face's CLIPModel: `config.json` and `model.safetensors`.

        Raises:
            ModelMissing: the folder is incomplete or of another form.
        """
        import open_clip
        import torch

        torch.set_num_threads(threads)
        self.name = name
        try:
            if (folder / "open_clip_config.json").is_file():
                self._model, config, preparation = _open_clip(folder)
            else:
                self._model, config, preparation = _clip_model(folder)
            self.dimension = int(config["embed_dim"])
            self._tokenize = _tokenizer(folder, config["text_cfg"])
            own = folder / "calibration.json"
            self.calibrated = own.is_file()
            self.use(Calibration.read(own) if self.calibrated else Calibration())
            self.read_kinds = KindReader.read(folder / KINDS_FILE) if (folder / KINDS_FILE).is_file() else None
            tower = folder / IMAGE_TOWER
            self._embed: Pictures = _onnx_tower(tower, threads) if tower.is_file() else self._torch_tower
        except Exception as error:  # those of safetensors and ONNX Runtime have no base of their own
            raise ModelMissing(
                f"The embedder in “{folder.name}” cannot be loaded: it is incomplete, or of a form that is not known."
            ) from error
        self._prepare = open_clip.transform.image_transform_v2(preparation, is_train=False)

    def use(self, calibration: Calibration) -> None:
        """Explain the cosines by another calibration than the one that came with the weights."""
        self.none_below = calibration.none_below
        self.none_below_words = calibration.none_below_words
        self.same_above = calibration.same_above
        self._calibration = calibration

    def likeness(self, cosine: float) -> float | None:
        """What a cosine of two pictures is worth: the share (0..1) of pairs at it that are of one category.

        None where nobody could measure it.
        """
        return self._calibration.likeness(cosine)

    def likeness_of_words(self, cosine: float) -> float | None:
        """The same for a description and a picture."""
        return self._calibration.likeness_of_words(cosine)

    def embed_pictures(self, crops: Sequence[np.ndarray]) -> np.ndarray:
        """(S, S, 3) uint8 RGB crops of any sizes S -> (N, D) float32 of unit length, all in one batch."""
        rows = [np.empty((0, self.dimension), np.float32)]
        for start in range(0, len(crops), BATCH):
            pictures = np.stack([self._prepare(Image.fromarray(c)).numpy() for c in crops[start : start + BATCH]])
            rows.append(self._embed(pictures))
        return np.concatenate(rows)

    def embed_words(self, texts: Sequence[str]) -> np.ndarray:
        """Descriptions such as "navy striped top" -> (N, D) float32 of unit length."""
        import torch

        rows = [np.empty((0, self.dimension), np.float32)]
        for start in range(0, len(texts), BATCH):
            with torch.inference_mode():
                tokens = self._tokenize(list(texts[start : start + BATCH]))
                rows.append(self._model.encode_text(tokens, normalize=True).numpy())
        return np.concatenate(rows)

    def _torch_tower(self, pictures: np.ndarray) -> np.ndarray:
        import torch

        with torch.inference_mode():
            return self._model.encode_image(torch.from_numpy(pictures), normalize=True).numpy()


def _open_clip(folder: Path) -> tuple[Any, dict[str, Any], Any]:
    """open_clip's local form -> the model, its configuration, and how its pictures are prepared."""
    import open_clip

    from pipeline.towers import register

    config = json.loads((folder / "open_clip_config.json").read_text())
    register()
    model = open_clip.create_model(f"local-dir:{folder}").eval()
    size = {"size": model.visual.image_size, **config.get("preprocess_cfg", {})}
    return model, config["model_cfg"], open_clip.transform.PreprocessCfg(**size)


def _clip_model(folder: Path) -> tuple[Any, dict[str, Any], Any]:
    """Hugging Face's CLIPModel -> the same as an open_clip model."""
    import open_clip
    from safetensors.torch import load_file

    config = open_clip_config(json.loads((folder / "config.json").read_text()))
    model = open_clip.model.CLIP(**config)
    model.load_state_dict(open_clip_weights(load_file(folder / "model.safetensors")))
    return model.eval(), config, open_clip.transform.PreprocessCfg(size=config["vision_cfg"]["image_size"])


def _tokenizer(folder: Path, config: dict[str, Any]) -> Tokens:
    from open_clip.tokenizer import SimpleTokenizer

    if config.get("hf_tokenizer_name"):
        return _hub_tokenizer(folder, config)
    vocabulary = next(folder.glob("*.gz"), None)
    own = {"bpe_path": str(vocabulary)} if vocabulary else {}
    return SimpleTokenizer(context_length=config["context_length"], **own)


def _hub_tokenizer(folder: Path, config: dict[str, Any]) -> Tokens:
    """The folder's tokenizer.json, used as open_clip's HFTokenizer does but without `transformers`."""
    import torch
    from open_clip.tokenizer import get_clean_fn
    from tokenizers import Tokenizer

    length = config["context_length"]
    clean = get_clean_fn(config.get("tokenizer_kwargs", {}).get("clean", "whitespace"))
    padding = json.loads((folder / "special_tokens_map.json").read_text())["pad_token"]
    padding = padding["content"] if isinstance(padding, dict) else padding
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(length)
    tokenizer.enable_padding(length=length, pad_id=tokenizer.token_to_id(padding), pad_token=padding)

    def tokenize(texts: list[str]) -> torch.Tensor:
        return torch.tensor([line.ids for line in tokenizer.encode_batch([clean(text) for text in texts])])

    return tokenize


def _onnx_tower(path: Path, threads: int) -> Pictures:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # Threads that spin after a run steal the cores from the next stage.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])
    return lambda pictures: session.run(None, {"pictures": pictures})[0]
