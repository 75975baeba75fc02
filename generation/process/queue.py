"""The queue of requests: fair among members, bounded, cancellable; a crash loses no job.

Members take turns, first come first served within a member: a job's round is one after that of the
member's previous job, but never a past round, and earlier rounds are served first (start-time fair
queueing, Goyal et al., 1996, each job counting as one).
"""

from __future__ import annotations

import asyncio
import collections
import dataclasses
import itertools
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from typing import Literal, Protocol, Self

from generation.protocol.events import Cancelled, Event, Failed, Queued, Reason, Started, Terminal
from generation.protocol.requests import Paint

log = logging.getLogger(__name__)


class Painter(Protocol):
    """Interface of what runs the requests, such as `process.Generator`."""

    def submit(self, request: Paint) -> AsyncIterator[Event]:
        """Run a request; yields progress, then exactly one terminal event."""

    async def cancel(self, job: str) -> None:
        """Stop a job at its next step, without waiting for it."""


class QueueFull(Exception):
    """The queue is full: `limit` requests are already waiting, from this member or in total."""

    def __init__(self, scope: Literal["member", "everyone"], limit: int) -> None:
        super().__init__(f"{limit} requests are already waiting ({scope})")
        self.scope = scope
        self.limit = limit


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """A waiting job; position 1 is next."""

    job: str
    member: Hashable
    position: int


class Queue:
    """Schedules requests for one painter: an async context manager.

    `begin(job)` is awaited right before the painter gets a job: it records the attempt durably and
    returns its number.  Requests run together as long as their pictures number at most
    `pictures_together`.  A job during which the painter died is next again and runs alone, since it
    may have been the cause; after `max_attempts` it fails. `waiting_per_member` and `waiting` limit
    what waits, not what runs.

    Leaving the context stops what runs, and whoever still follows a job gets CancelledError: such a
    job has no outcome and can be resubmitted later.
    """

    def __init__(
        self,
        generator: Painter,
        *,
        begin: Callable[[str], Awaitable[int]],
        waiting_per_member: int = 3,
        waiting: int = 100,
        pictures_together: int = 8,
        max_attempts: int = 3,
    ) -> None:
        self._generator = generator
        self._begin = begin
        self._waiting_per_member = waiting_per_member
        self._waiting = waiting
        self._pictures_together = pictures_together
        self._max_attempts = max_attempts
        self._open = False
        self._closed = False
        self._places: collections.Counter[Hashable] = collections.Counter()
        self._jobs: dict[str, _Job] = {}  # all jobs without an outcome
        self._retried: list[_Job] = []  # in order of first submission
        self._lines: dict[Hashable, list[_Job]] = {}
        self._rounds: dict[Hashable, int] = {}  # round of each member's next job
        self._round = 0  # round of the last job served
        self._running: dict[_Job, asyncio.Task[None]] = {}
        self._arrivals = itertools.count()

    async def __aenter__(self) -> Self:
        self._open = True
        self._serve()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._open = False
        self._closed = True
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        for job in list(self._jobs.values()):
            self._end(job, None)
        for left in (self._running, self._retried, self._lines):
            left.clear()

    def reserve(self, member: Hashable, *, limit: int | None = None) -> Place:
        """Reserve a place, so that a job stored next is sure to be accepted.

        `limit` replaces `waiting_per_member` for this call.  Raises QueueFull.
        """
        limit = self._waiting_per_member if limit is None else limit
        waiting = collections.Counter(job.member for job in self._in_order()) + self._places
        if waiting[member] >= limit:
            raise QueueFull("member", limit)
        if waiting.total() >= self._waiting:
            raise QueueFull("everyone", self._waiting)
        return Place(self, member)

    def resubmit(
        self, member: Hashable, request: Paint, *, alone: bool = False
    ) -> AsyncIterator[Event]:
        """Queue a job accepted before a restart, like `Place.submit` but without limits.

        `alone`: an earlier attempt was interrupted, so run it without others.
        """
        if request.job in self._jobs:
            raise ValueError(f"job {request.job} is in the queue already")
        job = _Job(member, request, next(self._arrivals), suspect=alone)
        self._jobs[request.job] = job
        if self._closed:
            self._end(job, None)
        else:
            self._lines.setdefault(member, []).append(job)
            self._rounds[member] = max(self._rounds.get(member, 0), self._round)
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
            self._leave_line(found)
            self._end(found, Cancelled(job=job))
            self._serve()
        elif found.painting:
            await self._generator.cancel(job)
        return True

    def waiting(self) -> list[Waiting]:
        """Return the waiting jobs, in the order in which they will be served."""
        return [
            Waiting(job=job.request.job, member=job.member, position=position)
            for position, job in enumerate(self._in_order(), 1)
        ]

    def _in_order(self) -> list[_Job]:
        """Return the waiting jobs, next first: crashed ones, then round by round."""
        order = [
            (round_, job.arrival, job)
            for member, line in self._lines.items()
            for round_, job in enumerate(line, self._rounds[member])
        ]
        return self._retried + [job for *_, job in sorted(order, key=lambda entry: entry[:2])]

    def _serve(self) -> None:
        """Start the jobs that may run now, then tell the others their positions."""
        if not self._running and not self._lines:
            self._rounds.clear()  # with nothing running, past turns no longer count
        while self._open and (order := self._in_order()) and self._may_run(order[0]):
            job = order[0]
            if job not in self._retried:
                self._round = self._rounds[job.member]
                self._rounds[job.member] += 1
            self._leave_line(job)
            job.position = 0
            self._running[job] = asyncio.create_task(self._run(job))
        for position, job in enumerate(self._in_order(), 1):
            if job.position != position:
                job.position = position
                job.events.put_nowait(Queued(job=job.request.job, position=position))

    def _may_run(self, job: _Job) -> bool:
        """Return True if a job may join the running ones; if not, all after it wait, too."""
        if not self._running:
            return True
        if any(one.suspect for one in (job, *self._running)):
            return False
        pictures = sum(one.request.count for one in (job, *self._running))
        return pictures <= self._pictures_together

    def _leave_line(self, job: _Job) -> None:
        """Remove a waiting job from the queue."""
        if job in self._retried:
            self._retried.remove(job)
            return
        line = self._lines[job.member]
        line.remove(job)
        if not line:
            del self._lines[job.member]

    async def _run(self, job: _Job) -> None:
        """Run one attempt, whatever happens, and make room for the next job."""
        try:
            outcome = await self._attempt(job)
        except Exception:  # one job's error must not stop the whole queue
            log.exception("Job %s could not be run.", job.request.job)
            detail = "The queue could not run it; see the log."
            outcome = Failed(job=job.request.job, reason=Reason.INTERNAL, detail=detail)
        del self._running[job]
        job.painting = False
        crashed = isinstance(outcome, Failed) and outcome.reason is Reason.CRASHED
        if crashed and job.cancelled:
            self._end(job, Cancelled(job=job.request.job))
        elif crashed and job.attempt < self._max_attempts:
            job.suspect = True
            self._retried.append(job)
            self._retried.sort(key=lambda one: one.arrival)
        else:
            self._end(job, outcome)
        self._serve()

    async def _attempt(self, job: _Job) -> Terminal:
        """Count an attempt and run it; return how it ended."""
        name = job.request.job
        job.attempt = await self._begin(name)
        if job.cancelled:
            return Cancelled(job=name)
        if job.attempt > self._max_attempts:  # attempts were counted before a restart of the bot
            detail = f"The generator did not survive {self._max_attempts} attempts."
            return Failed(job=name, reason=Reason.CRASHED, detail=detail)
        job.events.put_nowait(Started(job=name, attempt=job.attempt))
        job.painting = True
        outcome: Terminal | None = None
        async for event in self._generator.submit(job.request):
            if isinstance(event, Terminal):
                outcome = event
            else:
                job.events.put_nowait(event)
        if outcome is None:
            raise RuntimeError(f"nobody said how job {name} ended")
        return outcome

    def _end(self, job: _Job, event: Terminal | None) -> None:
        """Deliver a job's terminal event; None if it has no outcome because the queue is closed."""
        del self._jobs[job.request.job]
        job.over = True
        job.events.put_nowait(event)

    async def _follow(self, job: _Job) -> AsyncIterator[Event]:
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


