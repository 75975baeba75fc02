"""Ratings: what members' present gestures come to, recomputed with every gesture."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping

from storage.database import Database, Transaction
from storage.errors import Missing
from storage.gestures import PICTURES_A_MESSAGE, SHEET, gesture_of, plain, ratings_of
from storage.images import image_of
from storage.records import Image, Rating


class Ratings:
    """Gestures come in, ratings come out; both change in the same transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def press(self, image_id: int, member_id: int, value: int) -> int:
        """Press a picture's 👍 (1) or 👎 (-1); again withdraws.  Returns the vote that now stands.

        0 is no vote; a reaction of the member may still rate the picture.  Raises
        `Missing` where the picture is gone or was withheld.
        """
        async with self._database.transaction() as transaction:
            image = await transaction.row(
                """
                SELECT round_id, position, coalesce(votes.value, 0) AS vote FROM images
                LEFT JOIN votes ON votes.image_id = images.id AND votes.member_id = ?
                WHERE images.id = ? AND digest IS NOT NULL
                """,
                [member_id, image_id],
            )
            if image is None:
                raise Missing(f"there is no picture {image_id} to rate")
            vote = 0 if image["vote"] == value else value
            if vote:
                await transaction.rows(
                    "INSERT OR REPLACE INTO votes (image_id, member_id, value) VALUES (?, ?, ?)",
                    [image_id, member_id, vote],
                )
            else:
                await transaction.rows(
                    "DELETE FROM votes WHERE image_id = ? AND member_id = ?", [image_id, member_id]
                )
            part = image["position"] // PICTURES_A_MESSAGE
            await recompute(transaction, image["round_id"], part, [member_id])
        return vote

    async def react(self, message_id: int, member_id: int, emoji: str, present: bool) -> None:
        """Note that a reaction was added or removed; messages that are not ours are ignored."""
        async with self._database.transaction() as transaction:
            if (place := await _place(transaction, message_id)) is None:
                return
            reaction = [*place, member_id, plain(emoji)]
            if present:
                await transaction.rows(
                    "INSERT OR IGNORE INTO reactions VALUES (?, ?, ?, ?)", reaction
                )
            else:
                await transaction.rows(
                    """
                    DELETE FROM reactions
                    WHERE round_id = ? AND part = ? AND member_id = ? AND emoji = ?
                    """,
                    reaction,
                )
            await recompute(transaction, *place, [member_id])

    async def replace_reactions(
        self, message_id: int, reactions: Mapping[str, Collection[int]]
    ) -> None:
        """Take what is on the message now (emoji to member ids) for all that is true of it."""
        async with self._database.transaction() as transaction:
            if (place := await _place(transaction, message_id)) is None:
                return
            before = await transaction.rows(
                "DELETE FROM reactions WHERE round_id = ? AND part = ? RETURNING member_id", place
            )
            present = {(member, plain(emoji)) for emoji in reactions for member in reactions[emoji]}
            await transaction.many(
                "INSERT INTO reactions VALUES (?, ?, ?, ?)",
                [(*place, member, emoji) for member, emoji in sorted(present)],
            )
            members = {row["member_id"] for row in before} | {member for member, _ in present}
            await recompute(transaction, *place, members)

    async def clear_reactions(self, message_id: int, emoji: str | None = None) -> None:
        """Note that everyone's reactions with `emoji` (None: all) were removed from a message."""
        async with self._database.transaction() as transaction:
            if (place := await _place(transaction, message_id)) is None:
                return
            cleared = await transaction.rows(
                """
                DELETE FROM reactions WHERE round_id = ? AND part = ? AND emoji = coalesce(?, emoji)
                RETURNING member_id
                """,
                [*place, None if emoji is None else plain(emoji)],
            )
            await recompute(transaction, *place, {row["member_id"] for row in cleared})

    async def reactions(self, message_id: int) -> dict[str, set[int]]:
        """The members' reactions on a message, as last noted: emoji to member ids."""
        rows = await self._database.rows(
            "SELECT emoji, member_id FROM reactions JOIN posts USING (round_id, part)"
            " WHERE message_id = ?",
            [message_id],
        )
        present: dict[str, set[int]] = {}
        for row in rows:
            present.setdefault(row["emoji"], set()).add(row["member_id"])
        return present

    async def of_image(self, image_id: int) -> list[Rating]:
        """Everyone's ratings of a picture."""
        rows = await self._database.rows(
            "SELECT * FROM ratings WHERE image_id = ? ORDER BY member_id", [image_id]
        )
        return [Rating(image_id=image_id, member_id=row[1], value=row[2]) for row in rows]

    async def for_board(self, board_id: int) -> list[tuple[Image, int]]:
        """The pictures that steer a board with their net value, newest last.

        The owner's ratings count, in a group board everyone's together; only rounds since the
        last Reset.  A fork that was never reset also follows what its owner said of the round
        it grew from.
        """
        rows = await self._database.rows(_STEERING, {"board": board_id})
        return [(image_of(row), row["net"]) for row in rows]


