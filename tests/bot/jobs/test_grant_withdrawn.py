"""A grant that the host withdraws while trainings wait: they begin only once it is back."""

from __future__ import annotations

import itertools
import sqlite3

import pytest

from storage.records import JobState
from storage.trainings import Trainings
from tests.bot.trained import card, job_of, reached, requests, says, started, training_of
from tests.bot.world import World

WAITS = "⏸️ Paused, because training is no longer allowed in this server"


async def grant(world: World, granted: bool) -> None:
    """Grant or withdraw training, as the host does."""
    world.bot.services.rules._hosts = frozenset({world.mod.id})
    result = await world.mod.slash(world.channel, "train rights", granted=granted)
    assert ("is allowed" in world.words(result.response)) == granted


async def test_a_training_that_waits_is_paused_and_begins_with_resume(world: World) -> None:
    first = await started(world, world.alice, "hold")
    await reached(world, first, 3)
    second = await started(world, world.bob, "later")
    await says(world, second, "This training is next.")

    await grant(world, False)
    message = await says(world, second, WAITS)
    assert not (await training_of(world, first)).paused
    world.release()
    await world.until(lambda: done(world, first.id))
    assert len(requests(world)) == 1
    refused = await world.bob.click(message, custom_id=f"train-resume:{second.id}")
    assert "Training is no longer allowed" in world.words(refused.response)

    await grant(world, True)
    message = await says(world, second, "⏸️ Paused until someone presses **Resume**.")
    await world.bob.click(message, custom_id=f"train-resume:{second.id}")
    await world.done()
    assert (await job_of(world, second)).state is JobState.DONE


@pytest.mark.usefixtures("expected_faults")
async def test_a_database_that_is_away_for_a_moment_lets_none_begin(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await started(world, world.alice, "hold")
    await reached(world, first, 3)
    second = await started(world, world.bob, "later")
    await says(world, second, "This training is next.")
    pause, tries = Trainings.pause, itertools.count()

    async def away(self: Trainings, job_id: int, paused: bool) -> bool:
        if next(tries) == 0:
            raise sqlite3.OperationalError("database is locked")
        return await pause(self, job_id, paused)

    monkeypatch.setattr(Trainings, "pause", away)
    await grant(world, False)
    await says(world, second, WAITS)
    assert next(tries) > 1
    world.release()
    await world.until(lambda: done(world, first.id))
    assert len(requests(world)) == 1


async def test_what_is_paused_says_that_resume_needs_the_grant(world: World) -> None:
    job = await started(world, world.alice, "hold")
    await reached(world, job, 3)
    await world.alice.click(await card(world, job), custom_id=f"train-pause:{job.id}")
    await says(world, job, "⏸️ Paused until")
    await grant(world, False)
    await says(world, job, WAITS)
    world.release()
    await world.alice.click(await card(world, job), custom_id=f"train-stop:{job.id}")
    await world.done()


async def test_the_grant_counts_again_when_a_training_is_taken_up(world: World) -> None:
    job = await started(world, world.alice, card=False, locale="ja")
    await world.store.training_rights.grant(world.guild.id, granted=False)
    await world.bot.services.recovery.sweep()
    await world.until(lambda: carded(world, job.id))
    message = await says(world, job, "学習が許可されなくなったため、一時停止中です")
    assert requests(world) == []

    await grant(world, True)
    await world.alice.click(message, custom_id=f"train-resume:{job.id}")
    await world.done()
    assert (await job_of(world, job)).state is JobState.DONE


async def done(world: World, job_id: int) -> bool:
    """Return True if a training's result was delivered."""
    job = await world.store.jobs.get(job_id)
    return job is not None and job.delivered


async def carded(world: World, job_id: int) -> bool:
    """Return True if a training has its card."""
    job = await world.store.jobs.get(job_id)
    return job is not None and job.message_id is not None
