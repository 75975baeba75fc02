"""Supervision: whatever becomes of the child, every job learns how it ended."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from generation.process.pipe import Target, exit_in_words
from generation.process.supervisor import Generator
from generation.protocol.events import Failed, Finished, Progress, Reason
from generation.protocol.options import WorkerOptions
from generation.protocol.requests import Paint
from tests.generation import children
from tests.generation.supervision import child_pid, events_of, generator_of

# Dying ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (children.kills_itself, "The generator was killed by SIGKILL."),
        (children.exits, "The generator ended with exit code 3."),
        (children.dies_mid_message, "The generator was killed by SIGKILL."),
    ],
)
async def test_a_death_fails_the_job_and_says_how_the_child_ended(
    request_of: Callable[..., Paint], target: Target, words: str
) -> None:
    async with generator_of(target) as generator:
        await generator.ready()
        events = await events_of(generator.submit(request_of()))
    assert events[-1] == Failed(job="job", reason=Reason.CRASHED, detail=words)
    assert sum(isinstance(event, Failed) for event in events) == 1


async def test_every_job_that_the_child_had_fails_and_the_next_is_painted(
    request_of: Callable[..., Paint],
) -> None:
    async with generator_of(children.paints) as generator:
        await generator.ready()
        requests = [request_of(f"job{n}", steps=10_000) for n in range(4)]
        followed = [asyncio.create_task(events_of(generator.submit(one))) for one in requests]
        await asyncio.sleep(0.1)
        os.kill(child_pid(), signal.SIGKILL)
        for events in await asyncio.gather(*followed):
            assert isinstance(event := events[-1], Failed)
            assert event.reason is Reason.CRASHED
        events = await events_of(generator.submit(request_of("another", steps=1)))
    assert isinstance(events[-1], Finished)


async def test_a_death_is_noticed_at_once(request_of: Callable[..., Paint]) -> None:
    async with generator_of(children.paints) as generator:
        lapses = []
        for attempt in range(5):
            await generator.ready()
            async for event in generator.submit(request_of(f"job{attempt}", steps=10_000)):
                if isinstance(event, Progress) and event.step == 2:
                    os.kill(child_pid(), signal.SIGKILL)
                    killed = time.perf_counter()
            lapses.append(time.perf_counter() - killed)
    print(f"crash noticed after {1000 * min(lapses):.1f} to {1000 * max(lapses):.1f} ms")
    assert min(lapses) < 0.5


async def test_half_a_message_does_not_hold_up_the_loop(
    request_of: Callable[..., Paint], tmp_path: Path
) -> None:
    async with generator_of(children.pauses_mid_message, tmp_path) as generator:
        await generator.ready()
        following = asyncio.create_task(events_of(generator.submit(request_of())))
        await asyncio.sleep(0.2)
        assert not following.done()
        (tmp_path / "go on").touch()  # which a loop that waits for the rest would never reach
        events = await following
    assert isinstance(event := events[-1], Failed)
    assert event.detail == "y" * 10_000


async def test_a_child_that_says_no_message_at_all_is_replaced(
    request_of: Callable[..., Paint],
) -> None:
    async with generator_of(children.talks_gibberish, patience=0.2) as generator:
        events = await events_of(generator.submit(request_of()))
    assert isinstance(event := events[-1], Failed)
    assert event.reason is Reason.CRASHED


async def test_a_child_that_lets_go_of_the_pipe_is_ended_and_replaced(
    request_of: Callable[..., Paint],
) -> None:
    async with generator_of(children.lets_go_of_the_pipe, patience=0.2) as generator:
        events = await events_of(generator.submit(request_of()))
        assert isinstance(event := events[-1], Failed)
        assert event.detail == "The generator was killed by SIGKILL."
        await generator.ready()


async def test_a_flood_of_words_reaches_its_job_and_nobody_else(
    request_of: Callable[..., Paint],
) -> None:
    async with generator_of(partial(children.babbles, words=5000)) as generator:
        await generator.ready()
        first = asyncio.create_task(events_of(generator.submit(request_of("first"))))
        turns = 0
        while not first.done():
            await asyncio.sleep(0)
            turns += 1
        assert turns > 10  # others had their turn on the loop meanwhile
        second = await events_of(generator.submit(request_of("second")))
    assert len(first.result()) == len(second) == 5001
    assert isinstance(first.result()[-1], Finished)


def test_an_end_is_put_into_words() -> None:
    assert exit_in_words(0) == "ended by itself"
    assert exit_in_words(1) == "ended with exit code 1"
    assert exit_in_words(-signal.SIGSEGV) == "was killed by SIGSEGV"
    assert exit_in_words(-63) == "was killed by signal 63"
    assert exit_in_words(None) == "did not end, even when killed"


# Stuck ------------------------------------------------------------------------------------


async def test_a_stuck_child_holds_up_nobody_and_is_killed_in_the_end(
    request_of: Callable[..., Paint],
) -> None:
    async with generator_of(children.hangs, patience=0.3) as generator:
        await generator.ready()

        async def ask_and_go(number: int) -> None:
            stream = generator.submit(request_of(f"job{number}", prompt="x" * 1_000_000))
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(anext(stream), 0.2)

        # far more than its pipe holds: a write that waited for it would never return
        await asyncio.gather(*(ask_and_go(number) for number in range(8)))
        left = asyncio.create_task(events_of(generator.submit(request_of("left"))))
        await asyncio.sleep(0)
        pid = child_pid()
        before = time.perf_counter()
    assert time.perf_counter() - before < 20
    assert await left == [
        Failed(job="left", reason=Reason.CRASHED, detail="The generator was killed by SIGKILL.")
    ]
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_a_child_that_has_work_and_is_silent_is_ended_and_replaced(
    request_of: Callable[..., Paint], tmp_path: Path
) -> None:
    async with generator_of(
        children.hangs_in_its_first_life, tmp_path, silence=0.3, patience=0.1
    ) as generator:
        (*_, failed) = await events_of(generator.submit(request_of()))
        assert isinstance(failed, Failed)
        assert failed.reason is Reason.CRASHED
        (*_, finished) = await events_of(generator.submit(request_of("again")))
        assert isinstance(finished, Finished)


async def test_a_child_without_work_may_be_silent(request_of: Callable[..., Paint]) -> None:
    async with generator_of(children.paints, silence=0.1) as generator:
        await generator.ready()
        before = child_pid()
        await asyncio.sleep(0.5)
        assert child_pid() == before


async def test_leaving_while_the_child_starts_leaves_no_process(tmp_path: Path) -> None:
    for pause in (0.0, 0.01, 0.05):
        async with generator_of(children.paints, patience=0.5):
            await asyncio.sleep(pause)


async def test_an_impatient_exit_still_leaves_no_process() -> None:
    generator = Generator(WorkerOptions(), target=children.hangs, patience=60)
    leaving = asyncio.create_task(enter_and_leave(generator))
    await asyncio.sleep(0.5)
    for _ in range(2):  # as when Ctrl-C is pressed twice
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await asyncio.sleep(0.05)
    with pytest.raises(asyncio.CancelledError):
        await leaving
    for child in multiprocessing.active_children():
        await asyncio.to_thread(child.join, 5)
    assert multiprocessing.active_children() == []


async def enter_and_leave(generator: Generator) -> None:
    async with generator:
        await generator.ready()
