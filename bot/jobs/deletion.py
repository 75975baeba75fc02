"""Deletes messages in Discord, for as long as it takes: what was deleted is not to stay there."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import Sequence

from bot.jobs.background import Background
from bot.jobs.channel import Channels, Closed, Unreachable
from bot.jobs.trouble import PAUSES, TROUBLE, growing, passes
from storage.records import Removal
from storage.store import Store

log = logging.getLogger(__name__)

GIVEN_UP_SECONDS = 30 * 86400.0
"""Time after which a message in a channel that stays closed to us is left where it is."""


class MessageDeletion:
    """Works off the removals in the store."""

    def __init__(
        self,
        *,
        store: Store,
        channels: Channels,
        background: Background,
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        self._store = store
        self._channels = channels
        self._background = background
        self._pauses = pauses

    async def take_up(self) -> None:
        """Delete every recorded message that nobody is deleting already, in the background."""
        for removal in await self._store.removals.open():
            name = f"deletion of message {removal.message_id}"
            if not self._background.runs(name):
                self._background.spawn(self._delete(removal), name)

    async def delete(self, channel_id: int, message_id: int) -> None:
        """Have a message deleted, whatever happens to this process."""
        await self._store.removals.add(channel_id, message_id)
        await self.take_up()

    async def _delete(self, removal: Removal) -> None:
        for pause in growing(self._pauses):
            try:
                if await self._gone(removal):
                    await self._store.removals.done(removal.message_id)
                    return
            except (*TROUBLE, sqlite3.OperationalError) as error:
                if not passes(error):
                    log.error("message %d cannot be deleted: %s", removal.message_id, error)
                    await self._store.removals.done(removal.message_id)
                    return
                log.warning("message %d is not deleted yet: %s", removal.message_id, error)
            await asyncio.sleep(pause)

    async def _gone(self, removal: Removal) -> bool:
        """Delete a message; return False if that may become possible later."""
        try:
            await self._channels.remove(removal.channel_id, removal.message_id)
        except Closed as closed:
            log.info("message %d may not be deleted: %s", removal.message_id, closed)
            return time.time() - removal.created_at > GIVEN_UP_SECONDS
        except Unreachable:
            return True
        return True
