"""Sees revocations through: the generator lets go, folders go, cards are redrawn, people are told.

All of it can be repeated, so that whatever stops it, the next sweep goes on.  The trainings that
make styles anew are rows already, and are taken up like any other.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import Awaitable, Callable, Sequence

from bot.actions.styles.stopping import let_go_of_ended
from bot.jobs.background import Background, task_name
from bot.jobs.channel import Channels, Closed, Unreachable
from bot.jobs.training.cards import TrainingCards
from bot.jobs.training.dataset_cards import DatasetCards
from bot.jobs.trouble import CLOSED_SECONDS, PAUSES, TROUBLE, growing, passes
from bot.views.training.revocation import told_page
from generation.process.queue import Queue
from storage.store import Store
from storage.training_records import Dataset, Revocation

log = logging.getLogger(__name__)

Step = Callable[[Revocation, Dataset | None], Awaitable[None]]


class OpenRevocations:
    """Works off the revocations in the store, a task for each."""

    def __init__(
        self,
        *,
        store: Store,
        queue: Queue,
        channels: Channels,
        dataset_cards: DatasetCards,
        cards: TrainingCards,
        background: Background,
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        """`pauses`: seconds between tries while Discord or the database is away."""
        self._store = store
        self._queue = queue
        self._channels = channels
        self._dataset_cards = dataset_cards
        self._cards = cards
        self._background = background
        self._pauses = pauses

    async def take_up(self) -> None:
        """See to every open revocation that nobody sees to, in the background.

        Also to styles that could not be made anew, and to pictures whose style is gone.
        """
        await self._store.revocations.settle()
        await let_go_of_ended(self._store, self._queue)
        for revocation in await self._store.revocations.open():
            name = f"revocation {revocation.id}"
            if not self._background.runs(name):
                self._background.spawn(self._see_through(revocation), name)

    async def _see_through(self, revocation: Revocation) -> None:
        await self._let_go(revocation)
        dataset = await self._store.datasets.get(revocation.dataset_id)
        for step in (self._clean, self._redraw, self._tell):
            await self._persist(step, revocation, dataset)
        await self._store.revocations.done(revocation.id)

    async def _persist(self, step: Step, revocation: Revocation, dataset: Dataset | None) -> None:
        """Do a step, for as long as it takes; what Discord refuses for good is left."""
        give_up = time.monotonic() + CLOSED_SECONDS
        for pause in growing(self._pauses):
            try:
                await step(revocation, dataset)
                return
            except Closed as closed:
                # Samples of what was learned stay on cards until the bot is let in again.
                log.warning("revocation %d is not seen through yet: %s", revocation.id, closed)
                if time.monotonic() > give_up:
                    return
            except Unreachable as error:
                log.info("nobody can be told of revocation %d: %s", revocation.id, error)
                return
            except (*TROUBLE, sqlite3.OperationalError) as error:
                if not passes(error):
                    log.error(
                        "Discord refuses what follows revocation %d: %s", revocation.id, error
                    )
                    return
                log.warning("revocation %d is not seen through yet: %s", revocation.id, error)
            await asyncio.sleep(pause)

    async def _let_go(self, revocation: Revocation) -> None:
        """Wait until neither the generator nor whoever follows them uses the trainings' folders."""
        for job_id in revocation.job_ids:
            await self._queue.cancel(str(job_id))
            await self._background.over(task_name(job_id))

    async def _clean(self, revocation: Revocation, _: Dataset | None) -> None:
        await self._store.revocations.clean(revocation)

    async def _redraw(self, revocation: Revocation, dataset: Dataset | None) -> None:
        """Draw the cards without what is gone: the trainings' samples show what was learned.

        One that cannot be edited any more keeps none of the others from it.
        """
        trouble: Exception | None = None
        for job_id in revocation.job_ids:
            try:
                await self._redraw_card(job_id)
            except Closed as error:
                trouble = error
            except Unreachable as error:
                log.warning("the card of training %d keeps what it shows: %s", job_id, error)
            except TROUBLE as error:
                if passes(error):
                    trouble = error
                else:
                    log.error("the card of training %d keeps what it shows: %s", job_id, error)
        if trouble is not None:
            raise trouble
        if dataset is not None and dataset.message_id is not None:
            await self._dataset_cards.refresh(dataset.id)

    async def _redraw_card(self, job_id: int) -> None:
        job, drawn = await self._store.jobs.get(job_id), await self._cards.draw(job_id)
        if job is not None and job.message_id is not None and drawn is not None:
            await self._channels.edit(job.channel_id, job.message_id, drawn.page, drawn.uploads)

    async def _tell(self, revocation: Revocation, dataset: Dataset | None) -> None:
        """Tell those concerned, once, in the channel of the training."""
        if dataset is None or not revocation.member_ids:
            return
        page = told_page(dataset.locale, revocation, str(dataset.plan.get("name", "")))
        await self._channels.post(dataset.channel_id, page, nonce=f"revocation-{revocation.id}")
