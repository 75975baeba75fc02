"""Follows a job's events from the acknowledgement to its end: message first, then the record."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import discord

from bot.actions.orders import Order
from bot.actions.parameters import picture_parameters
from bot.jobs.background import Background
from bot.jobs.channel import NOBODY, TROUBLE, Channels, Unreachable, Upload
from bot.jobs.edit_budget import EditBudget
from bot.jobs.results import Results
from bot.views.page import Page
from bot.views.press import Verb, custom_id
from bot.views.progress import Standing, progress_page
from generation.protocol.events import (
    Cancelled,
    Event,
    Failed,
    Finished,
    Progress,
    Queued,
    Reason,
    Started,
)
from storage.errors import StaleAttempt
from storage.jobs import LEASE_SECONDS
from storage.records import Job, NewImage, Round
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
    ) -> None:
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
        except discord.HTTPException as error:
            # Too late, or only the answer was lost: the message may or may not stand there.
            log.warning("could not acknowledge job %d: %s", job.id, error)
        await self._submit(order, message_id)
        # What a reaction or a mention of theirs is answered in: those do not say.
        await self._store.members.seen(job.server_id, job.member_id, job.locale)

    async def _begin_late(self, order: Order, interaction: discord.Interaction[Any]) -> None:
        """Begin after a deferred private answer, because a file took long to fetch."""
        await self.begin_in_channel(order)
        try:
            await interaction.delete_original_response()
        except discord.HTTPException as error:
            log.info("a private answer was left standing: %s", error)
        await self._store.members.seen(order.job.server_id, order.job.member_id, order.job.locale)

    async def begin_in_channel(self, order: Order, *, reply_to: int | None = None) -> None:
        """Have something painted that no interaction asked for; its message is sent."""
        message_id = await self._announce(order.job, order.round, reply_to)
        await self._submit(order, message_id)

    def resume(self, job: Job, round_: Round, events: AsyncIterator[Event]) -> None:
        """Follow a job that was queued before a restart."""
        self._background.spawn(self._follow(job, round_, events), f"job {job.id}")

    async def _submit(self, order: Order, message_id: int | None) -> None:
        job = order.job
        if message_id is not None:
            await self._store.jobs.message(job.id, job.channel_id, message_id)
            job = dataclasses.replace(job, message_id=message_id)
        self.resume(job, order.round, order.place.submit(order.request))

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
        if message_id is None:
            return job
        await self._store.jobs.message(job.id, job.channel_id, message_id)
        return dataclasses.replace(job, message_id=message_id)

    async def _follow(self, job: Job, round_: Round, events: AsyncIterator[Event]) -> None:
        """Show progress, keep the outcome, and bring it to the channel."""
        if job.message_id is None:
            job = await self._find_message(job, round_)
        following = _Following(
            self._store, self._channels, self._budget, self._background, job, round_
        )
        try:
            async for event in events:
                await following.hear(event)
        except Exception:
            log.exception("job %d could not be followed", job.id)
            await self._store.jobs.fail(job.id, Reason.INTERNAL.value, "see the log")
        finally:
            following.over = True
        await self._results.deliver(job.id)


class _Following:
    """One job while it is under way."""

    def __init__(
        self,
        store: Store,
        channels: Channels,
        budget: EditBudget,
        background: Background,
        job: Job,
        round_: Round,
    ) -> None:
        self.over = False
        self._store = store
        self._channels = channels
        self._budget = budget
        self._background = background
        self._job = job
        self._round = round_
        self._message_id = job.message_id
        self._attempt = 0
        self._began = self._beat = time.monotonic()
        self._preview: Path | None = None
        self._at = self._said = Standing()
        self._catching_up = False

    async def hear(self, event: Event) -> None:
        """Handle one event: show it, or store the outcome."""
        match event:
            case Queued(position=position):
                await self._show(Standing(position=position))
            case Started(attempt=attempt):
                self._attempt = attempt
                self._began = self._beat = time.monotonic()
                if attempt > 1:  # Else that is what stands there already.
                    await self._show(Standing(attempt=attempt))
            case Progress():
                await self._renew_lease()
                await self._show_progress(event)
            case Finished():
                await self._keep(event)
            case Failed(reason=reason, detail=detail, problem=problem):
                log.warning("job %d failed (%s): %s", self._job.id, reason.value, detail)
                await self._store.jobs.fail(
                    self._job.id,
                    reason.value,
                    detail if problem is None else problem.dump(),
                    dead=reason is Reason.CRASHED,
                )
            case Cancelled():
                await self._store.jobs.cancel(self._job.id)
                await asyncio.to_thread(self._store.files.discard, self._job.id)

    async def _keep(self, finished: Finished) -> None:
        steers = await self._store.rounds.steers(self._round.id)
        liked = sum(steer.value > 0 for steer in steers)
        native = {} if finished.native is None else {"native": list(finished.native)}
        parameters = await asyncio.to_thread(
            lambda: [
                picture_parameters(self._round.parameters, place, liked)
                for place in range(len(finished.pictures))
            ]
        )
        pictures = [
            NewImage(
                path=None if picture.path is None or picture.withheld else str(picture.path),
                digest=None if picture.withheld else picture.digest,
                seed=picture.seed,
                width=picture.width,
                height=picture.height,
                parameters={
                    **parameters[place],
                    **native,
                    **({"chosen": True} if place == finished.chosen else {}),
                },
                flagged=picture.flagged,
            )
            for place, picture in enumerate(finished.pictures)
        ]
        try:
            await self._store.jobs.finish(
                self._job.id, self._attempt, pictures, finished.steering, finished.sheet
            )
        except StaleAttempt as stale:
            # Cancelled at the last moment, or taken over by a later attempt.
            log.info("a result was refused: %s", stale)

    async def _renew_lease(self) -> None:
        if time.monotonic() - self._beat < LEASE_SECONDS / 3:
            return
        self._beat = time.monotonic()
        try:
            await self._store.jobs.heartbeat(self._job.id, self._attempt)
        except StaleAttempt as stale:
            log.info("a lease was not renewed: %s", stale)

    async def _show_progress(self, progress: Progress) -> None:
        self._preview = progress.preview or self._preview
        elapsed = time.monotonic() - self._began
        left = elapsed * (progress.steps - progress.step) / max(1, progress.step)
        # The result would have to wait for its turn behind an edit made now.
        if left >= self._budget.message_seconds:
            share = progress.step / max(1, progress.steps)
            await self._show(Standing(share=share, attempt=self._attempt))

    async def _show(self, at: Standing) -> None:
        """Edit the progress message if the budget allows."""
        self._at = at
        if self._message_id is None or at == self._said:
            return
        if self._budget.spare(self._job.channel_id, self._message_id):
            await self._edit(at)
        elif at.position is not None and not self._catching_up:
            # Progress is soon followed by more of it, but a place in the queue may stay.
            self._catching_up = True
            self._background.spawn(self._catch_up(), f"place of job {self._job.id}")

    async def _catch_up(self) -> None:
        """Show the job's place in the queue once the channel is quiet, if it still waits then."""
        await self._budget.leftover(self._job.channel_id, self._message_id or 0)
        self._catching_up = False
        if not self.over and self._at.position is not None and self._at != self._said:
            await self._edit(self._at)

    async def _edit(self, at: Standing) -> None:
        self._said = at
        if self._message_id is None:
            return
        channel = self._job.channel_id
        try:
            page, uploads = await self._page(at)
            if not await self._channels.edit(channel, self._message_id, page, uploads):
                self._message_id = None  # Deleted: only the result is posted again.
        except Unreachable:
            self._message_id = None
        except TROUBLE as error:
            log.info("progress of job %d was not shown: %s", self._job.id, error)

    async def _page(self, at: Standing) -> tuple[Page, list[Upload]]:
        preview = self._preview
        uploads = []
        if at.share is not None and preview is not None and preview.is_file():
            # A name of its own each time: clients keep pictures by their names.
            name = f"preview-{round(1000 * at.share)}{preview.suffix}"
            uploads.append(Upload(name=name, path=preview))
        page = progress_page(
            self._job.locale,
            job_id=self._job.id,
            prompt=str(self._round.parameters["prompt"]),
            owner_id=self._job.member_id,
            at=at,
            preview=uploads[0].name if uploads else None,
        )
        return page, uploads


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
