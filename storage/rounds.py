"""Rounds: their parameters, the pictures that steer them, and the messages that show them."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from storage.boards import BOARD_COLUMNS, PLACE, board_of, place_of
from storage.database import Clock, Database, Transaction, prefixed
from storage.errors import Missing
from storage.files import Files
from storage.images import image_of
from storage.records import (
    ForkPlace,
    ImagePlace,
    NewSource,
    Post,
    Round,
    RoundMessage,
    RoundPlace,
    Steer,
)
from storage.revocation import forget_deleted_images
from storage.round_deletion import delete_rounds

ROUND_COLUMNS = (
    "id",
    "board_id",
    "number",
    "parent_id",
    "parameters",
    "steering_digest",
    "sheet_digest",
    "source_digest",
    "mask_digest",
    "source_image_id",
    "created_at",
)
"""The columns of the table `rounds`."""

# One row for each picture that the message speaks of, with its round and board: the round's own
# pictures, those that steer it, and the one that it begins from.
_MESSAGE = f"""
    WITH named (role, place, image_id, value, weight) AS (
        SELECT 'image', position, id, NULL, NULL FROM images WHERE round_id = :round
        UNION ALL
        SELECT 'steer', place, image_id, value, weight FROM steers WHERE round_id = :round
        UNION ALL
        SELECT 'source', 0, source_image_id, NULL, NULL FROM rounds WHERE id = :round
    )
    SELECT role, named.value, weight, images.*,
        {prefixed("rounds", ROUND_COLUMNS)},
        {prefixed("boards", BOARD_COLUMNS)},
        (SELECT count(*) FROM ratings WHERE image_id = images.id AND value > 0) AS likes,
        (SELECT count(*) FROM ratings WHERE image_id = images.id AND value < 0) AS dislikes,
        EXISTS (
            SELECT 1 FROM ratings
            WHERE image_id = images.id AND ratings.value * named.value > 0 AND member_id = (
                SELECT owner_id FROM rounds AS shown JOIN boards AS its ON its.id = shown.board_id
                WHERE shown.id = :round
            )
        ) AS rated_by_owner,
        begun.number AS fork_number, begun_on.owner_id AS fork_owner
    FROM named JOIN images ON images.id = named.image_id
        JOIN rounds ON rounds.id = images.round_id
        JOIN boards ON boards.id = rounds.board_id
        LEFT JOIN rounds AS begun ON begun.id = boards.forked_from
        LEFT JOIN boards AS begun_on ON begun_on.id = begun.board_id
    ORDER BY place
"""  # noqa: S608


_STANDING_STEERS = """
    WITH RECURSIVE line (board_id, member_id, forked_from) AS (
        SELECT boards.id, iif(is_group, NULL, owner_id), forked_from
        FROM rounds JOIN boards ON boards.id = board_id WHERE rounds.id = :round
        UNION
        SELECT boards.id, iif(is_group, NULL, owner_id), boards.forked_from
        FROM line JOIN rounds ON rounds.id = line.forked_from
            JOIN boards ON boards.id = rounds.board_id
    )
    SELECT steers.* FROM steers
    WHERE round_id = :round AND EXISTS (
        SELECT 1 FROM ratings JOIN line
            ON ratings.member_id = coalesce(line.member_id, ratings.member_id)
        WHERE ratings.image_id = steers.image_id AND ratings.value * steers.value > 0
    )
    ORDER BY place
