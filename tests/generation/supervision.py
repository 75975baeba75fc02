"""A supervised generator for tests, and what comes of it."""

from __future__ import annotations

import multiprocessing
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from generation.process.pipe import Target
from generation.process.supervisor import Generator
from generation.protocol.events import Event
from generation.protocol.options import WorkerOptions


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
