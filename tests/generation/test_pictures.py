"""Hostile bytes in, clean pictures out."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from generation.messages import Paint
from generation.pictures import (
    BadPicture,
    clean_picture,
    encode_png,
    read_size,
    resized,
)
from generation.records import parameter_texts
from generation.sheets import Thumbnail, contact_sheet, steering_strip
from tests.generation.painted import read_record


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)  # type: ignore[arg-type]
    return buffer.getvalue()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_any_png_becomes_plain_rgb(mode: str) -> None:
    picture = clean_picture(saved(Image.new(mode, (8, 6)), "PNG"))

    assert (picture.mode, picture.size, picture.info) == ("RGB", (8, 6), {})


@pytest.mark.parametrize(
    ("mode", "kind"), [("CMYK", "JPEG"), ("L", "JPEG"), ("RGBA", "WEBP"), ("P", "GIF")]
)
def test_other_formats_become_plain_rgb(mode: str, kind: str) -> None:
    assert clean_picture(saved(Image.new(mode, (8, 6)), kind)).mode == "RGB"


def test_sixteen_bits_are_scaled_not_clipped() -> None:
    grey = Image.fromarray(np.full((4, 4), 0x8000, np.uint16))

    assert clean_picture(saved(grey, "PNG")).getpixel((0, 0)) == (128, 128, 128)


def test_transparency_lies_on_white() -> None:
    assert clean_picture(saved(Image.new("RGBA", (2, 2), (0, 0, 0, 0)), "PNG")).getpixel(
        (0, 0)
    ) == (255, 255, 255)


def test_a_picture_is_turned_as_its_camera_was_held() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "a camera that tells who and where"
    picture = clean_picture(saved(Image.new("RGB", (20, 10)), "JPEG", exif=exif))

    assert picture.size == (10, 20)
    assert not picture.getexif()


def test_colours_are_brought_into_srgb() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    data = saved(Image.new("RGB", (4, 4), "red"), "PNG", icc_profile=profile.tobytes())

    assert clean_picture(data).info == {}


def png_claiming(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b""))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a picture",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        saved(Image.new("RGB", (64, 64), "red"), "PNG")[:100],
        saved(Image.new("RGB", (8, 8)), "TIFF"),
        png_claiming(100_000, 100_000),
        png_claiming(12_000, 12_000),
        png_claiming(6_000, 6_000),
    ],
)
def test_what_is_no_picture_or_too_large_is_refused(data: bytes) -> None:
    with pytest.raises(BadPicture):
        clean_picture(data)


def test_equal_pixels_and_texts_give_equal_files(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (16, 24, 3)).astype(np.uint8)
    request = Paint(job="one", model="shapes", prompt="<a>, ピンク", out=tmp_path / "one")
    again = Paint(job="two", model="shapes", prompt="<a>, ピンク", out=tmp_path / "two")
    first, second = (encode_png(pixels, parameter_texts(r, 4, 24, 16)) for r in (request, again))
    (tmp_path / "picture.png").write_bytes(first)

    assert first == second
    assert np.array_equal(np.asarray(clean_picture(first)), pixels)
    record = read_record(tmp_path / "picture.png")
    assert record is not None
    assert (record["prompt"], record["seed"]) == ("<a>, ピンク", 4)


@pytest.mark.parametrize(
    ("size", "read"),
    [
        ((96, 96), (96, 96)),
        ((512, 512), (96, 96)),
        ((200, 100), (136, 64)),
        ((100, 200), (64, 136)),
        ((20_000, 1), (192, 48)),
        ((1, 1), (96, 96)),
    ],
)
def test_references_keep_their_aspect_at_the_requests_area(
    size: tuple[int, int], read: tuple[int, int]
) -> None:
    picture = Image.new("RGB", size)

    assert read_size(picture, 96 * 96, 8) == read
    assert resized(picture, *read).shape == (1, 3, read[1], read[0])


def test_a_reference_shaped_like_the_request_is_read_at_its_size() -> None:
    assert read_size(Image.new("RGB", (104, 88)), 104 * 88, 8) == (104, 88)


@pytest.mark.parametrize("count", range(1, 9))
def test_a_contact_sheet_is_small(count: int) -> None:
    sheet = contact_sheet([Image.new("RGB", (12, 16), "red")] * count)

    assert max(sheet.size) <= 256
    assert max(sheet.size) > 200


def test_the_strip_frames_likes_green_and_dislikes_red() -> None:
    white = Image.new("RGB", (96, 96), "white")
    strip = steering_strip([Thumbnail(white, 0.8, True), Thumbnail(white, 0.4, False)])

    assert strip.getpixel((9, 9)) == (59, 165, 93)
    assert strip.getpixel((9 + 104, 9)) == (237, 66, 69)
    below = strip.crop((8, 104, 104, 124))
    assert len(below.getcolors() or ()) > 3  # something is written there


def test_a_strip_of_many_wraps() -> None:
    strip = steering_strip([Thumbnail(Image.new("RGB", (50, 30)), 0.1, True)] * 20)

    assert strip.width < 900
    assert strip.height > 3 * 100
