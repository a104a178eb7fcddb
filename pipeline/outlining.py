"""Detections of ultralytics' segmenters -> masks, only of those that are asked for and only within their boxes.

ultralytics enlarges every mask to the whole photo. Most detections are faint ones that nobody looks at, so here
detections keep their coefficients, and a mask is made of them when it is wanted.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from ultralytics.engine.results import Results
from ultralytics.models.yolo.segment import SegmentationPredictor
from ultralytics.utils import ops

# Pixels of the net's input a prototype's cell stands for.
STRIDE = 4


@dataclass(frozen=True, eq=False)
class Detections:
    """What was detected in one picture.

    boxes: (N, 4) float32 xyxy in the picture's pixels; scores: (N,) float32, the best class's; classes: (N,) int, that
    class; confidences: (N, classes) float32, each class's; coefficients: (N, C) float32; prototypes: (C, h, w) float32
    over the letterboxed picture; size: the picture's (height, width).
    """

    boxes: np.ndarray
    scores: np.ndarray
    classes: np.ndarray
    confidences: np.ndarray
    coefficients: np.ndarray
    prototypes: np.ndarray
    size: tuple[int, int]

    @property
    def cell(self) -> float:
        """Pixels of the picture that a prototype's cell spans."""
        _, tall, wide = self.prototypes.shape
        return max(self.size[0] / tall, self.size[1] / wide)

    def corners(self, place: int) -> tuple[int, int, int, int]:
        """The detection's box in whole pixels, xyxy: those that its mask can cover."""
        x0, y0, x1, y1 = np.ceil(self.boxes[place]).astype(int).tolist()
        height, width = self.size
        return min(max(x0, 0), width), min(max(y0, 0), height), min(max(x1, 0), width), min(max(y1, 0), height)

    def mask(self, place: int) -> np.ndarray:
        """(y1 - y0, x1 - x0) bool within `corners`: as ultralytics' `process_mask_native` gives it."""
        x0, y0, x1, y1 = self.corners(place)
        channels, tall, wide = self.prototypes.shape
        height, width = self.size
        gain = min(tall / height, wide / width)
        logits = (self.coefficients[place] @ self.prototypes.reshape(channels, -1)).reshape(tall, wide)
        # Enlarging is linear and goes line by line, so only the box's rows and columns are made.
        row, down = (along[y0:y1] for along in _enlarging(tall, height, gain))
        column, across = (along[x0:x1] for along in _enlarging(wide, width, gain))
        lines = _between(logits[row], logits[row + 1], down[:, None])
        mask: np.ndarray = _between(lines[:, column], lines[:, column + 1], across) > 0
        return mask


@lru_cache(maxsize=16)
def _enlarging(cells: int, pixels: int, gain: float) -> tuple[np.ndarray, np.ndarray]:
    """From a line of prototypes, padded at both ends, to one of pixels, bilinearly: for each pixel the cell before it,
    (pixels,) int, and how far it is from there to the next cell, (pixels,) float32 in 0..1."""
    # The picture was scaled and padded to whole pixels of the net's input.
    inside = max(round(STRIDE * pixels * gain), 1) / STRIDE
    start = round(STRIDE * (cells - inside) / 2 - 0.1) / STRIDE
    # Beyond the picture's outermost cells lies padding, which must not be mixed in.
    edge = 0.5 if start.is_integer() and inside.is_integer() else 0.5 / STRIDE
    at = start + (np.arange(pixels) + 0.5) * inside / pixels
    at = at.clip(max(start + edge, 0.5), min(start + inside - edge, cells - 0.5)) - 0.5
    first = np.minimum(np.floor(at).astype(int), cells - 2)
    return first, (at - first).astype(np.float32)


def _between(start: np.ndarray, end: np.ndarray, share: np.ndarray) -> np.ndarray:
    return start + (end - start) * share


class Detector(SegmentationPredictor):
    """ultralytics' predictor, giving a list of Detections instead of Results with masks."""

    model: Any

    # Both signatures are those of ultralytics' own predictor of masks, which departs from the one of boxes, too.
    def postprocess(self, preds: Any, img: Any, orig_imgs: Any) -> Any:  # type: ignore[override]
        raw, protos = (preds[0][0], preds[0][1]) if isinstance(preds[0], tuple) else (preds[0], preds[1])
        # What is suppressed for a surer neighbour takes whatever extra channels there are along: so do the classes.
        raw = torch.cat([raw, raw[:, 4 : 4 + len(self.model.names)]], 1)
        return super().postprocess((raw, protos), img, orig_imgs)

    def construct_result(self, pred: Any, img: Any, orig_img: Any, img_path: Any, proto: Any) -> Any:  # type: ignore[override]
        pred[:, :4] = ops.scale_boxes(img.shape[2:], pred[:, :4], orig_img.shape)
        result: Any = Results(orig_img, path=img_path, names=self.model.names, boxes=pred[:, :6])
        found, masks = pred.float().cpu().numpy(), 6 + len(proto)
        result.detections = Detections(
            found[:, :4], found[:, 4], found[:, 5].astype(int), found[:, masks:], found[:, 6:masks],
            proto.float().cpu().numpy(), orig_img.shape[:2],
        )  # fmt: skip
        return result
