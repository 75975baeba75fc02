"""Repository of styles: adapters that members paint with, by name, and who may use them."""

from __future__ import annotations

import json
import sqlite3
import unicodedata
from collections.abc import Collection, Sequence
from typing import Any

from storage.database import Clock, Database, Transaction
from storage.errors import Missing, NameTaken
from storage.files import Files
from storage.owners import release
from storage.style_records import (
    ChannelStyle,
    NewStyle,
    Style,
    StyleKind,
    StyleOrigin,
    StyleScope,
    StyleState,
)
from storage.withdrawal import end_paintings

SEEN = """
    server_id = :server AND (owner_id = :member OR scope = 'server' OR (scope = 'private' AND
        EXISTS (SELECT 1 FROM style_contributors
            WHERE style_id = styles.id AND member_id = :member)))
"""
"""Condition on a style: a member may paint with it, once it is ready."""


def key_of(name: str) -> str:
    """Return the form of a name that is compared: no case, no width, no space around it."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


class Styles:
    """Styles of servers; server 0 stands for direct messages."""

    def __init__(self, database: Database, files: Files, clock: Clock) -> None:
        self._database = database
        self._files = files
        self._clock = clock

    async def add(self, style: NewStyle) -> Style:
        """Store a style; raises `NameTaken` if its owner or its server has one of this name.

        Its files are adopted already; see `storage.files`.
        """
        async with self._database.transaction() as transaction:
            style_id = await insert_style(transaction, style, self._clock())
        return await self._existing(style_id)

    async def get(self, style_id: int) -> Style | None:
        """Return a style by its id, or None."""
        row = await self._database.row("SELECT * FROM styles WHERE id = ?", [style_id])
        return None if row is None else (await self._with_contributors([row]))[0]

    async def seen(
        self, server_id: int, member_id: int, *, state: StyleState | None = None
    ) -> list[Style]:
        """Return the styles that a member may paint with, their own first, then by name.

        With a state, only those in it.
        """
        rows = await self._database.rows(
            f"""
            SELECT * FROM styles WHERE {SEEN} AND state = coalesce(:state, state)
            ORDER BY owner_id <> :member, name_key
            """,  # noqa: S608
            {
                "server": server_id,
                "member": member_id,
                "state": None if state is None else state.value,
            },
        )
        return await self._with_contributors(rows)

    async def named(self, server_id: int, member_id: int, name: str) -> Style | None:
        """Return the style of this name that a member may paint with: their own before others'."""
        rows = await self._database.rows(
            f"""
            SELECT * FROM styles WHERE {SEEN} AND name_key = :key
            ORDER BY owner_id <> :member, scope <> 'server', id LIMIT 1
            """,  # noqa: S608
            {"server": server_id, "member": member_id, "key": key_of(name)},
        )
        return (await self._with_contributors(rows))[0] if rows else None

    async def of_digest(self, server_id: int, member_id: int, digest: str) -> Style | None:
        """Return a style with this file that a member may paint with, their own before others'."""
        rows = await self._database.rows(
            f"""
            SELECT * FROM styles WHERE {SEEN} AND digest = :digest
            ORDER BY owner_id <> :member, id LIMIT 1
            """,  # noqa: S608
            {"server": server_id, "member": member_id, "digest": digest},
        )
        return (await self._with_contributors(rows))[0] if rows else None

    async def used_last(self, server_id: int, member_id: int, most: int) -> list[int]:
        """Return the ids of the styles in a member's latest rounds, the latest first."""
        rows = await self._database.rows(
            """
            SELECT json_extract(style.value, '$.style_id') AS id, max(latest.id) AS last
            FROM (
                SELECT jobs.id, rounds.parameters
                FROM jobs JOIN rounds ON rounds.id = jobs.round_id
                WHERE jobs.server_id = ? AND jobs.member_id = ?
                ORDER BY jobs.created_at DESC LIMIT 50
            ) AS latest, json_each(latest.parameters, '$.styles') AS style
            GROUP BY 1 ORDER BY last DESC LIMIT ?
            """,
            [server_id, member_id, most],
        )
        return [row["id"] for row in rows]

    async def of_job(self, job_id: int) -> Style | None:
        """Return the style that a training made, or None."""
        row = await self._database.row("SELECT * FROM styles WHERE job_id = ?", [job_id])
        return None if row is None else (await self._with_contributors([row]))[0]

    async def of_server(self, server_id: int) -> list[Style]:
        """Return every style of a server, by name."""
        rows = await self._database.rows(
            "SELECT * FROM styles WHERE server_id = ? ORDER BY name_key, id", [server_id]
        )
        return await self._with_contributors(rows)

    async def without_preview(self) -> list[Style]:
        """Return the styles that have no preview, oldest first."""
        rows = await self._database.rows(
            "SELECT * FROM styles WHERE preview_digest IS NULL ORDER BY id"
        )
        return await self._with_contributors(rows)

    async def rename(self, style_id: int, name: str) -> Style:
        """Rename a style; raises `NameTaken` or `Missing`."""
        return await self._change(style_id, name=name, name_key=key_of(name))

    async def share(self, style_id: int, scope: StyleScope) -> Style:
        """Say who may paint with a style; raises `NameTaken` or `Missing`."""
        return await self._change(style_id, scope=scope.value)

    async def adjust(
        self,
        style_id: int,
        *,
        strength: float | None = None,
        trigger: str | None = None,
        licence: str | None = None,
    ) -> Style:
        """Change a style's usual strength, trigger words or licence; raises `Missing`."""
        changes: dict[str, Any] = {
            "strength": strength,
            "trigger_words": trigger,
            "licence": licence,
        }
        said = {name: value for name, value in changes.items() if value is not None}
        return await self._change(style_id, **said)

    async def set_state(self, style_id: int, state: StyleState) -> Style:
        """Withdraw a style from use, or give it back; raises `Missing`."""
        return await self._change(style_id, state=state.value)

    async def replace_file(
        self,
        style_id: int,
        digest: str,
        *,
        preview_digest: str | None = None,
        evaluation: dict[str, Any] | None = None,
    ) -> Style:
        """Give a style another file, such as another checkpoint's; the old one goes if unowned.

        Raises `Missing`.  The new files are adopted already.
        """
        async with self._database.transaction() as transaction:
            before = await transaction.row("SELECT * FROM styles WHERE id = ?", [style_id])
            if before is None:
                raise Missing(f"there is no style {style_id}")
            await transaction.rows(
                """
                UPDATE styles
                SET digest = ?, preview_digest = ?, evaluation = coalesce(?, evaluation)
                WHERE id = ?
                """,
                [
                    digest,
                    preview_digest,
                    None if evaluation is None else json.dumps(evaluation, ensure_ascii=False),
                    style_id,
                ],
            )
            await release(transaction, self._files, {before["digest"], before["preview_digest"]})
        return await self._existing(style_id)

    async def delete(self, style_id: int) -> bool:
        """Delete a style and its files; returns False if there is none.

        Pictures asked for with it that are not shown yet will not be.
        """
        async with self._database.transaction() as transaction:
            row = await transaction.row("DELETE FROM styles WHERE id = ? RETURNING *", [style_id])
            if row is not None:
                await end_paintings(transaction, self._files, style_id)
                await release(transaction, self._files, {row["digest"], row["preview_digest"]})
        return row is not None

    async def of_channel(self, server_id: int, channel_id: int) -> ChannelStyle | None:
        """Return a channel's usual style, or None."""
        row = await self._database.row(
            """
            SELECT styles.*, channel_styles.strength AS here
            FROM channel_styles JOIN styles ON styles.id = style_id
            WHERE channel_styles.server_id = ? AND channel_id = ?
            """,
            [server_id, channel_id],
        )
        if row is None:
            return None
        [style] = await self._with_contributors([row])
        return ChannelStyle(style=style, strength=row["here"])

    async def set_channel(
        self, server_id: int, channel_id: int, style_id: int | None, strength: float = 1.0
    ) -> None:
        """Choose a channel's usual style; None for none."""
        async with self._database.transaction() as transaction:
            await transaction.rows(
                "DELETE FROM channel_styles WHERE server_id = ? AND channel_id = ?",
                [server_id, channel_id],
            )
            if style_id is not None:
                await transaction.rows(
                    """
                    INSERT INTO channel_styles (server_id, channel_id, style_id, strength)
                    VALUES (?, ?, ?, ?)
                    """,
                    [server_id, channel_id, style_id, strength],
                )

    async def _change(self, style_id: int, **changes: Any) -> Style:
        columns = ", ".join(f"{column} = ?" for column in changes)
        try:
            async with self._database.transaction() as transaction:
                row = await transaction.row(
                    f"UPDATE styles SET {columns} WHERE id = ? RETURNING id",  # noqa: S608
                    [*changes.values(), style_id],
                )
        except sqlite3.IntegrityError as error:
            raise NameTaken("another style has this name") from error
        if row is None:
            raise Missing(f"there is no style {style_id}")
        return await self._existing(style_id)

    async def _existing(self, style_id: int) -> Style:
        style = await self.get(style_id)
        if style is None:
            raise Missing(f"there is no style {style_id}")
        return style

    async def _with_contributors(self, rows: Collection[sqlite3.Row]) -> list[Style]:
        """Return the styles of these rows, with their contributors."""
        contributors = await self._database.rows(
            """
            SELECT style_id, member_id FROM style_contributors
            WHERE style_id IN (SELECT value FROM json_each(?)) ORDER BY member_id
            """,
            [json.dumps([row["id"] for row in rows])],
        )
        by_style: dict[int, list[int]] = {}
        for row in contributors:
            by_style.setdefault(row["style_id"], []).append(row["member_id"])
        return [_style(row, by_style.get(row["id"], ())) for row in rows]


