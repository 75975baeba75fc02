"""Repository of images: every picture that was generated."""

from __future__ import annotations

import json
import sqlite3

from storage.database import Database
from storage.gestures import EARLIER_PICTURES_A_MESSAGE
from storage.records import Image

TOGETHER = (
    "coalesce(json_extract(rounds.parameters, '$.pictures_a_message'), "
    f"{EARLIER_PICTURES_A_MESSAGE})"
)
"""The number of pictures that each message of a round shows: `Round.pictures_a_message` in SQL."""

TREE = 200
"""Largest number of pictures of one tree that are read."""


class Images:
    """Stored pictures; added by `jobs.finish` and deleted with their round."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, image_id: int) -> Image | None:
        """Return a picture by its id."""
        row = await self._database.row("SELECT * FROM images WHERE id = ?", [image_id])
        return None if row is None else image_of(row)

    async def of_round(self, round_id: int) -> list[Image]:
        """Return a round's pictures by position."""
        rows = await self._database.rows(
            "SELECT * FROM images WHERE round_id = ? ORDER BY position", [round_id]
        )
        return [image_of(row) for row in rows]

    async def on_message(self, message_id: int) -> list[Image]:
        """Return the pictures that a message shows, by position."""
        rows = await self._database.rows(
            f"""
            SELECT images.* FROM posts JOIN images USING (round_id)
                JOIN rounds ON rounds.id = round_id
            WHERE message_id = ? AND position / {TOGETHER} = part ORDER BY position
            """,  # noqa: S608
            [message_id],
        )
        return [image_of(row) for row in rows]

    async def flagged(self, digest: str) -> bool:
        """Return True if the safety checker found adult content in a picture of this digest."""
        row = await self._database.row(
            "SELECT 1 FROM images WHERE digest = ? AND flagged LIMIT 1", [digest]
        )
        return row is not None

    async def tree(self, image_id: int) -> list[Image]:
        """Return the root picture of this one's tree and all its descendants, oldest first.

        At most `TREE` pictures, those nearest to the root.
        """
        rows = await self._database.rows(
            """
            WITH RECURSIVE
                up (id, parent_id) AS (
                    SELECT id, parent_id FROM images WHERE id = ?1
                    UNION SELECT images.id, images.parent_id
                    FROM images JOIN up ON images.id = up.parent_id
                ),
                down (id) AS (
                    SELECT id FROM up WHERE parent_id IS NULL
                    UNION SELECT images.id FROM images JOIN down ON images.parent_id = down.id
                    LIMIT ?2
                )
            SELECT images.* FROM images JOIN down USING (id) ORDER BY round_id, position
            """,
            [image_id, TREE],
        )
        return [image_of(row) for row in rows]

    async def painted_since(self, server_id: int, member_id: int, timestamp: float) -> int:
        """Count a member's pictures requested since then, except those of unsuccessful jobs.

        Open jobs count with all their pictures; deleting pictures does not reduce the count.
        """
        row = await self._database.row(
            """
            SELECT coalesce(sum(pictures), 0) FROM jobs
            WHERE server_id = ? AND member_id = ? AND created_at >= ?
                AND state IN ('queued', 'running', 'done')
            """,
            [server_id, member_id, timestamp],
        )
        return 0 if row is None else int(row[0])


def image_of(row: sqlite3.Row) -> Image:
    """Return the record of a row of the table `images`."""
    return Image(
        id=row["id"],
        round_id=row["round_id"],
        position=row["position"],
        digest=row["digest"],
        seed=row["seed"],
        width=row["width"],
        height=row["height"],
        parameters=json.loads(row["parameters"]),
        parent_id=row["parent_id"],
        created_at=row["created_at"],
        flagged=bool(row["flagged"]),
    )
