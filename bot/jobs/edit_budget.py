"""Edit budget: limits edits per message and channel; progress is dropped first, results never."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class EditBudget:
    """One edit per `message_seconds` a message, one per half of that a channel.

    Discord slows down bots that edit more often, and then results would wait as well.
    """

    def __init__(
        self, message_seconds: float = 2.0, clock: Callable[[], float] | None = None
    ) -> None:
        self.message_seconds = message_seconds
        self._channel_seconds = message_seconds / 2
        self._clock = clock or asyncio.get_running_loop().time
        self._free: dict[int, float] = {}
        """Channel's or message's id to when it may be edited next."""

    def spare(self, channel_id: int, message_id: int) -> bool:
        """Take a turn if there is one right now; False: leave it out."""
        if self._wait(channel_id, message_id) > 0:
            return False
        self._book(channel_id, message_id, self._clock())
        return True

    async def leftover(self, channel_id: int, message_id: int) -> None:
        """Wait for a turn that nobody else wants: later callers of `turn` go first."""
        while (wait := self._wait(channel_id, message_id)) > 0:  # noqa: ASYNC110 - time passes
            await asyncio.sleep(wait)
        self._book(channel_id, message_id, self._clock())

    async def turn(self, channel_id: int, message_id: int) -> None:
        """Wait for one's turn, first come first served."""
        wait = self._wait(channel_id, message_id)
        # Booked before the wait, so that later callers queue up behind.
        self._book(channel_id, message_id, self._clock() + wait)
        if wait > 0:
            await asyncio.sleep(wait)

    def _wait(self, *ids: int) -> float:
        now = self._clock()
        return max(0.0, *(self._free.get(each, now) - now for each in ids))

    def _book(self, channel_id: int, message_id: int, when: float) -> None:
        if len(self._free) > 1000:
            now = self._clock()
            self._free = {each: free for each, free in self._free.items() if free > now}
        self._free[channel_id] = when + self._channel_seconds
        self._free[message_id] = when + self.message_seconds
