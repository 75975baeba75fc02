"""Repositories of servers' settings and members' locales."""

from __future__ import annotations

import json
import sqlite3

from storage.database import Database
from storage.ratings import recompute_server
from storage.records import Server


class Servers:
    """Settings of servers; server 0 stands for direct messages."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, server_id: int) -> Server:
        """Return a server's settings, or the defaults if none were saved."""
        row = await self._database.row("SELECT * FROM servers WHERE id = ?", [server_id])
        return Server(id=server_id) if row is None else _server(row)

    async def save(self, server: Server) -> None:
        """Save a server's settings; if the meaning of gestures has changed, recompute ratings."""
        gestures = None if server.gestures is None else json.dumps(dict(server.gestures))
        async with self._database.transaction() as transaction:
            before = await transaction.row("SELECT gestures FROM servers WHERE id = ?", [server.id])
            await transaction.rows(
                """
                INSERT OR REPLACE INTO servers (id, channels, group_boards, add_reactions,
                    gestures, waiting_per_member, pictures_per_day, content_filter)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    server.id,
                    json.dumps(server.channels),
                    server.group_boards,
                    server.add_reactions,
                    gestures,
                    server.waiting_per_member,
                    server.pictures_per_day,
                    server.content_filter,
                ],
            )
            if gestures != (before and before["gestures"]):
                await recompute_server(transaction, server.id)


class Members:
    """Members and the locale they last used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def seen(self, server_id: int, member_id: int, locale: str) -> None:
        """Save the locale that a member uses in a server."""
        # In the usual case, nothing new, this avoids a write.
        if await self.locale(server_id, member_id) == locale:
            return
        async with self._database.transaction() as transaction:
            await transaction.rows(
                "INSERT OR REPLACE INTO members (server_id, id, locale) VALUES (?, ?, ?)",
                [server_id, member_id, locale],
            )

    async def locale(self, server_id: int, member_id: int) -> str | None:
        """Return the locale a member last used in a server; None if never seen."""
        row = await self._database.row(
            "SELECT locale FROM members WHERE server_id = ? AND id = ?", [server_id, member_id]
        )
        return None if row is None else str(row["locale"])


def _server(row: sqlite3.Row) -> Server:
    return Server(
        id=row["id"],
        channels=tuple(json.loads(row["channels"])),
        group_boards=bool(row["group_boards"]),
        add_reactions=bool(row["add_reactions"]),
        gestures=None if row["gestures"] is None else json.loads(row["gestures"]),
        waiting_per_member=row["waiting_per_member"],
        pictures_per_day=row["pictures_per_day"],
        content_filter=row["content_filter"],
    )
