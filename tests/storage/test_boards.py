from __future__ import annotations

import pytest

from storage.errors import Missing
from storage.records import Server, Steer
from storage.store import Store
from tests.storage.painting import (
    ANN,
    BEN,
    CAT,
    CHANNEL,
    DAY,
    SERVER,
    Clock,
    begin_board,
    begin_job,
    paint,
)


async def steering(store: Store, board_id: int) -> list[tuple[int, int]]:
    return [(image.id, net) for image, net in await store.ratings.for_board(board_id)]


async def test_a_server_nobody_has_set_up_has_the_usual_settings(store: Store) -> None:
    assert await store.servers.get(SERVER) == Server(id=SERVER)


async def test_settings_come_back_as_they_were_saved(store: Store) -> None:
    settings = Server(
        id=0,
        channels=(1, 2**60),
        group_boards=True,
        add_reactions=False,
        gestures={"🦊": "like_all"},
        waiting_per_member=1,
        pictures_per_day=40,
    )
    await store.servers.save(Server(id=0))
    await store.servers.save(settings)

    assert await store.servers.get(0) == settings


async def test_members_are_remembered_with_their_last_locale_in_each_server(store: Store) -> None:
    await store.members.seen(SERVER, ANN, "ja")
    await store.members.seen(0, ANN, "de")
    await store.members.seen(0, ANN, "en-GB")

    assert await store.members.locale(SERVER, ANN) == "ja"
    assert await store.members.locale(0, ANN) == "en-GB"
    assert await store.members.locale(SERVER, BEN) is None


async def test_rounds_are_numbered_within_their_board(store: Store) -> None:
    ours, theirs = await begin_board(store), await begin_board(store, owner=BEN)

    numbers = []
    for board in (ours, theirs, ours, ours):
        painting, _ = await begin_job(store, board)
        numbers.append(painting.number)

    assert numbers == [1, 1, 2, 3]


async def test_a_round_remembers_what_was_asked_and_what_steered_it(store: Store) -> None:
    board = await begin_board(store)
    first, images = await paint(store, board)
    steers = [
        Steer(image_id=images[2].id, value=1, weight=0.75),
        Steer(image_id=images[0].id, value=-1, weight=0.5),
    ]
    parameters = {"prompt": "赤い円", "seed": 2**32, "count": 4, "feedback": {"end": 0.5}}

    painting = await store.rounds.create(
        board_id=board.id, parameters=parameters, parent_id=first.id, steers=steers
    )

    assert await store.rounds.get(painting.id) == painting
    assert painting.parameters == parameters
    assert painting.parent_id == first.id
    assert await store.rounds.steers(painting.id) == steers


async def test_a_round_cannot_follow_what_was_deleted_meanwhile(store: Store) -> None:
    board = await begin_board(store)
    await paint(store, board)
    gone, images = await paint(store, board)
    await store.rounds.delete(gone.id)

    with pytest.raises(Missing, match="has been deleted"):
        await store.rounds.create(
            board_id=board.id,
            parameters={},
            steers=[Steer(image_id=images[0].id, value=1, weight=1.0)],
        )
    with pytest.raises(Missing, match="no board"):
        await store.rounds.create(board_id=99, parameters={})


async def test_messages_lead_to_their_rounds_and_pictures(store: Store) -> None:
    painting, images = await paint(store, await begin_board(store), count=6, message=500)

    assert await store.rounds.by_message(501) == (await store.rounds.get(painting.id), 1)
    assert await store.images.on_message(500) == images[:4]
    assert await store.images.on_message(501) == images[4:]
    assert await store.rounds.by_message(502) is None
    assert await store.images.on_message(502) == []
    assert [post.message_id for post in await store.rounds.posts(painting.id)] == [500, 501]


async def test_noting_a_message_twice_or_anew_keeps_one(store: Store) -> None:
    painting, _ = await paint(store, await begin_board(store), message=500)
    await store.rounds.posted(painting.id, 0, CHANNEL, 500)
    await store.rounds.posted(painting.id, 0, CHANNEL + 1, 600)

    (post,) = await store.rounds.posts(painting.id)
    assert (post.channel_id, post.message_id) == (CHANNEL + 1, 600)
    assert await store.rounds.by_message(500) is None


