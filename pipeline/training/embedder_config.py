"""The bundled embedder's form: open_clip configuration and vocabulary."""

import gzip
from pathlib import Path
from typing import Any

from pipeline import towers

DIMENSION, CONTEXT, MERGES = 256, 24, 2000
VOCABULARY = "vocabulary.txt.gz"
CONFIG, WEIGHTS = "open_clip_config.json", "open_clip_model.safetensors"


def config(merges: int = MERGES) -> dict[str, Any]:
    """Return the content of open_clip_config.json."""
    return {
        "model_cfg": {
            "embed_dim": DIMENSION,
            "vision_cfg": {
                "timm_model_name": towers.NAME, "timm_model_pretrained": False, "timm_pool": "", "timm_proj": "mlp",
                "image_size": towers.SIDE,
            },
            "text_cfg": {
                "context_length": CONTEXT, "vocab_size": 512 + merges + 2, "width": 128, "heads": 4, "layers": 3,
            },
        },
        # The tower takes plain 0..1.
        "preprocess_cfg": {
            "size": [towers.SIDE, towers.SIDE], "mode": "RGB", "mean": [0.0, 0.0, 0.0], "std": [1.0, 1.0, 1.0],
            "interpolation": "bicubic", "resize_mode": "squash",
        },
    }  # fmt: skip


def write_vocabulary(target: Path, merges: int = MERGES) -> Path:
    """Write the first merges of open_clip's own (MIT licensed) English vocabulary, in its tokenizer's format.

    SimpleTokenizer skips the first line and takes every further one as a merge: the file ends without a line break.
    """
    from open_clip.tokenizer import default_bpe

    with gzip.open(default_bpe(), "rt", encoding="utf-8") as file:
        lines = file.read().split("\n")[: merges + 1]
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as file:
        file.write("\n".join(lines).encode())
    return target


def tokenizer(vocabulary: Path) -> Any:
    """Return the SimpleTokenizer of a vocabulary file."""
    from open_clip.tokenizer import SimpleTokenizer

    return SimpleTokenizer(bpe_path=str(vocabulary), context_length=CONTEXT)
