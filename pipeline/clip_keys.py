"""Hugging Face's CLIPModel -> open_clip's CLIP: the configuration and the names of the weights."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_TOWERS = {"vision_model.": "visual.", "text_model.": ""}
_PARTS = {
    "embeddings.class_embedding": "class_embedding",
    "embeddings.patch_embedding.weight": "conv1.weight",
    "embeddings.position_embedding.weight": "positional_embedding",
    "embeddings.token_embedding.weight": "token_embedding.weight",
    "pre_layrnorm.": "ln_pre.",
    "post_layernorm.": "ln_post.",
    "final_layer_norm.": "ln_final.",
}
_LAYER = re.compile(r"encoder\.layers\.(\d+)\.(.+)")
_IN_LAYER = {
    "layer_norm1.": "ln_1.", "layer_norm2.": "ln_2.", "mlp.fc1.": "mlp.c_fc.", "mlp.fc2.": "mlp.c_proj.",
    "self_attn.out_proj.": "attn.out_proj.",
}  # fmt: skip
# CLIPModel's two projections are linear layers, open_clip's are matrices to multiply with from the right.
_PROJECTIONS = {"visual_projection.weight": "visual.proj", "text_projection.weight": "text_projection"}


def open_clip_config(config: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of `open_clip.model.CLIP` for a CLIPModel's config.json; what it leaves out is CLIP ViT-B/32's."""
    vision, text = config.get("vision_config") or {}, config.get("text_config") or {}
    width, text_width = vision.get("hidden_size", 768), text.get("hidden_size", 512)
    return {
        "embed_dim": config.get("projection_dim", 512),
        "quick_gelu": vision.get("hidden_act", "quick_gelu") == "quick_gelu",
        "vision_cfg": {
            "image_size": vision.get("image_size", 224), "patch_size": vision.get("patch_size", 32), "width": width,
            "layers": vision.get("num_hidden_layers", 12), "head_width": width // vision.get("num_attention_heads", 12),
            "mlp_ratio": vision.get("intermediate_size", 3072) / width,
        },
        "text_cfg": {
            "context_length": text.get("max_position_embeddings", 77), "vocab_size": text.get("vocab_size", 49408),
            "width": text_width, "heads": text.get("num_attention_heads", 8),
            "layers": text.get("num_hidden_layers", 12), "mlp_ratio": text.get("intermediate_size", 2048) / text_width,
        },
    }  # fmt: skip


def open_clip_weights(weights: Mapping[str, Any]) -> dict[str, Any]:
    """A CLIPModel's weights (torch tensors by name) under open_clip's names.

    Raises:
        KeyError: a name that no CLIPModel has.
    """
    import torch

    renamed: dict[str, Any] = {}
    for name, tensor in weights.items():
        if name.endswith("position_ids") or "self_attn.k_proj" in name or "self_attn.v_proj" in name:
            continue
        if name in _PROJECTIONS:
            renamed[_PROJECTIONS[name]] = tensor.T.contiguous()
        elif "self_attn.q_proj" in name:
            # open_clip keeps query, key and value in one matrix.
            parts = [weights[name.replace("q_proj", f"{part}_proj")] for part in "qkv"]
            renamed[_renamed(name.replace("self_attn.q_proj.", "attn.in_proj_"))] = torch.cat(parts)
        else:
            renamed[_renamed(name)] = tensor
    return renamed


def _renamed(name: str) -> str:
    if name == "logit_scale":
        return name
    tower = next((prefix for prefix in _TOWERS if name.startswith(prefix)), None)
    if tower is None:
        raise KeyError(name)
    rest = name.removeprefix(tower)
    layer = _LAYER.fullmatch(rest)
    if layer is None:
        old = next((part for part in _PARTS if rest.startswith(part)), None)
        if old is None:
            raise KeyError(name)
        return _TOWERS[tower] + _PARTS[old] + rest.removeprefix(old)
    number, inner = layer.groups()
    for old, new in _IN_LAYER.items():
        inner = inner.replace(old, new)
    return f"{_TOWERS[tower]}transformer.resblocks.{number}.{inner}"
