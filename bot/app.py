"""The running bot: its client, and the tasks beside it that make room, take up jobs and watch."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

from bot.actions.rules import needs_age_restriction
from bot.client import Konomi
from bot.composition import create_client, opened
from bot.host.checker_checks import remark_on_checker
from bot.host.heartbeat import keep_beating
from bot.host.logs import set_up_logging
from bot.host.periodic import forget_records, run_periodically
from bot.host.training_notes import TrainingNote, write_notes
from bot.jobs.recovery import SWEEP_SECONDS
from bot.services import Services
from bot.settings import Settings
from generation.process.supervisor import Generator, GeneratorFailed
from storage.store import Store

log = logging.getLogger(__name__)

GIGABYTE = 10**9
MINUTE, HOUR = 60.0, 3600.0
CANCEL_SECONDS = 1.0
"""Time after which a task that goes on is cancelled again."""


async def run_bot(settings: Settings) -> None:
    """Run the bot until it is stopped."""
    token = settings.discord_token
    if token is None:
        raise ValueError("there is no token to log in with")
    set_up_logging(settings.log_level)
    async with opened(settings) as parts, create_client(settings, parts) as client:
        forget_records(settings.data_dir)
        tasks = [
            asyncio.create_task(keep_beating(settings.data_dir), name="heartbeat"),
            asyncio.create_task(make_room(settings, parts.store), name="making room"),
            asyncio.create_task(take_up_jobs(client, settings.data_dir), name="taking up jobs"),
            asyncio.create_task(watch(parts.generator, settings), name="watching the generator"),
            asyncio.create_task(
                note_trainings(client, settings.data_dir), name="noting what trains"
            ),
        ]
        try:
            await until_cancelled(client.start(token.get_secret_value()))
        finally:
            for task in tasks:
                task.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.gather(*tasks, return_exceptions=True)


async def until_cancelled(work: Coroutine[Any, Any, None]) -> None:
    """Await `work`; a cancellation is repeated until it ends.

    Python 3.11's `asyncio.wait_for`, by which discord.py connects, can swallow one (bpo-37658): the
    bot would go on after it was told to stop.
    """
    task = asyncio.create_task(work)
    try:
        await asyncio.wait([task])
    except asyncio.CancelledError:
        while not task.done():
            task.cancel()
            await asyncio.wait([task], timeout=CANCEL_SECONDS)
        with suppress(asyncio.CancelledError):
            await task
        raise
    await task


async def make_room(settings: Settings, store: Store) -> None:
    """Every hour, remove pictures that are past their time or over the limit of the disk."""

    async def prune() -> None:
        await store.prune(
            disk_limit_bytes=int(settings.disk_limit_gb * GIGABYTE),
            retention_days=settings.retention_days,
        )

    await run_periodically("making room", prune, every=HOUR, data_dir=settings.data_dir)


async def take_up_jobs(client: Konomi, data_dir: Path) -> None:
    """Every few seconds, take up jobs that nobody sees to; an earlier run's once logged in."""

    async def sweep() -> None:
        if client.is_logged_in:
            await client.services.recovery.sweep()
            await client.services.dataset_cards.take_up()

    await run_periodically("taking up jobs", sweep, every=SWEEP_SECONDS, data_dir=data_dir)


async def note_trainings(client: Konomi, data_dir: Path) -> None:
    """Every minute, note what trains, for `doctor`."""

    async def look() -> None:
        if client.is_logged_in:
            cards = await trainings_under_way(client.services)
            await asyncio.to_thread(write_notes, data_dir, cards)

    await run_periodically("noting what trains", look, every=MINUTE, data_dir=data_dir)


async def trainings_under_way(services: Services) -> list[TrainingNote]:
    """Return the trainings under way in all servers, oldest first."""
    notes = []
    for job_id in await services.training_control.under_way():
        card = await services.training_cards.read(job_id, services.training_jobs.standing(job_id))
        if card is not None:
            notes.append(
                TrainingNote(
                    job_id=job_id,
                    name=card.name,
                    member_id=card.job.member_id,
                    server_id=card.job.server_id,
                    since=card.job.created_at,
                    step=card.step,
                    steps=card.steps,
                    state="paused" if card.training.paused else card.job.state.value,
                )
            )
    return notes


async def watch(generator: Generator, settings: Settings) -> None:
    """Say in the log when the model can paint and what checks it, or why not; then try again.

    The bot stays meanwhile: requests fail in words, and what members rate is noted.
    """
    said = ""

    async def look() -> None:
        nonlocal said
        try:
            card = await generator.ready()
            now = f"painting with {card.name} on {card.device}"
            level = logging.INFO
            unchecked = needs_age_restriction(settings.model, card)
            remark = remark_on_checker(card, settings, unchecked=unchecked)
        except GeneratorFailed as failure:
            now, level, remark = f"nothing can be painted: {failure}", logging.ERROR, None
            generator.retry()
        if now != said:
            log.log(level, "%s", now)
            if remark is not None:
                log.log(*remark)
            said = now

    await run_periodically("watching the generator", look, every=MINUTE, data_dir=settings.data_dir)
