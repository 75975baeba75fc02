"""Supervision: children that do not get ready, and what a child shares with its parent."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from generation.process.pipe import Target
from generation.process.supervisor import GeneratorFailed
from generation.protocol.events import Failed, Finished, Reason
from generation.protocol.requests import Paint
from tests.generation import children
from tests.generation.supervision import child_pid, events_of, generator_of

# Not getting ready ------------------------------------------------------------------------


@pytest.mark.parametrize("target", [children.fails_to_load, children.fails_to_load_and_lingers])
async def test_a_model_that_cannot_be_loaded_is_said_at_once_and_everywhere(
    request_of: Callable[..., Paint], target: Target, caplog: pytest.LogCaptureFixture
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
    assert "teapot" not in caplog.text  # it is for whoever waits, once


async def test_a_fault_of_ours_at_the_start_is_one_more_start_that_failed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    # Cannot be pickled, and so not be sent to a child.
    async with generator_of(lambda _, __: None, max_restarts=2, pause=0.01) as generator:
        with pytest.raises(GeneratorFailed, match="died 3 times in a row; last, it could not be"):
            await asyncio.wait_for(generator.ready(), 20)
    assert "cannot be started" in caplog.text


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
from generation.process.supervisor import Generator
from generation.protocol.options import WorkerOptions
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
    """Return True if a process runs; False if it has ended but was not waited for."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"


def test_supervising_needs_nothing_but_the_standard_library() -> None:
    code = (
        "import sys, generation.process.supervisor, generation.process.queue\n"
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
