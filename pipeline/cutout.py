"""Photo -> cutout: background removal through rembg."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from PIL import Image

from pipeline.edges import snapped
from pipeline.errors import ModelMissing
from pipeline.types import Cutout, Photo

if TYPE_CHECKING:
    from types import ModuleType


# The form of the bundled weights, see `ProbabilitySession`.
PROBABILITY = "probability"
# ImageNet's, as rembg's own sessions have them.
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
# The net draws about as finely as so many cells along the photo's longer side would; finer edges are the photo's own.
CELLS = 96
# A picture whose values span less than this shows nothing; the net was never shown one.
FLAT = 8


def squash(rgb: np.ndarray, side: int) -> np.ndarray:
    """(H, W, 3) uint8 -> (3, side, side) float32 in 0..1, divided by its maximum as rembg does."""
    small = cv2.resize(rgb, (side, side), interpolation=cv2.INTER_AREA).astype(np.float32)
    return (small / max(small.max(), 1e-6)).transpose(2, 0, 1)


def normalised(pixels: np.ndarray) -> np.ndarray:
    """(3, S, S) float32 RGB in 0..1 -> the same by ImageNet's mean and deviation."""
    mean, std = (np.array(values, np.float32)[:, None, None] for values in (MEAN, STD))
    return (pixels - mean) / std


def finished(seen: np.ndarray, mirror: np.ndarray, rgb: np.ndarray) -> np.ndarray:
    """What the net says of a squashed picture and of its mirror image -> the picture's alpha, edges on its own.

    Args:
        seen, mirror: (S, S) float32 in 0..1.
        rgb: (H, W, 3) uint8, the picture.

    Returns:
        (H, W) uint8, 255 = foreground.
    """
    height, width = rgb.shape[:2]
    coarse = cv2.resize((seen + mirror[:, ::-1]) / 2, (width, height))
    fine = snapped(rgb, coarse, max(height, width) / CELLS)
    return np.rint(fine.clip(0, 1) * 255).astype(np.uint8)


@lru_cache(maxsize=1)
def _rembg() -> ModuleType:
    """rembg, imported without compiling pymatting's numba code.

    That compilation takes most of a minute on a cold cache and serves alpha matting only, which is not used here.
    """
    import numba

    config: Any = numba.config
    before = config.DISABLE_JIT
    config.DISABLE_JIT = 1
    try:
        import rembg
    finally:
        config.DISABLE_JIT = before
    return rembg


def _probability_session() -> type[Any]:
    from rembg.sessions.u2net_custom import U2netCustomSession

    class ProbabilitySession(U2netCustomSession):
        """rembg's session for own weights whose output is a probability.

        The parent stretches every prediction to 0..1, which turns a picture without any foreground into noise
        (and a flat one into a division by zero); ours is a probability already. It is asked for the picture and for
        its mirror image: the mean of the two is better than either (docs/decisions.md).
        """

        def predict(self, img: Image.Image, *args: Any, **kwargs: Any) -> list[Image.Image]:
            wanted = self.inner_session.get_inputs()[0]
            # The parent shrinks by Lanczos' filter, in the time of a run of the net; areas are what it was trained on.
            pixels = np.asarray(img.convert("RGB"))
            view = normalised(squash(pixels, wanted.shape[2]))[None]
            views = (view, np.ascontiguousarray(view[..., ::-1]))
            seen, mirror = (self.inner_session.run(None, {wanted.name: view})[0][0, 0] for view in views)
            return [Image.fromarray(finished(seen, mirror, pixels))]

    return ProbabilitySession


def _session(model: Path, form: str, threads: int) -> Any:
    """rembg's session of that form over the weights at `model`; nothing is downloaded."""
    import onnxruntime

    _rembg()
    from rembg.sessions import sessions_class

    named = {session.name(): session for session in sessions_class}
    base: Any = _probability_session() if form == PROBABILITY else named[form]

    class LocalSession(base):
        @classmethod
        def download_models(cls, *args: Any, **kwargs: Any) -> str:
            return str(model)

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # Threads that spin after a run steal the cores from the next stage.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return LocalSession(form, options, providers=["CPUExecutionProvider"], model_path=str(model))


class BackgroundRemover:
    """Separates the dressed people, or the garments lying about, from what is behind them."""

    def __init__(self, model: Path, name: str, threads: int, form: str = PROBABILITY) -> None:
        """Load an ONNX model.

        Args:
            form: PROBABILITY (1x3xSxS in, 1x1xSxS out), or the name of a session of rembg's that runs on
                this machine: it prepares the pictures, and reads the answer, as its weights want it.

        Raises:
            ModelMissing: the file is no model.
        """
        self.name = name
        try:
            self._session = _session(model, form, threads)
        except Exception as error:  # whatever ONNX Runtime raises has no base of its own
            raise ModelMissing(
                f"The background remover “{model.name}” cannot be loaded: it is no ONNX model."
            ) from error

    def __call__(self, photo: Photo) -> Cutout:
        """The photo with its alpha, (H, W) uint8, 255 = foreground; all zeros where there is none."""
        if int(photo.pixels.max()) - int(photo.pixels.min()) < FLAT:
            return Cutout(photo, np.zeros(photo.pixels.shape[:2], np.uint8))
        mask = _rembg().remove(Image.fromarray(photo.pixels), session=self._session, only_mask=True)
        return Cutout(photo, np.asarray(mask, np.uint8))