"""


class Rounds:
    """The rounds of boards, numbered from 1 within each board."""

    def __init__(self, database: Database, files: Files, clock: Clock) -> None:
        self._database = database
        self._files = files
        self._clock = clock

    async def create(
        self,
        *,
        board_id: int,
        parameters: Mapping[str, Any],
        parent_id: int | None = None,
        steers: Sequence[Steer] = (),
        source: NewSource | None = None,
    ) -> Round:
        """Add the next round of a board; `source` is its init image, if it has one.

        Raises `Missing` if the board, the parent, a picture that steers or the source has been
        deleted meanwhile.
        """
        settled = await asyncio.to_thread(self._settle, source)
        try:
            async with self._database.transaction() as transaction:
                board = await transaction.row(
                    "UPDATE boards SET last_number = last_number + 1 WHERE id = ? "
                    "RETURNING last_number",
                    [board_id],
                )
                if board is None:
                    raise Missing(f"there is no board {board_id}")
                row = await transaction.one(
                    """
                    INSERT INTO rounds (board_id, number, parent_id, parameters, created_at,
                        source_digest, mask_digest, source_image_id)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING *
                    """,
                    [
                        board_id,
                        board["last_number"],
                        parent_id,
                        json.dumps(dict(parameters), ensure_ascii=False, allow_nan=False),
                        self._clock(),
                        *await self._take_in(transaction, source, settled),
                    ],
                )
                await transaction.many(
                    "INSERT INTO steers VALUES (?, ?, ?, ?, ?)",
                    [
                        (row["id"], place, steer.image_id, steer.value, steer.weight)
                        for place, steer in enumerate(steers)
                    ],
                )
        except sqlite3.IntegrityError as error:
            if "FOREIGN KEY" not in str(error):
                raise
            raise Missing(
                "the round before this one, or a picture that steers it, has been deleted"
            ) from error
        return _round(row)

    def _settle(self, source: NewSource | None) -> list[tuple[Path, str]]:
        """Sync the files of a source to disk and return them with their digests."""
        paths = () if source is None else (source.path, source.mask)
        return [(path, self._files.settle(path)) for path in paths if path is not None]

    def _adopt(self, settled: Sequence[tuple[Path, str]]) -> None:
        for path, digest in settled:
            self._files.adopt(path, digest)

    async def _take_in(
        self,
        transaction: Transaction,
        source: NewSource | None,
        settled: Sequence[tuple[Path, str]],
    ) -> tuple[str | None, str | None, int | None]:
        """Store a source; returns the digests of source and mask, and the picture's id."""
        if source is None:
            return None, None, None
        row = await transaction.row(
            """
            SELECT source_digest, mask_digest, source_image_id FROM rounds WHERE id = ?
            UNION ALL SELECT digest, NULL, id FROM images WHERE id = ?
            """,
            [source.round_id, source.image_id],
        )
        digest, mask, image_id = (None, None, None) if row is None else tuple(row)
        digests = dict(settled)
        if source.path is not None:
            digest = digests[source.path]
        if source.mask is not None:
            mask = digests[source.mask]
        if digest is None:
            raise Missing("the picture to begin from has been deleted")
        # As in `Jobs.finish`: a file must not be found before the row that owns it.
        await transaction.in_thread(lambda: self._adopt(settled))
        return digest, mask, image_id

    async def get(self, round_id: int) -> Round | None:
        """Return a round by its id, or None."""
        row = await self._database.row("SELECT * FROM rounds WHERE id = ?", [round_id])
        return None if row is None else _round(row)

    async def places(self, round_ids: Collection[int]) -> dict[int, RoundPlace]:
        """Return where rounds were posted, by their ids; those that are gone have no place."""
        rows = await self._database.rows(
            f"""
            SELECT {PLACE} FROM rounds JOIN boards ON boards.id = board_id
            WHERE rounds.id IN (SELECT value FROM json_each(?))
            """,  # noqa: S608
            [json.dumps(list(round_ids))],
        )
        return {row["round_id"]: place_of(row) for row in rows}

    async def steers(self, round_id: int) -> list[Steer]:
        """Return the pictures that steer a round, in the order given at its creation."""
        rows = await self._database.rows(
            "SELECT * FROM steers WHERE round_id = ? ORDER BY place", [round_id]
        )
        return [
            Steer(image_id=row["image_id"], value=row["value"], weight=row["weight"])
            for row in rows
        ]

    async def standing_steers(self, round_id: int) -> list[Steer]:
        """Return the pictures that steer a round and are still rated so by those who steered it.

        These are its board's owner, in a group board everyone, and the same of the boards that it
        was forked from.
        """
        rows = await self._database.rows(_STANDING_STEERS, {"round": round_id})
        return [
            Steer(image_id=row["image_id"], value=row["value"], weight=row["weight"])
            for row in rows
        ]

    async def shown(self, round_id: int, part: int) -> RoundMessage | None:
        """Read everything that the message of a part of a round shows, in one statement.

        None if the round has been deleted or has no pictures.
        """
        rows = await self._database.rows(_MESSAGE, {"round": round_id})
        images = [row for row in rows if row["role"] == "image"]
        if not images:
            return None
        round_ = _round(images[0], "rounds.")
        return RoundMessage(
            round=round_,
            board=board_of(images[0], "boards."),
            part=part,
            images=[image_of(row) for row in images],
            votes={
                row["id"]: (row["likes"], row["dislikes"])
                for row in images
                if row["position"] // round_.pictures_a_message == part
            },
            steers=[
                (Steer(image_id=row["id"], value=row["value"], weight=row["weight"]), _place(row))
                for row in rows
                if row["role"] == "steer"
            ],
            source=next((_place(row) for row in rows if row["role"] == "source"), None),
            fork=_fork(images[0]),
            rated_by_owner=all(row["rated_by_owner"] for row in rows if row["role"] == "steer"),
        )

    async def posts(self, round_id: int) -> list[Post]:
        """Return the messages that show a round, by part."""
        rows = await self._database.rows(
            "SELECT * FROM posts WHERE round_id = ? AND message_id IS NOT NULL ORDER BY part",
            [round_id],
        )
        return [_post(row) for row in rows]

    async def shown_before(self, message_id: int, limit: int) -> list[Post]:
        """Return the newest messages older than this one that show a round, or its progress."""
        rows = await self._database.rows(
            """
            SELECT round_id, part, channel_id, message_id FROM posts
            WHERE message_id < :before
            UNION ALL
            SELECT round_id, 0, channel_id, message_id FROM jobs
            WHERE message_id < :before AND round_id IS NOT NULL AND delivered = 0
                AND NOT EXISTS (SELECT 1 FROM posts WHERE posts.message_id = jobs.message_id)
            ORDER BY message_id DESC LIMIT :limit
            """,
            {"before": message_id, "limit": limit},
        )
        return [_post(row) for row in rows]

    async def posted(self, round_id: int, part: int, channel_id: int, message_id: int) -> bool:
        """Record the message that shows a part of a round, in place of any other.

        Returns False if the round has been deleted: the message shows what nobody should see.
        """
        async with self._database.transaction() as transaction:
            await transaction.rows(
                """
                UPDATE posts SET message_id = NULL
                WHERE message_id = ? AND NOT (round_id = ? AND part = ?)
                """,
                [message_id, round_id, part],
            )
            row = await transaction.row(
                """
                INSERT INTO posts (round_id, part, channel_id, message_id)
                SELECT id, ?, ?, ? FROM rounds WHERE id = ?
                ON CONFLICT (round_id, part) DO UPDATE
                SET channel_id = excluded.channel_id, message_id = excluded.message_id
                RETURNING round_id
                """,
                [part, channel_id, message_id, round_id],
            )
        return row is not None

    async def by_message(self, message_id: int) -> tuple[Round, int] | None:
        """Return the round that a message shows, and the part, or None."""
        row = await self._database.row(
            """
            SELECT rounds.*, part FROM posts JOIN rounds ON rounds.id = round_id
            WHERE message_id = ?
            """,
            [message_id],
        )
        return None if row is None else (_round(row), row["part"])

    async def recent(self, limit: int) -> list[Round]:
        """Return the newest delivered rounds that have pictures, oldest first."""
        rows = await self._database.rows(
            """
            SELECT * FROM rounds
            WHERE EXISTS (SELECT 1 FROM images WHERE round_id = rounds.id)
                AND NOT EXISTS (SELECT 1 FROM jobs WHERE round_id = rounds.id AND delivered = 0)
            ORDER BY id DESC LIMIT ?
            """,
            [limit],
        )
        return [_round(row) for row in reversed(rows)]

    async def delete(self, round_id: int) -> None:
        """Delete a round with its pictures, their ratings, and the files that no other row owns.

        The messages that show it are recorded as removals.  Rounds that followed it stay, without a
        parent.  A job of it that is still open is cancelled.  A board is deleted with its last
        round.  Data sets lose their copies of the pictures.
        """
        async with self._database.transaction() as transaction:
            await transaction.rows(
                """
                INSERT OR IGNORE INTO removals (channel_id, message_id, created_at)
                SELECT channel_id, message_id, ?1 FROM posts
                WHERE round_id = ?2 AND message_id IS NOT NULL
                UNION SELECT channel_id, message_id, ?1 FROM jobs
                WHERE round_id = ?2 AND message_id IS NOT NULL
                """,
                [self._clock(), round_id],
            )
            images = await transaction.rows("SELECT id FROM images WHERE round_id = ?", [round_id])
            await forget_deleted_images(
                transaction, self._files, [row["id"] for row in images], self._clock()
            )
            await delete_rounds(transaction, self._files, [round_id])


