"""Trainings in children that are killed at random: nothing is lost, and there is one result."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from pathlib import Path

import pytest

from generation.process.queue import Queue
from generation.process.supervisor import Generator
from generation.protocol.events import (
    CheckpointSaved,
    Failed,
    Stage,
    Started,
    Trained,
    TrainProgress,
)
from generation.protocol.options import WorkerOptions
from generation.protocol.requests import Lane
from generation.protocol.training import Action, Train
from tests.generation.queue_scene import Attempts, Follower
from tests.generation.supervision import child_pid
from tests.generation.trainings import files_of, training


def follow(queue: Queue, request: Train) -> Follower:
    return Follower(queue.reserve("ann", lane=Lane.BACKGROUND).submit(request))


async def heard(follower: Follower, kind: type, count: int) -> None:
    """Wait for so many events of a kind."""
    while sum(isinstance(event, kind) for event in follower.events) < count:
        assert not follower.task.done(), follower.events[-1]
        await asyncio.sleep(0.002)


async def paused(follower: Follower) -> None:
    """Wait until it says that it is paused."""
    while True:
        event = follower.events[-1]
        if isinstance(event, TrainProgress) and event.stage is Stage.PAUSED:
            return
        await asyncio.sleep(0.01)


def checkpoints_of(follower: Follower) -> int:
    """The step of the last checkpoint."""
    saved = (event.step for event in follower.events if isinstance(event, CheckpointSaved))
    return max(saved, default=0)


async def killed(follower: Follower, chance: random.Random, *, deaths: int, every: int) -> None:
    """Kill the child so often while it trains, at most twice in a row without a new checkpoint."""
    fruitless = 0
    for number in range(1, deaths + 1):
        await heard(follower, Started, number)
        began, before = len(follower.events), checkpoints_of(follower)
        wait = chance.randint(1, 3 * every + 8)
        while len(follower.events) < began + wait or (
            fruitless == 2 and checkpoints_of(follower) == before
        ):
            assert not follower.task.done(), "it was over before there were deaths enough"
            await asyncio.sleep(0.002)
        await asyncio.sleep(chance.uniform(0, 0.1))
        os.kill(child_pid(), signal.SIGKILL)
        await heard(follower, Started, number + 1)
        fruitless = 0 if checkpoints_of(follower) > before else fruitless + 1


@pytest.mark.parametrize(
    ("deaths", "steps"), [(1, 9), pytest.param(50, 400, marks=[pytest.mark.slow])]
)
@pytest.mark.timeout(3600)
async def test_killed_at_random_a_training_loses_nothing_and_has_one_result(
    tiny_folder: Path, tmp_path: Path, deaths: int, steps: int
) -> None:
    options = WorkerOptions(model=str(tiny_folder), device="cpu", threads=1)
    attempts = Attempts()
    async with (
        Generator(options, pause=0.01) as generator,
        Queue(generator, begin=attempts.begin, give_back=attempts.give_back) as queue,
    ):
        card = await generator.ready()
        whole = follow(queue, training(card.name, tmp_path, "whole", steps=steps, every=3))
        await whole.task
        broken = follow(queue, training(card.name, tmp_path, "broken", steps=steps, every=3))
        await killed(broken, random.Random(deaths), deaths=deaths, every=3)
        await broken.task
        again = follow(queue, training(card.name, tmp_path, "again", steps=4, every=2))
        await again.task

    assert broken.kinds.count("Trained") == 1
    assert broken.kinds.count("Started") == deaths + 1
    for one in (whole, broken, again):
        assert isinstance(one.events[-1], Trained), one.events[-1]
    results = [one.events[-1].result for one in (whole, broken)]  # type: ignore[union-attr]
    assert files_of(results[0]) == files_of(results[1])
    assert attempts.of["broken"] <= 3


@pytest.mark.slow
async def test_a_pause_is_kept_when_the_child_dies(tiny_folder: Path, tmp_path: Path) -> None:
    options = WorkerOptions(model=str(tiny_folder), device="cpu", threads=1)
    attempts = Attempts()
    async with (
        Generator(options, pause=0.01) as generator,
        Queue(generator, begin=attempts.begin) as queue,
    ):
        card = await generator.ready()
        job = follow(queue, training(card.name, tmp_path, "job", steps=6, every=2))
        await heard(job, CheckpointSaved, 1)
        assert await queue.control("job", Action.PAUSE)
        await paused(job)
        os.kill(child_pid(), signal.SIGKILL)
        await generator.ready()
        await asyncio.sleep(0.2)
        assert job.kinds.count("Started") == 1
        assert await queue.control("job", Action.RESUME)
        await heard(job, Started, 2)
        await queue.control("job", Action.STOP)
        await job.task
    assert isinstance(job.events[-1], Trained)
    assert not any(isinstance(event, Failed) for event in job.events)
