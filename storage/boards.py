"""Boards: lines of work."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection

from storage.database import Clock, Database
from storage.errors import Missing
from storage.records import Board, Holding


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

    async def holding(self, server_id: int, digests: Collection[str]) -> list[Holding]:
        """Who in a server holds these files: pictures first, the oldest before the newer."""
        rows = await self._database.rows(
            """
            WITH wanted (digest) AS (SELECT value FROM json_each(?)),
            held (digest, image_id, round_id) AS (
                SELECT digest, id, round_id FROM images WHERE digest IN wanted
                UNION ALL SELECT source_digest, NULL, id FROM rounds WHERE source_digest IN wanted
                UNION ALL SELECT mask_digest, NULL, id FROM rounds WHERE mask_digest IN wanted
            )
            SELECT DISTINCT digest, image_id, owner_id, channel_id FROM held
                JOIN rounds ON rounds.id = round_id JOIN boards ON boards.id = board_id
            WHERE server_id = ? ORDER BY image_id IS NULL, image_id
            """,
            [json.dumps(list(digests)), server_id],
        )
        return [Holding(**dict(row)) for row in rows]

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
