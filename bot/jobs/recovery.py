"""Recovery: jobs that nobody sees to are taken up, at the start and whenever one is found."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import time

from bot.actions.orders import Orders
from bot.errors import Refusal
from bot.jobs.background import Background, task_name
from bot.jobs.deletion import MessageDeletion
from bot.jobs.delivery import Delivery
from bot.jobs.results import Results
from bot.jobs.training.retraining import OpenRevocations
from bot.jobs.training.training_jobs import TrainingJobs
from bot.jobs.trouble import passes
from generation.process.queue import Queue
from generation.protocol.events import Reason
from storage.records import OPEN, Job, JobKind
from storage.store import Store

log = logging.getLogger(__name__)

SWEEP_SECONDS = 10.0
"""Time from one sweep to the next."""
LONGEST_PAUSE_SECONDS = 600.0
"""Longest time before a job is taken up again that was dropped again and again."""


class Recovery:
    """Takes up jobs, removals and revocations that nobody sees to."""

    def __init__(
        self,
        *,
        store: Store,
        queue: Queue,
        orders: Orders,
        delivery: Delivery,
        results: Results,
        training: TrainingJobs,
        deletion: MessageDeletion,
        revocations: OpenRevocations,
        background: Background,
    ) -> None:
        self._store = store
        self._queue = queue
        self._orders = orders
        self._delivery = delivery
        self._results = results
        self._training = training
        self._deletion = deletion
        self._revocations = revocations
        self._background = background
        self._dropped: dict[int, _Dropped] = {}
        self._one_at_a_time = asyncio.Lock()

    async def sweep(self) -> None:
        """Take up every open or undelivered job that nobody sees to, oldest first.

        Awaited once before any request comes in, so that those of an earlier run are first.
        """
        async with self._one_at_a_time:
            await self._sweep()

    async def _sweep(self) -> None:
        await self._deletion.take_up()
        await self._revocations.take_up()
        undelivered = await self._store.jobs.undelivered()
        pending = await self._store.jobs.pending()
        known = {job.id for job in (*undelivered, *pending)}
        self._dropped = {id_: each for id_, each in self._dropped.items() if id_ in known}
        taken_up = [job.id for job in (*undelivered, *pending) if await self._look_after(job.id)]
        if taken_up:
            log.info("took up %d requests that nobody saw to", len(taken_up))

    async def _look_after(self, job_id: int) -> bool:
        """Take up a job unless somebody sees to it, or it was dropped a moment ago."""
        dropped = self._dropped.get(job_id, _Dropped())
        if self._is_seen_to(job_id) or time.monotonic() < dropped.not_before:
            return False
        # Read only now: with nobody to see to it, it cannot change any more.
        job = await self._store.jobs.get(job_id)
        if job is None or self._is_seen_to(job_id):
            return False
        self._dropped[job_id] = dropped.once_more()
        try:
            await self._take_up(job)
        except Exception as error:  # one job's fault must not keep the bot from its work
            if passes(error):
                log.warning("job %d could not be taken up yet: %s", job.id, error)
                self._dropped[job_id] = dropped
                return False
            log.exception("job %d could not be taken up", job.id)
            self._background.spawn(self._give_up(job), task_name(job.id))
        return True

    def _is_seen_to(self, job_id: int) -> bool:
        begun = job_id in self._orders.placing or self._training.begins(job_id)
        return begun or self._background.runs(task_name(job_id))

    async def _take_up(self, job: Job) -> None:
        if job.kind is JobKind.TRAIN:
            await self._training.take_up(job)
            return
        if job.state not in OPEN:
            self._background.spawn(self._results.deliver(job.id), task_name(job.id))
            return
        round_ = None if job.round_id is None else await self._store.rounds.get(job.round_id)
        if round_ is None:
            await self._store.jobs.cancel(job.id)
            return
        try:
            request = await self._orders.request(job, round_)
        except Refusal as refusal:
            # What was allowed when it was asked for may not be any more.
            await self._store.jobs.fail(job.id, Reason.INVALID.value, refusal.plain(job.locale))
            self._background.spawn(self._results.deliver(job.id), task_name(job.id))
            return
        # It may have been what ended that run: then it takes nobody with it twice.
        events = self._queue.resubmit(job.member_id, request, alone=job.attempts > 0)
        self._delivery.resume(job, round_, events)

    async def _give_up(self, job: Job) -> None:
        await self._store.jobs.fail(job.id, Reason.INTERNAL.value, "see the log")
        trains = job.kind is JobKind.TRAIN
        await (self._training if trains else self._results).deliver(job.id)


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class _Dropped:
    """How often a job was taken up, and from when on it may be taken up again."""

    times: int = 0
    not_before: float = 0.0
    """In monotonic seconds."""

    def once_more(self) -> _Dropped:
        pause = min(SWEEP_SECONDS * 2**self.times, LONGEST_PAUSE_SECONDS) if self.times else 0.0
        return _Dropped(times=self.times + 1, not_before=time.monotonic() + pause)
