"""Repository of the rights to train: the host's grant to a server, and the server's own choices."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection

from storage.database import Database
from storage.training_records import TrainingRights


class TrainingRightsOfServers:
    """Who may train where; a server's choices stay when the host withdraws the grant."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, server_id: int) -> TrainingRights:
        """Return a server's rights; without any, nobody may train there."""
        row = await self._database.row(
            "SELECT * FROM training_rights WHERE server_id = ?", [server_id]
        )
        return TrainingRights(server_id=server_id) if row is None else _rights(row)

    async def are_set(self, server_id: int) -> bool:
        """Return True if anybody ever granted, withdrew or chose anything for a server."""
        sql = "SELECT 1 FROM training_rights WHERE server_id = ?"
        return await self._database.row(sql, [server_id]) is not None

    async def granted(self) -> list[TrainingRights]:
        """Return the rights of every server to which training is granted."""
        rows = await self._database.rows(
            "SELECT * FROM training_rights WHERE granted = 1 ORDER BY server_id"
        )
        return [_rights(row) for row in rows]

    async def grant(self, server_id: int, *, granted: bool = True) -> None:
        """Grant training to a server, or withdraw the grant."""
        await self._set(
            """
            INSERT INTO training_rights (server_id, granted) VALUES (:server, :granted)
            ON CONFLICT (server_id) DO UPDATE SET granted = :granted
            """,
            {"server": server_id, "granted": granted},
        )

    async def choose(self, server_id: int, *, roles: Collection[int], member_tastes: bool) -> None:
        """Save a server's own choices, which count once training is granted."""
        await self._set(
            """
            INSERT INTO training_rights (server_id, roles, member_tastes)
            VALUES (:server, :roles, :tastes)
            ON CONFLICT (server_id) DO UPDATE SET roles = :roles, member_tastes = :tastes
            """,
            {
                "server": server_id,
                "roles": json.dumps(sorted(roles)),
                "tastes": member_tastes,
            },
        )

    async def _set(self, sql: str, parameters: dict[str, int | str]) -> None:
        async with self._database.transaction() as transaction:
            await transaction.rows(sql, parameters)


def _rights(row: sqlite3.Row) -> TrainingRights:
    return TrainingRights(
        server_id=row["server_id"],
        granted=bool(row["granted"]),
        roles=tuple(json.loads(row["roles"])),
        member_tastes=bool(row["member_tastes"]),
    )
