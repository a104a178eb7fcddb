"""Every setting in one frozen place.

| variable               | meaning                                               | default           |
|------------------------|-------------------------------------------------------|-------------------|
| `FASHION_INDEX`        | folder of the published index                         | the demo index    |
| `FASHION_CACHE`        | folder for what can be made again                     | ~/.cache/fashion-pieces |
| `FASHION_THREADS`      | threads of one model run                              | the cores, at most 4 |
| `FASHION_MAX_MEGAPIXELS` | largest picture that is decoded                     | 100               |
| `FASHION_ADMIN_PASSWORD` | opens the page's catalogue to changes (docs/page.md)  | none              |
| `FASHION_API_RATE`     | calls of one caller (docs/api.md), as in `30/minute;500/day`; or `off` | 60/minute |
| `FASHION_API_WAITING`  | photos that wait or are looked at for the API at a time | 12              |
| `FASHION_API_MEGABYTES` | largest photo that the API takes                     | 20                |
| `FASHION_PROXY`        | `1`: a proxy stands in front, and says who calls; `0`: none does | 1 on a Space, else 0 |
| `FASHION_MODELS`       | `auto`, `bundled` or `hub`: where the models come from | auto           |
| `FASHION_CUTOUT`       | background remover: a name of `models list`, or a path to an ONNX file | by FASHION_MODELS |
| `FASHION_PIECES`       | segmenter: a name, or a path to ultralytics weights   | by FASHION_MODELS |
| `FASHION_EMBEDDINGS`   | embedder: a name, `hf-hub:OWNER/REPOSITORY`, or a folder | by FASHION_MODELS |
| `FASHION_ALLOW_PICKLE` | `1`: open segmenter weights in pickle form (`.pt`), which can run any code | no |
| `FASHION_REMBG_MIRROR` | address that holds the files of rembg's releases      | rembg's on GitHub |
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import UsageError

ROOT = Path(__file__).resolve().parent.parent
MODELS = ROOT / "assets" / "models"
DEMO_INDEX = ROOT / "index"
# The published models where they are here already and worth it; never; wherever there is one.
SOURCES = ("auto", "bundled", "hub")


def _cores() -> int:
    return min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1, 4)


@dataclass(frozen=True)
class Settings:
    """Defaults of the whole chain; each has its one home here.

    index: folder of the published index. models: folder of the bundled weights.
    threads: of one model run. max_megapixels: a larger picture is refused before it is decoded.
    max_side: long side in pixels that photos are worked on at. top: matches a piece.
    min_score: detections below this confidence (0..1) are dropped.
    source: where the models come from, see SOURCES. cutout, pieces, embeddings: a name or path that goes before it.
    allow_pickle: whether weights that can run code when they are opened may be opened.
    api_rate: calls of one caller, in the notation of the library `limits`; empty: any number.
    api_waiting: photos that wait or are looked at for the API at a time. api_megabytes: of a photo sent to it.
    proxy: whether `X-Forwarded-For` is believed.
    """

    index: Path = DEMO_INDEX
    models: Path = MODELS
    threads: int = 2
    max_megapixels: int = 100
    max_side: int = 1280
    top: int = 8
    min_score: float = 0.3
    source: str = "auto"
    cutout: str = ""
    pieces: str = ""
    embeddings: str = ""
    allow_pickle: bool = False
    api_rate: str = "60/minute"
    api_waiting: int = 12
    api_megabytes: int = 20
    proxy: bool = False

    def __post_init__(self) -> None:
        if self.source not in SOURCES:
            raise UsageError(f"FASHION_MODELS must be {', '.join(SOURCES[:-1])} or {SOURCES[-1]}, not {self.source!r}.")

    @classmethod
    def from_environment(cls) -> Settings:
        """Settings with the variables of the table above applied.

        Raises:
            UsageError: a variable that should be a whole number, or one of a few words, is not.
        """
        rate = os.environ.get("FASHION_API_RATE", "").strip() or cls.api_rate
        return cls(
            index=Path(os.environ.get("FASHION_INDEX") or DEMO_INDEX),
            threads=_whole_number("FASHION_THREADS", _cores()),
            max_megapixels=_whole_number("FASHION_MAX_MEGAPIXELS", cls.max_megapixels),
            source=os.environ.get("FASHION_MODELS", "").strip().lower() or cls.source,
            cutout=os.environ.get("FASHION_CUTOUT", "").strip(),
            pieces=os.environ.get("FASHION_PIECES", "").strip(),
            embeddings=os.environ.get("FASHION_EMBEDDINGS", "").strip(),
            allow_pickle=os.environ.get("FASHION_ALLOW_PICKLE", "") == "1",
            api_rate="" if rate.lower() == "off" else rate,
            api_waiting=_whole_number("FASHION_API_WAITING", cls.api_waiting),
            api_megabytes=_whole_number("FASHION_API_MEGABYTES", cls.api_megabytes),
            proxy=(os.environ.get("FASHION_PROXY") or ("1" if os.environ.get("SPACE_ID") else "0")) == "1",
        )


def _whole_number(variable: str, default: int) -> int:
    text = os.environ.get(variable, "")
    if not text:
        return default
    if not text.isdecimal() or int(text) < 1:
        raise UsageError(f"{variable} must be a whole number of at least 1, not {text!r}.")
    return int(text)
