"""Ratings of pictures, recomputed from members' present gestures with every gesture."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping

from storage.boards import PLACE, place_of
from storage.database import Database, Transaction
from storage.errors import Missing
from storage.gestures import SHEET, Gesture, gesture_of, plain, ratings_of
from storage.images import TOGETHER, image_of
from storage.records import Image, Rating, RoundPlace, Vote


class Ratings:
    """Members' gestures and the ratings they come to, changed in the same transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def press(
        self,
        server_id: int,
        image_id: int,
        member_id: int,
        value: int,
        *,
        seen: Callable[[RoundPlace], bool] = lambda _: True,
    ) -> Vote:
        """Press 👍 (1) or 👎 (-1) on a picture of a server; the same again withdraws it.

        `seen` tells if the member sees where its round was posted.  A reaction of the member may
        still rate a picture without a vote.  Raises `Missing` if the picture was deleted or
        withheld, is another server's, or is not seen.
        """
        async with self._database.transaction() as transaction:
            pressed = await transaction.row(
                _PRESSED,
                {"server": server_id, "image": image_id, "member": member_id},
            )
            if pressed is None or not seen(place_of(pressed)):
                raise Missing(f"there is no picture {image_id} to rate")
            vote = 0 if pressed["vote"] == value else value
            await _write(transaction, "votes", image_id, member_id, vote)
            position, part = pressed["position"], pressed["part"]
            gestures = _gestures(json.loads(pressed["emoji"]), pressed["gestures"])
            # A vote rates its own picture and no other.
            votes = {position: vote} if vote else {}
            together = pressed["together"]
            ratings = ratings_of(gestures, votes, [position], part=part, together=together)
            await _write(transaction, "ratings", image_id, member_id, ratings.get(position, 0))
        return Vote(
            round_id=pressed["round_id"], part=part, value=vote, message_id=pressed["message_id"]
        )

    async def react(self, message_id: int, member_id: int, emoji: str, present: bool) -> None:
        """Record that a reaction was added or removed; ignores messages that are not ours."""
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

    async def counts(self, message_id: int) -> bool:
        """Return True if reactions to this message are recorded: it shows a round, or will."""
        return await _place(self._database, message_id) is not None

    async def replace_reactions(
        self, message_id: int, reactions: Mapping[str, Collection[int]]
    ) -> None:
        """Replace a message's reactions by those that are on it now: emoji to member ids."""
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
        """Record that all reactions with `emoji` (None: with any) were removed from a message."""
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
        """Return the reactions recorded of a message: emoji to member ids."""
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
        """Return everyone's ratings of a picture."""
        rows = await self._database.rows(
            "SELECT * FROM ratings WHERE image_id = ? ORDER BY member_id", [image_id]
        )
        return [Rating(image_id=image_id, member_id=row[1], value=row[2]) for row in rows]

    async def for_board(self, board_id: int) -> list[tuple[Image, int]]:
        """Return the pictures that steer a board with the sum of their ratings, newest last.

        The owner's ratings count, in a group board everyone's; only rounds since the last Reset
        are looked at.  A fork that was never reset also counts its owner's ratings of the round
        that it started from.
        """
        rows = await self._database.rows(_STEERING, {"board": board_id})
        return [(image_of(row), row["net"]) for row in rows]

    async def of_member(self, server_id: int, member_id: int, value: int) -> list[Image]:
        """Return the pictures of a server that a member rated so, newest first.

        Without those that were withheld, and those that another member made from a picture of
        theirs: these may show what they uploaded.
        """
        rows = await self._database.rows(
            """
            SELECT images.* FROM ratings JOIN images ON images.id = image_id
                JOIN rounds ON rounds.id = round_id JOIN boards ON boards.id = board_id
            WHERE server_id = :server AND member_id = :member AND value * :value > 0
                AND digest IS NOT NULL AND (source_digest IS NULL OR owner_id = :member)
            ORDER BY images.id DESC
            """,
            {"server": server_id, "member": member_id, "value": value},
        )
        return [image_of(row) for row in rows]


_PRESSED = f"""
    SELECT {PLACE}, position, {TOGETHER} AS together, position / {TOGETHER} AS part,
        servers.gestures,
        coalesce(votes.value, 0) AS vote,
        (
            SELECT message_id FROM posts
            WHERE posts.round_id = images.round_id AND part = position / {TOGETHER}
        ) AS message_id,
        (
            SELECT json_group_array(emoji) FROM reactions
            WHERE reactions.round_id = images.round_id AND part = position / {TOGETHER}
                AND member_id = :member
        ) AS emoji
    FROM images JOIN rounds ON rounds.id = images.round_id JOIN boards ON boards.id = board_id
        LEFT JOIN servers ON servers.id = server_id
        LEFT JOIN votes ON votes.image_id = images.id AND votes.member_id = :member
    WHERE images.id = :image AND digest IS NOT NULL AND server_id = :server
"""  # noqa: S608

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
    """Recompute how `members` rate the pictures that a part of a round shows."""
    row = await transaction.row(
        f"""
        SELECT gestures, {TOGETHER} AS together FROM rounds JOIN boards ON boards.id = board_id
        LEFT JOIN servers ON servers.id = server_id WHERE rounds.id = ?
        """,  # noqa: S608
        [round_id],
    )
    if row is None:
        return
    table, together = row["gestures"], row["together"]
    first = together * part
    shown = await transaction.rows(
        """
        SELECT id, position FROM images
        WHERE round_id = ? AND position BETWEEN ? AND ? AND digest IS NOT NULL
        """,
        [round_id, first, first + together - 1],
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
        ratings = ratings_of(
            _gestures([row["emoji"] for row in reactions], table),
            {row["position"]: row["value"] for row in votes},
            images,
            part=part,
            together=together,
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
    """Recompute how everyone who reacted rates a round's pictures."""
    await _recompute_all(transaction, "round_id = ?", round_id)


async def recompute_server(transaction: Transaction, server_id: int) -> None:
    """Recompute all ratings of a server, after its gestures changed their meaning."""
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


def _gestures(emojis: Iterable[str], table: str | None) -> list[Gesture]:
    """Return the gestures of emojis by a server's table, which is JSON or None."""
    meanings = None if table is None else json.loads(table)
    gestures = [gesture_of(emoji, meanings) for emoji in emojis]
    return [gesture for gesture in gestures if gesture is not None]


async def _write(
    transaction: Transaction, table: str, image_id: int, member_id: int, value: int
) -> None:
    """Write a member's vote on a picture, or their rating of it; 0 removes it."""
    sql = f"DELETE FROM {table} WHERE image_id = ? AND member_id = ?"  # noqa: S608
    parameters = [image_id, member_id]
    if value:
        sql = f"INSERT OR REPLACE INTO {table} (image_id, member_id, value) VALUES (?, ?, ?)"  # noqa: S608
        parameters.append(value)
    await transaction.rows(sql, parameters)


async def _place(transaction: Transaction | Database, message_id: int) -> tuple[int, int] | None:
    """Return the round and part that a message shows, or that its job is going to show there.

    A reaction on a progress message stays when that message becomes the round, so it counts
    as soon as there are pictures to rate.
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