_STEERING = """
    WITH line (round_id, number, member_id) AS (
        SELECT rounds.id, number, iif(is_group, NULL, owner_id)
        FROM boards JOIN rounds ON rounds.board_id = boards.id
        WHERE boards.id = :board AND number >= since_round
        UNION ALL
        SELECT forked_from, 0, owner_id
        FROM boards WHERE id = :board AND forked_from IS NOT NULL AND since_round = 0
    )
    SELECT images.*, sum(value) AS net
    FROM line JOIN images USING (round_id) JOIN ratings ON ratings.image_id = images.id
    WHERE digest IS NOT NULL AND ratings.member_id = coalesce(line.member_id, ratings.member_id)
    GROUP BY images.id HAVING net <> 0
    ORDER BY number, position
"""


async def recompute(
    transaction: Transaction, round_id: int, part: int, members: Iterable[int]
) -> None:
    """Work out anew how `members` rate the pictures that a part of a round shows."""
    server = await transaction.row(
        """
        SELECT gestures FROM rounds JOIN boards ON boards.id = board_id
        JOIN servers ON servers.id = server_id WHERE rounds.id = ?
        """,
        [round_id],
    )
    table = None if server is None or server["gestures"] is None else json.loads(server["gestures"])
    first = PICTURES_A_MESSAGE * part
    shown = await transaction.rows(
        """
        SELECT id, position FROM images
        WHERE round_id = ? AND position BETWEEN ? AND ? AND digest IS NOT NULL
        """,
        [round_id, first, first + PICTURES_A_MESSAGE - 1],
    )
    images = {row["position"]: row["id"] for row in shown}
    for member in members:
        votes = await transaction.rows(
            """
            SELECT position, value FROM votes JOIN images ON images.id = image_id
            WHERE round_id = ? AND member_id = ?
            """,
            [round_id, member],
        )
        reactions = await transaction.rows(
            "SELECT emoji FROM reactions WHERE round_id = ? AND part = ? AND member_id = ?",
            [round_id, part, member],
        )
        gestures = [gesture_of(row["emoji"], table) for row in reactions]
        ratings = ratings_of(
            [gesture for gesture in gestures if gesture is not None],
            {row["position"]: row["value"] for row in votes},
            images,
            part=part,
        )
        await transaction.many(
            "DELETE FROM ratings WHERE image_id = ? AND member_id = ?",
            [(image, member) for image in images.values()],
        )
        await transaction.many(
            "INSERT INTO ratings (image_id, member_id, value) VALUES (?, ?, ?)",
            [(images[position], member, value) for position, value in ratings.items()],
        )


async def recompute_round(transaction: Transaction, round_id: int) -> None:
    """Work out anew how everyone who reacted rates a round's pictures."""
    await _recompute_all(transaction, "round_id = ?", round_id)


async def recompute_server(transaction: Transaction, server_id: int) -> None:
    """Work out anew all ratings of a server, after its gestures changed their meaning."""
    of_server = (
        "round_id IN (SELECT rounds.id FROM boards JOIN rounds ON board_id = boards.id"
        " WHERE server_id = ?)"
    )
    await _recompute_all(transaction, of_server, server_id)


async def _recompute_all(transaction: Transaction, where: str, argument: int) -> None:
    # Votes alone mean the same whatever the reactions mean: who only pressed needs nothing.
    rows = await transaction.rows(
        f"SELECT DISTINCT round_id, part, member_id FROM reactions WHERE {where}",  # noqa: S608
        [argument],
    )
    parts: dict[tuple[int, int], list[int]] = {}
    for row in rows:
        parts.setdefault((row["round_id"], row["part"]), []).append(row["member_id"])
    for (round_id, part), members in parts.items():
        await recompute(transaction, round_id, part, members)


async def _place(transaction: Transaction, message_id: int) -> tuple[int, int] | None:
    """The round and part that a message shows, or that its job is going to show there.

    A reaction on a progress message stays when that message becomes the round, so it counts
    from the moment there is something to count for.
    """
    row = await transaction.row(
        "SELECT round_id, part FROM posts WHERE message_id = ?", [message_id]
    ) or await transaction.row(
        """
        SELECT round_id, iif(coalesce(json_array_length(parameters, '$.axes'), 0), ?, 0) AS part
        FROM jobs JOIN rounds ON rounds.id = round_id
        WHERE message_id = ? ORDER BY jobs.id DESC LIMIT 1
        """,
        [SHEET, message_id],
    )
    return None if row is None else (row["round_id"], row["part"])
