"""Supervision: the bot survives whatever its child does, and always learns how a job ended."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from generation.child import Target, exit_in_words
from generation.messages import (
    Cancelled,
    Event,
    Failed,
    Finished,
    Paint,
    Progress,
    Reason,
    WorkerOptions,
)
from generation.process import Generator, GeneratorFailed
from tests.generation import children

Opened = Callable[..., Generator]


@pytest.fixture
def request_of(tmp_path: Path) -> Callable[..., Paint]:
    """Makes requests that write into the test's folder."""

    def make(job: str = "job", prompt: str = "a red circle", **more: object) -> Paint:
        out = tmp_path / job
        out.mkdir(exist_ok=True)
        return Paint(job=job, model="shapes", prompt=prompt, out=out, **more)  # type: ignore[arg-type]

    return make


@asynccontextmanager
async def generator_of(
    target: Target, folder: Path | None = None, **more: float
) -> AsyncIterator[Generator]:
    """A generator with this child, which must leave no process behind."""
    options = WorkerOptions(models_dir=folder)
    async with Generator(
        options,
        target=target,
        pause=more.pop("pause", 0.01),
        patience=more.pop("patience", 5.0),
        **more,  # type: ignore[arg-type]
    ) as generator:
        yield generator
    assert multiprocessing.active_children() == []


async def events_of(stream: AsyncIterator[Event]) -> list[Event]:
    return [event async for event in stream]


def child_pid() -> int:
    (child,) = multiprocessing.active_children()
    assert child.pid
    return child.pid


# Painting ---------------------------------------------------------------------------------


async def test_a_job_shows_progress_and_ends_in_its_pictures(
    request_of: Callable[..., Paint],
) -> None:
    async with generator_of(children.paints) as generator:
        assert generator.model is None
        assert await generator.ready() == children.CARD
        events = await events_of(generator.submit(request_of(steps=3, count=2)))
    assert events[:-1] == [Progress(job="job", step=step, steps=3) for step in (1, 2, 3)]
    assert isinstance(finished := events[-1], Finished)
    assert all(picture.path and picture.path.exists() for picture in finished.pictures)


async def test_what_is_asked_before_the_child_is_ready_is_painted_when_it_is(
    request_of: Callable[..., Paint],
) -> None:
    async with generator_of(children.paints) as generator:
        events = await events_of(generator.submit(request_of(steps=1)))
    assert isinstance(events[-1], Finished)


async def test_several_jobs_are_painted_side_by_side(request_of: Callable[..., Paint]) -> None:
    async with generator_of(children.paints) as generator:
        streams = [generator.submit(request_of(f"job{n}", steps=3)) for n in range(5)]
        ends = await asyncio.gather(*(events_of(stream) for stream in streams))
    assert [events[-1].job for events in ends] == [f"job{n}" for n in range(5)]
    assert all(isinstance(events[-1], Finished) for events in ends)


@pytest.mark.parametrize("length", [0, 1, 16_300, 16_384, 16_400, 70_000, 3_000_000])
async def test_messages_of_any_length_pass_both_ways(
    request_of: Callable[..., Paint], length: int
) -> None:
    async with generator_of(children.says_how_long_the_prompt_is) as generator:
        (event,) = await events_of(generator.submit(request_of(prompt="x" * length)))
    assert isinstance(event, Failed)
    assert event.detail == "x" * length


# Cancelling -------------------------------------------------------------------------------


async def test_a_cancelled_job_ends_as_cancelled(request_of: Callable[..., Paint]) -> None:
    async with generator_of(children.paints) as generator:
        events: list[Event] = []
        async for event in generator.submit(request_of(steps=10_000)):
            events.append(event)
            if len(events) == 2:
                await generator.cancel("job")
    assert events[-1] == Cancelled(job="job")


async def test_a_job_is_cancelled_before_the_child_is_ready(
    request_of: Callable[..., Paint],
) -> None:
    async with generator_of(children.hangs, patience=0.2) as generator:
        following = asyncio.create_task(events_of(generator.submit(request_of())))
        await asyncio.sleep(0)
        await generator.cancel("job")
        assert await following == [Cancelled(job="job")]


async def test_closing_the_iterator_cancels_the_job_in_the_child(
    request_of: Callable[..., Paint],
) -> None:
    async with generator_of(children.paints) as generator:
        async with aclosing(generator.submit(request_of(steps=10_000))) as stream:
            await anext(stream)
        again = await events_of(generator.submit(request_of(steps=1)))
    assert isinstance(again[-1], Finished)  # the child paints it only once the first is over


async def test_the_last_words_of_a_job_that_nobody_follows_are_not_taken_for_its_next_run(
    request_of: Callable[..., Paint],
) -> None:
    async with generator_of(children.paints_until_stopped_late) as generator:
        async with aclosing(generator.submit(request_of())) as stream:
            await anext(stream)
        again = await events_of(generator.submit(request_of(prompt="short")))
    assert [type(event) for event in again] == [Finished]


async def test_cancelling_what_is_not_there_does_nothing(
    request_of: Callable[..., Paint],
) -> None:
    async with generator_of(children.answers_at_once) as generator:
        await generator.cancel("no such job")
        await events_of(generator.submit(request_of()))
        await generator.cancel("job")


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
        assert event.detail == "The generator was killed by SIGTERM."
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
    assert exit_in_words(None) == "does not end, not even when killed"


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


# Not getting ready ------------------------------------------------------------------------


