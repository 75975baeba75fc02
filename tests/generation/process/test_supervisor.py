"""Supervision: jobs are painted and cancelled through a process of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing

import pytest

from generation.protocol.events import Cancelled, Event, Failed, Finished, Progress
from generation.protocol.requests import Paint
from tests.generation import children
from tests.generation.supervision import events_of, generator_of

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
