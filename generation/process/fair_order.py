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
from generation.protocol.requests import Lane, Work
from generation.protocol.training import Action


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
    reached: bool = False
    """True once the painter has said something of the present attempt, so that it hears, too."""
    asked: list[Action] = dataclasses.field(default_factory=list)
    """Asked of a training, to be passed on to each attempt."""
    checkpoint: int = 0
    """Step of a training's last checkpoint."""
    progressed: bool = False
    """A new checkpoint was saved since the last attempt began."""
    shelved: bool = False
    """It is paused, and makes way for others once its next checkpoint is saved."""
    forgiven: int = 0
    """Attempts that no longer count, because a later one reached a new checkpoint."""
    events: asyncio.Queue[Event | None] = dataclasses.field(default_factory=asyncio.Queue)

    @property
    def lane(self) -> Lane:
        """Lane that it waits in.

        A suspect goes the way of what somebody watches, where nothing runs beside it.
        """
        unattended = self.request.lane is Lane.UNATTENDED
        return Lane.INTERACTIVE if unattended and self.suspect else self.request.lane

    @property
    def paused(self) -> bool:
        """True if it is to wait until it is resumed or stopped."""
        return Action.PAUSE in self.asked and Action.STOP not in self.asked

    @property
    def deaths(self) -> int:
        """Attempts that count, of which all but the present one ended with the painter's death."""
        return self.attempt - self.forgiven

    def ask(self, action: Action) -> None:
        """Note what is asked of a training; what it undoes is forgotten."""
        undone = {Action.PAUSE} if action is Action.RESUME else {action}
        self.asked = [one for one in self.asked if one not in undone]
        if action is not Action.RESUME:
            self.asked.append(action)

    def saved(self, step: int) -> None:
        """Note a checkpoint, with which what was asked once is done."""
        if step > self.checkpoint:
            self.checkpoint, self.progressed = step, True
        self.asked = [one for one in self.asked if one not in {Action.SAVE, Action.SAMPLE}]


class FairOrder:
    """The waiting jobs of one lane."""

    def __init__(self) -> None:
        self._retried: list[QueuedJob] = []  # in order of first submission
        self._lines: dict[Hashable, list[QueuedJob]] = {}
        self._rounds: dict[Hashable, int] = {}  # round of each member's next job
        self._round = 0  # round of the last job served

    def next(self) -> QueuedJob | None:
        """Return the job whose turn it is; None if none is waiting, or all are paused."""
        return next((job for job in self.jobs() if not job.paused), None)

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
