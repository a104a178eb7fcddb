"""Every setting in one frozen place.

| variable               | meaning                                               | default           |
|------------------------|-------------------------------------------------------|-------------------|
| `FASHION_INDEX`        | folder of the published index                         | the demo index    |
| `FASHION_CACHE`        | folder for what can be made again                     | ~/.cache/fashion-pieces |
| `FASHION_THREADS`      | threads of one model run                              | the cores, at most 4 |
| `FASHION_MAX_MEGAPIXELS` | largest picture that is decoded                     | 100               |
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import UsageError

ROOT = Path(__file__).resolve().parent.parent
MODELS = ROOT / "assets" / "models"
DEMO_INDEX = ROOT / "index"


def _cores() -> int:
    return min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1, 4)


@dataclass(frozen=True)
class Settings:
    """Defaults of the whole chain; each has its one home here.

    index: folder of the published index. models: folder of the bundled weights.
    threads: of one model run. max_megapixels: a larger picture is refused before it is decoded.
    max_side: long side in pixels that photos are worked on at. top: matches a piece.
    min_score: detections below this confidence (0..1) are dropped.
    """

    index: Path = DEMO_INDEX
    models: Path = MODELS
    threads: int = 2
    max_megapixels: int = 100
    max_side: int = 1280
    top: int = 8
    min_score: float = 0.3

    @classmethod
    def from_environment(cls) -> Settings:
        """Settings with the variables of the table above applied.

        Raises:
            UsageError: a variable that should be a whole number is not.
        """
        return cls(
            index=Path(os.environ.get("FASHION_INDEX") or DEMO_INDEX),
            threads=_whole_number("FASHION_THREADS", _cores()),
            max_megapixels=_whole_number("FASHION_MAX_MEGAPIXELS", cls.max_megapixels),
        )


def _whole_number(variable: str, default: int) -> int:
    text = os.environ.get(variable, "")
    if not text:
        return default
    if not text.isdecimal() or int(text) < 1:
        raise UsageError(f"{variable} must be a whole number of at least 1, not {text!r}.")
    return int(text)
