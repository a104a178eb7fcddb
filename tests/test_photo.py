"""Every picture a visitor may come with: read right, or refused with one sentence."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from pipeline.errors import UnreadablePhoto
from pipeline.photo import read_photo
from pipeline.settings import Settings

LEFT, RIGHT = (200, 30, 40), (30, 60, 200)


def two_halves(size=(120, 60)) -> Image.Image:
    image = Image.new("RGB", size, LEFT)
    image.paste(RIGHT, (size[0] // 2, 0, *size))
    return image


def near(pixel, colour, tolerance=25) -> bool:
    return bool(np.abs(np.asarray(pixel, int) - colour).max() <= tolerance)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF", "PPM", "HEIF", "AVIF"])
def test_reads_the_usual_formats(encode, form):
    photo = read_photo(encode(two_halves(), form))
    assert photo.size == photo.full_size == (120, 60)
    assert near(photo.pixels[30, 20], LEFT) and near(photo.pixels[30, 100], RIGHT)


def test_reads_a_path_an_array_and_a_pillow_image(tmp_path):
    image = two_halves()
    image.save(tmp_path / "a photo.png")
    for source in (tmp_path / "a photo.png", str(tmp_path / "a photo.png"), np.asarray(image), image):
        assert (read_photo(source).pixels == np.asarray(image)).all()


def test_an_array_is_not_changed_and_the_given_image_stays_open():
    image = two_halves()
    read_photo(image)
    assert image.getpixel((0, 0)) == LEFT


@pytest.mark.parametrize(
    ("orientation", "size", "corner"), [(3, (120, 60), RIGHT), (6, (60, 120), LEFT), (8, (60, 120), RIGHT)]
)
def test_turns_upright_by_exif(encode, orientation, size, corner):
    exif = Image.Exif()
    exif[0x0112] = orientation
    photo = read_photo(encode(two_halves(), "JPEG", exif=exif, quality=95))
    assert photo.size == photo.full_size == size
    assert near(photo.pixels[2, 2], corner)


def test_cmyk(encode):
    photo = read_photo(encode(two_halves().convert("CMYK"), "JPEG", quality=95))
    assert near(photo.pixels[30, 20], LEFT, 40)


def test_sixteen_bit_greys_keep_their_range(encode):
    ramp = np.linspace(0, 65535, 64 * 64).reshape(64, 64).astype(np.uint16)
    photo = read_photo(encode(Image.fromarray(ramp), "PNG"))
    assert photo.pixels.min() == 0 and photo.pixels.max() == 255
    assert 110 < photo.pixels.mean() < 145


def test_transparency_is_laid_on_white(encode):
    image = two_halves().convert("RGBA")
    image.putalpha(Image.new("L", image.size, 0))
    assert (read_photo(encode(image)).pixels == 255).all()


def test_palette_with_transparency(encode):
    image = two_halves().quantize(4)
    photo = read_photo(encode(image, "PNG", transparency=image.getpixel((0, 0))))
    assert (photo.pixels[30, 20] == 255).all() and near(photo.pixels[30, 100], RIGHT)


def test_an_animated_gif_gives_its_first_frame(encode):
    second = Image.new("RGB", (120, 60), "green")
    photo = read_photo(encode(two_halves(), "GIF", save_all=True, append_images=[second], duration=50))
    assert near(photo.pixels[30, 20], LEFT)


def test_an_embedded_profile_is_applied(encode):
    lab = ImageCms.createProfile("sRGB")
    data = encode(two_halves(), "PNG", icc_profile=ImageCms.ImageCmsProfile(lab).tobytes())
    assert near(read_photo(data).pixels[30, 20], LEFT, 3)
    assert near(read_photo(encode(two_halves(), "PNG", icc_profile=b"no profile")).pixels[30, 20], LEFT, 3)


def test_a_large_photo_is_bounded_and_remembers_its_size(encode):
    photo = read_photo(encode(two_halves((4000, 2000)), "JPEG"))
    assert photo.size == (1280, 640) and photo.full_size == (4000, 2000)


def png_header_only(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds hardly any data."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


def truncated() -> bytes:
    buffer = io.BytesIO()
    Image.effect_noise((300, 300), 60).convert("RGB").save(buffer, "JPEG")
    return buffer.getvalue()[:2000]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty file"),
        (b"this is a text, not a picture at all", "not a picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n", "not a picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a picture"),
        (truncated(), "damaged or cut off"),
        (png_header_only(20000, 10000), "200 megapixels"),
        (png_header_only(0, 0), "picture"),
        (png_header_only(60, 60), "damaged or cut off"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(data, says):
    with pytest.raises(UnreadablePhoto, match=says) as caught:
        read_photo(data)
    message = str(caught.value)
    assert "\n" not in message and message.endswith(".") and "/" not in message.replace("x", "")


@pytest.mark.parametrize(
    ("image", "says"),
    [(Image.new("RGB", (1, 1)), "too small"), (Image.new("RGB", (9000, 20)), "too narrow")],
)
def test_too_small_or_narrow(image, says):
    with pytest.raises(UnreadablePhoto, match=says):
        read_photo(image)


def test_an_array_without_pixels():
    with pytest.raises(UnreadablePhoto, match="0 pixels"):
        read_photo(np.zeros((0, 0, 3), np.uint8))


def test_paths_that_are_no_pictures(tmp_path: Path):
    with pytest.raises(UnreadablePhoto, match="no file “gone.jpg”"):
        read_photo(tmp_path / "gone.jpg")
    with pytest.raises(UnreadablePhoto, match="is a folder"):
        read_photo(tmp_path)


def test_the_limit_can_be_set(encode):
    with pytest.raises(UnreadablePhoto, match="the limit is 1,"):
        read_photo(encode(two_halves((1200, 1200))), Settings(max_megapixels=1))


@pytest.mark.slow
def test_the_sentences_stay_the_same_beside_ultralytics():
    import ultralytics  # noqa: F401  (it replaces Pillow's `open`)

    with pytest.raises(UnreadablePhoto, match="not a picture"):
        read_photo(b"this is a text, not a picture at all")
