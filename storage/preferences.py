"""Repository of members' preferences: the defaults that each has chosen in a server."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from storage.database import Database

SELECT = "SELECT chosen FROM preferences WHERE server_id = ? AND member_id = ?"
DELETE = "DELETE FROM preferences WHERE server_id = ? AND member_id = ?"


class Preferences:
    """What members want of new boards; server 0 stands for direct messages."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, server_id: int, member_id: int) -> dict[str, Any]:
        """Return what a member has chosen, by name; empty if nothing."""
        row = await self._database.row(SELECT, [server_id, member_id])
        return {} if row is None else dict(json.loads(row["chosen"]))

    async def change(
        self, server_id: int, member_id: int, changes: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Change some of a member's preferences and return all; None takes one back."""
        async with self._database.transaction() as transaction:
            row = await transaction.row(SELECT, [server_id, member_id])
            before = {} if row is None else json.loads(row["chosen"])
            after = {**before, **changes}
            chosen = {name: value for name, value in after.items() if value is not None}
            if chosen:
                await transaction.rows(
                    """
                    INSERT OR REPLACE INTO preferences (server_id, member_id, chosen)
                    VALUES (?, ?, ?)
                    """,
                    [server_id, member_id, json.dumps(chosen, ensure_ascii=False)],
                )
            else:
                await transaction.rows(DELETE, [server_id, member_id])
        return chosen

    async def forget(self, server_id: int, member_id: int) -> None:
        """Forget all of a member's preferences in a server."""
        async with self._database.transaction() as transaction:
            await transaction.rows(DELETE, [server_id, member_id])
