"""Hidden favourites, how much a picture is liked, and the trials that hide them."""

from __future__ import annotations

from itertools import combinations, product

import pytest
from PIL import Image, ImageChops

from generation.shapes.evaluation.favourites import Favourite, preference
from generation.shapes.evaluation.trials import HALVES, KINDS, favourites, trial, trials
from generation.shapes.scorers import read
from generation.shapes.world import COLOURS, FILLS, SIDE, Scene, draw


def drawing(**attributes: str) -> Image.Image:
    wanted = {"shape": "star", "colour": "red", "background": "white", "fill": "solid"}
    return draw(Scene(**{**wanted, "size": "large", **attributes}))


@pytest.mark.parametrize("colour", [colour for colour in COLOURS if colour != "white"])
def test_a_favourite_colour_is_liked_above_all_others(colour: str):
    picture = drawing(colour=colour)
    assert preference(picture, Favourite(colour=colour)) > 0.95
    for other in COLOURS.keys() - {colour}:
        assert preference(picture, Favourite(colour=other)) < 0.25


def test_the_nearer_colour_is_liked_more():
    favourite = Favourite(colour="red")
    liked = [preference(drawing(colour=c), favourite) for c in ("red", "orange", "yellow")]
    assert liked == sorted(liked, reverse=True)
    assert len(set(liked)) == 3


@pytest.mark.parametrize("fill", FILLS)
@pytest.mark.parametrize("shape", ["circle", "heart"])
@pytest.mark.parametrize("size", ["small", "large"])
def test_a_favourite_fill_is_liked_above_all_others(fill: str, shape: str, size: str):
    picture = drawing(fill=fill, shape=shape, size=size)
    assert preference(picture, Favourite(fill=fill)) > 0.9
    for other in set(FILLS) - {fill}:
        assert preference(picture, Favourite(fill=other)) < 0.6


def test_a_pattern_is_liked_wherever_its_grid_lies():
    moved = ImageChops.offset(drawing(fill="dotted"), 3, 5)
    assert preference(moved, Favourite(fill="dotted")) > 0.9


def test_of_two_attributes_neither_makes_up_for_the_other():
    favourite = Favourite(colour="red", fill="striped")
    assert preference(drawing(fill="striped"), favourite) > 0.95
    assert preference(drawing(fill="striped", colour="blue"), favourite) < 0.1
    assert preference(drawing(fill="solid"), favourite) < 0.35


def test_nobody_likes_a_picture_without_a_shape():
    nothing = Image.new("RGB", (SIDE, SIDE), COLOURS["red"])
    assert preference(nothing, Favourite(colour="red")) == 0
    assert preference(nothing, Favourite(fill="solid")) == 0


def test_a_picture_is_the_favourite_outright_or_it_is_not():
    reading = read(drawing(fill="striped"))
    assert Favourite(colour="red").shown_by(reading)
    assert Favourite(colour="red", fill="striped").shown_by(reading)
    assert not Favourite(colour="red", fill="dotted").shown_by(reading)


def test_what_is_chosen_by_is_never_reported_on():
    liked = {half: [f for kind in KINDS for f in favourites(half, kind)] for half in HALVES}
    for attribute in ("colour", "fill"):
        first, second = ({getattr(f, attribute) for f in liked[half]} - {None} for half in HALVES)
        assert not first & second
        # Solid is what plain pictures show anyway.
        assert first | second == set(COLOURS if attribute == "colour" else FILLS) - {"solid"}


def test_halves_and_kinds_take_turns():
    some = list(trials(12))
    for half, kind in product(HALVES, KINDS):
        assert sum(t.half == half and t.favourite.kind == kind for t in some) == 2


def test_more_trials_leave_the_first_ones_as_they_are():
    assert list(trials(6)) == list(trials(30))[:6]
    assert trial(5) != trial(5, seed=1)


def test_a_prompt_names_the_scene_and_leaves_the_favourite_open():
    for each in trials(60):
        for name in each.named:
            assert getattr(each.scene, name) in each.prompt
        for value in (each.favourite.colour, each.favourite.fill):
            assert value is None or value not in each.prompt


def test_every_favourite_is_within_reach():
    for each in trials(24):
        reading = read(draw(each.scene))
        assert each.favourite.shown_by(reading)
        assert each.named_right(reading) == 1
        assert not each.scene.held_out


def test_no_two_trials_share_a_seed():
    assert all(abs(a.seed - b.seed) >= 100_000 for a, b in combinations(trials(30), 2))
