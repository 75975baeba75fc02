"""Puts the parts together: storage, generator, queue, client, each inside the one before."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from bot.client import Konomi
from bot.host.heartbeat import keep_beating
from bot.host.logs import set_up_logging
from bot.host.periodic import forget_records, run_periodically
from bot.settings import Settings
from generation.process.queue import Painter, Queue
from generation.process.supervisor import Generator, GeneratorFailed
from generation.protocol.options import WorkerOptions
from storage.store import Store, open_store

log = logging.getLogger(__name__)

GIGABYTE = 10**9
MINUTE, HOUR = 60.0, 3600.0


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """What a client is built on."""

    store: Store
    generator: Generator
    queue: Queue


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Opened]:
    """Open the data folder, start the generator and the queue before it."""
    options = worker_options(settings)
    async with (
        open_store(settings.data_dir) as store,
        Generator(options) as generator,
        create_queue(settings, store, generator) as queue,
    ):
        yield Opened(store=store, generator=generator, queue=queue)


def worker_options(settings: Settings) -> WorkerOptions:
    """How the generator is set up."""
    return WorkerOptions(
        model=settings.model,
        device=settings.device,
        threads=settings.threads,
        editor=settings.editor,
        safety_checker=settings.safety_checker,
        precision=settings.precision,
        compiled=settings.compile,
        vae_slicing=settings.vae_slicing,
        vae_tiling=settings.vae_tiling,
        offload=settings.offload,
        memory_limit_mb=settings.memory_limit_mb,
    )


def create_queue(
    settings: Settings, store: Store, painter: Painter, kind: type[Queue] = Queue
) -> Queue:
    """The queue as the host has set it up, counting attempts in the store."""

    async def begin(job: str) -> int:
        return await store.jobs.begin(int(job))

    return kind(
        painter,
        begin=begin,
        waiting_per_member=settings.waiting_per_member,
        waiting=settings.waiting,
        pictures_together=settings.pictures_together,
    )


def create_client(settings: Settings, parts: Opened, *, queue: Queue | None = None) -> Konomi:
    """The bot on top of `parts`; `queue` replaces theirs."""
    generator = parts.generator
    return Konomi(
        settings=settings,
        store=parts.store,
        queue=queue or parts.queue,
        model=lambda: generator.model,
    )


async def run_bot(settings: Settings) -> None:
    """Run until told to stop."""
    token = settings.discord_token
    if token is None:
        raise ValueError("there is no token to log in with")
    set_up_logging(settings.log_level)
    async with opened(settings) as parts, create_client(settings, parts) as client:
        forget_records(settings.data_dir)
        tasks = [
            asyncio.create_task(keep_beating(settings.data_dir), name="heartbeat"),
            asyncio.create_task(make_room(settings, parts.store), name="making room"),
            asyncio.create_task(
                watch(parts.generator, settings.data_dir), name="watching the generator"
            ),
        ]
        try:
            await client.start(token.get_secret_value())
        finally:
            for task in tasks:
                task.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.gather(*tasks, return_exceptions=True)


async def make_room(settings: Settings, store: Store) -> None:
    """Every hour, remove pictures that are past their time or over the limit of the disk."""

    async def prune() -> None:
        await store.prune(
            disk_limit_bytes=int(settings.disk_limit_gb * GIGABYTE),
            retention_days=settings.retention_days,
        )

    await run_periodically("making room", prune, every=HOUR, data_dir=settings.data_dir)


async def watch(generator: Generator, data_dir: Path) -> None:
    """Say in the log when the model can paint, or why it cannot; then try that again.

    The bot stays meanwhile: requests fail in words, and what members rate is noted.
    """
    said = ""

    async def look() -> None:
        nonlocal said
        try:
            card = await generator.ready()
            now = f"painting with {card.name} on {card.device}"
            level = logging.INFO
        except GeneratorFailed as failure:
            now, level = f"nothing can be painted: {failure}", logging.ERROR
            generator.retry()
        if now != said:
            log.log(level, "%s", now)
            said = now

    await run_periodically("watching the generator", look, every=MINUTE, data_dir=data_dir)