def _post(row: sqlite3.Row) -> Post:
    return Post(
        round_id=row["round_id"],
        part=row["part"],
        channel_id=row["channel_id"],
        message_id=row["message_id"],
    )


def _place(row: sqlite3.Row) -> ImagePlace:
    return ImagePlace(
        round_number=row["rounds.number"],
        position=row["position"],
        board_id=row["boards.id"],
        owner_id=row["boards.owner_id"],
    )


def _fork(row: sqlite3.Row) -> ForkPlace | None:
    if row["fork_owner"] in (None, row["boards.owner_id"]):
        return None
    return ForkPlace(round_number=row["fork_number"], owner_id=row["fork_owner"])


def _round(row: sqlite3.Row, prefix: str = "") -> Round:
    return Round(
        id=row[f"{prefix}id"],
        board_id=row[f"{prefix}board_id"],
        number=row[f"{prefix}number"],
        parent_id=row[f"{prefix}parent_id"],
        parameters=json.loads(row[f"{prefix}parameters"]),
        steering_digest=row[f"{prefix}steering_digest"],
        sheet_digest=row[f"{prefix}sheet_digest"],
        source_digest=row[f"{prefix}source_digest"],
        mask_digest=row[f"{prefix}mask_digest"],
        source_image_id=row[f"{prefix}source_image_id"],
        created_at=row[f"{prefix}created_at"],
    )
