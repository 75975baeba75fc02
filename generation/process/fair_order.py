"""The order of waiting jobs: fair among members, by start-time fair queueing.

Members take turns, first come first served within a member: a job's round is one after that of the
member's previous job, but never a past round, and earlier rounds are served first (Goyal et al.,
1996, each job counting as one).
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Hashable

from generation.protocol.events import Event
from generation.protocol.requests import Work


@dataclasses.dataclass(eq=False, slots=True)
class QueuedJob:
    """A request without a terminal event, and its undelivered events."""

    member: Hashable
    request: Work
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


class FairOrder:
    """The waiting jobs of one lane."""

    def __init__(self) -> None:
        self._retried: list[QueuedJob] = []  # in order of first submission
        self._lines: dict[Hashable, list[QueuedJob]] = {}
        self._rounds: dict[Hashable, int] = {}  # round of each member's next job
        self._round = 0  # round of the last job served

    def __bool__(self) -> bool:
        """Return True if a job is waiting."""
        return bool(self._retried or self._lines)

    def jobs(self) -> list[QueuedJob]:
        """Return the waiting jobs, next first: crashed ones, then round by round."""
        order = [
            (round_, job.arrival, job)
            for member, line in self._lines.items()
            for round_, job in enumerate(line, self._rounds[member])
        ]
        return self._retried + [job for *_, job in sorted(order, key=lambda entry: entry[:2])]

    def add(self, job: QueuedJob) -> None:
        """Put a job at the end of its member's line."""
        self._lines.setdefault(job.member, []).append(job)
        self._rounds[job.member] = max(self._rounds.get(job.member, 0), self._round)

    def retry(self, job: QueuedJob) -> None:
        """Put a job before all that have not been served yet."""
        self._retried.append(job)
        self._retried.sort(key=lambda one: one.arrival)

    def serve(self, job: QueuedJob) -> None:
        """Remove a job whose turn it is; a retried one has had its turn."""
        if job not in self._retried:
            self._round = self._rounds[job.member]
            self._rounds[job.member] += 1
        self.remove(job)

    def remove(self, job: QueuedJob) -> None:
        """Remove a waiting job that will not be served."""
        if job in self._retried:
            self._retried.remove(job)
            return
        line = self._lines[job.member]
        line.remove(job)
        if not line:
            del self._lines[job.member]

    def forget_turns(self) -> None:
        """Count past turns no longer; no job may be waiting in a line."""
        if not self._lines:
            self._rounds.clear()

    def clear(self) -> None:
        """Remove all jobs."""
        self._retried.clear()
        self._lines.clear()
