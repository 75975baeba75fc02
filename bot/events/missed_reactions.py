"""Reactions that were missed, while offline or in a fault, are read again from their messages."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import time
from collections.abc import Sequence
from contextlib import suppress

import discord

from bot.jobs.trouble import PAUSES, passes
from bot.services import Services

log = logging.getLogger(__name__)

AT_ONCE = 50
"""Messages read at once after a gap, the newest; more are not begun while so many fail."""

LEISURELY_SECONDS = 1.0
"""Pause between two older messages: there may be thousands, and nobody waits for them."""

NEWER_THAN_ALL = 2**63 - 1


@dataclasses.dataclass(slots=True)
class _Unread:
    """A message whose reactions have to be read."""

    channel_id: int
    message_id: int
    refresh: bool = False
    """True if its counts may be old, whatever is read."""
    failures: int = 0
    due: float = 0.0
    """Monotonic time before which it is not tried again."""


class MissedReactions:
    """Reads the reactions of messages again, one after another, each for as long as it takes.

    Only ratings are made up for, which follow from the reactions that are there.  Who asked for a
    next round hours ago may have long left, and would find it painted on their quota.
    """

    def __init__(self, services: Services, *, pauses: Sequence[float] = PAUSES) -> None:
        self._services = services
        self._pauses = pauses
        self._unread: dict[int, _Unread] = {}
        self._older_than: int | None = None
        """Messages with a smaller id are still to be looked up; None: there are none."""
        self._hastily = True
        self._lookup = _Unread(0, 0)
        """Failures of the search for further messages."""
        self._reading: set[int] = set()
        """Messages whose reactions are being read; one leaves when news of it comes."""
        self._working = False
        self._awake = asyncio.Event()

    def read_all(self) -> None:
        """Read those of all messages: the newest at once, older ones at leisure."""
        self._older_than, self._hastily = NEWER_THAN_ALL, True
        for unread in (self._lookup, *self._unread.values()):
            unread.failures, unread.due = 0, 0.0
        self._work()

    def read(self, channel_id: int, message_id: int) -> None:
        """Read those of one message, of which something could not be recorded as it happened."""
        self._unread[message_id] = _Unread(channel_id, message_id, refresh=True)
        self._work()

    def heard_of(self, message_id: int) -> None:
        """Note that a message's reactions changed: what is being read of it may be outdated."""
        self._reading.discard(message_id)

    def _work(self) -> None:
        self._awake.set()
        if not self._working:
            self._working = True
            self._services.background.spawn(self._read_everything(), "reading reactions again")

    async def _read_everything(self) -> None:
        try:
            while self._unread or self._older_than is not None:
                self._awake.clear()
                pause = await self._next()
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._awake.wait()
        finally:
            self._working = False

    async def _next(self) -> float:
        """Do what is due, and return the seconds until something else may be."""
        now = time.monotonic()
        for unread in self._unread.values():
            if unread.due <= now:
                await self._try(unread)
                return 0.0
        due = [unread.due for unread in self._unread.values()]
        if self._older_than is not None and len(self._unread) < AT_ONCE:
            if self._lookup.due <= now:
                return await self._look_up(self._older_than)
            due.append(self._lookup.due)
        return max(0.0, min(due, default=now) - now)

    async def _look_up(self, older_than: int) -> float:
        """Look up the next messages; return the pause that is due after them."""
        try:
            posts = await self._services.store.rounds.shown_before(
                older_than, AT_ONCE if self._hastily else 1
            )
        except Exception as error:  # noqa: BLE001 - whatever it is, it may be over next time
            self._failed(self._lookup, "rounds could not be looked up yet: %s", error)
            return 0.0
        self._lookup = _Unread(0, 0)
        if self._older_than != older_than:
            return 0.0  # A new session: from the newest again.
        self._older_than = posts[-1].message_id if posts else None
        for post in posts:
            self._unread.setdefault(post.message_id, _Unread(post.channel_id, post.message_id))
        hastily, self._hastily = self._hastily, False
        return 0.0 if hastily or not posts else LEISURELY_SECONDS

    async def _try(self, unread: _Unread) -> None:
        # Out before it is read: what comes meanwhile is put in anew, and not lost.
        del self._unread[unread.message_id]
        try:
            await self._read(unread)
        except Exception as error:  # noqa: BLE001 - one message must not keep the others waiting
            if isinstance(error, discord.HTTPException) and not passes(error):
                log.info("message %d cannot be read again: %s", unread.message_id, error)
                return
            told = f"reactions on message {unread.message_id} could not be read yet: %s"
            self._failed(unread, told, error)
            unread.refresh = True
            self._unread.setdefault(unread.message_id, unread)

    def _failed(self, unread: _Unread, told: str, error: Exception) -> None:
        pause = self._pauses[min(unread.failures, len(self._pauses) - 1)]
        unread.failures += 1
        unread.due = time.monotonic() + pause
        log.warning(told, error)

    async def _read(self, unread: _Unread) -> None:
        channels, store = self._services.channels, self._services.store
        message_id = unread.message_id
        if not await store.ratings.counts(message_id):
            return
        before = await self._ratings(message_id)
        try:
            present = None
            # What comes while they are read may or may not be among them: then once more.
            while present is None or message_id not in self._reading:
                self._reading.add(message_id)
                present = await channels.reactions(unread.channel_id, message_id)
            await store.ratings.replace_reactions(message_id, present)
        finally:
            self._reading.discard(message_id)
        if unread.refresh or await self._ratings(message_id) != before:
            found = await store.rounds.by_message(message_id)
            if found is not None:
                round_, part = found
                self._services.results.refresh(round_.id, part)

    async def _ratings(self, message_id: int) -> list[object]:
        store = self._services.store
        images = await store.images.on_message(message_id)
        return [await store.ratings.of_image(image.id) for image in images]
