"""Faults on order: refusals, delays, lost answers, and acts at an exact moment of a request."""

from __future__ import annotations

import asyncio
import dataclasses
import enum
import re
import time
from collections.abc import Callable, Mapping
from typing import Any

from .call import Call

Act = Callable[[], None]


class Moment(enum.Enum):
    """Where in a request's life something happens."""

    ARRIVED = "arrived"
    """The request is read; nothing has been done about it."""
    PERFORMED = "performed"
    """The request is carried out and its effect is visible; no answer has been sent."""
    ANSWERED = "answered"
    """The answer is with the operating system on its way to the bot."""


@dataclasses.dataclass
class Fault:
    """One thing to go wrong with the next `times` requests that match."""

    pattern: re.Pattern[str]
    """Searched in "METHOD /path"."""
    times: int = 1
    status: int | None = None
    """Answer this instead of performing the request."""
    body: dict[str, Any] = dataclasses.field(default_factory=dict)
    headers: dict[str, str] = dataclasses.field(default_factory=dict)
    delay: float = 0.0
    """Seconds to wait before performing the request."""
    lose_answer: bool = False
    """Perform the request, then drop the connection: the bot cannot know."""
    acts: dict[Moment, Act] = dataclasses.field(default_factory=dict)
    skip: int = 0
    """Matching requests to let pass first."""
    where: Callable[[Call], bool] = lambda _: True
    """Further condition that a request has to meet to match."""


class Faults:
    """Faults waiting for their requests, and rate limits that hold all along."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._limits: list[RateLimit] = []

    def answer(
        self, pattern: str, status: int, code: int = 0, message: str = "", *, times: int = 1
    ) -> Fault:
        """Refuse the next matching request with this status."""
        body = {"code": code, "message": message or f"{status}"}
        return self._order(Fault(re.compile(pattern), times, status, body))

    def limit_once(self, pattern: str, seconds: float, *, everywhere: bool = False) -> Fault:
        """429 the next matching request; it may come again after `seconds`."""
        body = {
            "message": "You are being rate limited.",
            "retry_after": seconds,
            "global": everywhere,
        }
        headers = {"Retry-After": f"{seconds:.3f}", "X-RateLimit-Scope": "user"}
        return self._order(Fault(re.compile(pattern), 1, 429, body, headers))

    def delay(self, pattern: str, seconds: float, *, times: int = 1) -> Fault:
        """Perform the next matching request late."""
        return self._order(Fault(re.compile(pattern), times, delay=seconds))

    def lose_answer(self, pattern: str, *, times: int = 1) -> Fault:
        """Perform the next matching request and drop the connection without an answer."""
        return self._order(Fault(re.compile(pattern), times, lose_answer=True))

    def act(
        self,
        pattern: str,
        acts: Mapping[Moment, Act],
        *,
        skip: int = 0,
        where: Callable[[Call], bool] = lambda _: True,
    ) -> Fault:
        """Do something at moments of the next matching request, such as killing the bot.

        `skip` lets that many matching requests pass first; `where` looks at their forms.
        """
        return self._order(Fault(re.compile(pattern), acts=dict(acts), skip=skip, where=where))

    def rate(self, pattern: str, requests: int, seconds: float) -> None:
        """From now on allow this many matching requests in this time, per channel."""
        self._limits.append(RateLimit(re.compile(pattern), requests, seconds))

    def clear(self) -> None:
        """Nothing more goes wrong."""
        self._waiting.clear()
        self._limits.clear()

    def _order(self, fault: Fault) -> Fault:
        self._waiting.append(fault)
        return fault

    def take(self, call: Call) -> Fault | None:
        """The fault that this request meets, if any; it is used up."""
        for fault in self._waiting:
            if not (fault.pattern.search(call.line) and fault.where(call)):
                continue
            if fault.skip:
                fault.skip -= 1
                continue
            fault.times -= 1
            if not fault.times:
                self._waiting.remove(fault)
            return fault
        return None

    def rate_limit(self, call: Call) -> RateLimit | None:
        """The rate limit that governs this request, if one does."""
        return next((limit for limit in self._limits if limit.pattern.search(call.line)), None)


@dataclasses.dataclass
class RateLimit:
    """A bucket: so many requests in so many seconds, for each channel apart."""

    pattern: re.Pattern[str]
    requests: int
    seconds: float
    _windows: dict[str, tuple[float, int]] = dataclasses.field(default_factory=dict)

    def spend(self, major: str) -> tuple[int, float]:
        """Take one request from the bucket of `major`: what remains (-1: none was there), and
        the seconds until the bucket is full again.
        """
        now = time.monotonic()
        until, used = self._windows.get(major, (0.0, 0))
        if now >= until:
            until, used = now + self.seconds, 0
        if used >= self.requests:
            return -1, until - now
        self._windows[major] = (until, used + 1)
        return self.requests - used - 1, until - now


async def late(fault: Fault | None) -> None:
    """Wait as long as the fault asks for."""
    if fault is not None and fault.delay:
        await asyncio.sleep(fault.delay)
