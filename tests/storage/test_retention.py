from __future__ import annotations

import pytest

from storage import retention
from storage.records import Image, Steer
from storage.store import Store
from tests.storage.painting import ANN, DAY, SERVER, Clock, begin_board, begin_job, paint

EACH = 1000
"""Bytes of a picture in these tests."""


async def remaining(store: Store, *pictures: Image) -> list[bool]:
    """Which pictures are still there, rows and files alike."""
    there = []
    for picture in pictures:
        assert picture.digest is not None
        row = await store.images.get(picture.id)
        assert (row is not None) == store.files.path(picture.digest).exists()
        there.append(row is not None)
    return there


async def test_without_limits_nothing_goes(store: Store, clock: Clock) -> None:
    _, images = await paint(store, await begin_board(store))
    clock.now += 1000 * DAY

    pruned = await store.prune()

    assert (pruned.pictures, pruned.bytes) == (0, 0)
    assert all(await remaining(store, *images))


async def test_pictures_nobody_rated_go_when_their_time_is_over(store: Store, clock: Clock) -> None:
    board = await begin_board(store)
    old, images = await paint(store, board, bytes_each=EACH, message=500)
    await store.ratings.press(SERVER, images[1].id, ANN, -1)
    plain, forgotten = await paint(store, board, bytes_each=EACH, strip=True)
    clock.now += 80 * DAY
    _, young = await paint(store, board, bytes_each=EACH)
    clock.now += 20 * DAY

    pruned = await store.prune(retention_days=90)

    assert pruned.pictures == 7
    assert pruned.bytes == 7 * EACH + len(f"strip {plain.id}")
    assert await remaining(store, *images) == [False, True, False, False]
    assert not any(await remaining(store, *forgotten))
    assert all(await remaining(store, *young))
    assert await store.rounds.get(plain.id) is None, "a round goes with its last picture"
    assert await store.rounds.get(old.id) is not None
    assert len(list(store.files.root.glob("*/*"))) == 5, "and so does its strip"


async def test_a_picture_that_a_rated_one_was_made_from_stays_with_it(
    store: Store, clock: Clock
) -> None:
    board = await begin_board(store)
    _, (grandparent, *others) = await paint(store, board)
    _, (parent,) = await paint(store, board, count=1, parent=grandparent)
    _, (edited,) = await paint(store, board, count=1, parent=parent)
    await store.ratings.press(SERVER, edited.id, ANN, 1)
    clock.now += 100 * DAY

    await store.prune(retention_days=90)

    assert all(await remaining(store, grandparent, parent, edited))
    assert not any(await remaining(store, *others))


async def test_over_the_limit_the_oldest_unrated_go_first_and_rated_ones_last(
    store: Store, clock: Clock
) -> None:
    board = await begin_board(store)
    _, (oldest_rated, oldest) = await paint(store, board, count=2, bytes_each=EACH)
    await store.ratings.press(SERVER, oldest_rated.id, ANN, 1)
    clock.now += DAY
    _, (middle, middle_rated) = await paint(store, board, count=2, bytes_each=EACH)
    await store.ratings.press(SERVER, middle_rated.id, ANN, -1)
    clock.now += DAY
    _, (newest,) = await paint(store, board, count=1, bytes_each=EACH)
    clock.now += DAY
    everything = (oldest, middle, newest, oldest_rated, middle_rated)

    seen = []
    for room in range(5, -1, -1):
        # A byte less than one more picture needs: exactly `room` of them fit.
        pruned = await store.prune(disk_limit_bytes=room * EACH + EACH - 1)
        there = await remaining(store, *everything)
        assert sum(there) == room
        assert store.files.used() == room * EACH
        seen.append((pruned.pictures, there))

    order = [there.index(True) for _, there in seen if any(there)]
    assert order == [0, 1, 2, 3, 4], "in this order they went, one at a time"
    assert [pictures for pictures, _ in seen] == [0, 1, 1, 1, 1, 1]


async def test_what_is_still_to_be_delivered_or_steers_a_painting_stays(
    store: Store, clock: Clock
) -> None:
    board = await begin_board(store)
    _, (reference, *rest) = await paint(store, board)
    _, undelivered = await paint(store, board, delivered=False)
    _, job = await begin_job(
        store, board, steers=[Steer(image_id=reference.id, value=1, weight=1.0)]
    )
    clock.now += 100 * DAY

    await store.prune(disk_limit_bytes=1, retention_days=1)

    assert all(await remaining(store, reference, *undelivered))
    assert not any(await remaining(store, *rest))

    await store.jobs.cancel(job.id)
    await store.jobs.delivered(job.id)
    await store.prune(disk_limit_bytes=1)
    assert not any(await remaining(store, reference))


async def test_a_file_that_two_pictures_share_is_freed_with_the_second(
    store: Store, clock: Clock
) -> None:
    board = await begin_board(store)
    _, (first,) = await paint(store, board, count=1, bytes_each=EACH)
    async with store._database.transaction() as transaction:
        await transaction.rows(
            """
            INSERT INTO images (round_id, position, digest, seed, width, height, parameters,
                created_at)
            SELECT round_id, 1, digest, seed, width, height, parameters, created_at FROM images
            """
        )
    clock.now += DAY

    pruned = await store.prune(disk_limit_bytes=EACH - 1)

    assert (pruned.pictures, pruned.bytes) == (2, EACH)
    assert await remaining(store, first) == [False]


async def test_many_pictures_go_in_several_small_steps(
    store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "_AT_A_TIME", 3)
    board = await begin_board(store)
    for _ in range(3):
        await paint(store, board, count=6, bytes_each=EACH)
    clock.now += DAY

    pruned = await store.prune(disk_limit_bytes=10 * EACH)
    assert pruned.pictures == 8
    assert store.files.used() == 10 * EACH

    assert (await store.prune(retention_days=0.5)).pictures == 10


async def test_failed_rounds_and_old_jobs_are_forgotten(store: Store, clock: Clock) -> None:
    board = await begin_board(store)
    failed, job = await begin_job(store, board)
    await store.jobs.fail(job.id, "internal")
    await store.jobs.delivered(job.id)
    waiting, pending = await begin_job(store, board)
    _, kept = await paint(store, board)
    await store.ratings.press(SERVER, kept[0].id, ANN, 1)
    clock.now += 100 * DAY

    await store.prune(retention_days=90)

    assert await store.rounds.get(failed.id) is None
    assert await store.jobs.get(job.id) is None
    assert await store.rounds.get(waiting.id) is not None
    assert await store.jobs.get(pending.id) is not None
