"""Bytes, a path or an array -> an upright RGB photo of bounded size. The only place that decodes pictures."""

from __future__ import annotations

import io
import logging
import warnings
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image, ImageCms, ImageOps, UnidentifiedImageError
from pillow_heif import register_heif_opener

from pipeline.errors import UnreadablePhoto
from pipeline.settings import Settings
from pipeline.types import Photo

register_heif_opener()
# The size is checked against our own limit, from the header, before a pixel is decoded.
Image.MAX_IMAGE_PIXELS = None
logging.getLogger("PIL").setLevel(logging.ERROR)

# Formats are named because Pillow's full list has some that run outside programs (EPS) or are no photos.
FORMATS = ("JPEG", "PNG", "WEBP", "HEIF", "AVIF", "GIF", "BMP", "TIFF", "PPM")
SUFFIXES = frozenset(
    (".jpg", ".jpeg", ".mpo", ".png", ".webp", ".heic", ".heif", ".avif", ".gif", ".bmp", ".tif", ".tiff", ".ppm")
)
MIN_SIDE = 16
_TURNED_SIDEWAYS = (5, 6, 7, 8)

Source = str | Path | bytes | np.ndarray | Image.Image


def read_photo(source: Source, settings: Settings | None = None) -> Photo:
    """Decode a picture into a `Photo`.

    Args:
        source: a path, the bytes of a picture file, a Pillow image, or an array (H, W), (H, W, 3) or
            (H, W, 4) of uint8 in RGB(A) order.
        settings: `max_megapixels` and `max_side` apply.

    Returns:
        The first frame, rotated as its EXIF data says, colours in sRGB, transparency laid on white,
        16-bit channels brought to 8, long side at most `max_side` pixels.

    Raises:
        UnreadablePhoto: with one sentence for the user.
    """
    settings = settings or Settings()
    name = f"“{Path(source).name}”" if isinstance(source, str | Path) else "The file"
    try:
        # A damaged EXIF block warns on stderr although the picture itself is fine.
        with warnings.catch_warnings(action="ignore"), _open(source, name) as image:
            # Before anything else: asking a PNG for its EXIF data decodes it.
            _check_size(image.size, name, settings)
            full = _upright_size(image)
            # A JPEG can be decoded at a half, a quarter or an eighth of its size for a fraction of the time.
            image.draft("RGB", (settings.max_side, settings.max_side))
            rgb = _to_srgb(ImageOps.exif_transpose(image))
    except UnreadablePhoto:
        raise
    except MemoryError as error:
        raise UnreadablePhoto(f"{name} needs more memory than there is; make it smaller and try again.") from error
    except Exception as error:  # decoders of damaged files raise nearly anything
        raise UnreadablePhoto(
            f"{name} is damaged or cut off and cannot be read; save it again as JPEG or PNG and try that."
        ) from error
    rgb.thumbnail((settings.max_side, settings.max_side), Image.Resampling.LANCZOS)
    if min(rgb.size) < MIN_SIDE:
        raise UnreadablePhoto(
            f"{name} is too small or too narrow ({full[0]} x {full[1]} pixels) to find clothing in; use a larger one."
        )
    return Photo(np.asarray(rgb), full)


def crop_to(photo: Photo, box: tuple[int, int, int, int] | None) -> np.ndarray:
    """The (h, w, 3) uint8 part of a photo in a box, xyxy in pixels of the upright original; all of it for None."""
    if box is None:
        return photo.pixels
    full, size = photo.full_size or photo.size, photo.size
    x0, y0, x1, y1 = (round(edge * size[n % 2] / full[n % 2]) for n, edge in enumerate(box))
    part = photo.pixels[y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)]
    return part if part.size else photo.pixels


def _open(source: Source, name: str) -> Image.Image:
    if isinstance(source, Image.Image):
        return source.copy()
    if isinstance(source, np.ndarray):
        if source.size == 0:
            raise UnreadablePhoto(f"{name} is empty (0 pixels); choose another one.")
        return Image.fromarray(source)
    try:
        data = source if isinstance(source, bytes) else Path(source).read_bytes()
    except FileNotFoundError as error:
        raise UnreadablePhoto(f"There is no file {name}; check the path.") from error
    except IsADirectoryError as error:
        raise UnreadablePhoto(f"{name} is a folder, not a picture; name a picture in it.") from error
    except OSError as error:
        raise UnreadablePhoto(f"{name} cannot be opened ({error.strerror}); check its permissions.") from error
    if not data:
        raise UnreadablePhoto(f"{name} is an empty file; choose another one.")
    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    # ultralytics, once imported, replaces Pillow's `open` by one that misses a module where Pillow misses a format.
    except (UnidentifiedImageError, ModuleNotFoundError) as error:
        raise UnreadablePhoto(
            f"{name} is not a picture that can be read; use JPEG, PNG, WebP, HEIC, AVIF, GIF, BMP or TIFF."
        ) from error


def _upright_size(image: Image.Image) -> tuple[int, int]:
    turned = image.getexif().get(ExifTags.Base.Orientation) in _TURNED_SIDEWAYS
    return (image.height, image.width) if turned else (image.width, image.height)


def _check_size(size: tuple[int, int], name: str, settings: Settings) -> None:
    if 0 in size:
        raise UnreadablePhoto(f"{name} is empty (0 pixels); choose another one.")
    megapixels = size[0] * size[1] / 1e6
    if megapixels > settings.max_megapixels:
        raise UnreadablePhoto(
            f"{name} has {megapixels:.0f} megapixels; the limit is {settings.max_megapixels}, so make it smaller first."
        )


def _to_srgb(image: Image.Image) -> Image.Image:
    """Any mode -> RGB as a screen would show it."""
    if image.mode.startswith("I;16") or image.mode == "I":
        image = Image.fromarray((np.asarray(image, np.uint32) >> 8).clip(0, 255).astype(np.uint8))
    elif image.mode == "F":
        image = Image.fromarray((np.nan_to_num(np.asarray(image)).clip(0, 1) * 255).astype(np.uint8))
    if "A" in image.getbands() or "transparency" in image.info:
        rgba = image.convert("RGBA")
        flat = Image.new("RGBA", rgba.size, "white")
        flat.alpha_composite(rgba)
        rgb = flat.convert("RGB")
    elif image.mode in ("RGB", "L", "CMYK") and image.info.get("icc_profile"):
        return _from_profile(image)
    else:
        rgb = image.convert("RGB")
    return rgb


def _from_profile(image: Image.Image) -> Image.Image:
    """Colours through the embedded profile (phones write Display P3); a damaged profile is ignored."""
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"]))
        converted = ImageCms.profileToProfile(image, profile, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        converted = None
    return converted if converted is not None else image.convert("RGB")
