from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from storage.errors import FileMismatch, Missing, StaleAttempt
from storage.jobs import LEASE_SECONDS
from storage.records import JobState
from storage.store import Store, open_store
from tests.storage.painting import (
    ANN,
    BEN,
    CHANNEL,
    SERVER,
    Clock,
    begin_board,
    begin_job,
    paint,
    picture,
    withheld,
)


async def state_of(store: Store, job_id: int) -> JobState:
    job = await store.jobs.get(job_id)
    assert job is not None
    return job.state


async def test_a_job_goes_from_queued_to_done(store: Store, clock: Clock) -> None:
    painting, job = await begin_job(store, await begin_board(store), count=2)
    assert (job.state, job.attempts, job.message_id) == (JobState.QUEUED, 0, None)
    await store.jobs.message(job.id, CHANNEL + 1, 500)

    attempt = await store.jobs.begin(job.id)
    running = await store.jobs.get(job.id)
    assert running is not None
    assert (running.state, running.attempts) == (JobState.RUNNING, attempt)
    assert (running.channel_id, running.message_id) == (CHANNEL + 1, 500)
    assert running.lease_until == clock.now + LEASE_SECONDS

    folder = store.files.workspace(job.id)
    strip = folder / "steering.png"
    strip.write_bytes(b"strip")
    images = await store.jobs.finish(
        job.id, attempt, [picture(folder, "0.png", b"zero"), withheld()], strip
    )

    assert await state_of(store, job.id) is JobState.DONE
    assert await store.images.of_round(painting.id) == images
    assert [(image.position, image.withheld) for image in images] == [(0, False), (1, True)]
    assert images[0].digest is not None
    assert store.files.path(images[0].digest).read_bytes() == b"zero"
    done = await store.rounds.get(painting.id)
    assert done is not None
    assert done.steering_digest is not None
    assert store.files.path(done.steering_digest).read_bytes() == b"strip"
    assert not folder.exists(), "the job's own folder goes with the job"


async def test_a_job_is_for_a_round_that_exists(store: Store) -> None:
    with pytest.raises(Missing):
        await store.jobs.create(
            server_id=SERVER, channel_id=CHANNEL, member_id=ANN, round_id=9, locale="en"
        )


async def test_a_result_is_refused_once_another_attempt_has_begun(store: Store) -> None:
    painting, job = await begin_job(store, await begin_board(store))
    folder = store.files.workspace(job.id)
    first = await store.jobs.begin(job.id)
    second = await store.jobs.begin(job.id)
    assert second == first + 1

    with pytest.raises(StaleAttempt):
        await store.jobs.heartbeat(job.id, first)
    with pytest.raises(StaleAttempt):
        await store.jobs.finish(job.id, first, [picture(folder, "0.png", b"late")])
    assert await store.images.of_round(painting.id) == []
    assert await state_of(store, job.id) is JobState.RUNNING

    await store.jobs.finish(job.id, second, [picture(folder, "0.png", b"in time")])
    with pytest.raises(StaleAttempt):
        await store.jobs.finish(job.id, second, [])
    assert len(await store.images.of_round(painting.id)) == 1


async def test_a_heartbeat_renews_the_lease(store: Store, clock: Clock) -> None:
    _, job = await begin_job(store, await begin_board(store))
    attempt = await store.jobs.begin(job.id)
    clock.now += 50

    await store.jobs.heartbeat(job.id, attempt)

    renewed = await store.jobs.get(job.id)
    assert renewed is not None
    assert renewed.lease_until == clock.now + LEASE_SECONDS


async def test_nothing_revives_a_job_that_has_ended(store: Store) -> None:
    board = await begin_board(store)
    _, job = await begin_job(store, board)
    attempt = await store.jobs.begin(job.id)
    assert await store.jobs.cancel(job.id) is True
    assert await store.jobs.cancel(job.id) is False
    assert await store.jobs.fail(job.id, "internal") is False

    with pytest.raises(StaleAttempt):
        await store.jobs.begin(job.id)
    with pytest.raises(StaleAttempt):
        await store.jobs.heartbeat(job.id, attempt)
    with pytest.raises(StaleAttempt):
        await store.jobs.finish(job.id, attempt, [])
    assert await state_of(store, job.id) is JobState.CANCELLED


