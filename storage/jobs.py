"""Jobs: requests to paint or to train, with their attempts and leases."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from storage.database import Clock, Database, Transaction
from storage.errors import Missing, StaleAttempt
from storage.files import Files
from storage.images import image_of
from storage.ratings import recompute_round
from storage.records import Image, Job, JobKind, JobState, NewImage
from storage.style_records import NewStyle
from storage.trained_styles import drop_checkpoints, note_end, store_trained

LEASE_SECONDS = 60.0
"""Seconds that an attempt may go without a heartbeat before it counts as lost."""


class Jobs:
    """Requests to paint or to train, from being queued to being delivered.

    An attempt is counted here before the generator gets the job, and every result names the
    attempt it belongs to: only the latest attempt's result is taken, and only once.
    """

    def __init__(self, database: Database, files: Files, clock: Clock) -> None:
        self._database = database
        self._files = files
        self._clock = clock

    async def create(
        self,
        *,
        server_id: int,
        channel_id: int,
        member_id: int,
        round_id: int,
        locale: str,
        message_id: int | None = None,
    ) -> Job:
        """Queue the painting of a round; the round's `count` is the number of pictures."""
        async with self._database.transaction() as transaction:
            row = await transaction.row(
                """
                INSERT INTO jobs (kind, server_id, channel_id, member_id, message_id, round_id,
                    pictures, locale, created_at)
                SELECT 'paint', ?, ?, ?, ?, id, coalesce(json_extract(parameters, '$.count'), 1),
                    ?, ?
                FROM rounds WHERE id = ? RETURNING *
                """,
                [server_id, channel_id, member_id, message_id, locale, self._clock(), round_id],
            )
        if row is None:
            raise Missing(f"there is no round {round_id}")
        return job_of(row)

    async def create_training(
        self,
        *,
        server_id: int,
        channel_id: int,
        member_id: int,
        locale: str,
        message_id: int | None = None,
    ) -> Job:
        """Queue a training; it has no round and counts no pictures on anyone's limit."""
        async with self._database.transaction() as transaction:
            row = await insert_training(
                transaction, server_id, channel_id, member_id, locale, message_id, self._clock()
            )
        return job_of(row)

    async def get(self, job_id: int) -> Job | None:
        """Return a job by its id, or None."""
        row = await self._database.row("SELECT * FROM jobs WHERE id = ?", [job_id])
        return None if row is None else job_of(row)

    async def message(self, job_id: int, channel_id: int, message_id: int) -> None:
        """Record the message that shows the job's progress and becomes its result."""
        await self._write(
            "UPDATE jobs SET channel_id = ?, message_id = ? WHERE id = ?",
            [channel_id, message_id, job_id],
        )

    async def begin(self, job_id: int) -> int:
        """Start an attempt and return its number; it is on disk before the generator gets the job.

        From here on the results of earlier attempts are refused.  Raises `StaleAttempt` if the
        job has ended, for example because it was cancelled.
        """
        async with self._database.transaction() as transaction:
            row = await transaction.row(
                """
                UPDATE jobs SET state = 'running', attempts = attempts + 1, lease_until = ?
                WHERE id = ? AND state IN ('queued', 'running') RETURNING attempts
                """,
                [self._clock() + LEASE_SECONDS, job_id],
            )
        if row is None:
            raise StaleAttempt(f"job {job_id} has ended")
        return int(row["attempts"])

    async def give_back(self, job_id: int, attempt: int) -> None:
        """Take back an attempt that was stopped in good order: it is not counted as a death.

        Nor is one before a training's new checkpoint: all up to it are taken back, the last first.
        Does nothing if the job has ended or gone on meanwhile.
        """
        await self._write(
            """
            UPDATE jobs SET state = 'queued', attempts = attempts - 1, lease_until = NULL
            WHERE id = ? AND attempts = ? AND state IN ('queued', 'running')
            """,
            [job_id, attempt],
        )

    async def heartbeat(self, job_id: int, attempt: int) -> None:
        """Renew the lease of a running attempt; raises `StaleAttempt` if it has lost the job."""
        async with self._database.transaction() as transaction:
            row = await transaction.row(
                """
                UPDATE jobs SET lease_until = ?
                WHERE id = ? AND attempts = ? AND state = 'running' RETURNING id
                """,
                [self._clock() + LEASE_SECONDS, job_id, attempt],
            )
        if row is None:
            raise _stale(job_id, attempt)

    async def finish(
        self,
        job_id: int,
        attempt: int,
        pictures: Sequence[NewImage],
        steering: Path | None = None,
        sheet: Path | None = None,
    ) -> list[Image]:
        """Store the pictures of an attempt at painting and end the job, in one transaction.

        Raises `StaleAttempt` if the attempt is not the job's latest or the job has ended, and
        `FileMismatch` if a file does not have the digest it should; job and files are then
        left as they were.
        """
        digests = await asyncio.to_thread(self._settle, pictures)
        strip, whole = [
            None if path is None else await asyncio.to_thread(self._files.settle, path)
            for path in (steering, sheet)
        ]
        adopted = [
            (Path(picture.path), digest)
            for picture, digest in zip(pictures, digests, strict=True)
            if picture.path is not None and digest is not None
        ]
        if steering is not None and strip is not None:
            adopted.append((steering, strip))
        if sheet is not None and whole is not None:
            adopted.append((sheet, whole))
        async with self._database.transaction() as transaction:
            ended = await self._end(transaction, job_id, attempt, JobKind.PAINT)
            round_id = int(ended["round_id"])
            # Inside the transaction: a file must not be found without an owner between its
            # arrival and the row that owns it.
            await transaction.in_thread(lambda: self._adopt(adopted))
            images = [
                await self._insert(transaction, round_id, position, picture, digest)
                for position, (picture, digest) in enumerate(zip(pictures, digests, strict=True))
            ]
            await transaction.rows(
                "UPDATE rounds SET steering_digest = ?, sheet_digest = ? WHERE id = ?",
                [strip, whole, round_id],
            )
            await recompute_round(transaction, round_id)
            transaction.after_commit(lambda: self._files.discard(job_id))
        return images

    def _settle(self, pictures: Sequence[NewImage]) -> list[str | None]:
        return [
            None if picture.path is None else self._files.settle(Path(picture.path), picture.digest)
            for picture in pictures
        ]

    def _adopt(self, files: Sequence[tuple[Path, str]]) -> None:
        for source, digest in files:
            self._files.adopt(source, digest)

    async def _end(
        self, transaction: Transaction, job_id: int, attempt: int, kind: JobKind
    ) -> sqlite3.Row:
        """Mark a job as done and return its row; raises `StaleAttempt` if it is not to end so."""
        row = await transaction.row(
            """
            UPDATE jobs SET state = 'done', lease_until = NULL
            WHERE id = ? AND attempts = ? AND kind = ? AND state = 'running' RETURNING *
            """,
            [job_id, attempt, kind.value],
        )
        if row is None:
            raise _stale(job_id, attempt)
        return row

    async def _insert(
        self,
        transaction: Transaction,
        round_id: int,
        position: int,
        picture: NewImage,
        digest: str | None,
    ) -> Image:
        row = await transaction.one(
            """
            INSERT INTO images (round_id, position, digest, seed, width, height, parameters,
                parent_id, created_at, flagged)
            SELECT id, ?, ?, ?, ?, ?, ?, coalesce(?, source_image_id), ?, ? FROM rounds WHERE id = ?
            RETURNING *
            """,
            [
                position,
                digest,
                picture.seed,
                picture.width,
                picture.height,
                json.dumps(dict(picture.parameters), ensure_ascii=False, allow_nan=False),
                picture.parent_id,
                self._clock(),
                picture.flagged,
                round_id,
            ],
        )
        return image_of(row)

    async def complete(
        self,
        job_id: int,
        attempt: int,
        style: NewStyle | None = None,
        *,
        result: Mapping[str, Any] | None = None,
    ) -> int | None:
        """End a training whose attempt has succeeded, and store its style, in one transaction.

        The style's files are those of a checkpoint, or adopted otherwise; returns its id.  `result`
        is merged into the training's.  Raises `StaleAttempt` if the attempt is not the job's latest
        or the job has ended, and `NameTaken`; nothing has changed then.
        """
        merged = json.dumps(dict(result or {}), ensure_ascii=False, allow_nan=False)
        async with self._database.transaction() as transaction:
            await self._end(transaction, job_id, attempt, JobKind.TRAIN)
            await transaction.rows(
                "UPDATE trainings SET result = json_patch(result, ?) WHERE job_id = ?",
                [merged, job_id],
            )
            await note_end(transaction, job_id, self._clock())
            style_id = None
            if style is not None:
                now = self._clock()
                style_id = await store_trained(transaction, self._files, job_id, style, now)
            transaction.after_commit(lambda: self._files.discard(job_id))
        return style_id

    async def fail(self, job_id: int, reason: str, detail: str = "", *, dead: bool = False) -> bool:
        """End a job that failed; returns False if it had ended already.

        `reason` is a `Reason` value; `dead` says that the job killed the generator too often.
        """
        state = JobState.DEAD if dead else JobState.FAILED
        async with self._database.transaction() as transaction:
            row = await transaction.row(
                """
                UPDATE jobs SET state = ?, reason = ?, detail = ?, lease_until = NULL
                WHERE id = ? AND state IN ('queued', 'running') RETURNING id
                """,
                [state.value, reason, detail, job_id],
            )
            if row is not None:
                await note_end(transaction, job_id, self._clock())
                transaction.after_commit(lambda: self._files.discard(job_id))
        return row is not None

    async def cancel(self, job_id: int) -> bool:
        """Cancel a job; returns False if it had ended already.

        A training's checkpoints go with it.  Its workspace stays until the generator no longer
        uses it (`files.discard`).
        """
        async with self._database.transaction() as transaction:
            row = await transaction.row(
                """
                UPDATE jobs SET state = 'cancelled', lease_until = NULL
                WHERE id = ? AND state IN ('queued', 'running') RETURNING id
                """,
                [job_id],
            )
            if row is not None:
                await note_end(transaction, job_id, self._clock())
                await drop_checkpoints(transaction, self._files, job_id)
        return row is not None

    async def delivered(self, job_id: int, *, delivered: bool = True) -> None:
        """Record that the channel shows the job's outcome, or that it is to be shown again."""
        await self._write("UPDATE jobs SET delivered = ? WHERE id = ?", [delivered, job_id])

    async def shown(self, job_id: int, state: JobState) -> bool:
        """Record that the channel shows the outcome of a job in this state.

        Returns False if the job has another one since: a style of its pictures may be gone.
        """
        async with self._database.transaction() as transaction:
            row = await transaction.row(
                "UPDATE jobs SET delivered = 1 WHERE id = ? AND state = ? RETURNING id",
                [job_id, state.value],
            )
        return row is not None

    async def of_round(self, round_id: int) -> Job | None:
        """Return the job that paints a round, or None."""
        row = await self._database.row(
            "SELECT * FROM jobs WHERE round_id = ? ORDER BY id DESC LIMIT 1", [round_id]
        )
        return None if row is None else job_of(row)

    async def pending(self, kind: JobKind | None = None) -> list[Job]:
        """Return the jobs of a kind (None: of all) that are queued or running, oldest first."""
        return await self._read(
            """
            SELECT * FROM jobs WHERE state IN ('queued', 'running') AND kind = coalesce(?, kind)
            ORDER BY id
            """,
            [_value(kind)],
        )

    async def undelivered(self, kind: JobKind | None = None) -> list[Job]:
        """Return the jobs of a kind (None: of all) with an outcome not shown yet, oldest first."""
        return await self._read(
            """
            SELECT * FROM jobs WHERE delivered = 0 AND state NOT IN ('queued', 'running')
                AND kind = coalesce(?, kind)
            ORDER BY id
            """,
            [_value(kind)],
        )

    async def of_member(
        self, server_id: int, member_id: int, kind: JobKind | None = None
    ) -> list[Job]:
        """Return a member's open jobs of a kind (None: of all) in a server, oldest first."""
        return await self._read(
            """
            SELECT * FROM jobs
            WHERE server_id = ? AND member_id = ? AND state IN ('queued', 'running')
                AND kind = coalesce(?, kind)
            ORDER BY id
            """,
            [server_id, member_id, _value(kind)],
        )

    async def _read(self, sql: str, parameters: Sequence[int | str | None]) -> list[Job]:
        return [job_of(row) for row in await self._database.rows(sql, parameters)]

    async def _write(self, sql: str, parameters: Sequence[int]) -> None:
        async with self._database.transaction() as transaction:
            await transaction.rows(sql, parameters)


