"""A job that nobody sees to is taken up, not only at a start."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from bot.jobs.background import task_name
from bot.settings import Settings
from storage.database import DATABASE_NAME
from storage.errors import Missing
from storage.records import Job, JobState
from tests.bot.world import World


async def the_job(world: World) -> Job:
    """The one job that there is."""
    job = await world.store.jobs.get(1)
    assert job is not None
    return job


async def left_alone(world: World) -> Job:
    """Return a job on disk that nobody follows."""
    services = world.bot.services
    begin = services.delivery.begin

    async def does_nothing(*_: Any) -> None:
        pass

    services.delivery.begin = does_nothing  # type: ignore[method-assign, assignment]
    await world.imagine(world.alice, "a star")
    services.delivery.begin = begin  # type: ignore[method-assign]
    return await the_job(world)


async def test_a_job_without_a_follower_is_painted_and_shown(world: World) -> None:
    job = await left_alone(world)
    assert job.state is JobState.QUEUED
    assert not world.bot.services.background.runs(task_name(job.id))
    await world.bot.services.recovery.sweep()
    await world.done()
    (message,) = world.ours()
    assert world.pictures(message) == 4


async def test_two_sweeps_at_once_take_it_up_once(world: World) -> None:
    await left_alone(world)
    sweep = world.bot.services.recovery.sweep
    for _ in range(3):
        world.bot.services.background.spawn(sweep(), "a sweep")
    await world.done()
    assert len(world.ours()) == 1
    assert len(world.requests()) == 1


async def test_a_job_that_somebody_follows_is_left_to_them(world: World) -> None:
    result = await world.imagine(world.alice, "hold a star")
    for _ in range(3):
        await world.bot.services.recovery.sweep()
    world.release()
    await world.done()
    assert world.pictures(result.response) == 4
    assert len(world.requests()) == 1
    assert len(world.ours()) == 1


async def test_a_job_on_its_way_to_its_follower_is_left_alone(world: World) -> None:
    services = world.bot.services
    begin = services.delivery.begin

    async def slowly(*arguments: Any) -> None:
        await services.recovery.sweep()
        await begin(*arguments)

    services.delivery.begin = slowly  # type: ignore[method-assign, assignment]
    result = await world.imagine(world.alice, "a star")
    await world.done()
    assert world.pictures(result.response) == 4
    assert len(world.requests()) == 1
    assert services.orders.placing == set()


async def test_an_outcome_whose_delivery_broke_off_is_delivered(world: World) -> None:
    round_ = await world.painted(world.alice)
    job = await world.store.jobs.of_round(round_.id)
    assert job is not None
    await world.mod.delete(await world.message_of(round_))
    await world.store.jobs.delivered(job.id, delivered=False)
    await world.bot.services.recovery.sweep()
    await world.done()
    (message,) = world.ours()
    assert world.pictures(message) == 4


async def test_pictures_outlive_a_database_that_is_locked_at_the_end(
    world: World, settings: Settings
) -> None:
    # The patience of SQLite is for other processes; here it only takes time.
    async with world.store._database.transaction() as transaction:
        await transaction.rows("SELECT 1")
    await world.store._database.rows("PRAGMA busy_timeout = 10")
    result = await world.imagine(world.alice, "hold a star")
    with closing(sqlite3.connect(settings.data_dir / DATABASE_NAME)) as shell:
        shell.execute("BEGIN IMMEDIATE")
        world.release()
        failures = 0

        async def tried() -> bool:
            nonlocal failures
            failures += 1
            return failures > 30

        await world.until(tried)
        assert (await the_job(world)).state is JobState.RUNNING
    await world.done()
    assert world.pictures(result.response) == 4


async def test_an_order_that_cannot_be_completed_leaves_no_job(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nowhere(*_: Any) -> None:
        raise Missing("the folder is gone")

    monkeypatch.setattr(world.bot.services.orders, "request", nowhere)
    await world.imagine(world.alice, "a star")
    await world.bot.services.recovery.sweep()
    assert await world.store.jobs.pending() == []
    assert world.bot.services.orders.placing == set()


async def test_an_attempt_that_was_stopped_in_good_order_is_given_back(world: World) -> None:
    await world.imagine(world.alice, "hold a star")

    async def painting() -> bool:
        return (await the_job(world)).state is JobState.RUNNING

    for _ in range(3):
        await world.until(painting)
        assert (await the_job(world)).attempts == 1
        await world.bot.services.background.end()

        async def stopped() -> bool:
            return (await the_job(world)).state is JobState.QUEUED

        await world.until(stopped)
        assert (await the_job(world)).attempts == 0
        await world.bot.services.recovery.sweep()
