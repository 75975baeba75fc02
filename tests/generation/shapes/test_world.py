"""The drawn world, its captions, and the scorers that read it back."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from itertools import combinations, product
from random import Random

import numpy as np
import pytest
from PIL import Image, ImageDraw

from generation.shapes.captions import ATTRIBUTES, Language, caption, random_said
from generation.shapes.scorers import lab, read, shape_colour
from generation.shapes.train.scribbles import scribble
from generation.shapes.world import (
    COLOURS,
    FILLS,
    JITTER,
    LATTICE,
    PERIOD,
    PLACES,
    RESERVED_FILLS,
    RESERVED_SHAPES,
    SHAPES,
    SIDE,
    Scene,
    draw,
    random_scene,
)

READ = ("shape", "colour", "background", "fill", "size", "count", "place")
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


def test_no_pattern_repeats_with_every_latent():
    factor = 8  # of the autoencoder, from whose latents such a pattern could not be told
    assert PERIOD % factor
    assert 2 * SIDE * 0.25 % PERIOD == 0  # two objects, half a side apart, look alike


def test_objects_lie_on_the_lattice_inside_the_picture():
    random = Random(0)
    for scene in (random_scene(random) for _ in range(500)):
        for across, down in scene.centres():
            assert across * SIDE % LATTICE == down * SIDE % LATTICE == 0
            assert scene.radius < min(across, down, 1 - across, 1 - down)


def test_two_objects_are_alike():
    random = Random(0)
    counts = [random_scene(random).count for _ in range(500)]
    assert 0.15 < counts.count(2) / 500 < 0.25


def test_no_attribute_nor_pair_of_them_is_held_out_of_training():
    seen = [scene for scene in all_scenes() if not scene.held_out]
    for one, other in combinations(("shape", "colour", "fill"), 2):
        whole = {(getattr(s, one), getattr(s, other)) for s in all_scenes()}
        assert {(getattr(s, one), getattr(s, other)) for s in seen} == whole
    assert len(seen) == len(list(all_scenes())) * 8 / 9


def all_scenes() -> Iterator[Scene]:
    for shape, colour, fill in product(SHAPES, COLOURS, FILLS):
        yield dataclasses.replace(STAR, shape=shape, colour=colour, fill=fill)


def as_read(scene: Scene) -> dict[str, object]:
    return {name: getattr(scene, name) for name in READ}


def test_scorers_read_every_attribute_of_fresh_drawings():
    random = Random(1)
    for _ in range(200):
        scene = random_scene(random, fills=(*FILLS, *RESERVED_FILLS))
        assert dataclasses.asdict(read(draw(scene))) == as_read(scene)


@pytest.mark.parametrize("shape", [*SHAPES, *RESERVED_SHAPES])
@pytest.mark.parametrize("fill", [*FILLS, *RESERVED_FILLS])
@pytest.mark.parametrize("size", ["small", "large"])
@pytest.mark.parametrize("place", ["middle", "bottom", "beside", "above"])
def test_shapes_are_told_apart_in_every_form(shape: str, fill: str, size: str, place: str):
    count = 2 if place in PLACES[2] else 1
    x, y = JITTER[place]
    scene = dataclasses.replace(
        STAR, shape=shape, fill=fill, size=size, place=place, count=count, x=x, y=y
    )
    assert dataclasses.asdict(read(draw(scene))) == as_read(scene)


def test_a_gap_in_a_rim_hides_no_shape():
    random = Random(0)
    right = []
    for _ in range(60):
        scene = random_scene(random, counts=(1,), fills=("outlined", "striped", "dotted"))
        picture = draw(scene)
        [(x, y)] = scene.centres()
        left = SIDE * (x + random.uniform(-0.5, 0.5) * scene.radius)
        cut = (left, 0, left + 4, SIDE * y)
        ImageDraw.Draw(picture).rectangle(cut, fill=COLOURS[scene.background])
        seen = read(picture)
        right.append((seen.shape, seen.fill) == (scene.shape, scene.fill))
    assert sum(right) / len(right) >= 0.95


def test_hardly_a_scribble_is_taken_for_a_shape():
    random = Random(1)
    taken = [read(scribble(random)).shape for _ in range(100)]
    # Round blobs are circles, to anyone who has to say which of the shapes they are.
    assert sum(shape not in (None, "circle") for shape in taken) <= 12


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


@pytest.mark.parametrize(
    ("language", "named", "unnamed"),
    [("en", ("red", "star", "blue"), ("large", "solid")), ("ja", ("赤", "星", "青"), ("大き",))],
)
def test_a_caption_names_what_is_said_and_nothing_else(
    language: Language, named: tuple[str, ...], unnamed: tuple[str, ...]
):
    words = caption(STAR, ("colour", "shape", "background"), Random(0), language)
    assert all(word in words for word in named)
    assert not any(word in words for word in unnamed)


def test_two_are_always_said_to_be_two():
    pair = dataclasses.replace(STAR, shape="cross", count=2, place="above")
    for seed in range(20):
        assert "two crosses" in caption(pair, ("shape",), Random(seed))
        assert re.search("[二2]つ", caption(pair, ("shape",), Random(seed), "ja"))


def test_the_words_read_as_people_would_say_them():
    scene = dataclasses.replace(STAR, fill="striped", place="left")
    everything = caption(scene, ATTRIBUTES, Random(4))
    assert everything == "a large striped red star on the left on a blue background"
    assert caption(scene, ATTRIBUTES, Random(4), "ja") == "青い背景に左側に大きい赤い縞模様の星"


@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_word_for_the_world_is_in_the_vocabulary(language: Language):
    random = Random(0)
    scenes = [random_scene(random) for _ in range(300)]
    assert all(caption(scene, random_said(random), random, language) for scene in scenes)


def test_every_attribute_is_left_unsaid_now_and_then():
    random = Random(0)
    said = [random_said(random) for _ in range(300)]
    for name in ("size", "fill", "colour", "shape", "place", "background"):
        assert 0 < sum(name in words for words in said) < 300
