"""The queue: everyone gets a turn, nobody waits without knowing, a crash costs nobody their job."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import multiprocessing
import os
import random
import signal
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path
from typing import cast

import pytest

from generation.messages import (
    Cancelled,
    Event,
    Failed,
    Finished,
    Paint,
    Progress,
    Queued,
    Reason,
    Started,
    Terminal,
    WorkerOptions,
)
from generation.process import Generator
from generation.queue import Queue, QueueFull
from tests.generation import children


def paint(job: str, *, count: int = 4, prompt: str = "", out: Path = Path()) -> Paint:
    return Paint(job=job, model="shapes", prompt=prompt, count=count, steps=20, out=out)


async def settle() -> None:
    """Let everything that can happen now happen."""
    for _ in range(30):
        await asyncio.sleep(0)


class Easel:
    """A painter in this process, which paints, finishes and dies as the test says."""

    def __init__(self) -> None:
        self.given: list[str] = []
        self.painting: dict[str, Paint] = {}
        self.told: dict[str, asyncio.Queue[Event]] = {}
        self.deaf = False

    async def submit(self, request: Paint) -> AsyncIterator[Event]:
        assert request.job not in self.painting
        self.given.append(request.job)
        self.painting[request.job] = request
        told = self.told[request.job] = asyncio.Queue()
        try:
            while True:
                event = await told.get()
                yield event
                if isinstance(event, Terminal):
                    return
        finally:
            self.painting.pop(request.job, None)

    async def cancel(self, job: str) -> None:
        if not self.deaf:
            self.say(Cancelled(job=job))

    def say(self, event: Event) -> None:
        if event.job in self.painting:
            self.told[event.job].put_nowait(event)
            if isinstance(event, Terminal):
                del self.painting[event.job]

    def finish(self, job: str) -> None:
        self.say(Finished(job=job, pictures=(), seconds=0.0))

    def crash(self) -> None:
        for job in list(self.painting):
            self.say(Failed(job=job, reason=Reason.CRASHED, detail="The generator was killed."))


class Attempts:
    """The durable count of attempts, as the database keeps it."""

    def __init__(self) -> None:
        self.of: Counter[str] = Counter()
        self.order: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def begin(self, job: str) -> int:
        await self.gate.wait()
        if job == "unwritable":
            raise OSError("disk full")
        self.of[job] += 1
        self.order.append(job)
        return self.of[job]


class Follower:
    """Someone who follows a job, and what they were told."""

    def __init__(self, stream: AsyncIterator[Event]) -> None:
        self.events: list[Event] = []
        self.stream = stream
        self.task = asyncio.create_task(self._follow())

    async def _follow(self) -> None:
        async for event in self.stream:
            self.events.append(event)

    async def leave(self) -> None:
        self.task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.task

    @property
    def kinds(self) -> list[str]:
        return [type(event).__name__ for event in self.events]


@dataclasses.dataclass
class Scene:
    """A queue over an easel, with the count of attempts."""

    queue: Queue
    easel: Easel
    attempts: Attempts

    def ask(self, member: str, job: str, count: int = 4) -> Follower:
        return Follower(self.queue.reserve(member, limit=100).submit(paint(job, count=count)))

    async def paint_everything(self) -> list[str]:
        """Finish whatever is painted until nothing is; returns the order of service."""
        while self.easel.painting:
            self.easel.finish(next(iter(self.easel.painting)))
            await settle()
        return self.easel.given


@pytest.fixture
async def scene() -> AsyncGenerator[Scene]:
    easel, attempts = Easel(), Attempts()
    async with Queue(easel, begin=attempts.begin, pictures_together=4) as queue:
        yield Scene(queue, easel, attempts)


# Turns ------------------------------------------------------------------------------------


async def test_a_lone_job_starts_at_once_and_is_followed_to_its_end(scene: Scene) -> None:
    asked = scene.ask("ann", "job")
    await settle()
    scene.easel.say(Progress(job="job", step=1, steps=2))
    scene.easel.finish("job")
    await asked.task
    assert asked.events == [
        Started(job="job", attempt=1),
        Progress(job="job", step=1, steps=2),
        Finished(job="job", pictures=(), seconds=0.0),
    ]


async def test_ten_members_with_many_jobs_are_served_in_turn(scene: Scene) -> None:
    for member in "abcdefghij":
        for number in range(3):
            scene.ask(member, f"{member}{number}")
    await settle()
    order = await scene.paint_everything()
    assert order == [f"{member}{number}" for number in range(3) for member in "abcdefghij"]


async def test_a_newcomer_goes_before_those_who_had_a_turn_already(scene: Scene) -> None:
    for number in range(5):
        scene.ask("ann", f"ann{number}")
    await settle()
    scene.ask("bob", "bob0")
    await settle()
    assert await scene.paint_everything() == ["ann0", "bob0", "ann1", "ann2", "ann3", "ann4"]


async def test_a_turn_of_long_ago_is_forgotten_once_nothing_is_left_to_do(scene: Scene) -> None:
    scene.ask("ann", "ann0")
    await settle()
    await scene.paint_everything()
    for member, job in [("cat", "cat0"), ("ann", "ann1"), ("bob", "bob0")]:
        scene.ask(member, job)
        await settle()
    assert await scene.paint_everything() == ["ann0", "cat0", "ann1", "bob0"]


async def test_everyone_is_told_their_place_whenever_it_changes(scene: Scene) -> None:
    scene.ask("ann", "running")
    second = scene.ask("ann", "second")
    third = scene.ask("ann", "third")
    await settle()
    bob = scene.ask("bob", "bob")
    await settle()
    assert second.events == [Queued(job="second", position=1), Queued(job="second", position=2)]
    assert third.events == [Queued(job="third", position=2), Queued(job="third", position=3)]
    assert bob.events == [Queued(job="bob", position=1)]
    waiting = [(one.job, one.member, one.position) for one in scene.queue.waiting()]
    assert waiting == [("bob", "bob", 1), ("second", "ann", 2), ("third", "ann", 3)]
    await scene.queue.cancel("second")
    await settle()
    assert second.events[-1] == Cancelled(job="second")
    places = [(one.job, one.position) for one in scene.queue.waiting()]
    assert places == [("bob", 1), ("third", 2)]
    scene.easel.finish("running")
    await settle()
    assert bob.events[-1] == Started(job="bob", attempt=1)
    assert third.events[-1] == Queued(job="third", position=1)


# Company ----------------------------------------------------------------------------------


async def test_jobs_run_together_while_their_pictures_fit() -> None:
    easel, attempts = Easel(), Attempts()
    async with Queue(easel, begin=attempts.begin, pictures_together=8) as queue:
        scene = Scene(queue, easel, attempts)
        for job, count in {"a": 4, "b": 3, "c": 4, "d": 1}.items():
            scene.ask(job, job, count)
        await settle()
        assert list(easel.painting) == ["a", "b"]  # d would fit, but c comes first
        easel.finish("a")
        await settle()
        assert list(easel.painting) == ["b", "c", "d"]


async def test_a_job_larger_than_the_bound_runs_alone(scene: Scene) -> None:
    scene.ask("ann", "small", 1)
    scene.ask("bob", "large", 8)
    scene.ask("cat", "other", 1)
    await settle()
    assert list(scene.easel.painting) == ["small"]
    scene.easel.finish("small")
    await settle()
    assert list(scene.easel.painting) == ["large"]
    scene.easel.finish("large")
    await settle()
    assert list(scene.easel.painting) == ["other"]


# Bounds -----------------------------------------------------------------------------------


async def test_one_with_fifty_requests_is_told_to_wait_and_others_are_served() -> None:
    easel, attempts = Easel(), Attempts()
    async with Queue(easel, begin=attempts.begin, pictures_together=4) as queue:
        for number in range(4):  # one runs, three wait
            Follower(queue.reserve("ann").submit(paint(f"ann{number}")))
        for _ in range(46):
            with pytest.raises(QueueFull) as caught:
                queue.reserve("ann")
            assert (caught.value.scope, caught.value.limit) == ("member", 3)
        Follower(queue.reserve("bob").submit(paint("bob")))
        await settle()
        scene = Scene(queue, easel, attempts)
        assert await scene.paint_everything() == ["ann0", "bob", "ann1", "ann2", "ann3"]


async def test_everyone_together_is_bounded_too() -> None:
    async with Queue(Easel(), begin=Attempts().begin, waiting=5) as queue:
        places = [queue.reserve(member) for member in "abcde"]
        with pytest.raises(QueueFull) as caught:
            queue.reserve("f")
        assert (caught.value.scope, caught.value.limit) == ("everyone", 5)
        places[0].release()
        queue.reserve("f")


async def test_a_place_is_held_until_it_is_used_or_released(scene: Scene) -> None:
    held = [scene.queue.reserve("ann") for _ in range(3)]
    with pytest.raises(QueueFull):
        scene.queue.reserve("ann")
    held[0].release()
    held[0].release()  # once more gives nothing back
    with scene.queue.reserve("ann") as place, pytest.raises(QueueFull):
        scene.queue.reserve("ann")
    with pytest.raises(RuntimeError):
        place.submit(paint("late"))
    with scene.queue.reserve("ann") as place:
        asked = Follower(place.submit(paint("job")))
    with pytest.raises(RuntimeError):
        place.submit(paint("twice"))
    await settle()
    assert asked.kinds == ["Started"]
    assert scene.queue.waiting() == []


async def test_a_server_may_set_its_own_limit(scene: Scene) -> None:
    scene.queue.reserve("ann", limit=1)
    with pytest.raises(QueueFull) as caught:
        scene.queue.reserve("ann", limit=1)
    assert caught.value.limit == 1
    with pytest.raises(QueueFull):
        scene.queue.reserve("bob", limit=0)


async def test_after_a_restart_no_limit_applies_and_the_old_order_holds(scene: Scene) -> None:
    for number in range(6):
        Follower(scene.queue.resubmit("ann", paint(f"ann{number}")))
    with pytest.raises(QueueFull):
        scene.queue.reserve("ann")
    await settle()
    assert await scene.paint_everything() == [f"ann{number}" for number in range(6)]


async def test_what_comes_before_the_queue_is_open_waits_for_it() -> None:
    easel = Easel()
    queue = Queue(easel, begin=Attempts().begin)
    asked = Follower(queue.resubmit("ann", paint("job")))
    await settle()
    assert asked.events == [Queued(job="job", position=1)]
    async with queue:
        await settle()
        assert asked.kinds == ["Queued", "Started"]


async def test_the_same_job_cannot_be_queued_twice(scene: Scene) -> None:
    scene.ask("ann", "job")
    with pytest.raises(ValueError, match="already"):
        scene.queue.resubmit("ann", paint("job"))


# Cancelling -------------------------------------------------------------------------------


async def test_a_waiting_job_is_cancelled_and_never_begun(scene: Scene) -> None:
    scene.ask("ann", "running")
    asked = scene.ask("ann", "job")
    await settle()
    assert await scene.queue.cancel("job") is True
    await asked.task
    assert asked.kinds == ["Queued", "Cancelled"]
    assert await scene.queue.cancel("job") is False
    assert scene.attempts.order == ["running"]


async def test_a_job_is_cancelled_while_its_attempt_is_being_counted(scene: Scene) -> None:
    scene.attempts.gate.clear()
    asked = scene.ask("ann", "job")
    after = scene.ask("bob", "after")
    await settle()
    assert await scene.queue.cancel("job") is True
    scene.attempts.gate.set()
    await settle()
    assert asked.kinds == ["Cancelled"]
    assert after.kinds == ["Queued", "Started"]
    assert scene.easel.given == ["after"]


async def test_a_running_job_is_cancelled_by_its_painter(scene: Scene) -> None:
    asked = scene.ask("ann", "job")
    after = scene.ask("bob", "after")
    await settle()
    assert await scene.queue.cancel("job") is True
    await settle()
    assert asked.kinds == ["Started", "Cancelled"]
    assert after.kinds == ["Queued", "Started"]


async def test_a_job_that_waits_for_its_next_attempt_is_cancelled(scene: Scene) -> None:
    first, second = scene.ask("ann", "first", 2), scene.ask("bob", "second", 2)
    await settle()
    scene.easel.crash()
    await settle()
    assert await scene.queue.cancel("second") is True
    await settle()
    assert second.kinds == ["Started", "Queued", "Cancelled"]
    assert list(scene.easel.painting) == ["first"]
    assert await scene.queue.cancel("first") is True
    await settle()
    assert first.kinds[-1] == "Cancelled"


async def test_a_crash_after_a_cancellation_does_not_bring_the_job_back(scene: Scene) -> None:
    scene.easel.deaf = True
    asked = scene.ask("ann", "job")
    await settle()
    await scene.queue.cancel("job")
    scene.easel.crash()
    await settle()
    assert asked.kinds == ["Started", "Cancelled"]
    assert scene.attempts.of["job"] == 1


async def test_a_job_that_finishes_before_it_hears_of_its_cancellation_is_finished(
    scene: Scene,
) -> None:
    scene.easel.deaf = True
    asked = scene.ask("ann", "job")
    await settle()
    assert await scene.queue.cancel("job") is True
    scene.easel.finish("job")
    await settle()
    assert asked.kinds == ["Started", "Finished"]


async def test_a_follower_who_leaves_takes_their_job_along_and_no_other(scene: Scene) -> None:
    running = scene.ask("ann", "running")
    waiting = scene.ask("bob", "waiting")
    last = scene.ask("cat", "last")
    await settle()
    await waiting.leave()
    await running.leave()
    await settle()
    assert scene.easel.given == ["running", "last"]
    assert last.kinds == ["Queued", "Queued", "Started"]
    scene.easel.finish("last")
    await last.task
    assert last.kinds[-1] == "Finished"


async def test_leaving_the_queue_stops_what_runs_and_promises_no_outcome() -> None:
    easel, attempts = Easel(), Attempts()
    async with Queue(easel, begin=attempts.begin, pictures_together=4) as queue:
        running = Follower(queue.resubmit("ann", paint("running")))
        waiting = Follower(queue.resubmit("ann", paint("waiting")))
        await settle()
        place = queue.reserve("bob")
    assert easel.painting == {}
    late = Follower(place.submit(paint("late")))
    for one in (running, waiting, late):
        with pytest.raises(asyncio.CancelledError):
            await one.task
        assert not any(isinstance(event, Terminal) for event in one.events)
    assert attempts.order == ["running"]
    assert queue.waiting() == []


# Crashes ----------------------------------------------------------------------------------


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


# Anything, in any order -------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(60))
async def test_whatever_happens_turns_bounds_and_endings_hold(seed: int) -> None:
    chance = random.Random(seed)
    together = chance.choice([4, 8])
    easel, attempts = Easel(), Attempts()
    followers: dict[str, Follower] = {}
    left: set[str] = set()
    crashed: set[str] = set()
    members = "abcdefghij"[: chance.randint(2, 10)]
    async with Queue(easel, begin=attempts.begin, pictures_together=together) as queue:
        for number in range(chance.randint(20, 120)):
            match chance.choices(
                ["ask", "finish", "cancel", "leave", "crash", "hold", "wait"],
                [10, 6, 2, 1, 1, 1, 4],
            )[0]:
                case "ask":
                    member = chance.choice(members)
                    job = f"{member}{number}"
                    with contextlib.suppress(QueueFull):
                        request = paint(job, count=chance.randint(1, 8))
                        followers[job] = Follower(queue.reserve(member).submit(request))
                case "finish" if easel.painting:
                    easel.finish(chance.choice(list(easel.painting)))
                case "cancel" if followers:
                    await queue.cancel(chance.choice(list(followers)))
                case "leave" if followers:
                    left.add(job := chance.choice(list(followers)))
                    await followers[job].leave()
                case "crash":
                    crashed |= easel.painting.keys()
                    easel.crash()
                case "hold":
                    attempts.gate.clear()
                case _:
                    attempts.gate.set()
                    await settle()
            await asyncio.sleep(0)
            painting = easel.painting
            pictures = sum(request.count for request in painting.values())
            assert len(painting) <= 1 or pictures <= together
            assert len(painting) <= 1 or not crashed & painting.keys()
            assert max(Counter(one.member for one in queue.waiting()).values(), default=0) <= 5
        attempts.gate.set()
        await settle()
        await Scene(queue, easel, attempts).paint_everything()
        assert queue.waiting() == []
        for job, follower in followers.items():
            if job not in left or follower.task.done():
                await follower.leave()
            ends = [event for event in follower.events if isinstance(event, Terminal)]
            assert len(ends) == 1 or job in left
            assert attempts.of[job] <= 3
        for member in members:
            first = [job for job in dict.fromkeys(attempts.order) if job[0] == member]
            assert first == sorted(first, key=lambda job: int(job[1:]))


@pytest.mark.parametrize("seed", range(20))
async def test_nobody_gets_three_turns_while_another_waits_for_one(seed: int) -> None:
    chance = random.Random(seed)
    easel, attempts = Easel(), Attempts()
    passed_over: Counter[tuple[str, str]] = Counter()  # turns of one while another waits
    served = 0
    async with Queue(easel, begin=attempts.begin, pictures_together=4) as queue:
        for number in range(300):
            member = chance.choice("aaaaabbcd")  # one asks far more than the others
            with contextlib.suppress(QueueFull):
                Follower(queue.reserve(member).submit(paint(f"{member}{number}")))
            if chance.random() < 0.6 and easel.painting:
                easel.finish(next(iter(easel.painting)))
            await settle()
            waiting = {cast("str", one.member) for one in queue.waiting()}
            for job in attempts.order[served:]:
                for other in "abcd":
                    passed_over[job[0], other] += 1
                    passed_over[other, job[0]] = 0
            served = len(attempts.order)
            for one, other in passed_over:
                if other not in waiting:
                    passed_over[one, other] = 0
            assert max(passed_over.values(), default=0) <= 2
        assert served > 100


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
