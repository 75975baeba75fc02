"""Defaults of parameters that are not given."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from bot.actions.parameters import Parameters, feedback_of, request_of
from generation.protocol.requests import Axis


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("shapes", (20, 2.0, "euler_a")),
        ("/models/my own.safetensors", (20, 6.0, "euler_a")),
        ("sdxl-turbo", (4, 1.0, "euler")),
        ("SimianLuo/LCM_Dreamshaper_v7", (4, 8.0, "lcm")),
    ],
)
def test_what_is_not_said_suits_the_model(model: str, expected: tuple[int, float, str]) -> None:
    parameters = Parameters.for_model(model, prompt="a star")

    assert (parameters.steps, parameters.guidance, parameters.scheduler) == expected


def test_what_is_said_holds_for_any_model() -> None:
    parameters = Parameters.for_model(
        "sdxl-turbo", prompt="a star", steps=30, guidance=7.0, count=2
    )

    assert (parameters.steps, parameters.guidance, parameters.scheduler, parameters.count) == (
        30,
        7.0,
        "euler",
        2,
    )


@pytest.mark.parametrize(("locale", "label"), [("en", "seed"), ("ja", "シード")])
def test_a_sheet_speaks_the_language_of_who_asked_for_it(locale: str, label: str) -> None:
    parameters = Parameters.for_model(
        "shapes", prompt="a star", axes=(Axis(parameter="seed", values=(1, 2)),)
    )
    said = {"model": "shapes", "seed": 1, "locale": locale, **dataclasses.asdict(parameters)}

    assert [axis.label for axis in request_of(said, out=Path()).axes] == [label]


def test_guidance_of_edits_is_called_what_its_option_is_called() -> None:
    parameters = Parameters(prompt="a star", axes=(Axis(parameter="guidance", values=(1, 2)),))

    assert [axis.label for axis in parameters.labelled("en")] == ["guidance"]
    edits = dataclasses.replace(parameters, image_guidance=1.5)
    assert [axis.label for axis in edits.labelled("en")] == ["following the instruction"]


def test_rounds_of_earlier_versions_were_steered_at_their_whole_guidance() -> None:
    stored = Parameters.for_model("sd15", prompt="a star").stored(seed=1, model="sd15")
    assert 0 < stored["feedback_steered_guidance"] < 1
    del stored["feedback_steered_guidance"]

    assert feedback_of(stored).steered_guidance == 1
