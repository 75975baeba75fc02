from __future__ import annotations

import random

import pytest

from storage.errors import Missing
from storage.records import RoundPlace, Server
from storage.store import Store
from tests.storage.painting import (
    ANN,
    BEN,
    CHANNEL,
    SERVER,
    begin_board,
    begin_job,
    paint,
    picture,
    ratings_of_member,
    withheld,
)

MESSAGE = 500


async def test_a_button_pressed_again_withdraws(store: Store) -> None:
    _, (image, *_) = await paint(store, await begin_board(store))

    votes = [
        await store.ratings.press(SERVER, image.id, ANN, value)
        for value in (1, 1, 1, -1, -1, -1, 1)
    ]

    assert [vote.value for vote in votes] == [1, 0, 1, -1, 0, -1, 1]
    (rating,) = await store.ratings.of_image(image.id)
    assert (rating.member_id, rating.value) == (ANN, 1)


async def test_a_withdrawn_button_leaves_what_the_reactions_say(store: Store) -> None:
    _, images = await paint(store, await begin_board(store), message=MESSAGE)
    await store.ratings.react(MESSAGE, ANN, "👎", True)
    await store.ratings.press(SERVER, images[0].id, ANN, 1)
    assert await ratings_of_member(store, images, ANN) == {0: 1, 1: -1, 2: -1, 3: -1}

    assert (await store.ratings.press(SERVER, images[0].id, ANN, 1)).value == 0

    assert await ratings_of_member(store, images, ANN) == dict.fromkeys(range(4), -1)


async def test_a_picture_that_is_gone_or_withheld_cannot_be_rated(store: Store) -> None:
    board = await begin_board(store)
    _, job = await begin_job(store, board, count=1)
    (image,) = await store.jobs.finish(job.id, await store.jobs.begin(job.id), [withheld()])

    with pytest.raises(Missing):
        await store.ratings.press(SERVER, image.id, ANN, 1)
    with pytest.raises(Missing):
        await store.ratings.press(SERVER, 9999, ANN, 1)


async def test_a_picture_of_another_server_cannot_be_rated(store: Store) -> None:
    _, images = await paint(store, await begin_board(store))

    for server in (SERVER + 1, 0):
        with pytest.raises(Missing):
            await store.ratings.press(server, images[0].id, ANN, 1)

    assert await ratings_of_member(store, images, ANN) == {}


async def test_a_picture_that_is_not_seen_cannot_be_rated(store: Store) -> None:
    painting, images = await paint(store, await begin_board(store))
    asked: list[RoundPlace] = []

    with pytest.raises(Missing):
        await store.ratings.press(
            SERVER, images[0].id, BEN, 1, seen=lambda place: bool(asked.append(place))
        )

    assert asked == [(await store.rounds.places([painting.id]))[painting.id]]
    assert await ratings_of_member(store, images, BEN) == {}


async def test_a_press_says_which_message_shows_the_picture(store: Store) -> None:
    painting, images = await paint(store, await begin_board(store), count=6)

    votes = [await store.ratings.press(SERVER, image.id, ANN, 1) for image in images]

    assert {vote.round_id for vote in votes} == {painting.id}
    assert [vote.part for vote in votes] == [0, 0, 0, 0, 1, 1]


async def test_reactions_rate_and_taking_them_back_unrates(store: Store) -> None:
    _, images = await paint(store, await begin_board(store), message=MESSAGE)

    await store.ratings.react(MESSAGE, ANN, "2️⃣", True)
    await store.ratings.react(MESSAGE, ANN, "2️⃣", True)
    await store.ratings.react(MESSAGE, ANN, "👎", True)
    await store.ratings.react(MESSAGE, BEN, "❤️", True)
    assert await ratings_of_member(store, images, ANN) == {0: -1, 1: 1, 2: -1, 3: -1}
    assert await ratings_of_member(store, images, BEN) == dict.fromkeys(range(4), 1)

    await store.ratings.react(MESSAGE, ANN, "👎", False)
    await store.ratings.react(MESSAGE, BEN, "❤", False)
    assert await ratings_of_member(store, images, ANN) == {1: 1}
    assert await ratings_of_member(store, images, BEN) == {}


async def test_thumbs_of_two_skin_tones_are_taken_back_one_by_one(store: Store) -> None:
    _, images = await paint(store, await begin_board(store), message=MESSAGE)
    await store.ratings.react(MESSAGE, ANN, "👍", True)
    await store.ratings.react(MESSAGE, ANN, "👍🏽", True)

    await store.ratings.react(MESSAGE, ANN, "👍", False)

    assert await ratings_of_member(store, images, ANN) == dict.fromkeys(range(4), 1)


async def test_numbers_on_the_second_message_mean_its_own_pictures(store: Store) -> None:
    _, images = await paint(store, await begin_board(store), count=6, message=MESSAGE)

    await store.ratings.react(MESSAGE + 1, ANN, "1️⃣", True)
    await store.ratings.react(MESSAGE + 1, BEN, "👍", True)

    assert await ratings_of_member(store, images, ANN) == {4: 1}
    assert await ratings_of_member(store, images, BEN) == {4: 1, 5: 1}


