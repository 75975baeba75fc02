"""After a restart: what was promised is painted and delivered, in the old order."""

from __future__ import annotations

import logging

from bot.actions.orders import Orders
from bot.jobs.background import Background
from bot.jobs.delivery import Delivery
from bot.jobs.results import Results
from generation.process.queue import Queue
from generation.protocol.events import Reason
from storage.records import Job, JobKind
from storage.store import Store

log = logging.getLogger(__name__)


class Recovery:
    """Takes up again what an earlier run left."""

    def __init__(
        self,
        *,
        store: Store,
        queue: Queue,
        orders: Orders,
        delivery: Delivery,
        results: Results,
        background: Background,
    ) -> None:
        self._store = store
        self._queue = queue
        self._orders = orders
        self._delivery = delivery
        self._results = results
        self._background = background

    async def resume(self) -> None:
        """Queue open painting jobs again, oldest first, and deliver outcomes not shown yet.

        To be awaited before any new request can come in, so that the old ones are first.
        """
        for job in await self._store.jobs.undelivered(JobKind.PAINT):
            self._background.spawn(self._results.deliver(job.id), f"outcome of job {job.id}")
        pending = await self._store.jobs.pending(JobKind.PAINT)
        for job in pending:
            try:
                await self._take_up(job)
            except Exception:  # one job's fault must not keep the bot from starting
                log.exception("job %d could not be taken up", job.id)
                self._background.spawn(self._give_up(job), f"giving up job {job.id}")
        if pending:
            log.info("took up %d requests of an earlier run", len(pending))

    async def _take_up(self, job: Job) -> None:
        round_ = None if job.round_id is None else await self._store.rounds.get(job.round_id)
        if round_ is None:
            await self._store.jobs.cancel(job.id)
            return
        request = await self._orders.request(job, round_)
        # It may have been what ended that run: then it takes nobody with it twice.
        events = self._queue.resubmit(job.member_id, request, alone=job.attempts > 0)
        self._delivery.resume(job, round_, events)

    async def _give_up(self, job: Job) -> None:
        await self._store.jobs.fail(job.id, Reason.INTERNAL.value, "see the log")
        await self._results.deliver(job.id)
