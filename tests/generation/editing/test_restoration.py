"""Scratches filled and noise averaged away, before any model sees the picture."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from PIL import Image, ImageDraw

from generation.editing.restoration import (
    NothingToRestore,
    check_mask,
    find_scratches,
    noise_of,
    repair,
    smoothed,
    unclipped,
)
from generation.images.tensors import Pixels
from generation.protocol.requests import Restoration
from generation.shapes.evaluation.restoration import scratches, spoilt
from generation.shapes.scorers import read
from generation.shapes.world import Scene, draw, random_scene

NOISE = Restoration(noise=None)
SCRATCHES = Restoration()


@pytest.fixture
def picture() -> Image.Image:
    scene = Scene(shape="heart", colour="orange", background="purple", fill="solid", size="large")
    return draw(scene)


@pytest.fixture
def mask() -> Image.Image:
    return scratches(Random(1), 0.1)


def error(pixels: Pixels, picture: Image.Image) -> float:
    return float(np.abs(pixels.astype(float) - np.asarray(picture)).mean())


def test_scratches_are_filled_and_nothing_else_changes(
    picture: Image.Image, mask: Image.Image
) -> None:
    damaged = spoilt(picture, mask, 0.0, Random(1))
    repaired = repair(damaged, mask, SCRATCHES)

    before, after = np.asarray(damaged), np.asarray(repaired.picture)
    white = np.asarray(mask) > 127
    assert np.array_equal(after[~white], before[~white])
    assert error(after, picture) < error(before, picture) / 10
    assert repaired.scratches is not None
    assert np.array_equal(np.asarray(repaired.scratches) > 127, white)
    assert repaired.noise == 0


@pytest.mark.parametrize("noise", [0.03, 0.1, 0.2])
def test_noise_is_measured_and_averaged_away(picture: Image.Image, noise: float) -> None:
    damaged = spoilt(picture, None, noise, Random(1))
    repaired = repair(damaged, None, NOISE)

    assert repaired.noise == pytest.approx(noise, rel=0.15)
    assert repaired.scratches is None
    assert error(np.asarray(repaired.picture), picture) < error(np.asarray(damaged), picture) / 3


def test_what_a_picture_shows_outlasts_much_noise() -> None:
    random = Random(3)
    scenes = [draw(random_scene(random)) for _ in range(20)]
    repaired = [repair(spoilt(each, None, 0.2, random), None, NOISE).picture for each in scenes]
    alike = [read(after) == read(before) for after, before in zip(repaired, scenes, strict=True)]
    assert sum(alike) >= 18


def test_scratches_are_not_taken_for_noise(picture: Image.Image, mask: Image.Image) -> None:
    damaged = np.asarray(spoilt(picture, mask, 0.1, Random(1)))
    assert noise_of(damaged, np.asarray(mask) > 127) == pytest.approx(0.1, rel=0.15)


def test_a_ground_whose_noise_was_clipped_gets_its_colour_back() -> None:
    black = Image.new("RGB", (96, 96), (10, 10, 10))
    noisy = np.asarray(spoilt(black, None, 0.2, Random(1)))
    smooth = smoothed(noisy, 0.2)
    assert smooth.mean() > 20
    assert unclipped(smooth, 0.2).mean() == pytest.approx(10, abs=5)


@pytest.mark.parametrize("value", [0, 255])
def test_scratches_are_found(picture: Image.Image, value: int) -> None:
    line = (5, 80, 90, 12)
    damaged, drawn = picture.copy(), Image.new("L", picture.size)
    ImageDraw.Draw(damaged).line(line, fill=(value,) * 3, width=2)
    ImageDraw.Draw(drawn).line(line, fill=255, width=2)

    found = find_scratches(np.asarray(damaged))

    assert found[np.asarray(drawn) > 0].mean() > 0.9
    assert found.mean() < 0.1
    repaired = repair(damaged, None, Restoration(scratches=True))
    assert error(np.asarray(repaired.picture), picture) < error(np.asarray(damaged), picture) / 4


def test_what_a_picture_shows_is_no_scratch(picture: Image.Image) -> None:
    assert not find_scratches(np.asarray(picture)).any()


@pytest.mark.parametrize("wanted", [NOISE, SCRATCHES, Restoration(scratches=True)])
def test_a_whole_picture_is_not_restored(picture: Image.Image, wanted: Restoration) -> None:
    with pytest.raises(
        NothingToRestore, match="nothing to restore: no scratches and no noise were found"
    ):
        repair(picture, Image.new("L", picture.size), wanted)


@pytest.mark.parametrize(
    ("mask", "said"),
    [
        (Image.new("L", (48, 96)), "The mask is 48 × 96 pixels, but the picture is 96 × 96."),
        (Image.new("L", (96, 96), 255), "The whole mask is white"),
    ],
)
def test_a_mask_that_cannot_be_meant_is_refused(
    picture: Image.Image, mask: Image.Image, said: str
) -> None:
    with pytest.raises(NothingToRestore, match=said):
        check_mask(mask, picture)
