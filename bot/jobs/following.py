"""Follows one job while it is under way: shows its progress, and stores how it ended."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path

from bot.actions.parameters import picture_parameters
from bot.jobs.background import Background
from bot.jobs.channel import Channels, Unreachable, Upload
from bot.jobs.edit_budget import EditBudget
from bot.jobs.trouble import PAUSES, TROUBLE, persist
from bot.views.page import Page
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
from storage.records import OPEN, Job, NewImage, Round
from storage.store import Store

log = logging.getLogger(__name__)


class Following:
    """One job while it is under way."""

    def __init__(
        self,
        store: Store,
        channels: Channels,
        budget: EditBudget,
        background: Background,
        job: Job,
        round_: Round,
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        """`pauses`: seconds between tries to store the outcome while the database is away."""
        self.over = False
        self._pauses = pauses
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
            case Finished() | Failed() | Cancelled():
                # Pictures are painted once: nothing that passes may cost them.
                await persist(
                    lambda: self._store_outcome(event),
                    f"storing the outcome of job {self._job.id}",
                    self._pauses,
                )

    async def _store_outcome(self, event: Finished | Failed | Cancelled) -> None:
        match event:
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
            now = await self._store.jobs.get(self._job.id)
            if now is None or now.state not in OPEN:
                await asyncio.to_thread(self._store.files.discard, self._job.id)

    async def _renew_lease(self) -> None:
        if time.monotonic() - self._beat < LEASE_SECONDS / 3:
            return
        self._beat = time.monotonic()
        try:
            await self._store.jobs.heartbeat(self._job.id, self._attempt)
        except (StaleAttempt, sqlite3.OperationalError) as error:
            log.info("a lease was not renewed: %s", error)

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
