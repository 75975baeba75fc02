"""The queue: everyone gets a turn, and nobody waits without knowing."""

from __future__ import annotations

import asyncio

import pytest

from generation.process.places import QueueFull
from generation.process.queue import Queue
from generation.protocol.events import Cancelled, Finished, Progress, Queued, Started, Terminal
from tests.generation.queue_scene import Attempts, Easel, Follower, Scene, paint, settle

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


# Attempts that are given back --------------------------------------------------------------


async def test_leaving_the_queue_gives_attempts_back() -> None:
    easel, attempts = Easel(), Attempts()
    async with Queue(easel, begin=attempts.begin, give_back=attempts.give_back) as queue:
        Scene(queue, easel, attempts).ask("ann", "job")
        await settle()
        assert attempts.of["job"] == 1
    assert attempts.of["job"] == 0


async def test_a_stop_while_an_attempt_is_counted_gives_it_back() -> None:
    easel, attempts = Easel(), Attempts()
    attempts.gate.clear()
    async with Queue(easel, begin=attempts.begin, give_back=attempts.give_back) as queue:
        Scene(queue, easel, attempts).ask("ann", "job")
        await settle()
        asyncio.get_running_loop().call_later(0.05, attempts.gate.set)
    assert attempts.order == ["job"]
    assert attempts.of["job"] == 0


async def test_a_cancelled_attempt_is_given_back_and_a_finished_one_is_not() -> None:
    easel, attempts = Easel(), Attempts()
    async with Queue(easel, begin=attempts.begin, give_back=attempts.give_back) as queue:
        scene = Scene(queue, easel, attempts)
        scene.ask("ann", "cancelled")
        await settle()
        await queue.cancel("cancelled")
        await settle()
        scene.ask("ann", "finished")
        await settle()
        easel.finish("finished")
        await settle()
    assert attempts.of == {"cancelled": 0, "finished": 1}
