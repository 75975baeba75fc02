"""The queue when painters die: a crash costs nobody their job."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import random
import signal
from pathlib import Path

import pytest

from generation.process.queue import Queue
from generation.process.supervisor import Generator
from generation.protocol.events import Failed, Finished, Queued, Reason, Started
from generation.protocol.options import WorkerOptions
from tests.generation import children
from tests.generation.queue_scene import Attempts, Follower, Scene, paint, settle


async def test_after_a_crash_each_job_runs_again_alone_and_first(scene: Scene) -> None:
    first, second = scene.ask("ann", "first", 2), scene.ask("bob", "second", 2)
    third = scene.ask("cat", "third", 2)
    await settle()
    scene.easel.crash()
    await settle()
    assert list(scene.easel.painting) == ["first"]
    assert first.events[-1] == Started(job="first", attempt=2)
    assert second.events[-1] == Queued(job="second", position=1)
    assert third.events[-1] == Queued(job="third", position=2)
    await scene.paint_everything()
    assert scene.easel.given == ["first", "second", "first", "second", "third"]
    assert all(one.kinds.count("Finished") == 1 for one in (first, second, third))


async def test_a_job_that_kills_its_painter_three_times_fails(scene: Scene) -> None:
    asked = scene.ask("ann", "poison")
    for _ in range(3):
        await settle()
        scene.easel.crash()
    await asked.task
    assert [event.attempt for event in asked.events if isinstance(event, Started)] == [1, 2, 3]
    assert isinstance(failed := asked.events[-1], Failed)
    assert failed.reason is Reason.CRASHED
    assert asked.kinds.count("Failed") == 1


async def test_attempts_from_before_a_restart_count(scene: Scene) -> None:
    scene.attempts.of.update({"twice": 2, "thrice": 3})
    thrice = scene.ask("ann", "thrice")
    twice = scene.ask("bob", "twice")
    await settle()
    assert scene.easel.given == ["twice"]
    assert isinstance(failed := thrice.events[-1], Failed)
    assert failed.reason is Reason.CRASHED
    assert twice.events[-1] == Started(job="twice", attempt=3)
    scene.easel.crash()
    await settle()
    assert twice.kinds[-1] == "Failed"


async def test_a_job_cut_short_by_a_restart_can_be_kept_from_company(scene: Scene) -> None:
    scene.ask("ann", "ann", 1)
    Follower(scene.queue.resubmit("bob", paint("bob", count=1), alone=True))
    scene.ask("cat", "cat", 1)
    await settle()
    assert list(scene.easel.painting) == ["ann"]
    assert await scene.paint_everything() == ["ann", "bob", "cat"]


async def test_other_failures_are_passed_on_and_not_repeated(scene: Scene) -> None:
    asked = scene.ask("ann", "job")
    await settle()
    failed = Failed(job="job", reason=Reason.MEMORY, detail="Too large.")
    scene.easel.say(failed)
    await settle()
    assert asked.events == [Started(job="job", attempt=1), failed]


async def test_a_count_that_cannot_be_written_fails_that_job_only(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    asked = scene.ask("ann", "unwritable")
    after = scene.ask("bob", "after")
    await settle()
    assert isinstance(failed := asked.events[-1], Failed)
    assert failed.reason is Reason.INTERNAL
    assert after.kinds[-1] == "Started"
    assert "disk full" in caplog.text


# With a real child ------------------------------------------------------------------------


async def test_a_poisonous_job_costs_the_innocent_nothing(tmp_path: Path) -> None:
    attempts = Attempts()
    async with (
        Generator(WorkerOptions(), target=children.paints, pause=0.01) as generator,
        Queue(generator, begin=attempts.begin) as queue,
    ):
        poison = Follower(queue.resubmit("ann", paint("poison", prompt="poison", out=tmp_path)))
        others = [Follower(queue.resubmit(m, paint(m, count=1, out=tmp_path))) for m in "bcd"]
        for one in (poison, *others):
            await one.task
    assert poison.kinds[-1] == "Failed"
    assert attempts.of["poison"] == 3
    assert all(one.kinds[-1] == "Finished" for one in others)
    assert all(attempts.of[member] <= 2 for member in "bcd")


@pytest.mark.parametrize(
    ("jobs", "deaths"), [(6, 3), pytest.param(24, 20, marks=[pytest.mark.slow])]
)
@pytest.mark.timeout(600)
async def test_killed_at_random_in_mid_job_every_job_is_done_once(
    tmp_path: Path, jobs: int, deaths: int
) -> None:
    chance = random.Random(deaths)
    attempts = Attempts()
    kills, killed = 0, 0
    async with (
        Generator(WorkerOptions(), target=children.paints, pause=0.01) as generator,
        Queue(generator, begin=attempts.begin) as queue,
    ):
        followers = {}
        for number in range(jobs):
            (out := tmp_path / f"job{number}").mkdir()
            request = paint(f"job{number}", prompt=f"shape {number}", count=2, out=out)
            followers[request.job] = Follower(queue.resubmit(number % 4, request))
        while kills < deaths:
            child = await newborn(killed)
            steps = steps_heard(followers)
            while steps_heard(followers) == steps:  # noqa: ASYNC110 - any of many may be told
                await asyncio.sleep(0.002)
            await asyncio.sleep(chance.uniform(0, 0.15))
            running = [job for job, one in followers.items() if not one.task.done()]
            assert running, "everything was done before there were deaths enough"
            # a third death would end the job for good, as it should
            if not any(attempts.of[job] == 3 for job in running):
                os.kill(child, signal.SIGKILL)
                killed = child
                kills += 1
        await asyncio.gather(*(one.task for one in followers.values()))
    for job, one in followers.items():
        assert [kind for kind in one.kinds if kind in {"Finished", "Failed"}] == ["Finished"]
        finished = one.events[-1]
        assert isinstance(finished, Finished)
        assert finished.job == job
        for number, picture in enumerate(finished.pictures):
            words = f"shape {job[3:]} {number}".encode()
            assert picture.path
            assert picture.path.read_bytes() == words * 1000
    assert sum(attempts.of.values()) >= jobs + deaths


async def newborn(killed: int) -> int:
    """The process of the child that came after the one that was killed."""
    while True:
        for process in multiprocessing.active_children():
            if process.pid and process.pid != killed:
                return process.pid
        await asyncio.sleep(0.002)


def steps_heard(followers: dict[str, Follower]) -> int:
    return sum(one.kinds.count("Progress") for one in followers.values())
