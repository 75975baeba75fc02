"""Jobs that train: they share the states of those that paint, and get in nobody's way."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from storage.backup import backup
from storage.errors import StaleAttempt
from storage.jobs import LEASE_SECONDS
from storage.records import Job, JobKind, JobState
from storage.restore import restore
from storage.store import Store, open_store
from tests.storage.painting import (
    ANN,
    BEN,
    CHANNEL,
    DAY,
    SERVER,
    Clock,
    begin_board,
    begin_job,
    paint,
    picture,
)


async def begin_training(store: Store, member: int = ANN, message: int | None = None) -> Job:
    return await store.jobs.create_training(
        server_id=SERVER, channel_id=CHANNEL, member_id=member, locale="ja", message_id=message
    )


async def known(store: Store, job: Job) -> Job:
    found = await store.jobs.get(job.id)
    assert found is not None
    return found


async def test_a_training_goes_from_queued_to_done(store: Store, clock: Clock) -> None:
    job = await begin_training(store)
    assert (job.kind, job.state, job.round_id) == (JobKind.TRAIN, JobState.QUEUED, None)
    assert (job.member_id, job.locale, job.reason, job.detail) == (ANN, "ja", None, "")
    await store.jobs.message(job.id, CHANNEL + 1, 500)
    folder = store.files.workspace(job.id)

    attempt = await store.jobs.begin(job.id)
    clock.now += 50
    await store.jobs.heartbeat(job.id, attempt)
    running = await known(store, job)
    assert (running.state, running.attempts) == (JobState.RUNNING, attempt)
    assert (running.channel_id, running.message_id) == (CHANNEL + 1, 500)
    assert running.lease_until == clock.now + LEASE_SECONDS

    await store.jobs.complete(job.id, attempt)
    assert await store.jobs.undelivered(JobKind.TRAIN) == [await known(store, job)]
    await store.jobs.delivered(job.id)
    done = await known(store, job)
    assert (done.state, done.delivered, done.lease_until) == (JobState.DONE, True, None)
    assert not folder.exists(), "the job's own folder goes with the job"


async def test_only_the_latest_attempt_completes_it_and_only_once(store: Store) -> None:
    job = await begin_training(store)
    first = await store.jobs.begin(job.id)
    second = await store.jobs.begin(job.id)

    with pytest.raises(StaleAttempt):
        await store.jobs.complete(job.id, first)
    await store.jobs.complete(job.id, second)
    with pytest.raises(StaleAttempt):
        await store.jobs.complete(job.id, second)


async def test_all_attempts_up_to_a_new_checkpoint_are_given_back(store: Store) -> None:
    job = await begin_training(store)
    for _ in range(3):
        await store.jobs.begin(job.id)
    for attempt in (3, 2, 1):
        await store.jobs.give_back(job.id, attempt)

    assert await store.jobs.begin(job.id) == 1


async def test_it_fails_and_is_cancelled_like_any_other(store: Store) -> None:
    failing, dying, cancelled = [await begin_training(store) for _ in range(3)]

    assert await store.jobs.fail(failing.id, "invalid", "no picture: choose five or more")
    assert await store.jobs.fail(dying.id, "crashed", "signal: SIGKILL", dead=True)
    assert await store.jobs.cancel(cancelled.id)

    jobs = [await known(store, job) for job in (failing, dying, cancelled)]
    assert [(job.state, job.reason, job.detail) for job in jobs] == [
        (JobState.FAILED, "invalid", "no picture: choose five or more"),
        (JobState.DEAD, "crashed", "signal: SIGKILL"),
        (JobState.CANCELLED, None, ""),
    ]


async def test_neither_kind_ends_as_the_other(store: Store) -> None:
    training = await begin_training(store)
    _, painting = await begin_job(store, await begin_board(store))
    folder = store.files.workspace(training.id)

    with pytest.raises(StaleAttempt):
        await store.jobs.finish(
            training.id, await store.jobs.begin(training.id), [picture(folder, "0.png", b"zero")]
        )
    with pytest.raises(StaleAttempt):
        await store.jobs.complete(painting.id, await store.jobs.begin(painting.id))

    assert (await known(store, training)).state is JobState.RUNNING
    assert (await known(store, painting)).state is JobState.RUNNING


async def test_jobs_are_read_back_by_kind(store: Store) -> None:
    _, painting = await begin_job(store, await begin_board(store))
    training, other = await begin_training(store), await begin_training(store, BEN)
    _, failed = await begin_job(store, await begin_board(store))
    await store.jobs.fail(failed.id, "internal")
    ended = await begin_training(store)
    await store.jobs.cancel(ended.id)

    async def ids(kind: JobKind | None) -> tuple[list[int], list[int], list[int]]:
        jobs = store.jobs
        found = (
            await jobs.pending(kind),
            await jobs.undelivered(kind),
            await jobs.of_member(SERVER, ANN, kind),
        )
        first, second, third = ([job.id for job in each] for each in found)
        return first, second, third

    assert await ids(JobKind.PAINT) == ([painting.id], [failed.id], [painting.id])
    assert await ids(JobKind.TRAIN) == ([training.id, other.id], [ended.id], [training.id])
    assert await ids(None) == (
        [painting.id, training.id, other.id],
        [failed.id, ended.id],
        [painting.id, training.id],
    )


async def test_a_painting_needs_a_round_and_a_training_paints_nothing(store: Store) -> None:
    job = await begin_training(store)
    _, painting = await begin_job(store, await begin_board(store))

    for change in (
        f"UPDATE jobs SET round_id = NULL WHERE id = {painting.id}",
        f"UPDATE jobs SET pictures = 1 WHERE id = {job.id}",
        f"UPDATE jobs SET kind = 'dream' WHERE id = {job.id}",
    ):
        with pytest.raises(sqlite3.IntegrityError, match="CHECK"):
            async with store._database.transaction() as transaction:
                await transaction.rows(change)


async def test_it_counts_on_nobodys_limit_of_pictures(store: Store) -> None:
    await begin_job(store, await begin_board(store), count=3)
    await begin_training(store)
    completed = await begin_training(store)
    await store.jobs.complete(completed.id, await store.jobs.begin(completed.id))

    assert await store.images.painted_since(SERVER, ANN, 0) == 3


async def test_pictures_past_their_time_go_while_a_training_is_open(
    store: Store, clock: Clock
) -> None:
    _, images = await paint(store, await begin_board(store), bytes_each=100)
    waiting, done = await begin_training(store), await begin_training(store)
    await store.jobs.complete(done.id, await store.jobs.begin(done.id))
    clock.now += 100 * DAY

    assert (await store.prune(disk_limit_bytes=300)).pictures == 1
    assert (await store.prune(retention_days=90)).pictures == 3

    assert [await store.images.get(image.id) for image in images] == [None] * 4
    assert await known(store, waiting) == waiting
    assert (await known(store, done)).state is JobState.DONE, "nobody has seen its outcome"

    await store.jobs.delivered(done.id)
    await store.prune(retention_days=90)
    assert await store.jobs.get(done.id) is None


async def test_its_folder_stays_as_long_as_it_is_open(
    store: Store, data_dir: Path, clock: Clock
) -> None:
    job = await begin_training(store)
    checkpoint = store.files.workspace(job.id) / "checkpoint"
    checkpoint.write_bytes(b"half of it")
    clock.now = checkpoint.stat().st_ctime + 3 * DAY

    await store.prune()
    assert checkpoint.exists()

    await store.jobs.cancel(job.id)
    await store.prune()
    assert not checkpoint.exists()


async def test_deleting_a_round_leaves_trainings_alone(store: Store) -> None:
    painting, _ = await paint(store, await begin_board(store))
    job = await begin_training(store)

    await store.rounds.delete(painting.id)

    assert await known(store, job) == job


async def test_rounds_are_recent_while_a_training_is_open(store: Store) -> None:
    painting, _ = await paint(store, await begin_board(store))
    await begin_training(store)

    assert [round_.id for round_ in await store.rounds.recent(5)] == [painting.id]


async def test_a_reaction_on_its_message_rates_nothing(store: Store) -> None:
    await begin_training(store, message=900)

    await store.ratings.react(900, ANN, "👍", True)

    assert await store.ratings.reactions(900) == {}


async def test_it_goes_on_from_a_backup(store: Store, data_dir: Path, tmp_path: Path) -> None:
    job = await begin_training(store)
    await store.jobs.begin(job.id)

    restore(backup(data_dir, tmp_path / "saved.tar").path, tmp_path / "elsewhere")

    async with open_store(tmp_path / "elsewhere") as other:
        (found,) = await other.jobs.pending(JobKind.TRAIN)
        assert (found.id, found.attempts) == (job.id, 1)
        assert await other.jobs.begin(job.id) == 2
