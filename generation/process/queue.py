"""Who is next: fair among members, bounded, cancellable; a crash costs nobody their job.

Members take turns, first come first served within a member: a job's round is one after
that of the member's job before it, but never a round that is past, and earlier rounds are
served first (start-time fair queueing, Goyal et al., 1996, each job counting as one).
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
    """Who paints for the queue: `process.Generator`, or whatever speaks like it."""

    def submit(self, request: Paint) -> AsyncIterator[Event]:
        """Paint; yields progress, then exactly one terminal event."""

    async def cancel(self, job: str) -> None:
        """Stop a job at its next step, without waiting for that."""


class QueueFull(Exception):
    """No room: `limit` requests wait already, of this member or of everyone."""

    def __init__(self, scope: Literal["member", "everyone"], limit: int) -> None:
        super().__init__(f"{limit} requests wait already ({scope})")
        self.scope = scope
        self.limit = limit


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """A job that waits for its turn; position 1 is next."""

    job: str
    member: Hashable
    position: int


class Queue:
    """Orders requests for one painter: an async context manager.

    `begin(job)` is awaited right before the painter gets a job: it counts the attempt
    durably and returns its number.  Requests are painted together while their pictures
    number at most `pictures_together`.  A job that the painter died with is next again, and
    runs alone, since it may have been the cause; after `max_attempts` it fails.
    `waiting_per_member` and `waiting` bound what waits, not what runs.

    Leaving the context stops what runs, and whoever still follows a job meets
    CancelledError: such a job has no outcome, and is to be resubmitted another day.
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
        self._jobs: dict[str, _Job] = {}  # all that are not over
        self._retried: list[_Job] = []  # in the order in which they first came
        self._lines: dict[Hashable, list[_Job]] = {}
        self._rounds: dict[Hashable, int] = {}  # of each member's next job
        self._round = 0  # of the job served last
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
        """Hold a waiting place, so that what is committed next is sure to be let in.

        `limit` replaces `waiting_per_member` for this once.  Raises QueueFull.
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
        """Queue what was let in before a restart, as `Place.submit` does; no limits apply.

        `alone`: an earlier attempt was cut short, so let it take nobody with it.
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
        """Stop a job; False when there is none, or it has ended.

        One that waits is over now; one that runs is over when its terminal event says so,
        which may yet be that it finished.
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
        """Return who waits, in the order in which they will be served."""
        return [
            Waiting(job=job.request.job, member=job.member, position=position)
            for position, job in enumerate(self._in_order(), 1)
        ]

    def _in_order(self) -> list[_Job]:
        """Return the waiting jobs, next first: what crashed, then round by round."""
        order = [
            (round_, job.arrival, job)
            for member, line in self._lines.items()
            for round_, job in enumerate(line, self._rounds[member])
        ]
        return self._retried + [job for *_, job in sorted(order, key=lambda entry: entry[:2])]

    def _serve(self) -> None:
        """Start what may run now, then tell the others where they stand."""
        if not self._running and not self._lines:
            self._rounds.clear()  # who had the last turn an hour ago may go first now
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
        """Whether a job may join what runs; the next one waits for room, and so do all after it."""
        if not self._running:
            return True
        if any(one.suspect for one in (job, *self._running)):
            return False
        pictures = sum(one.request.count for one in (job, *self._running))
        return pictures <= self._pictures_together

    def _leave_line(self, job: _Job) -> None:
        """Take a waiting job out of where it waits."""
        if job in self._retried:
            self._retried.remove(job)
            return
        line = self._lines[job.member]
        line.remove(job)
        if not line:
            del self._lines[job.member]

    async def _run(self, job: _Job) -> None:
        """See one attempt through, whatever happens, and make room for the next job."""
        try:
            outcome = await self._attempt(job)
        except Exception:  # one job's fault must not stop everybody's queue
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
        """Count an attempt and have it painted; returns how it ended."""
        name = job.request.job
        job.attempt = await self._begin(name)
        if job.cancelled:
            return Cancelled(job=name)
        if job.attempt > self._max_attempts:  # it was counted before a restart of ours
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
        """Say a job's last word; None: it has no outcome, the queue is closed."""
        del self._jobs[job.request.job]
        job.over = True
        job.events.put_nowait(event)

    async def _follow(self, job: _Job) -> AsyncIterator[Event]:
        """Yield a job's events up to its terminal one; cancels it when closed before."""
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
    """Room for one request of a member, held until it is submitted or released.

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
        """Give the place up; does nothing if it was used or released already."""
        if self._held:
            self._held = False
            self._queue._places[self._member] -= 1
            self._queue._places += collections.Counter()  # forgets members who hold none


@dataclasses.dataclass(eq=False, slots=True)
class _Job:
    """A request that is not over, and what was said of it but not yet heard."""

    member: Hashable
    request: Paint
    arrival: int
    attempt: int = 0
    position: int = 0
    """Where it was last said to wait; 0: not said."""
    suspect: bool = False
    """The painter died while it had this job, so it runs alone."""
    painting: bool = False
    """The painter has it."""
    cancelled: bool = False
    over: bool = False
    events: asyncio.Queue[Event | None] = dataclasses.field(default_factory=asyncio.Queue)