async def test_messages_that_are_not_ours_are_ignored(store: Store) -> None:
    await store.ratings.react(123, ANN, "👍", True)
    await store.ratings.replace_reactions(123, {"👍": {ANN}})
    await store.ratings.clear_reactions(123)

    assert await store._database.rows("SELECT * FROM reactions") == []


async def test_what_was_missed_is_recomputed_from_what_is_there(store: Store) -> None:
    _, images = await paint(store, await begin_board(store), message=MESSAGE)
    await store.ratings.react(MESSAGE, ANN, "👍", True)
    await store.ratings.press(SERVER, images[3].id, ANN, -1)

    await store.ratings.replace_reactions(MESSAGE, {"1️⃣": {ANN, BEN}, "👎": [BEN], "👎🏻": [BEN]})

    assert await ratings_of_member(store, images, ANN) == {0: 1, 3: -1}
    assert await ratings_of_member(store, images, BEN) == {0: 1, 1: -1, 2: -1, 3: -1}
    await store.ratings.replace_reactions(MESSAGE, {})
    assert await ratings_of_member(store, images, ANN) == {3: -1}
    assert await ratings_of_member(store, images, BEN) == {}


async def test_clearing_one_emoji_or_all(store: Store) -> None:
    _, images = await paint(store, await begin_board(store), message=MESSAGE)
    for member in (ANN, BEN):
        await store.ratings.react(MESSAGE, member, "❤️", True)
        await store.ratings.react(MESSAGE, member, "3️⃣", True)

    await store.ratings.clear_reactions(MESSAGE, "❤")
    assert await ratings_of_member(store, images, ANN) == {2: 1}
    assert await ratings_of_member(store, images, BEN) == {2: 1}

    await store.ratings.clear_reactions(MESSAGE)
    assert await store.ratings.for_board(images[0].round_id) == []
    assert await ratings_of_member(store, images, BEN) == {}


async def test_neither_the_order_of_gestures_nor_of_taking_them_back_matters(store: Store) -> None:
    rng = random.Random(5)
    _, images = await paint(store, await begin_board(store), message=MESSAGE)

    async def make(gesture: str | tuple[int, int], present: bool) -> None:
        if isinstance(gesture, str):
            await store.ratings.react(MESSAGE, ANN, gesture, present)
        else:
            # Pressing the same button again takes it back.
            await store.ratings.press(SERVER, images[gesture[0]].id, ANN, gesture[1])

    for _ in range(6):
        gestures: list[str | tuple[int, int]] = [
            *rng.sample(["1️⃣", "3️⃣", "👍", "👎", "❤️", "🔥", "🔁", "😀"], rng.randrange(1, 6)),
            *((position, rng.choice([1, -1])) for position in rng.sample(range(4), 2)),
        ]
        outcomes = []
        for _ in range(3):
            for gesture in rng.sample(gestures, len(gestures)):
                await make(gesture, True)
            outcomes.append(await ratings_of_member(store, images, ANN))
            for gesture in rng.sample(gestures, len(gestures)):
                await make(gesture, False)
            assert await ratings_of_member(store, images, ANN) == {}
        assert outcomes[0]
        assert outcomes[1:] == outcomes[:1] * 2, gestures


async def test_a_reaction_on_the_progress_message_counts_once_there_are_pictures(
    store: Store,
) -> None:
    board = await begin_board(store)
    painting, job = await begin_job(store, board, count=2)
    await store.jobs.message(job.id, CHANNEL, MESSAGE)
    await store.ratings.react(MESSAGE, BEN, "👍", True)
    attempt = await store.jobs.begin(job.id)
    folder = store.files.workspace(job.id)

    images = await store.jobs.finish(
        job.id, attempt, [picture(folder, "0.png", b"zero"), withheld()]
    )

    assert await ratings_of_member(store, images, BEN) == {0: 1}
    await store.rounds.posted(painting.id, 0, CHANNEL, MESSAGE)
    await store.ratings.react(MESSAGE, BEN, "👍", False)
    assert await ratings_of_member(store, images, BEN) == {}


async def test_a_part_posted_anew_keeps_what_was_said_of_it(store: Store) -> None:
    painting, images = await paint(store, await begin_board(store), message=MESSAGE)
    await store.ratings.react(MESSAGE, ANN, "1️⃣", True)

    await store.rounds.posted(painting.id, 0, CHANNEL, 900)
    await store.ratings.react(900, ANN, "👎", True)

    assert await ratings_of_member(store, images, ANN) == {0: 1, 1: -1, 2: -1, 3: -1}


async def test_a_server_that_changes_its_gestures_changes_what_was_said(store: Store) -> None:
    _, images = await paint(store, await begin_board(store), count=6, message=MESSAGE)
    await store.ratings.react(MESSAGE, ANN, "👍", True)
    await store.ratings.react(MESSAGE + 1, BEN, "🦊", True)
    await store.ratings.press(SERVER, images[0].id, ANN, -1)

    await store.servers.save(Server(id=SERVER, gestures={"👍": "like_2", "🦊": "dislike_all"}))
    assert await ratings_of_member(store, images, ANN) == {0: -1, 1: 1}
    assert await ratings_of_member(store, images, BEN) == {4: -1, 5: -1}

    await store.servers.save(Server(id=SERVER))
    assert await ratings_of_member(store, images, ANN) == {0: -1, 1: 1, 2: 1, 3: 1}
    assert await ratings_of_member(store, images, BEN) == {}
