"""Share a device's time between the lanes: interactive work first, the background a small part."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from generation.protocol.requests import Lane

BACKGROUND_SHARE = 0.1
"""Least share of the time that background work gets while it waits."""


class Lanes:
    """Decides which lane is next, from measured seconds.

    All that nobody watches is background here.  Each interactive quantum adds to what the
    background is owed; once that covers a step as long as its last one, the background takes a
    step.  Where interactive work has nothing to run, background work runs freely, and owes nothing
    later.
    """

    def __init__(
        self, share: float = BACKGROUND_SHARE, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate = share / (1 - share)
        self._clock = clock
        self._owed = 0.0
        self._step: float | None = None  # the background's last one; None until one is measured

    def order(self) -> tuple[Lane, Lane]:
        """Return the lanes, that which is to run first if it has work."""
        if self._due:
            return Lane.BACKGROUND, Lane.INTERACTIVE
        return Lane.INTERACTIVE, Lane.BACKGROUND

    @property
    def _due(self) -> bool:
        return self._step is None or self._owed >= self._step

    @contextmanager
    def measured(self, lane: Lane) -> Iterator[None]:
        """Time a quantum of a lane while background work waits or runs."""
        began = self._clock()
        try:
            yield
        finally:
            self._learn(lane, self._clock() - began)

    def _learn(self, lane: Lane, seconds: float) -> None:
        if lane is Lane.INTERACTIVE:
            # Nothing if the background was due and had nothing to run.
            self._owed += 0.0 if self._due else seconds * self._rate
            return
        if self._step is not None:  # the first one is not charged: it measures
            self._owed = self._owed - seconds if self._due else 0.0
        self._step = seconds

    def forget(self) -> None:
        """Start over, because no background work is left."""
        self._owed, self._step = 0.0, None
