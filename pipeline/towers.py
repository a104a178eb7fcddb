"""The bundled embedder's image tower: YOLOv8n's backbone with a bag of colours, as a model that timm knows by name.

open_clip builds its image tower from timm's registry, so `register` must run before `open_clip.create_model`.
"""

from __future__ import annotations

from functools import lru_cache

NAME = "yolov8n_colour"
# Outputs of these backbone layers are pooled: strides 4, 8, 16 and 32.
POOLED_LAYERS = (2, 4, 6, 9)
COLOUR_WORDS = 64
SIDE = 224


@lru_cache(maxsize=1)
def register() -> None:
    """Make the tower known to timm under NAME; imports torch, timm and ultralytics on the first call only."""
    import torch
    from timm.models import register_model
    from torch import nn
    from ultralytics.nn.modules import SPPF, C2f, Conv

    class ColourTower(nn.Module):
        """(N, 3, H, W) float32 RGB in 0..1 -> (N, num_features).

        Pooled features of four depths tell the form; a pooled choice among learned colour words keeps the colours,
        which averaging deep features washes out.
        """

        def __init__(self) -> None:
            super().__init__()
            self.backbone = nn.ModuleList([
                Conv(3, 16, 3, 2), Conv(16, 32, 3, 2), C2f(32, 32, 1, True), Conv(32, 64, 3, 2), C2f(64, 64, 2, True),
                Conv(64, 128, 3, 2), C2f(128, 128, 2, True), Conv(128, 256, 3, 2), C2f(256, 256, 1, True),
                SPPF(256, 256, 5),
            ])  # fmt: skip
            self.words = nn.Sequential(nn.Conv2d(3, 64, 1), nn.SiLU(), nn.Conv2d(64, COLOUR_WORDS, 1))
            self.num_features = 32 + 64 + 128 + 256 + 256 + COLOUR_WORDS
            self.norm = nn.BatchNorm1d(self.num_features)
            self.default_cfg: dict[str, object] = {}

        def reset_classifier(self, num_classes: int, **kwargs: object) -> None:
            """timm's interface; the tower has no classifier of its own."""

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            colours = self.words(nn.functional.avg_pool2d(x, 4) * 2 - 1).softmax(1)
            pooled = [colours.mean((2, 3))]
            for place, layer in enumerate(self.backbone):
                x = layer(x)
                if place in POOLED_LAYERS:
                    pooled.append(x.mean((2, 3)))
            pooled.append(x.amax((2, 3)))
            return self.norm(torch.cat(pooled, 1))

    def yolov8n_colour(pretrained: bool = False, **kwargs: object) -> ColourTower:
        return ColourTower()

    register_model(yolov8n_colour)
