"""Places in the queue: reserved before a job is stored, within the limits on what may wait."""

from __future__ import annotations

import collections
from collections.abc import AsyncIterator, Callable, Hashable, Iterable
from typing import Literal, Self

from generation.protocol.events import Event
from generation.protocol.requests import Lane, Work

Submit = Callable[[Hashable, Work], AsyncIterator[Event]]
"""Queues a member's request; yields its events."""


class QueueFull(Exception):
    """The queue is full: `limit` requests are already waiting, from this member or in total."""

    def __init__(self, scope: Literal["member", "everyone"], limit: int) -> None:
        super().__init__(f"{limit} requests are already waiting ({scope})")
        self.scope = scope
        self.limit = limit


class Places:
    """The places of one lane that are reserved and not used yet.

    They count against the limits like the jobs that wait: `per_member` and `in_all`.
    """

    def __init__(self, lane: Lane, *, per_member: int, in_all: int, submit: Submit) -> None:
        self._lane = lane
        self._per_member = per_member
        self._in_all = in_all
        self._submit = submit
        self._held = collections.Counter[Hashable]()

    def reserve(
        self, member: Hashable, waiting: Iterable[Hashable], limit: int | None = None
    ) -> Place:
        """Reserve a place beside the jobs of the members `waiting`; raises QueueFull.

        limit: replaces `per_member` for this call.
        """
        limit = self._per_member if limit is None else limit
        taken = collections.Counter(waiting) + self._held
        if taken[member] >= limit:
            raise QueueFull("member", limit)
        if taken.total() >= self._in_all:
            raise QueueFull("everyone", self._in_all)
        self._held[member] += 1
        return Place(self._lane, member, self._submit, self._release)

    def _release(self, member: Hashable) -> None:
        self._held[member] -= 1
        if not self._held[member]:
            del self._held[member]


class Place:
    """A reserved place for one request of a member, until it is submitted or released.

    As a context manager it releases itself if nothing was submitted.
    """

    def __init__(
        self, lane: Lane, member: Hashable, submit: Submit, release: Callable[[Hashable], None]
    ) -> None:
        self._lane = lane
        self._member = member
        self._submit = submit
        self._release = release
        self._held = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def submit(self, request: Work) -> AsyncIterator[Event]:
        """Queue the request at once; yields its events, up to exactly one terminal one.

        Closing the iterator cancels the job.
        """
        if not self._held:
            raise RuntimeError("this place was submitted to or released already")
        if request.lane is not self._lane:
            raise ValueError(f"this place is in the {self._lane.value} lane")
        self.release()
        return self._submit(self._member, request)

    def release(self) -> None:
        """Release the place; does nothing if it was used or released already."""
        if self._held:
            self._held = False
            self._release(self._member)
