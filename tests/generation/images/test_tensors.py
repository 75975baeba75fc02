"""Pictures as tensors and back; PNGs that say how they were made."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from generation.images.sanitize import clean_picture
from generation.images.sheets import Thumbnail, contact_sheet, steering_strip
from generation.images.tensors import encode_png, resized
from generation.metadata.record import parameter_texts
from generation.protocol.requests import Paint
from tests.generation.painted import read_record


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
def test_a_picture_is_cut_to_the_size_at_which_it_is_read(
    size: tuple[int, int], read: tuple[int, int]
) -> None:
    assert resized(Image.new("RGB", size), *read).shape == (1, 3, read[1], read[0])


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
