"""Which pictures steer, and how strongly."""

from __future__ import annotations

from bot.actions.references import MOST_REFERENCES, choose
from storage.records import Image, Steer


def image(number: int, digest: str | None = "d", round_id: int = 1) -> Image:
    return Image(
        id=number,
        round_id=round_id,
        position=0,
        digest=digest,
        seed=0,
        width=8,
        height=8,
        parameters={},
        parent_id=None,
        created_at=0.0,
    )


def test_a_picture_weighs_as_many_as_voted_for_it() -> None:
    assert choose([(image(1), 1), (image(2), -2), (image(3), 3)]) == [
        Steer(image_id=1, value=1, weight=1.0),
        Steer(image_id=3, value=1, weight=3.0),
        Steer(image_id=2, value=-1, weight=2.0),
    ]


def test_a_rating_weighs_half_with_each_round_rated_after_it() -> None:
    rated = [(image(1, round_id=3), 2), (image(2, round_id=7), -1), (image(3, round_id=9), 1)]
    assert choose(rated) == [
        Steer(image_id=1, value=1, weight=0.5),
        Steer(image_id=3, value=1, weight=1.0),
        Steer(image_id=2, value=-1, weight=0.5),
    ]


def test_where_likes_steer_as_published_old_ratings_weigh_as_much_as_new_ones() -> None:
    rated = [(image(1, round_id=3), 1), (image(2, round_id=7), 1)]
    assert [steer.weight for steer in choose(rated, fading=False)] == [1.0, 1.0]


def test_a_split_vote_steers_nothing() -> None:
    assert choose([(image(1), 0)]) == []


def test_only_the_newest_of_each_half_steer() -> None:
    many = [(image(n), 1) for n in range(20)] + [(image(n), -1) for n in range(20, 40)]
    chosen = choose(many)
    newest = [*range(20 - MOST_REFERENCES, 20), *range(40 - MOST_REFERENCES, 40)]
    assert [steer.image_id for steer in chosen] == newest


def test_what_was_withheld_steers_nothing() -> None:
    assert choose([(image(1, digest=None), 1)]) == []