async def test_a_failure_says_why(store: Store) -> None:
    board = await begin_board(store)
    _, unlucky = await begin_job(store, board)
    _, deadly = await begin_job(store, board)

    assert await store.jobs.fail(unlucky.id, "memory")
    assert await store.jobs.fail(deadly.id, "crashed", "signal: SIGKILL", dead=True)

    failed, dead = await store.jobs.get(unlucky.id), await store.jobs.get(deadly.id)
    assert failed is not None
    assert dead is not None
    assert (failed.state, failed.reason, failed.detail) == (JobState.FAILED, "memory", "")
    assert (dead.state, dead.reason, dead.detail) == (JobState.DEAD, "crashed", "signal: SIGKILL")


async def test_jobs_are_found_by_what_is_left_to_do(store: Store) -> None:
    board = await begin_board(store)
    jobs = [(await begin_job(store, board, member=member))[1] for member in (ANN, BEN, ANN, ANN)]
    queued, running, failed, delivered = (job.id for job in jobs)
    await store.jobs.begin(running)
    await store.jobs.fail(failed, "internal")
    await store.jobs.cancel(delivered)
    await store.jobs.delivered(delivered)

    assert [job.id for job in await store.jobs.pending()] == [queued, running]
    assert [job.id for job in await store.jobs.undelivered()] == [failed]
    assert [job.id for job in await store.jobs.of_member(SERVER, ANN)] == [queued]
    assert await store.jobs.of_member(0, ANN) == []


async def test_attempts_go_on_counting_after_a_restart(data_dir: Path) -> None:
    async with open_store(data_dir) as store:
        _, job = await begin_job(store, await begin_board(store))
        await store.jobs.begin(job.id)
    async with open_store(data_dir) as store:
        (pending,) = await store.jobs.pending()
        assert (pending.id, pending.state, pending.attempts) == (job.id, JobState.RUNNING, 1)
        assert await store.jobs.begin(job.id) == 2


async def test_a_file_that_is_not_what_it_should_be_changes_nothing(store: Store) -> None:
    painting, job = await begin_job(store, await begin_board(store))
    attempt = await store.jobs.begin(job.id)
    folder = store.files.workspace(job.id)
    good, bad = picture(folder, "0.png", b"good"), picture(folder, "1.png", b"bad")
    (folder / "1.png").write_bytes(b"other bytes")

    with pytest.raises(FileMismatch):
        await store.jobs.finish(job.id, attempt, [good, bad])
    assert await store.images.of_round(painting.id) == []
    assert await state_of(store, job.id) is JobState.RUNNING

    repaired = picture(folder, "1.png", b"bad")
    assert len(await store.jobs.finish(job.id, attempt, [good, repaired])) == 2


async def test_a_finish_that_was_cancelled_can_be_tried_again(store: Store) -> None:
    """Whatever the moment: either all of it happened, or the files are still there to adopt."""
    board = await begin_board(store)
    outcomes = set()
    for trial in range(25):
        painting, job = await begin_job(store, board, count=3)
        attempt = await store.jobs.begin(job.id)
        folder = store.files.workspace(job.id)
        pictures = [picture(folder, f"{n}.png", f"{trial} {n}".encode()) for n in range(3)]
        finishing = asyncio.create_task(store.jobs.finish(job.id, attempt, pictures))
        await asyncio.sleep(trial * 0.0005)
        finishing.cancel()
        await asyncio.gather(finishing, return_exceptions=True)

        done = await state_of(store, job.id) is JobState.DONE
        outcomes.add(done)
        if not done:
            assert await store.images.of_round(painting.id) == []
            await store.jobs.finish(job.id, attempt, pictures)
        for image in await store.images.of_round(painting.id):
            assert image.digest is not None
            store.files.settle(store.files.path(image.digest), image.digest)

    assert False in outcomes


async def test_deleting_a_round_cancels_its_job_and_leaves_nothing_to_deliver(store: Store) -> None:
    board = await begin_board(store)
    painting, job = await begin_job(store, board)
    attempt = await store.jobs.begin(job.id)
    folder = store.files.workspace(job.id)

    await store.rounds.delete(painting.id)

    with pytest.raises(StaleAttempt):
        await store.jobs.finish(job.id, attempt, [picture(folder, "0.png", b"late")])
    assert await state_of(store, job.id) is JobState.CANCELLED
    assert await store.jobs.pending() == []
    assert await store.jobs.undelivered() == []


async def test_a_picture_remembers_the_one_it_was_made_from(store: Store) -> None:
    board = await begin_board(store)
    _, (source, *_) = await paint(store, board)
    _, (edited, *_) = await paint(store, board, count=1, parent=source)

    assert edited.parent_id == source.id
    assert await store.images.get(edited.id) == edited