async def test_message_ids_that_start_over_change_hands(store: Store) -> None:
    board = await begin_board(store)
    first, _ = await paint(store, board, message=500)
    second, _ = await paint(store, board, message=501)
    await store.ratings.react(500, ANN, "1️⃣", True)
    await store.ratings.react(501, ANN, "2️⃣", True)

    # A playground that was restarted posts them anew, the newer one under the older one's id.
    await store.rounds.posted(second.id, 0, CHANNEL, 500)
    assert await store.rounds.posts(first.id) == []
    await store.rounds.posted(first.id, 0, CHANNEL, 700)

    found = await store.rounds.by_message(500)
    assert found is not None
    assert found[0].id == second.id
    likes = [
        (image.round_id, image.position) for image, _ in await store.ratings.for_board(board.id)
    ]
    assert likes == [(first.id, 0), (second.id, 1)]


async def test_the_newest_delivered_rounds_come_oldest_first(store: Store) -> None:
    board = await begin_board(store)
    painted = [await paint(store, board) for _ in range(4)]
    await paint(store, board, delivered=False)
    await begin_job(store, board)

    assert [r.id for r in await store.rounds.recent(3)] == [r.id for r, _ in painted[1:]]


async def test_the_owners_ratings_steer_a_board(store: Store) -> None:
    board = await begin_board(store)
    _, older = await paint(store, board)
    _, newer = await paint(store, board)
    await store.ratings.press(SERVER, newer[0].id, ANN, 1)
    await store.ratings.press(SERVER, older[1].id, ANN, -1)
    await store.ratings.press(SERVER, older[0].id, BEN, 1)

    assert await steering(store, board.id) == [(older[1].id, -1), (newer[0].id, 1)]


async def test_everyones_ratings_together_steer_a_group_board(store: Store) -> None:
    board = await begin_board(store, group=True)
    _, images = await paint(store, board)
    for member in (ANN, BEN, CAT):
        await store.ratings.press(SERVER, images[0].id, member, 1)
    await store.ratings.press(SERVER, images[1].id, ANN, 1)
    await store.ratings.press(SERVER, images[1].id, BEN, -1)
    await store.ratings.press(SERVER, images[2].id, BEN, -1)

    assert await steering(store, board.id) == [(images[0].id, 3), (images[2].id, -1)]


async def test_reset_lets_only_later_rounds_steer(store: Store) -> None:
    board = await begin_board(store)
    before, old = await paint(store, board)
    await store.ratings.press(SERVER, old[0].id, ANN, 1)

    assert (await store.boards.reset(board.id)).since_round == before.number + 1
    assert await steering(store, board.id) == []

    _, new = await paint(store, board)
    await store.ratings.press(SERVER, new[0].id, ANN, 1)
    await store.ratings.press(SERVER, old[1].id, ANN, 1)
    assert await steering(store, board.id) == [(new[0].id, 1)]
    assert await store.ratings.of_image(old[0].id) != []
    with pytest.raises(Missing):
        await store.boards.reset(99)


async def test_deleting_the_newest_round_does_not_undo_a_reset(store: Store) -> None:
    board = await begin_board(store)
    await paint(store, board)
    newest, _ = await paint(store, board)
    await store.boards.reset(board.id)
    await store.rounds.delete(newest.id)

    painting, images = await paint(store, board)
    await store.ratings.press(SERVER, images[0].id, ANN, 1)

    assert painting.number == 3
    assert await steering(store, board.id) == [(images[0].id, 1)]


