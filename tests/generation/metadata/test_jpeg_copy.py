"""A JPEG copy says what the PNG says, in as many bytes as it may have."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from generation.images.tensors import encode_png
from generation.metadata.chunks import MOST_EXIF, texts_in
from generation.metadata.jpeg_copy import jpeg_of

TEXTS = {"parameters": "a cat, 猫\nSteps: 20, Sampler: Euler a", "konomi": '{"prompt": "猫"}'}


def noise(folder: Path, texts: dict[str, str]) -> Path:
    pixels = np.random.default_rng(0).integers(0, 256, (256, 320, 3), dtype=np.uint8)
    path = folder / "noise.png"
    path.write_bytes(encode_png(pixels, texts))
    return path


@pytest.mark.parametrize(("most", "size"), [(200_000, (320, 256)), (12_000, (160, 128))])
def test_a_copy_is_as_good_as_the_bytes_allow(
    tmp_path: Path, most: int, size: tuple[int, int]
) -> None:
    copy = jpeg_of(noise(tmp_path, TEXTS), most)

    assert len(copy) <= most
    with Image.open(io.BytesIO(copy)) as picture:
        assert (picture.format, picture.size) == ("JPEG", size)
    assert texts_in(copy) == TEXTS


def test_a_text_that_a_jpeg_has_no_room_for_is_left_out(tmp_path: Path) -> None:
    long = TEXTS | {"konomi": "{" + MOST_EXIF * "x"}
    copy = jpeg_of(noise(tmp_path, long), 2**20)
    assert texts_in(copy) == {"parameters": TEXTS["parameters"]}


def test_nothing_fits_into_nothing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no JPEG of noise\.png fits into 10 bytes"):
        jpeg_of(noise(tmp_path, {}), 10)
