"""The drawn world, its captions, and the scorers that read it back."""

from __future__ import annotations

import dataclasses
from random import Random

import numpy as np
import pytest
from PIL import Image

from generation.shapes.captions import caption, random_said
from generation.shapes.scorers import lab, read, shape_colour
from generation.shapes.world import COLOURS, FILLS, SHAPES, SIDE, SIZES, Scene, draw, random_scene

STAR = Scene(shape="star", colour="red", background="blue", fill="solid", size="large")


def test_a_drawing_is_an_anti_aliased_rgb_picture():
    picture = draw(STAR)
    assert picture.size == (SIDE, SIDE)
    assert picture.mode == "RGB"
    assert len(picture.getcolors(SIDE * SIDE)) > 2  # soft edges between the two colours


def test_a_shape_is_never_painted_in_its_backgrounds_colour():
    random = Random(0)
    scenes = [random_scene(random) for _ in range(500)]
    assert all(scene.colour != scene.background for scene in scenes)
    fixed = [random_scene(random, colour="red") for _ in range(100)]
    assert {scene.colour for scene in fixed} == {"red"}
    assert "red" not in {scene.background for scene in fixed}


def test_the_same_seed_draws_the_same_scenes():
    assert [random_scene(Random(7))] == [random_scene(Random(7))]


def test_scorers_read_every_attribute_of_fresh_drawings():
    random = Random(1)
    scenes = [random_scene(random) for _ in range(300)]
    for scene in scenes:
        reading = read(draw(scene))
        assert dataclasses.asdict(reading) == {
            "shape": scene.shape,
            "colour": scene.colour,
            "background": scene.background,
            "fill": scene.fill,
            "size": scene.size,
            "count": 1,
        }


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("fill", FILLS)
@pytest.mark.parametrize("size", SIZES)
def test_shapes_are_told_apart_at_every_size_and_fill(shape: str, fill: str, size: str):
    scene = dataclasses.replace(STAR, shape=shape, fill=fill, size=size)
    reading = read(draw(scene))
    assert (reading.shape, reading.fill, reading.size) == (shape, fill, size)


def test_an_empty_picture_shows_nothing_but_its_background():
    reading = read(Image.new("RGB", (SIDE, SIDE), COLOURS["green"]))
    assert reading.background == "green"
    assert (reading.shape, reading.colour, reading.count) == (None, None, 0)
    assert shape_colour(Image.new("RGB", (SIDE, SIDE))) is None


def test_noise_is_unreadable():
    noise = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
    assert read(Image.fromarray(noise)).shape is None


@pytest.mark.parametrize(
    ("rgb", "expected"),
    [
        ((255, 255, 255), (100.0, 0.0, 0.0)),
        ((0, 0, 0), (0.0, 0.0, 0.0)),
        ((255, 0, 0), (53.2, 80.1, 67.2)),
    ],
)
def test_lab_agrees_with_published_values(rgb, expected):
    assert lab(np.array(rgb, dtype=np.uint8)) == pytest.approx(expected, abs=0.2)


def test_a_caption_names_what_is_said_and_nothing_else():
    words = caption(STAR, ("colour", "shape", "background"), Random(0))
    assert "red star" in words
    assert "blue" in words
    assert "large" not in words
    assert caption(STAR, (), Random(3)).endswith("a shape")


def test_every_attribute_is_left_unsaid_now_and_then():
    random = Random(0)
    said = [random_said(random) for _ in range(300)]
    for name in ("size", "fill", "colour", "shape", "background"):
        assert 0 < sum(name in words for words in said) < 300