async def test_a_fork_follows_what_its_owner_said_of_the_round_it_grew_from(store: Store) -> None:
    board = await begin_board(store, owner=ANN)
    _, before = await paint(store, board)
    source, images = await paint(store, board)
    await store.ratings.press(SERVER, images[0].id, ANN, 1)
    await store.ratings.press(SERVER, images[1].id, BEN, 1)
    await store.ratings.press(SERVER, before[0].id, BEN, 1)

    fork = await store.boards.create(
        server_id=SERVER, channel_id=CHANNEL, owner_id=BEN, group=False, forked_from=source.id
    )
    _, own = await paint(store, fork)
    await store.ratings.press(SERVER, own[3].id, BEN, -1)

    assert await store.boards.get(fork.id) == fork
    assert await steering(store, fork.id) == [(images[1].id, 1), (own[3].id, -1)]
    assert await steering(store, board.id) == [(images[0].id, 1)]

    await store.boards.reset(fork.id)
    assert await steering(store, fork.id) == []


async def test_pictures_count_for_the_day_whatever_became_of_their_messages(
    store: Store, clock: Clock
) -> None:
    board = await begin_board(store)
    await paint(store, board, count=3)
    clock.now += DAY
    since = clock.now
    deleted, _ = await paint(store, board, count=4)
    await store.rounds.delete(deleted.id)
    await begin_job(store, board, count=2)
    _, cancelled = await begin_job(store, board, count=8)
    await store.jobs.cancel(cancelled.id)
    _, failed = await begin_job(store, board, count=8)
    await store.jobs.fail(failed.id, "memory")
    await begin_job(store, board, count=8, member=BEN)

    assert await store.images.painted_since(SERVER, ANN, since) == 6
    assert await store.images.painted_since(SERVER, ANN, since - 1.5 * DAY) == 9
    assert await store.images.painted_since(0, ANN, 0) == 0


async def test_deleting_a_round_takes_all_of_it_and_nothing_else(store: Store) -> None:
    board = await begin_board(store)
    first, old = await paint(store, board, message=500)
    await store.ratings.press(SERVER, old[0].id, ANN, 1)
    await store.ratings.react(500, BEN, "👍", True)
    second, _ = await paint(store, board)
    third = await store.rounds.create(
        board_id=board.id,
        parameters={},
        parent_id=first.id,
        steers=[Steer(image_id=old[0].id, value=1, weight=1.0)],
    )

    await store.rounds.delete(first.id)

    assert await store.rounds.get(first.id) is None
    assert await store.images.of_round(first.id) == []
    assert await store.images.get(old[0].id) is None
    assert await store.ratings.of_image(old[0].id) == []
    assert await store.rounds.by_message(500) is None
    assert len(await store.images.of_round(second.id)) == 4
    child = await store.rounds.get(third.id)
    assert child is not None
    assert child.parent_id is None
    assert await store.rounds.steers(third.id) == []


async def test_ids_of_what_was_deleted_are_never_given_again(store: Store) -> None:
    board = await begin_board(store)
    painting, images = await paint(store, board)
    await store.rounds.delete(painting.id)
    assert await store.boards.get(board.id) is None, "a board goes with its last round"

    again = await begin_board(store)
    later, fresh = await paint(store, again)

    assert again.id > board.id
    assert later.id > painting.id
    assert fresh[0].id > images[-1].id


async def test_the_place_of_a_round_is_where_it_was_posted_or_is_going_to_be(store: Store) -> None:
    board = await begin_board(store, owner=BEN)
    painting, job = await begin_job(store, board)
    bare = await store.rounds.create(board_id=board.id, parameters={})

    async def channels() -> list[tuple[int, ...]]:
        places = await store.rounds.places([painting.id, bare.id, 9999])
        assert all(each.owner_id == BEN for each in places.values())
        return [places[each].channel_ids for each in (painting.id, bare.id)]

    assert await channels() == [(CHANNEL,), (CHANNEL,)]
    await store.jobs.message(job.id, 71, 500)
    assert await channels() == [(71,), (CHANNEL,)]
    for part, channel in enumerate((72, 72, 2**63 - 1)):
        await store.rounds.posted(painting.id, part, channel, 600 + part)
    first, _ = await channels()
    assert set(first) == {72, 2**63 - 1}
    assert set(await store.rounds.places([9999])) == set()