@pytest.mark.parametrize("target", [children.fails_to_load, children.fails_to_load_and_lingers])
async def test_a_model_that_cannot_be_loaded_is_said_at_once_and_everywhere(
    request_of: Callable[..., Paint], target: Target
) -> None:
    async with generator_of(target, patience=0.2) as generator:
        early = asyncio.create_task(events_of(generator.submit(request_of("early"))))
        with pytest.raises(GeneratorFailed, match="There is no model called teapot"):
            await generator.ready()
        assert multiprocessing.active_children() == []
        late = await events_of(generator.submit(request_of("late")))
        detail = "There is no model called teapot."
        assert await early == [Failed(job="early", reason=Reason.MODEL, detail=detail)]
        assert late == [Failed(job="late", reason=Reason.MODEL, detail=detail)]


async def test_retrying_starts_anew_once_the_cause_is_gone(
    request_of: Callable[..., Paint], tmp_path: Path
) -> None:
    async with generator_of(children.fails_to_load, tmp_path) as generator:
        with pytest.raises(GeneratorFailed):
            await generator.ready()
        (tmp_path / "present").touch()
        generator.retry()
        generator.retry()  # once more does nothing
        assert await generator.ready() == children.CARD
        events = await events_of(generator.submit(request_of(steps=1)))
    assert isinstance(events[-1], Finished)


async def test_a_model_that_was_loaded_before_is_tried_again_until_it_loads(
    request_of: Callable[..., Paint], tmp_path: Path
) -> None:
    (tmp_path / "present").touch()
    async with generator_of(children.fails_to_load, tmp_path, max_restarts=50) as generator:
        await generator.ready()
        (tmp_path / "present").unlink()
        os.kill(child_pid(), signal.SIGKILL)
        following = asyncio.create_task(events_of(generator.submit(request_of(steps=1))))
        await asyncio.sleep(1)
        (tmp_path / "present").touch()
        events = await following
        if isinstance(events[-1], Failed):  # it was handed over before the death was noticed
            events = await events_of(generator.submit(request_of(steps=1)))
    assert isinstance(events[-1], Finished)


async def test_a_child_that_dies_over_and_over_is_given_up(
    request_of: Callable[..., Paint], tmp_path: Path
) -> None:
    async with generator_of(children.dies_while_loading, tmp_path, max_restarts=2) as generator:
        early = asyncio.create_task(events_of(generator.submit(request_of())))
        with pytest.raises(GeneratorFailed, match=r"died 3 times in a row; .* SIGSEGV"):
            await generator.ready()
        assert isinstance(event := (await early)[-1], Failed)
        assert event.reason is Reason.MODEL
    assert (tmp_path / "lives").read_text() == "xxx"


async def test_a_job_waits_through_deaths_at_the_start(
    request_of: Callable[..., Paint], tmp_path: Path
) -> None:
    async with generator_of(children.dies_in_its_first_lives, tmp_path) as generator:
        events = await events_of(generator.submit(request_of(steps=1)))
    assert isinstance(events[-1], Finished)
    assert (tmp_path / "lives").read_text() == "xx"


async def test_a_job_brought_to_its_end_resets_the_count_of_deaths(
    request_of: Callable[..., Paint],
) -> None:
    async with generator_of(children.paints, max_restarts=1) as generator:
        for number in range(3):
            poison = request_of(f"poison{number}", prompt="poison", steps=10)
            assert isinstance((await events_of(generator.submit(poison)))[-1], Failed)
            good = request_of(f"good{number}", steps=1)
            assert isinstance((await events_of(generator.submit(good)))[-1], Finished)


# The terminal, the parent, the imports ----------------------------------------------------


async def test_an_interrupt_does_not_end_the_child(request_of: Callable[..., Paint]) -> None:
    async with generator_of(children.paints) as generator:
        while not (born := multiprocessing.active_children()):  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0)
        assert born[0].pid
        while not generator.model:  # from its birth on
            os.kill(born[0].pid, signal.SIGINT)
            await asyncio.sleep(0.005)
        os.kill(born[0].pid, signal.SIGINT)
        events = await events_of(generator.submit(request_of(steps=2)))
        assert isinstance(events[-1], Finished)
        assert multiprocessing.active_children() == born


PARENT = """
import asyncio, multiprocessing
from generation.messages import WorkerOptions
from generation.process import Generator
from tests.generation import children

async def main():
    async with Generator(WorkerOptions(), target=children.hangs) as generator:
        await generator.ready()
        print(multiprocessing.active_children()[0].pid, flush=True)
        await asyncio.sleep(1000)

asyncio.run(main())
"""


def test_the_child_dies_with_its_parent() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        pid = int(parent.stdout.readline())
        os.kill(pid, 0)
        parent.kill()
    deadline = time.monotonic() + 10
    while is_alive(pid):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended but was not waited for does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"


def test_supervising_needs_nothing_but_the_standard_library() -> None:
    code = (
        "import sys, generation.process, generation.queue\n"
        "heavy = {'torch', 'diffusers', 'transformers', 'numpy', 'PIL', 'discord'}\n"
        "assert not heavy & sys.modules.keys(), sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


async def test_the_child_answers_in_a_blink(request_of: Callable[..., Paint]) -> None:
    async with generator_of(children.answers_at_once) as generator:
        await generator.ready()
        lapses = []
        for number in range(300):
            request = request_of(f"job{number}")
            before = time.perf_counter()
            await events_of(generator.submit(request))
            lapses.append(time.perf_counter() - before)
    print(
        f"answered in {1e6 * sorted(lapses)[150]:.0f} µs (median), {1e6 * min(lapses):.0f} (best)"
    )
    assert sorted(lapses)[150] < 0.1
