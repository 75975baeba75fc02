"""Repository of removals: messages that are to be deleted in Discord, until they are gone."""

from __future__ import annotations

from storage.database import Clock, Database
from storage.records import Removal


class Removals:
    """Messages to delete; `rounds.delete` adds those that show the round."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def add(self, channel_id: int, message_id: int) -> Removal:
        """Record that a message is to be deleted; the same one twice is recorded once."""
        async with self._database.transaction() as transaction:
            row = await transaction.one(
                """
                INSERT INTO removals (channel_id, message_id, created_at) VALUES (?, ?, ?)
                ON CONFLICT (message_id) DO UPDATE SET channel_id = excluded.channel_id
                RETURNING *
                """,
                [channel_id, message_id, self._clock()],
            )
        return Removal(**dict(row))

    async def open(self) -> list[Removal]:
        """Return the messages that are still to be deleted, oldest wish first."""
        rows = await self._database.rows("SELECT * FROM removals ORDER BY created_at, message_id")
        return [Removal(**dict(row)) for row in rows]

    async def done(self, message_id: int) -> None:
        """Forget a message that is gone."""
        async with self._database.transaction() as transaction:
            await transaction.rows("DELETE FROM removals WHERE message_id = ?", [message_id])