class Place:
    """A reserved place for one request of a member, until it is submitted or released.

    As a context manager it releases itself if nothing was submitted.
    """

    def __init__(self, queue: Queue, member: Hashable) -> None:
        self._queue = queue
        self._member = member
        self._held = True
        queue._places[member] += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def submit(self, request: Paint) -> AsyncIterator[Event]:
        """Queue the request at once; yields its events, up to exactly one terminal one.

        Closing the iterator cancels the job.
        """
        if not self._held:
            raise RuntimeError("this place was submitted to or released already")
        self.release()
        return self._queue.resubmit(self._member, request)

    def release(self) -> None:
        """Release the place; does nothing if it was used or released already."""
        if self._held:
            self._held = False
            self._queue._places[self._member] -= 1
            self._queue._places += collections.Counter()  # drops members without a place


@dataclasses.dataclass(eq=False, slots=True)
class _Job:
    """A request without a terminal event, and its undelivered events."""

    member: Hashable
    request: Paint
    arrival: int
    attempt: int = 0
    position: int = 0
    """Last reported position in the queue; 0 if none was reported."""
    suspect: bool = False
    """The painter died during this job, so it runs alone."""
    painting: bool = False
    """True while the painter has the job."""
    cancelled: bool = False
    over: bool = False
    events: asyncio.Queue[Event | None] = dataclasses.field(default_factory=asyncio.Queue)
