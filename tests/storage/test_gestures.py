from __future__ import annotations

import itertools
import random

import pytest

from storage.gestures import USUAL_GESTURES, Gesture, gesture_of, ratings_of

FOUR = range(4)
LIKED, DISLIKED = 1, -1
ALL, NONE = Gesture.LIKE_ALL, Gesture.DISLIKE_ALL


@pytest.mark.parametrize(
    ("gestures", "votes", "expected"),
    [
        ([], {}, {}),
        ([Gesture.LIKE_2], {}, {1: LIKED}),
        ([Gesture.LIKE_1, Gesture.LIKE_4], {}, {0: LIKED, 3: LIKED}),
        ([ALL], {}, dict.fromkeys(FOUR, LIKED)),
        ([NONE], {}, dict.fromkeys(FOUR, DISLIKED)),
        # both together say nothing
        ([ALL, NONE], {}, {}),
        # a number comes before what is said of all
        ([Gesture.LIKE_3, NONE], {}, {0: DISLIKED, 1: DISLIKED, 2: LIKED, 3: DISLIKED}),
        ([Gesture.LIKE_3, ALL], {}, dict.fromkeys(FOUR, LIKED)),
        ([Gesture.LIKE_3, ALL, NONE], {}, {2: LIKED}),
        # a button comes before a number, and before what is said of all
        ([Gesture.LIKE_2], {1: DISLIKED}, {1: DISLIKED}),
        ([ALL], {0: DISLIKED}, {0: DISLIKED, 1: LIKED, 2: LIKED, 3: LIKED}),
        ([NONE], {0: LIKED}, {0: LIKED, 1: DISLIKED, 2: DISLIKED, 3: DISLIKED}),
        ([], {2: LIKED}, {2: LIKED}),
        # a number that no picture has
        ([Gesture.LIKE_7], {}, {}),
        # wishes are no opinions
        ([Gesture.NEXT, Gesture.AGAIN, Gesture.EDIT, Gesture.MOODBOARD, Gesture.DELETE], {}, {}),
    ],
)
def test_gestures_come_to_ratings(
    gestures: list[Gesture], votes: dict[int, int], expected: dict[int, int]
) -> None:
    assert ratings_of(gestures, votes, FOUR) == expected


def test_no_order_of_any_gestures_matters() -> None:
    rng = random.Random(3)
    for _ in range(300):
        gestures = rng.choices(list(Gesture), k=rng.randrange(6))
        votes = {position: rng.choice([1, -1]) for position in rng.sample(FOUR, rng.randrange(4))}
        expected = ratings_of(gestures, votes, FOUR)

        orders = itertools.islice(itertools.permutations(gestures), 40)
        assert all(ratings_of(order, votes, FOUR) == expected for order in orders)


def test_a_button_decides_whatever_else_is_there() -> None:
    for size in range(4):
        for gestures in itertools.combinations(Gesture, size):
            for vote in (LIKED, DISLIKED):
                assert ratings_of(gestures, {1: vote}, FOUR)[1] == vote


def test_numbers_count_within_the_message_or_within_the_round() -> None:
    second = range(4, 8)

    assert ratings_of([Gesture.LIKE_1], {}, second, part=1, together=4) == {4: LIKED}
    assert ratings_of([Gesture.LIKE_5], {}, second, part=1, together=4) == {4: LIKED}
    assert ratings_of([Gesture.LIKE_8], {}, second, part=1, together=4) == {7: LIKED}
    assert ratings_of([Gesture.LIKE_5], {}, FOUR, part=0) == {}


def test_pictures_that_cannot_be_rated_are_not() -> None:
    assert ratings_of([ALL, Gesture.LIKE_2], {1: LIKED}, [0, 3]) == {0: LIKED, 3: LIKED}


@pytest.mark.parametrize(
    ("emoji", "expected"),
    [
        ("1️⃣", Gesture.LIKE_1),
        ("1\N{COMBINING ENCLOSING KEYCAP}", Gesture.LIKE_1),
        ("4️⃣", Gesture.LIKE_4),
        ("8️⃣", Gesture.LIKE_8),
        ("9️⃣", None),
        ("👍", Gesture.LIKE_ALL),
        ("👍🏽", Gesture.LIKE_ALL),
        ("❤️", Gesture.LIKE_ALL),
        ("❤", Gesture.LIKE_ALL),
        ("🔥", Gesture.LIKE_ALL),
        ("👎", Gesture.DISLIKE_ALL),
        ("👎🏿", Gesture.DISLIKE_ALL),
        ("🔁", Gesture.NEXT),
        ("🎲", Gesture.AGAIN),
        ("✏️", Gesture.EDIT),
        ("✏", Gesture.EDIT),
        ("⭐", Gesture.MOODBOARD),
        ("❌", Gesture.DELETE),
        ("😀", None),
        ("1", None),
    ],
)
def test_the_usual_emoji_with_and_without_variation_selectors(
    emoji: str, expected: Gesture | None
) -> None:
    assert gesture_of(emoji) is expected


def test_a_server_may_have_a_table_of_its_own() -> None:
    table = {"❤️": "dislike_all", "<:konomi:12>": "next"}

    assert gesture_of("❤", table) is Gesture.DISLIKE_ALL
    assert gesture_of("<:konomi:12>", table) is Gesture.NEXT
    assert gesture_of("👍", table) is None


def test_every_usual_emoji_is_a_gesture_and_every_gesture_has_one() -> None:
    assert {Gesture(value) for value in USUAL_GESTURES.values()} == set(Gesture)
