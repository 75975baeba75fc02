"""The queue of requests: fair among members, bounded, cancellable; a crash loses no job.

Each lane has an order of its own, so that background work never keeps a picture waiting.
"""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Hashable
from typing import Protocol, Self

from generation.process.fair_order import FairOrder, QueuedJob
from generation.process.places import Place, Places
from generation.protocol.events import (
    Cancelled,
    CheckpointSaved,
    Event,
    Failed,
    Queued,
    Reason,
    Stage,
    Started,
    Terminal,
    TrainProgress,
)
from generation.protocol.requests import Lane, Work
from generation.protocol.training import Action

log = logging.getLogger(__name__)


COUNT_SECONDS = 5.0
"""Longest time that a stop waits for an attempt to be counted."""


class Painter(Protocol):
    """Interface of what runs the requests, such as `process.Generator`."""

    def submit(self, request: Work) -> AsyncIterator[Event]:
        """Run a request; yields progress, then exactly one terminal event."""

    async def cancel(self, job: str) -> None:
        """Stop a job at its next step, without waiting for it."""

    async def control(self, job: str, action: Action) -> None:
        """Ask something of a training."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """A waiting job; position 1 is next in its lane."""

    job: str
    member: Hashable
    position: int


class Queue:
    """Schedules requests for one painter: an async context manager.

    `begin(job)` is awaited right before the painter gets a job: it records the attempt durably and
    returns its number; `give_back(job, attempt)` takes it back if the attempt was stopped in good
    order, by a cancellation or because the queue is left.  Interactive requests run together as
    long as their cost, the number of their pictures, is at most `pictures_together`; beside them
    run one unattended and one background request; a training that is paused makes way for others
    that wait, after one more checkpoint.  A job during which the painter died is next again and
    runs alone in its lane, since it may have been the cause; after `max_attempts` it fails, one
    that is not `retried` after one.
    Attempts before one that reached a new checkpoint no longer count, since the job is getting on.
    Unattended and background jobs wait until no picture is under suspicion.  `waiting_per_member`
    and `waiting` limit what waits in a lane, not what runs.

    Leaving the context stops what runs, and whoever still follows a job gets CancelledError: such a
    job has no outcome and can be resubmitted later.
    """

    def __init__(
        self,
        generator: Painter,
        *,
        begin: Callable[[str], Awaitable[int]],
        give_back: Callable[[str, int], Awaitable[None]] | None = None,
        waiting_per_member: int = 3,
        waiting: int = 100,
        pictures_together: int = 8,
        max_attempts: int = 3,
    ) -> None:
        self._generator = generator
        self._begin = begin
        self._give_back = give_back
        self._pictures_together = pictures_together
        self._max_attempts = max_attempts
        self._open = False
        self._closed = False
        self._places = {
            lane: Places(lane, per_member=waiting_per_member, in_all=waiting, submit=self.resubmit)
            for lane in Lane
        }
        self._jobs: dict[str, QueuedJob] = {}  # all jobs without an outcome
        self._orders = {lane: FairOrder() for lane in Lane}
        self._running: dict[QueuedJob, asyncio.Task[None]] = {}
        self._arrivals = itertools.count()
        self._telling: set[asyncio.Task[None]] = set()
        """What the painter is being asked for; kept until it is."""

    async def __aenter__(self) -> Self:
        self._open = True
        self._serve()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._open = False
        self._closed = True
        running = dict(self._running)
        for task in running.values():
            task.cancel()
        if running:
            await asyncio.wait(running.values())
        for job in running:
            await self._stopped(job)
        for job in list(self._jobs.values()):
            self._end(job, None)
        self._running.clear()
        for order in self._orders.values():
            order.clear()

    def reserve(
        self, member: Hashable, *, lane: Lane = Lane.INTERACTIVE, limit: int | None = None
    ) -> Place:
        """Reserve a place in a lane, so that a job stored next is sure to be accepted.

        `limit` replaces `waiting_per_member` for this call.  Raises QueueFull.
        """
        jobs = self._orders[lane].jobs()
        return self._places[lane].reserve(member, [job.member for job in jobs], limit)

    def resubmit(
        self,
        member: Hashable,
        request: Work,
        *,
        alone: bool = False,
        asked: Collection[Action] = (),
    ) -> AsyncIterator[Event]:
        """Queue a job accepted before a restart, like `Place.submit` but without limits.

        alone: an earlier attempt was interrupted, so run it without others.  asked: of a training,
        as by `control`; one that is paused does not take its turn.
        """
        if request.job in self._jobs:
            raise ValueError(f"job {request.job} is in the queue already")
        job = QueuedJob(member, request, next(self._arrivals), suspect=alone)
        for action in asked:
            job.ask(action)
        self._jobs[request.job] = job
        if self._closed:
            self._end(job, None)
        else:
            self._orders[job.lane].add(job)
            self._serve()
        return self._follow(job)

    async def cancel(self, job: str) -> bool:
        """Cancel a job; return False if it is unknown or has ended.

        A waiting job ends at once; a running one ends with its terminal event, which may still be
        that it finished.
        """
        found = self._jobs.get(job)
        if found is None:
            return False
        found.cancelled = True
        if found not in self._running:
            self._orders[found.lane].remove(found)
            self._end(found, Cancelled(job=job))
            self._serve()
        elif found.painting:
            await self._generator.cancel(job)
        return True

    async def control(self, job: str, action: Action) -> bool:
        """Ask something of a training; return False if there is none under this id.

        It is remembered for a training that waits, also after the painter died.  One that is
        paused before it began does not take its turn.
        """
        found = self._jobs.get(job)
        if found is None or found.request.lane is not Lane.BACKGROUND:
            return False
        found.ask(action)
        if found.reached:
            await self._generator.control(job, action)
            self._make_way()
        elif found not in self._running:
            if action is Action.RESUME:
                found.position = 0  # so that its follower is told it again
            elif found.paused:
                paused = TrainProgress(job=job, stage=Stage.PAUSED, step=0, steps=0)
                found.events.put_nowait(paused)
            self._serve()
        return True

    def jobs(self) -> list[str]:
        """Return the ids of all jobs without an outcome, waiting or running."""
        return list(self._jobs)

    def waiting(self) -> list[Waiting]:
        """Return the waiting jobs, lane by lane, in the order in which they will be served."""
        return [
            Waiting(job=job.request.job, member=job.member, position=position)
            for order in self._orders.values()
            for position, job in enumerate(order.jobs(), 1)
        ]

    def _serve(self) -> None:
        """Start the jobs that may run now, then tell the others their positions."""
        for lane, order in self._orders.items():
            if not self._running_in(lane):
                order.forget_turns()
            while self._open and (job := order.next()) and self._may_run(job):
                order.serve(job)
                job.position = 0
                self._running[job] = asyncio.create_task(self._run(job))
            for position, job in enumerate(order.jobs(), 1):
                if job.position != position and not job.paused:
                    job.position = position
                    job.events.put_nowait(Queued(job=job.request.job, position=position))
        self._make_way()

    def _make_way(self) -> None:
        """Have a paused training saved while others wait; then it waits, too, and they run."""
        if self._orders[Lane.BACKGROUND].next() is None:
            return
        for job in self._running_in(Lane.BACKGROUND):
            if job.paused and job.reached and not job.shelved:
                job.shelved = True
                asking = asyncio.create_task(self._generator.control(job.request.job, Action.SAVE))
                self._telling.add(asking)
                asking.add_done_callback(self._telling.discard)

    def _running_in(self, lane: Lane) -> list[QueuedJob]:
        return [job for job in self._running if job.lane is lane]

    def _may_run(self, job: QueuedJob) -> bool:
        """Return True if a job may join the running ones; if not, all after it wait, too."""
        running = self._running_in(job.lane)
        if job.lane is not Lane.INTERACTIVE:
            return not running and not self._suspicion()
        if not running:
            return True
        if any(one.suspect for one in (job, *running)):
            return False
        return sum(one.request.cost for one in (job, *running)) <= self._pictures_together

    def _suspicion(self) -> bool:
        """Return True if a picture that may have killed the painter is not over."""
        lane = Lane.INTERACTIVE
        jobs = (*self._orders[lane].jobs(), *self._running_in(lane))
        return any(job.suspect for job in jobs)

    async def _run(self, job: QueuedJob) -> None:
        """Run one attempt, whatever happens, and make room for the next job."""
        try:
            outcome = await self._attempt(job)
        except Exception:  # one job's error must not stop the whole queue
            log.exception("Job %s could not be run.", job.request.job)
            detail = "The queue could not run it; see the log."
            outcome = Failed(job=job.request.job, reason=Reason.INTERNAL, detail=detail)
        crashed = isinstance(outcome, Failed) and outcome.reason is Reason.CRASHED
        if crashed:
            # The others that the painter had died with it, which they may not know yet.
            for one in self._running:
                one.suspect = one is job or one.suspect or one.painting
        if isinstance(outcome, Cancelled):
            await self._stopped(job)
        elif crashed and job.progressed:
            await self._forgive(job)
        del self._running[job]
        makes_way = job.shelved and isinstance(outcome, Cancelled) and not job.cancelled
        job.painting = job.reached = job.shelved = False
        if crashed and job.cancelled:
            self._end(job, Cancelled(job=job.request.job))
        elif makes_way or (crashed and job.deaths < self._most_attempts(job)):
            self._orders[job.lane].retry(job)
        else:
            self._end(job, outcome)
        self._serve()

    async def _attempt(self, job: QueuedJob) -> Terminal:
        """Count an attempt and run it; return how it ended."""
        name = job.request.job
        await self._count(job)
        if job.cancelled:
            return Cancelled(job=name)
        most = self._most_attempts(job)
        if job.deaths > most:  # attempts were counted before a restart of the bot
            detail = f"The generator did not survive {most} attempts."
            return Failed(job=name, reason=Reason.CRASHED, detail=detail)
        job.events.put_nowait(Started(job=name, attempt=job.attempt))
        job.painting = True
        outcome: Terminal | None = None
        async for event in self._generator.submit(job.request):
            if isinstance(event, Terminal):
                outcome = event
            else:
                await self._heard(job, event)
        if outcome is None:
            raise RuntimeError(f"nobody said how job {name} ended")
        return outcome

    def _most_attempts(self, job: QueuedJob) -> int:
        return self._max_attempts if job.request.retried else 1

    async def _heard(self, job: QueuedJob, event: Event) -> None:
        """Pass on what the painter says of a job; at first, tell it what was asked meanwhile."""
        if isinstance(event, CheckpointSaved):
            job.saved(event.step)
            if job.shelved and job.paused:
                await self._generator.cancel(job.request.job)
            elif job.shelved:  # It was resumed meanwhile.
                job.shelved = False
        job.events.put_nowait(event)
        if not job.reached:
            job.reached = True
            for action in list(job.asked):
                await self._generator.control(job.request.job, action)
            self._make_way()

    async def _count(self, job: QueuedJob) -> None:
        """Count an attempt; a stop meanwhile waits for the count, so that it can be given back."""
        counting = asyncio.ensure_future(self._begin(job.request.job))
        try:
            await asyncio.shield(counting)
        except asyncio.CancelledError:
            await asyncio.wait({counting}, timeout=COUNT_SECONDS)
            counting.cancel()
            raise
        finally:
            if counting.done() and not counting.cancelled() and counting.exception() is None:
                job.attempt = counting.result()
                if job.progressed:
                    job.progressed, job.forgiven = False, job.attempt - 1

    async def _forgive(self, job: QueuedJob) -> None:
        """Give back all attempts up to one that reached a new checkpoint."""
        while job.attempt:
            await self._stopped(job)
            job.attempt -= 1

    async def _stopped(self, job: QueuedJob) -> None:
        """Give back a job's attempt, which no death of the painter ended."""
        if self._give_back is None or not job.attempt:
            return
        try:
            await self._give_back(job.request.job, job.attempt)
        except Exception:  # then it counts, which is worth no more than a line in the log
            log.exception("An attempt at job %s could not be given back.", job.request.job)

    def _end(self, job: QueuedJob, event: Terminal | None) -> None:
        """Deliver a job's terminal event; None if it has no outcome because the queue is closed."""
        del self._jobs[job.request.job]
        job.over = True
        job.events.put_nowait(event)

    async def _follow(self, job: QueuedJob) -> AsyncIterator[Event]:
        """Yield a job's events up to its terminal one; cancel it if closed before."""
        try:
            while True:
                event = await job.events.get()
                if event is None:
                    raise asyncio.CancelledError("the queue was closed")
                yield event
                if isinstance(event, Terminal):
                    return
        finally:
            if not job.over:
                await self.cancel(job.request.job)
