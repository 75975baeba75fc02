"""When and how strongly references weigh, as pure functions."""

import dataclasses

import pytest

from generation.fabric.steering import Half, RatedImage, Steering, influence, strength_at
from generation.protocol.requests import Feedback, Influence
from generation.requests.feedback import explores, exploring, faded, guidance_beside_likes

CATS = RatedImage("cats", 12, 12)
DOGS = RatedImage("dogs", 12, 12)
NIGHT = RatedImage("night", 12, 12)


def window(feedback: Feedback, calls: int) -> list[int]:
    return [c for c in range(calls) if strength_at(feedback, Half.LIKED, c, calls) > 0]


@pytest.mark.parametrize(
    ("start", "end", "calls", "inside"),
    [
        (0.0, 0.5, 20, range(11)),
        (0.0, 1.0, 20, range(20)),
        (0.25, 0.5, 8, range(2, 5)),
        (0.0, 0.0, 20, range(1)),
        (1.0, 1.0, 20, range(0)),
    ],
)
def test_references_weigh_within_the_window(
    start: float, end: float, calls: int, inside: range
) -> None:
    assert window(Feedback(start=start, end=end), calls) == list(inside)


def test_outside_the_window_the_floor_holds() -> None:
    feedback = Feedback(end=0.5, strength=0.8, floor=0.1)

    assert strength_at(feedback, Half.LIKED, 10, 20) == 0.8
    assert strength_at(feedback, Half.LIKED, 11, 20) == 0.1


def test_dislikes_are_scaled() -> None:
    feedback = Feedback(strength=0.8, dislike_scale=0.5)

    assert strength_at(feedback, Half.DISLIKED, 0, 20) == pytest.approx(0.4)


@pytest.mark.parametrize("likes", [1, 3, 12])
def test_the_total_stays_steady_as_likes_pile_up(likes: int) -> None:
    assert sum(influence([1.0] * likes, Influence.TOTAL)) == pytest.approx(1)


def test_a_total_is_shared_by_votes() -> None:
    assert influence([3.0, 1.0], Influence.TOTAL) == [0.75, 0.25]


def test_the_published_behaviour_grows_with_every_like() -> None:
    assert sum(influence([1.0] * 3, Influence.EACH)) == 3


def test_references_name_the_half_and_its_weights() -> None:
    steering = Steering(
        liked=((CATS, 2.0), (DOGS, 2.0)), disliked=((NIGHT, 1.0),), feedback=Feedback()
    )

    assert steering.references(Half.LIKED, 0, 20) == ((CATS, 0.4), (DOGS, 0.4))
    assert steering.references(Half.DISLIKED, 0, 20) == ((NIGHT, 0.4),)
    assert steering.all_references(0, 20) == (CATS, DOGS, NIGHT)
    assert steering.all_references(11, 20) == ()


@pytest.mark.parametrize(
    "change", [{"strength": 0.0}, {"dislike_scale": 0.0}, {"start": 1.0, "end": 1.0}]
)
def test_what_weighs_nothing_is_not_read(change: dict[str, float]) -> None:
    feedback = dataclasses.replace(Feedback(), **change)  # type: ignore[arg-type]
    steering = Steering(liked=(), disliked=((NIGHT, 1.0),), feedback=feedback)

    assert steering.all_references(0, 20) == ()


@pytest.mark.parametrize(
    ("count", "share", "exploring"),
    [(4, 0.25, [3]), (3, 0.25, []), (8, 0.25, [6, 7]), (4, 0.0, []), (2, 1.0, [0, 1])],
)
def test_the_last_pictures_of_a_round_explore(
    count: int, share: float, exploring: list[int]
) -> None:
    feedback = Feedback(explore=share)

    assert [n for n in range(count) if explores(feedback, n, count, liked=2)] == exploring


@pytest.mark.parametrize(
    ("share", "exploring"),
    [(0.125, [2, 3]), (0.0, []), (0.25, [2, 3]), (0.5, [2, 3]), (0.75, [1, 2, 3])],
)
def test_a_single_like_leaves_more_to_explore(share: float, exploring: list[int]) -> None:
    feedback = Feedback(explore=share)

    assert [n for n in range(4) if explores(feedback, n, 4, liked=1)] == exploring


def test_without_likes_nothing_explores() -> None:
    assert not explores(Feedback(explore=1.0), 0, 4, liked=0)


@pytest.mark.parametrize("explorer", [False, True])
def test_beside_likes_a_picture_takes_a_share_of_what_guidance_adds(explorer: bool) -> None:
    def guidance(share: float, whole: float = 6) -> float:
        own, other = (share, 0.5) if explorer else (0.5, share)
        feedback = Feedback(explore_guidance=own, steered_guidance=other)
        return guidance_beside_likes(feedback, whole, explorer=explorer)

    assert [guidance(share) for share in (0, 0.2, 1)] == [1, 2, 6]
    assert [guidance(0.2, whole) for whole in (0, 0.5, 1)] == [0, 0.5, 1]


def test_a_reference_fades_by_half_with_every_round() -> None:
    assert [faded(2, rounds) for rounds in range(3)] == [2, 1, 0.5]


def test_who_explores_avoids_half_as_much_what_is_disliked() -> None:
    feedback, disliked = exploring(Feedback(), ("cats",), ("night",))

    assert disliked == ("night",)
    assert feedback == Feedback(dislike_scale=0.25)


def test_who_explores_may_avoid_all_that_was_rated_while_dislikes_count() -> None:
    usual = Feedback(end=1.0, strength=1.0, dislike_end=0.5, explore_avoid=0.8)
    feedback, disliked = exploring(usual, ("cats",), ("night",))

    assert disliked == ("cats", "night")
    weights = [strength_at(feedback, Half.DISLIKED, call, 20) for call in (0, 10, 11, 19)]
    assert weights == [0.8, 0.8, 0, 0]


@pytest.mark.parametrize(("end", "last"), [(0.5, 10), (1.0, 16), (0.2, 4), (0.1, None)])
def test_dislikes_may_be_over_before_likes_are(end: float, last: int | None) -> None:
    feedback = Feedback(start=0.2, end=0.8, dislike_end=end)
    strengths = {
        half: [call for call in range(20) if strength_at(feedback, half, call, 20) > 0]
        for half in Half
    }

    assert strengths[Half.LIKED] == list(range(4, 17))
    assert strengths[Half.DISLIKED] == ([] if last is None else list(range(4, last + 1)))


def test_a_reference_without_weight_is_not_read() -> None:
    steering = Steering(liked=((CATS, 0.0), (DOGS, 1.0)), disliked=(), feedback=Feedback())

    assert steering.all_references(0, 20) == (DOGS,)
