"""Boards: series of rounds, each with an owner."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection

from storage.database import Clock, Database
from storage.errors import Missing
from storage.records import Board, Holding, RoundPlace

BOARD_COLUMNS = (
    "id",
    "server_id",
    "channel_id",
    "owner_id",
    "is_group",
    "since_round",
    "forked_from",
    "created_at",
)
"""The columns of the table `boards`."""

PLACE = """
    rounds.id AS round_id, boards.id AS board_id, server_id, owner_id,
    (
        SELECT member_id FROM jobs WHERE jobs.round_id = rounds.id ORDER BY jobs.id DESC LIMIT 1
    ) AS asked_by,
    coalesce(
        (
            SELECT nullif(json_group_array(DISTINCT posts.channel_id), '[]')
            FROM posts WHERE posts.round_id = rounds.id
        ),
        (
            SELECT json_array(jobs.channel_id)
            FROM jobs WHERE jobs.round_id = rounds.id ORDER BY jobs.id DESC LIMIT 1
        ),
        json_array(boards.channel_id)
    ) AS channel_ids
"""
"""The columns of a `RoundPlace`, of the tables `rounds` and `boards` joined."""


class Boards:
    """Series of rounds, each owned by the member who started it."""

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
        """Create a board; `forked_from` is the round of another board that it starts from."""
        async with self._database.transaction() as transaction:
            row = await transaction.one(
                """
                INSERT INTO boards
                    (server_id, channel_id, owner_id, is_group, forked_from, created_at)
                VALUES (?, ?, ?, ?, ?, ?) RETURNING *
                """,
                [server_id, channel_id, owner_id, group, forked_from, self._clock()],
            )
        return board_of(row)

    async def get(self, board_id: int) -> Board | None:
        """Return a board by its id, or None."""
        row = await self._database.row("SELECT * FROM boards WHERE id = ?", [board_id])
        return None if row is None else board_of(row)

    async def newest_of(self, server_id: int, owner_id: int, limit: int) -> list[Board]:
        """Return a member's boards in a server, newest first."""
        rows = await self._database.rows(
            "SELECT * FROM boards WHERE server_id = ? AND owner_id = ? ORDER BY id DESC LIMIT ?",
            [server_id, owner_id, limit],
        )
        return [board_of(row) for row in rows]

    async def holding(self, server_id: int, digests: Collection[str]) -> list[Holding]:
        """Return the rounds of a server that use these files: pictures first, oldest first."""
        rows = await self._database.rows(
            f"""
            WITH wanted (digest) AS (SELECT value FROM json_each(?)),
            held (digest, image_id, round_id) AS (
                SELECT digest, id, round_id FROM images WHERE digest IN wanted
                UNION ALL SELECT source_digest, NULL, id FROM rounds WHERE source_digest IN wanted
                UNION ALL SELECT mask_digest, NULL, id FROM rounds WHERE mask_digest IN wanted
            )
            SELECT DISTINCT digest, image_id, {PLACE} FROM held
                JOIN rounds ON rounds.id = held.round_id JOIN boards ON boards.id = board_id
            WHERE server_id = ? ORDER BY image_id IS NULL, image_id
            """,  # noqa: S608
            [json.dumps(list(digests)), server_id],
        )
        return [
            Holding(digest=row["digest"], image_id=row["image_id"], place=place_of(row))
            for row in rows
        ]

    async def reset(self, board_id: int) -> Board:
        """Let no round so far steer the board, only those to come."""
        async with self._database.transaction() as transaction:
            row = await transaction.row(
                "UPDATE boards SET since_round = last_number + 1 WHERE id = ? RETURNING *",
                [board_id],
            )
        if row is None:
            raise Missing(f"there is no board {board_id}")
        return board_of(row)


def board_of(row: sqlite3.Row, prefix: str = "") -> Board:
    """Convert a row of the table `boards`; `prefix` stands before the names of its columns."""
    return Board(
        id=row[f"{prefix}id"],
        server_id=row[f"{prefix}server_id"],
        channel_id=row[f"{prefix}channel_id"],
        owner_id=row[f"{prefix}owner_id"],
        group=bool(row[f"{prefix}is_group"]),
        since_round=row[f"{prefix}since_round"],
        forked_from=row[f"{prefix}forked_from"],
        created_at=row[f"{prefix}created_at"],
    )


def place_of(row: sqlite3.Row) -> RoundPlace:
    """Convert a row that has the columns `PLACE`."""
    return RoundPlace(
        round_id=row["round_id"],
        board_id=row["board_id"],
        server_id=row["server_id"],
        owner_id=row["owner_id"],
        asked_by=row["asked_by"],
        channel_ids=tuple(json.loads(row["channel_ids"])),
    )
