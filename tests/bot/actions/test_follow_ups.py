"""The guidance of rounds that continue from a picture that likes steered."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from bot.actions.follow_ups import VARIATIONS, after_replay, from_picture
from bot.actions.parameters import Parameters, request_of
from generation.protocol.requests import Axis, Reference
from generation.requests.expansion import picture_of
from storage.records import Image, Round

MODEL = "/models/anyone's.safetensors"
"""A model without settings of its own."""
GUIDANCE = 7.0
LIKED = (Reference(path=Path("liked.png"), digest="ab" * 32),) * 2


def round_with(parameters: Parameters) -> Round:
    """Return a round with these parameters."""
    return Round(
        id=1,
        board_id=1,
        number=2,
        parent_id=None,
        parameters=parameters.stored(seed=5, model=MODEL),
        steering_digest=None,
        created_at=0.0,
    )


def steered_image(round_: Round, position: int = 0) -> Image:
    """Return a picture of the round as the generator paints it beside two likes."""
    request = dataclasses.replace(request_of(round_.parameters, out=Path()), liked=LIKED)
    painted = Parameters.again(picture_of(request, position))
    return Image(
        id=position + 1,
        round_id=round_.id,
        position=position,
        digest="cd" * 32,
        seed=5 + position,
        width=64,
        height=64,
        parameters=painted.stored(seed=5 + position, model=MODEL),
        parent_id=None,
        created_at=0.0,
    )


def varied(image: Image, parent: Round) -> Parameters:
    """Return the parameters of variations of the picture."""
    return from_picture(
        image,
        parent,
        model=MODEL,
        prompt=None,
        count=VARIATIONS,
        settings=None,
        as_large=True,
        negatives=True,
        change={},
    )


@pytest.fixture
def asked() -> Parameters:
    """Parameters of four pictures of a model without settings of its own."""
    return Parameters.for_model(MODEL, prompt="a star", guidance=GUIDANCE, count=4)


def test_variations_of_a_steered_picture_take_the_guidance_of_its_round(asked: Parameters) -> None:
    round_ = round_with(asked)
    image = steered_image(round_)
    assert image.parameters["guidance"] < GUIDANCE
    again = varied(image, round_)

    assert again.guidance == GUIDANCE
    steered = steered_image(round_with(again))
    assert steered.parameters["guidance"] == image.parameters["guidance"]


def test_variations_of_a_cell_keep_what_the_cell_was_painted_with(asked: Parameters) -> None:
    axis = Axis(parameter="guidance", values=(3.0, 9.0))
    round_ = round_with(dataclasses.replace(asked, axes=(axis,), count=2))
    image = steered_image(round_, position=1)
    again = varied(image, round_)

    assert image.parameters["guidance"] == again.guidance == 9
    assert steered_image(round_with(again)).parameters["guidance"] == 9


def test_a_recreated_steered_picture_goes_on_at_its_own_guidance(asked: Parameters) -> None:
    image = steered_image(round_with(asked))
    recreated = Parameters.of(image.parameters)
    replayed = dataclasses.replace(
        round_with(recreated), parameters={**image.parameters, "replayed": True}
    )
    for again in (varied(image, replayed), after_replay(replayed, recreated)):
        steered = steered_image(round_with(again))
        assert steered.parameters["guidance"] == image.parameters["guidance"]