async def insert_training(
    transaction: Transaction,
    server_id: int,
    channel_id: int,
    member_id: int,
    locale: str,
    message_id: int | None,
    now: float,
) -> sqlite3.Row:
    """Queue a training within a transaction and return its row."""
    return await transaction.one(
        """
        INSERT INTO jobs (kind, server_id, channel_id, member_id, message_id,
            pictures, locale, created_at)
        VALUES ('train', ?, ?, ?, ?, 0, ?, ?) RETURNING *
        """,
        [server_id, channel_id, member_id, message_id, locale, now],
    )


def _value(kind: JobKind | None) -> str | None:
    return None if kind is None else kind.value


def _stale(job_id: int, attempt: int) -> StaleAttempt:
    return StaleAttempt(f"job {job_id} has ended or gone on without its attempt {attempt}")


def job_of(row: sqlite3.Row) -> Job:
    """Return the job of a row of `jobs`."""
    return Job(
        id=row["id"],
        kind=JobKind(row["kind"]),
        server_id=row["server_id"],
        channel_id=row["channel_id"],
        member_id=row["member_id"],
        message_id=row["message_id"],
        round_id=row["round_id"],
        locale=row["locale"],
        state=JobState(row["state"]),
        attempts=row["attempts"],
        lease_until=row["lease_until"],
        reason=row["reason"],
        detail=row["detail"],
        delivered=bool(row["delivered"]),
        created_at=row["created_at"],
    )
