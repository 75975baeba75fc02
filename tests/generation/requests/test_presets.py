"""Feedback by name."""

import dataclasses

from generation.catalog.entries import TUTORIAL, usual_feedback
from generation.protocol.requests import Influence
from generation.requests.feedback import PRESETS, explores, named_feedback


def test_every_name_is_known() -> None:
    assert len({named_feedback(name, "shapes") for name in PRESETS}) == len(PRESETS)


def test_ours_is_what_suits_the_model() -> None:
    for model in ("shapes", "sd15"):
        assert named_feedback("ours", model) == named_feedback(None, model) == usual_feedback(model)


def test_closer_is_ours_with_half_as_many_that_explore() -> None:
    ours, closer = (named_feedback(name, "shapes") for name in ("ours", "closer"))
    assert dataclasses.replace(closer, explore=ours.explore) == ours
    for liked, exploring in ((1, 2), (2, 0), (5, 0)):
        assert sum(explores(closer, place, 4, liked) for place in range(4)) == exploring


def test_the_papers_middle_third_and_the_tutorials_first_half() -> None:
    paper, tutorial = (named_feedback(name, "sd15") for name in ("paper", "tutorial"))
    assert (paper.start, paper.end, paper.floor, paper.strength) == (0.33, 0.66, 0.1, 1.0)
    assert (tutorial.start, tutorial.end, tutorial.strength) == (0.0, 0.5, TUTORIAL.strength)
    for published in (paper, tutorial):
        assert published.influence is Influence.EACH
        assert published.explore == 0
