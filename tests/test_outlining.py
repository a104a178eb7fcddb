"""Masks made one by one, within their boxes, are those that ultralytics makes of the whole photo at once."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from ultralytics.utils import ops

from pipeline.outlining import Detections


@pytest.mark.parametrize("size", [(300, 400), (1080, 810), (720, 1280), (97, 61)])
def test_masks_are_those_of_ultralytics(size: tuple[int, int]) -> None:
    height, width = size
    rng = np.random.default_rng(0)
    smooth = torch.nn.functional.interpolate(
        torch.from_numpy(rng.normal(size=(1, 8, 6, 6)).astype(np.float32)), size=(40, 40), mode="bicubic"
    )[0]
    coefficients = rng.normal(size=(5, 8)).astype(np.float32)
    corners = rng.uniform(0, 0.5, (5, 2)) * (width, height)
    boxes = np.hstack([corners, corners + rng.uniform(0.2, 0.7, (5, 2)) * (width, height)]).astype(np.float32)
    seen = Detections(
        boxes, np.ones(5, np.float32), np.zeros(5, int), np.ones((5, 1), np.float32), coefficients, smooth.numpy(), size
    )
    assert seen.cell == pytest.approx(max(size) / 40)
    theirs = ops.process_mask_native(smooth, torch.from_numpy(coefficients), torch.from_numpy(boxes), size).bool()
    for place in range(5):
        ours = np.zeros(size, bool)
        x0, y0, x1, y1 = seen.corners(place)
        ours[y0:y1, x0:x1] = seen.mask(place)
        either = (ours | theirs[place].numpy()).sum()
        assert either > 20
        assert (ours ^ theirs[place].numpy()).sum() <= 0.01 * either
