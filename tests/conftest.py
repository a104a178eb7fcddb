"""Fixtures shared by all tests."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from pipeline.matcher import Matcher
from tests.fakes import make_fake_matcher, photo_of_pieces

# What the person who runs the tests has fetched, or chosen, is not what is tested.
os.environ["FASHION_MODELS"] = "bundled"
for slot in ("CUTOUT", "PIECES", "EMBEDDINGS"):
    os.environ.pop(f"FASHION_{slot}", None)


@pytest.fixture
def fake_matcher(tmp_path: Path) -> Matcher:
    """A matcher of fake stages, fresh for each test (the fakes count their calls)."""
    return make_fake_matcher(tmp_path / "fake")


@pytest.fixture
def photo() -> Image.Image:
    """A red top, a green skirt and a yellow bag on white."""
    return photo_of_pieces()


@pytest.fixture
def encode() -> Callable[..., bytes]:
    """(Pillow image, format, save options) -> the bytes of a picture file."""

    def as_bytes(image: Image.Image, form: str = "PNG", **options: object) -> bytes:
        buffer = io.BytesIO()
        image.save(buffer, form, **options)
        return buffer.getvalue()

    return as_bytes
