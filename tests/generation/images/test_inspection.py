"""What is measured of pictures before they are trained on, in a process of its own."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from PIL import Image, ImageFilter

from generation.images.inspection import inspect, sharpness_of
from generation.images.sandbox import measure
from generation.requests.refused import Refused
from generation.shapes.world import draw, random_scene


def test_blurring_a_picture_lowers_its_sharpness() -> None:
    picture = draw(random_scene(Random(1)))
    series = [
        sharpness_of(picture.filter(ImageFilter.GaussianBlur(radius))) for radius in (0, 1, 2, 4)
    ]
    assert series == sorted(series, reverse=True)
    assert series[0] > 10 * series[2]


def test_a_faint_picture_is_as_sharp_as_one_full_of_contrast() -> None:
    picture = draw(random_scene(Random(1))).convert("L")
    faint = picture.point(lambda level: 100 + level // 4)
    assert sharpness_of(faint) == pytest.approx(sharpness_of(picture), rel=0.1)


@pytest.mark.parametrize("size", [(1, 1), (1, 200), (2, 2), (3000, 1)])
def test_the_smallest_and_the_plainest_pictures_are_measured(size: tuple[int, int]) -> None:
    facts = inspect(Image.new("RGB", size, "white"))
    assert (facts["width"], facts["height"], facts["sharpness"]) == (*size, 1.0)


async def test_several_are_measured_in_a_process_of_their_own(tmp_path: Path) -> None:
    pictures = [draw(random_scene(Random(number))) for number in range(2)]
    files = [tmp_path / f"{number}.png" for number in range(2)]
    for picture, file in zip(pictures, files, strict=True):
        picture.save(file)

    measured = await measure(files)

    assert measured == [inspect(picture) for picture in pictures]
    assert {len(facts["phash"]) for facts in measured} == {16}
    assert {len(facts["colours"]) for facts in measured} == {384}


async def test_what_is_no_png_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"GIF89a")
    with pytest.raises(Refused):
        await measure([tmp_path / "a.png"])
