"""Hostile bytes in, clean pictures out."""

from __future__ import annotations

import io
import random

import numpy as np
import pytest
from PIL import Image, ImageCms

from generation.images.sanitize import KEPT_PIXELS, clean_picture, png_of
from generation.protocol.problems import Code
from generation.requests.refused import Refused
from tests.hostile import Odd, heavy, hostile
from tests.hostile.odd import saved
from tests.hostile.raw import chunks_of, flat_png


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_any_png_becomes_plain_rgb(mode: str) -> None:
    picture = clean_picture(saved(Image.new(mode, (8, 6)), "PNG"))

    assert (picture.mode, picture.size, picture.info) == ("RGB", (8, 6), {})


@pytest.mark.parametrize(
    ("mode", "kind"), [("CMYK", "JPEG"), ("L", "JPEG"), ("RGBA", "WEBP"), ("P", "GIF")]
)
def test_other_formats_become_plain_rgb(mode: str, kind: str) -> None:
    assert clean_picture(saved(Image.new(mode, (8, 6)), kind)).mode == "RGB"


@pytest.mark.parametrize("value", [0, 255, 0x8000, 0xFFFF])
def test_sixteen_bits_are_scaled_not_clipped(value: int) -> None:
    grey = Image.fromarray(np.full((4, 4), value, np.uint16))

    assert clean_picture(saved(grey, "PNG")).getpixel((0, 0)) == (value >> 8,) * 3


def test_transparency_lies_on_white() -> None:
    clear = Image.new("RGBA", (2, 2), (0, 0, 0, 0))
    half = Image.new("RGBA", (2, 2), (0, 0, 0, 128))

    assert clean_picture(saved(clear, "PNG")).getpixel((0, 0)) == (255, 255, 255)
    assert clean_picture(saved(half, "PNG")).getpixel((0, 0)) == (127, 127, 127)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_as_its_camera_was_held(orientation: int, kind: str) -> None:
    # Red in the upper left corner of what was seen, blue in the upper right.
    seen = Image.new("RGB", (64, 32), "white")
    seen.paste("red", (0, 0, 16, 16))
    seen.paste("blue", (48, 0, 64, 16))
    turned = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    lying = seen.transpose(turned[orientation]) if orientation in turned else seen
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "a camera that tells who and where"
    picture = clean_picture(saved(lying, kind, exif=exif, quality=95))

    assert picture.size == seen.size
    assert np.abs(np.asarray(picture).astype(int) - np.asarray(seen)).mean() < 10
    assert not picture.getexif()


def test_colours_are_brought_into_srgb() -> None:
    swapped = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for name, other in ((b"rXYZ", b"gXYZ"), (b"gXYZ", b"rXYZ")):
        swapped[swapped.index(name, 128) : swapped.index(name, 128) + 4] = other.upper()
    profile = bytes(swapped).replace(b"GXYZ", b"gXYZ").replace(b"RXYZ", b"rXYZ")
    data = saved(Image.new("RGB", (4, 4), "red"), "PNG", icc_profile=profile)

    colour = clean_picture(data).getpixel((0, 0))
    assert isinstance(colour, tuple)
    assert colour[1] > colour[0], "what this profile calls red is green"


def test_a_profile_that_cannot_be_read_changes_nothing() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    data = saved(Image.new("RGB", (4, 4), "red"), "PNG", icc_profile=profile)

    assert clean_picture(data).getpixel((0, 0)) == (255, 0, 0)


@pytest.mark.parametrize(("width", "height"), [(4000, 3000), (1000, 20_000)])
def test_more_pixels_than_any_model_uses_are_not_kept(width: int, height: int) -> None:
    picture = clean_picture(flat_png(width, height, 8, 0))

    assert 0.99 * KEPT_PIXELS < picture.width * picture.height <= KEPT_PIXELS
    assert picture.width / picture.height == pytest.approx(width / height, rel=0.01)


def test_a_clean_picture_stays_as_it_is() -> None:
    noise = Image.frombytes("RGB", (40, 30), random.Random(0).randbytes(40 * 30 * 3))
    once = png_of(clean_picture(saved(noise, "WEBP", lossless=True)))

    assert png_of(clean_picture(once)) == once
    assert np.array_equal(np.asarray(clean_picture(once)), np.asarray(noise))


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", Code.NO_PICTURE),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", Code.NO_PICTURE),
        (saved(Image.new("RGB", (8, 8)), "TIFF"), Code.NO_PICTURE),
        (saved(Image.new("RGB", (64, 64), "red"), "PNG")[:100], Code.PICTURE_BROKEN),
        (saved(Image.new("RGB", (64, 64), "red"), "PNG")[:20], Code.PICTURE_BROKEN),
        (saved(Image.new("RGB", (64, 64), "red"), "JPEG")[:-50], Code.PICTURE_BROKEN),
        (bytes(64 * 2**20 + 1), Code.FILE_TOO_LARGE),
    ],
)
def test_what_is_wrong_with_a_file_is_said(data: bytes, fault: Code) -> None:
    with pytest.raises(Refused) as refused:
        clean_picture(data)
    assert refused.value.problem.code is fault


def check(odd: Odd, png: bytes | None, fault: Code | None) -> None:
    """An odd file gives the answer that it should, and a clean file if any."""
    assert (png is None) == (fault is not None)
    assert odd.picture is None or odd.picture == (png is not None)
    assert odd.fault is None or odd.fault is fault
    if png is not None:
        assert {kind for kind, _ in chunks_of(png)} == {b"IHDR", b"IDAT", b"IEND"}
        with Image.open(io.BytesIO(png), formats=("PNG",)) as picture:
            picture.load()
            assert (picture.mode, picture.info) == ("RGB", {})
            assert picture.width * picture.height <= KEPT_PIXELS


@pytest.mark.parametrize("part", range(8))
def test_nearly_a_thousand_hostile_files_give_clean_pictures_or_a_sentence(part: int) -> None:
    for odd in hostile()[part::8]:
        try:
            png, fault = png_of(clean_picture(odd.make())), None
        except Refused as bad:
            png, fault = None, bad.problem.code
        try:
            check(odd, png, fault)
        except AssertionError as error:
            raise AssertionError(f"{odd.name}: {fault!r}") from error


def test_they_are_a_thousand() -> None:
    names = [odd.name for odd in (*hostile(), *heavy())]

    assert len(set(names)) == len(names) >= 1000
