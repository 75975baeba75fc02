"""One request for several images: which seed, prompt and guidance each of them has."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from generation.engine.engine import Engine
from generation.protocol.events import Finished
from generation.protocol.requests import Axis, Feedback, Paint, Reference
from generation.requests.expansion import picture_of, varied
from generation.requests.feedback import drops_prompt
from tests.generation.painted import ended, read_record


def test_the_seed_alone_decides_who_drops_the_prompt(
    engine: Engine, request_: Callable[..., Paint], red: Reference
) -> None:
    feedback = Feedback(drop=0.5, explore=0.25)
    seeds = [seed for seed in range(40) if drops_prompt(feedback, seed, follows=True)]
    assert 10 < len(seeds) < 30
    request = request_(prompt="a star", liked=(red,), count=4, seed=seeds[0], feedback=feedback)
    engine.begin(request)
    event = ended(engine)["job"]
    assert isinstance(event, Finished)

    for place, picture in enumerate(event.pictures):
        assert picture.path is not None
        record = read_record(picture.path)
        assert record is not None
        dropped = picture.seed in seeds and place < 2  # of two likes' worth, the last two explore
        assert record["prompt"] == ("" if dropped else "a star")
        assert record.get("feedback", {}).get("prompt_dropped", False) is dropped


def test_without_likes_no_prompt_is_dropped(request_: Callable[..., Paint]) -> None:
    request = request_(prompt="a star", feedback=Feedback(drop=1.0), count=8)
    assert {picture_of(request, place).prompt for place in range(8)} == {"a star"}


def test_a_picture_of_a_request_is_its_own_picture(
    request_: Callable[..., Paint], red: Reference
) -> None:
    feedback = Feedback(drop=0.5, explore_guidance=0.4)
    request = request_(prompt="a {b|c}", liked=(red,), count=4, guidance=6.0, feedback=feedback)
    alone = [picture_of(request, place) for place in range(4)]
    assert [picture_of(one, 0) for one in alone] == alone
    assert [one.guidance for one in alone] == [6, 6, 3, 3]  # the last two explore


def test_pictures_that_follow_likes_take_their_share_of_guidance(
    request_: Callable[..., Paint], red: Reference
) -> None:
    feedback = Feedback(explore=0.5, explore_guidance=0.5, steered_guidance=0.75)
    steered = request_(liked=(red, red), count=4, guidance=5.0, feedback=feedback)
    alone = [picture_of(steered, place) for place in range(4)]
    assert [one.guidance for one in alone] == [4, 4, 3, 3]
    assert [picture_of(one, 0) for one in alone] == alone

    def guidances(**change: Any) -> list[float]:
        request = dataclasses.replace(steered, **change)
        return [picture_of(request, place).guidance for place in range(request.count)]

    assert guidances(liked=()) == [5] * 4
    assert guidances(liked=(), disliked=(red,)) == [5] * 4
    assert guidances(image_guidance=1.5) == [5] * 4


def test_a_comparison_of_guidance_paints_the_guidance_that_it_names(
    request_: Callable[..., Paint], red: Reference
) -> None:
    request = request_(
        liked=(red, red),
        guidance=5.0,
        count=2,
        feedback=Feedback(explore=0.0, steered_guidance=0.5),
    )

    def guidances(axis: Axis) -> list[float]:
        compared = dataclasses.replace(request, axes=(axis,))
        return [picture_of(compared, place).guidance for place in range(2)]

    assert guidances(Axis(parameter="guidance", values=(3.0, 9.0))) == [3, 9]
    assert guidances(Axis(parameter="steps", values=(3, 9))) == [3, 3]


def test_variety_lies_around_what_was_asked(request_: Callable[..., Paint]) -> None:
    asked = [varied(request_(guidance=2.0, image_guidance=1.0, seed=seed)) for seed in range(40)]
    assert all(1.6 <= one.guidance <= 2.4 for one in asked)
    assert all(one.image_guidance is not None and 1 <= one.image_guidance <= 1.2 for one in asked)
    assert not any(one.varied for one in asked)
