"""Follows one training while it is under way: keeps its checkpoints and its card up to date."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import sqlite3
import time
from collections.abc import Awaitable, Callable, Sequence

from bot.jobs.background import Background
from bot.jobs.channel import Channels, Closed, Unreachable
from bot.jobs.edit_budget import EditBudget
from bot.jobs.training.cards import TrainingCards
from bot.jobs.training.outcome import TrainingOutcome
from bot.jobs.trouble import PAUSES, TROUBLE, passes, persist
from bot.views.training.card_data import TrainingStanding
from generation.protocol.events import (
    Cancelled,
    CheckpointSaved,
    Event,
    Failed,
    Queued,
    Reason,
    Stage,
    Started,
    Trained,
    TrainProgress,
    TrainRemark,
)
from storage.errors import StaleAttempt
from storage.jobs import LEASE_SECONDS
from storage.records import Job
from storage.store import Store

log = logging.getLogger(__name__)

AGAIN_SECONDS = 5.0
"""Time after which a card is tried again that Discord did not take."""
OPENED_SECONDS = 30.0
"""Time after which a card is tried again whose channel was closed to the bot."""
CURVE_SECONDS = 30.0
"""Time from one drawing of the curve to the next, as it is sent anew each time."""


class TrainingFollowing:
    """One training while it is under way."""

    def __init__(
        self,
        *,
        store: Store,
        channels: Channels,
        budget: EditBudget,
        background: Background,
        cards: TrainingCards,
        job: Job,
        outcome: TrainingOutcome,
        pauses: Sequence[float] = PAUSES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`pauses`: seconds between tries to store something while the database is away."""
        self.standing = TrainingStanding()
        self.over = False
        self._store = store
        self._channels = channels
        self._budget = budget
        self._background = background
        self._cards = cards
        self._job = job
        self._outcome = outcome
        self._pauses = pauses
        self._clock = clock
        self._attempt = 0
        self._beat = clock()
        self._message_id = job.message_id
        self._attached: Sequence[str] | None = None
        """Names of the pictures on the message; None if they are not known or not the newest."""
        self._checkpoints = 0
        """Number of times that checkpoints were looked for."""
        self._drawn = 0.0
        self._editing = asyncio.Lock()
        self._waiting = False
        """True while an edit waits for its turn."""

    async def hear(self, event: Event) -> None:
        """Handle one event: show it, or store what it brings."""
        match event:
            case Queued(position=position):
                self.standing = dataclasses.replace(self.standing, position=position)
                await self.show()
            case Started(attempt=attempt):
                self._attempt, self._beat = attempt, self._clock()
                self.standing = TrainingStanding(attempt=attempt)
                await self._adopt()
                await self.show()
            case TrainProgress():
                await self._renew_lease()
                await self._progress(event)
            case TrainRemark(remark=remark):
                await self._keep(lambda: self._outcome.remark(self._attempt, remark))
            case CheckpointSaved():
                await self._adopt()
                await self.show()
            case Trained() | Failed() | Cancelled():
                await persist(
                    lambda: self._store_outcome(event),
                    f"storing the outcome of training {self._job.id}",
                    self._pauses,
                )

    async def _progress(self, event: TrainProgress) -> None:
        before = self.standing
        self.standing = dataclasses.replace(
            before,
            position=None,
            progress=event,
            step=event.step if event.stage is Stage.TRAINING else before.step,
            seconds_left=event.seconds_left
            if event.stage is Stage.TRAINING
            else before.seconds_left,
        )
        if self._clock() - self._drawn > CURVE_SECONDS:
            self._attached = None
        await self.show()

    async def _adopt(self) -> None:
        """Take in new checkpoints; the next edit shows the newest samples."""
        await self._keep(lambda: self._outcome.adopt(self._attempt))
        self._attached, self._checkpoints = None, self._checkpoints + 1

    async def _keep(self, work: Callable[[], Awaitable[None]]) -> None:
        async def done() -> None:
            try:
                await work()
            except StaleAttempt as stale:
                log.info("a checkpoint was refused: %s", stale)

        await persist(done, f"keeping what training {self._job.id} made", self._pauses)

    async def _store_outcome(self, event: Trained | Failed | Cancelled) -> None:
        match event:
            case Trained():
                await self._outcome.complete(self._attempt, event)
            case Failed(reason=reason, detail=detail, problem=problem):
                log.warning("training %d failed (%s): %s", self._job.id, reason.value, detail)
                await self._store.jobs.fail(
                    self._job.id,
                    reason.value,
                    detail if problem is None else problem.dump(),
                    dead=reason is Reason.CRASHED,
                )
            case Cancelled():
                await self._store.jobs.cancel(self._job.id)
                await asyncio.to_thread(self._store.files.discard, self._job.id)

    async def _renew_lease(self) -> None:
        if self._clock() - self._beat < LEASE_SECONDS / 3:
            return
        self._beat = self._clock()
        try:
            await self._store.jobs.heartbeat(self._job.id, self._attempt)
        except (StaleAttempt, sqlite3.OperationalError) as error:
            log.info("a lease was not renewed: %s", error)

    async def show(self) -> None:
        """Edit the card if the budget allows, or as soon as it does."""
        if self._message_id is None or self._waiting:
            return
        if self._budget.spare(self._job.channel_id, self._message_id):
            await self._edit()
        else:
            self._waiting = True
            self._background.spawn(self._later(), f"card of training {self._job.id}")

    async def stands_on(self, message_id: int) -> None:
        """Show the training on this message from now on."""
        self._message_id, self._attached = message_id, None
        await self.show()

    async def _later(self, seconds: float = 0.0) -> None:
        """Edit the card after this time and once the channel is quiet, as things are then."""
        await asyncio.sleep(seconds)
        await self._budget.leftover(self._job.channel_id, self._message_id or 0)
        self._waiting = False
        if not self.over:
            await self._edit()

    async def _edit(self) -> None:
        async with self._editing:
            await self._edit_now()

    async def _edit_now(self) -> None:
        if (message_id := self._message_id) is None:
            return
        try:
            if self._attached is None:
                looked = self._checkpoints
                drawn = await self._cards.draw(self._job.id, self.standing)
                if drawn is None:
                    return
                page, uploads = drawn.page, drawn.uploads
                self._drawn = self._clock()
                if looked == self._checkpoints:  # Else there are newer samples by now.
                    self._attached = drawn.attached
            else:
                redrawn = await self._cards.redraw(self._job.id, self._attached, self.standing)
                if redrawn is None:
                    return
                page, uploads = redrawn, None
            if not await self._channels.edit(self._job.channel_id, message_id, page, uploads):
                self._message_id = None  # Deleted: only the result is posted again.
        except Closed as closed:
            # The right may come back, and an archived thread is opened by whoever writes in it.
            self._try_again(closed, OPENED_SECONDS)
        except Unreachable:
            self._message_id = None
        except (*TROUBLE, sqlite3.OperationalError) as error:
            self._try_again(error, AGAIN_SECONDS if passes(error) else None)

    def _try_again(self, error: Exception, seconds: float | None) -> None:
        """Show the card anew after this time; None: with the next event."""
        self._attached = None
        log.info("the card of training %d was not shown: %s", self._job.id, error)
        if seconds is not None and not self._waiting:
            # No event may come for long: a paused training has none.
            self._waiting = True
            self._background.spawn(self._later(seconds), f"card of {self._job.id}")
