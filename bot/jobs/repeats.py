"""Repeats: events that the gateway delivers a second time, which must not be acted on twice."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable

REMEMBERED_SECONDS = 15 * 60.0
"""Lifetime of an interaction's token."""

MOST_REMEMBERED = 20_000
"""About 2 MB."""


class Repeats:
    """Remembers the ids of events for a quarter of an hour, in bounded memory."""

    def __init__(self, *, most: int = MOST_REMEMBERED, clock: Callable[[], float] | None = None):
        self._most = most
        self._clock = clock or time.monotonic
        self._seen: dict[Hashable, float] = {}
        """Ids and when they came, oldest first."""

    def is_repeat(self, event: Hashable) -> bool:
        """Return True if this event came before; from now on it has."""
        now = self._clock()
        while self._seen:
            oldest, came = next(iter(self._seen.items()))
            if now - came < REMEMBERED_SECONDS and len(self._seen) < self._most:
                break
            del self._seen[oldest]
        if event in self._seen:
            return True
        self._seen[event] = now
        return False

    def forget(self, event: Hashable) -> None:
        """Let an event happen once more."""
        self._seen.pop(event, None)