async def insert_style(transaction: Transaction, style: NewStyle, now: float) -> int:
    """Insert a style within a transaction and return its id; raises `NameTaken`."""
    try:
        row = await transaction.one(
            """
            INSERT INTO styles (server_id, owner_id, name, name_key, kind, digest, base_model,
                base_hash, architecture, trigger_words, strength, scope, origin, licence,
                evaluation, preview_digest, job_id, created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id
            """,
            [
                style.server_id,
                style.owner_id,
                style.name,
                key_of(style.name),
                style.kind.value,
                style.digest,
                style.base_model,
                style.base_hash,
                style.architecture,
                style.trigger,
                style.strength,
                style.scope.value,
                style.origin.value,
                style.licence,
                json.dumps(dict(style.evaluation), ensure_ascii=False, allow_nan=False),
                style.preview_digest,
                style.job_id,
                now,
            ],
        )
    except sqlite3.IntegrityError as error:
        raise NameTaken("another style has this name") from error
    await transaction.many(
        "INSERT INTO style_contributors (style_id, member_id) VALUES (?, ?)",
        [(row["id"], member_id) for member_id in sorted(set(style.contributors))],
    )
    return int(row["id"])


def _style(row: sqlite3.Row, contributors: Sequence[int]) -> Style:
    return Style(
        id=row["id"],
        server_id=row["server_id"],
        owner_id=row["owner_id"],
        name=row["name"],
        kind=StyleKind(row["kind"]),
        digest=row["digest"] or "",
        base_model=row["base_model"],
        base_hash=row["base_hash"],
        architecture=row["architecture"],
        trigger=row["trigger_words"],
        strength=row["strength"],
        scope=StyleScope(row["scope"]),
        state=StyleState(row["state"]),
        origin=StyleOrigin(row["origin"]),
        licence=row["licence"],
        evaluation=json.loads(row["evaluation"]),
        preview_digest=row["preview_digest"],
        job_id=row["job_id"],
        contributors=tuple(contributors),
        created_at=row["created_at"],
    )
