"""Follows a job's events from the acknowledgement to its end: message first, then the record."""

from __future__ import annotations

import dataclasses
import logging
import sqlite3
from collections.abc import AsyncIterator, Sequence
from typing import Any

import discord

from bot.actions.orders import Order
from bot.jobs.background import Background, task_name
from bot.jobs.channel import NOBODY, Channels, Unreachable
from bot.jobs.edit_budget import EditBudget
from bot.jobs.following import Following
from bot.jobs.results import Results
from bot.jobs.trouble import PAUSES, TROUBLE, persist
from bot.views.page import Page
from bot.views.press import Verb, custom_id
from bot.views.progress import Standing, progress_page
from generation.protocol.events import Event, Reason
from storage.records import Job, Round
from storage.store import Store

log = logging.getLogger(__name__)


class Delivery:
    """Sees each job from its first word to the message that shows its outcome."""

    def __init__(
        self,
        *,
        store: Store,
        channels: Channels,
        budget: EditBudget,
        results: Results,
        background: Background,
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        """`pauses`: seconds between tries to store an outcome while the database is away."""
        self._pauses = pauses
        self._store = store
        self._channels = channels
        self._budget = budget
        self._results = results
        self._background = background

    async def begin(self, order: Order, interaction: discord.Interaction[Any]) -> None:
        """Acknowledge a command or a press with the progress message, then have it painted."""
        if interaction.response.is_done():
            await self._begin_late(order, interaction)
            return
        job, message_id = order.job, None
        try:
            answer = await interaction.response.send_message(
                view=first_page(job, order.round), allowed_mentions=NOBODY
            )
            message_id = answer.message_id
        except TROUBLE as error:
            # Too late, or only the answer was lost: the message may or may not stand there.
            log.warning("could not acknowledge job %d: %s", job.id, error)
        await self._submit(order, message_id)

    async def _begin_late(self, order: Order, interaction: discord.Interaction[Any]) -> None:
        """Begin after a private answer was promised, because placing the order took long."""
        await self.begin_in_channel(order)
        try:
            await interaction.delete_original_response()
        except TROUBLE as error:
            log.info("a private answer was left standing: %s", error)

    async def begin_in_channel(self, order: Order, *, reply_to: int | None = None) -> None:
        """Have something painted that no interaction asked for; its message is sent."""
        message_id = await self._announce(order.job, order.round, reply_to)
        await self._submit(order, message_id)

    def resume(self, job: Job, round_: Round, events: AsyncIterator[Event]) -> None:
        """Follow a job that is in the queue."""
        self._background.spawn(self._follow(job, round_, events), task_name(job.id))

    async def _submit(self, order: Order, message_id: int | None) -> None:
        job = order.job
        if message_id is not None:
            job = await self._note_message(job, message_id)
        self.resume(job, order.round, order.place.submit(order.request))
        try:
            # What a reaction or a mention of theirs is answered in: those do not say.
            await self._store.members.seen(job.server_id, job.member_id, job.locale)
        except sqlite3.OperationalError as error:
            log.warning("the language of member %d was not noted: %s", job.member_id, error)

    async def _note_message(self, job: Job, message_id: int) -> Job:
        """Note a job's message; without the note, the next start looks for it in the channel."""
        try:
            await self._store.jobs.message(job.id, job.channel_id, message_id)
        except sqlite3.OperationalError as error:
            log.warning("the message of job %d was not noted: %s", job.id, error)
        return dataclasses.replace(job, message_id=message_id)

    async def _announce(self, job: Job, round_: Round, reply_to: int | None = None) -> int | None:
        """Send a job's progress message; return None if that is not possible now."""
        try:
            return await self._channels.post(
                job.channel_id,
                first_page(job, round_),
                nonce=progress_nonce(job.id),
                reply_to=reply_to,
            )
        except (*TROUBLE, Unreachable) as error:
            log.warning("could not announce job %d: %s", job.id, error)
            return None

    async def _find_message(self, job: Job, round_: Round) -> Job:
        """Find or send the message of a job that was not noted to have one."""
        try:
            message_id = await self._channels.find(job.channel_id, [custom_id(Verb.CANCEL, job.id)])
        except (*TROUBLE, Unreachable) as error:
            log.warning("could not look for the message of job %d: %s", job.id, error)
            return job
        message_id = message_id or await self._announce(job, round_)
        return job if message_id is None else await self._note_message(job, message_id)

    async def _follow(self, job: Job, round_: Round, events: AsyncIterator[Event]) -> None:
        """Show progress, keep the outcome, and bring it to the channel."""
        if job.message_id is None:
            job = await self._find_message(job, round_)
        following = Following(
            self._store,
            self._channels,
            self._budget,
            self._background,
            job,
            round_,
            self._pauses,
        )
        try:
            async for event in events:
                await following.hear(event)
        except Exception:
            log.exception("job %d could not be followed", job.id)
            await persist(
                lambda: self._store.jobs.fail(job.id, Reason.INTERNAL.value, "see the log"),
                f"giving up job {job.id}",
                self._pauses,
            )
        finally:
            following.over = True
        await self._results.deliver(job.id)


def progress_nonce(job_id: int) -> str:
    """Return the nonce of a job's progress message."""
    return f"progress-{job_id}"


def first_page(job: Job, round_: Round) -> Page:
    """Return the progress message as it is sent."""
    return progress_page(
        job.locale,
        job_id=job.id,
        prompt=str(round_.parameters["prompt"]),
        owner_id=job.member_id,
        at=Standing(),
    )
