"""Boards: lines of work."""

from __future__ import annotations

import sqlite3

from storage.database import Clock, Database
from storage.errors import Missing
from storage.records import Board


class Boards:
    """Lines of work, each owned by the member who started it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def create(
        self,
        *,
        server_id: int,
        channel_id: int,
        owner_id: int,
        group: bool,
        forked_from: int | None = None,
    ) -> Board:
        """Start a board; `forked_from` is the round of another board that it grows from."""
        async with self._database.transaction() as transaction:
            row = await transaction.one(
                """
                INSERT INTO boards
                    (server_id, channel_id, owner_id, is_group, forked_from, created_at)
                VALUES (?, ?, ?, ?, ?, ?) RETURNING *
                """,
                [server_id, channel_id, owner_id, group, forked_from, self._clock()],
            )
        return _board(row)

    async def get(self, board_id: int) -> Board | None:
        """A board by its id."""
        row = await self._database.row("SELECT * FROM boards WHERE id = ?", [board_id])
        return None if row is None else _board(row)

    async def newest_of(self, server_id: int, owner_id: int, limit: int) -> list[Board]:
        """A member's boards in a server, newest first."""
        rows = await self._database.rows(
            "SELECT * FROM boards WHERE server_id = ? AND owner_id = ? ORDER BY id DESC LIMIT ?",
            [server_id, owner_id, limit],
        )
        return [_board(row) for row in rows]

    async def reset(self, board_id: int) -> Board:
        """Let only rounds that are still to come steer the board."""
        async with self._database.transaction() as transaction:
            row = await transaction.row(
                "UPDATE boards SET since_round = last_number + 1 WHERE id = ? RETURNING *",
                [board_id],
            )
        if row is None:
            raise Missing(f"there is no board {board_id}")
        return _board(row)


def _board(row: sqlite3.Row) -> Board:
    return Board(
        id=row["id"],
        server_id=row["server_id"],
        channel_id=row["channel_id"],
        owner_id=row["owner_id"],
        group=bool(row["is_group"]),
        since_round=row["since_round"],
        forked_from=row["forked_from"],
        created_at=row["created_at"],
    )
