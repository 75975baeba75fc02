"""Jobs: requests on their way, with attempts and leases."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from storage.database import Clock, Database, Transaction
from storage.errors import Missing, StaleAttempt
from storage.files import Files
from storage.images import image_of
from storage.ratings import recompute_round
from storage.records import Image, Job, JobState, NewImage

LEASE_SECONDS = 60.0
"""How long an attempt may go without a heartbeat before it counts as lost."""


class Jobs:
    """Requests on their way.

    An attempt is counted here before the generator gets the job, and every result names the
    attempt it belongs to: only the latest one's is taken, and only once.
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
        """Queue a round's painting; it counts as many pictures as the round's `count` says."""
        async with self._database.transaction() as transaction:
            row = await transaction.row(
                """
                INSERT INTO jobs (server_id, channel_id, member_id, message_id, round_id,
                    pictures, locale, created_at)
                SELECT ?, ?, ?, ?, id, coalesce(json_extract(parameters, '$.count'), 1), ?, ?
                FROM rounds WHERE id = ? RETURNING *
                """,
                [server_id, channel_id, member_id, message_id, locale, self._clock(), round_id],
            )
        if row is None:
            raise Missing(f"there is no round {round_id}")
        return _job(row)

    async def get(self, job_id: int) -> Job | None:
        """A job by its id."""
        row = await self._database.row("SELECT * FROM jobs WHERE id = ?", [job_id])
        return None if row is None else _job(row)

    async def message(self, job_id: int, channel_id: int, message_id: int) -> None:
        """Note the message that shows the job's progress and becomes its result."""
        await self._write(
            "UPDATE jobs SET channel_id = ?, message_id = ? WHERE id = ?",
            [channel_id, message_id, job_id],
        )

    async def begin(self, job_id: int) -> int:
        """Count an attempt, on disk before the generator gets the job; returns its number.

        Results of earlier attempts are refused from here on.  Raises `StaleAttempt` where the
        job has ended, cancelled perhaps.
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

    async def heartbeat(self, job_id: int, attempt: int) -> None:
        """Renew the lease of a running attempt; raises `StaleAttempt` where it has lost the job."""
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
        """Adopt an attempt's pictures and end the job, all in one transaction.

        Raises `StaleAttempt` where the attempt is not the job's latest or the job has ended,
        and `FileMismatch` where a file is not what its digest says; the job is then as it
        was, and so are the files.
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
            round_id = await self._end(transaction, job_id, attempt)
            # Inside the transaction: nobody may find a file unowned between its coming and
            # the row that owns it.
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

    async def _end(self, transaction: Transaction, job_id: int, attempt: int) -> int:
        """Mark the job as done and return its round."""
        row = await transaction.row(
            """
            UPDATE jobs SET state = 'done', error = NULL, lease_until = NULL
            WHERE id = ? AND attempts = ? AND state = 'running' RETURNING round_id
            """,
            [job_id, attempt],
        )
        if row is None:
            raise _stale(job_id, attempt)
        return int(row["round_id"])

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

    async def fail(self, job_id: int, error: str, dead: bool = False) -> bool:
        """End a job without pictures; `dead` where it killed the generator too often.

        `error` is a `Reason` value and, after a colon, its detail.  False where the job had
        ended already.
        """
        state = JobState.DEAD if dead else JobState.FAILED
        async with self._database.transaction() as transaction:
            row = await transaction.row(
                """
                UPDATE jobs SET state = ?, error = ?, lease_until = NULL
                WHERE id = ? AND state IN ('queued', 'running') RETURNING id
                """,
                [state.value, error, job_id],
            )
            if row is not None:
                transaction.after_commit(lambda: self._files.discard(job_id))
        return row is not None

    async def cancel(self, job_id: int) -> bool:
        """End a job because someone asked; False where it had ended already.

        Its workspace stays until the generator has let go of it (`files.discard`).
        """
        async with self._database.transaction() as transaction:
            row = await transaction.row(
                """
                UPDATE jobs SET state = 'cancelled', lease_until = NULL
                WHERE id = ? AND state IN ('queued', 'running') RETURNING id
                """,
                [job_id],
            )
        return row is not None

    async def delivered(self, job_id: int) -> None:
        """Note that the job's outcome stands in the channel."""
        await self._write("UPDATE jobs SET delivered = 1 WHERE id = ?", [job_id])

    async def pending(self) -> list[Job]:
        """Jobs that are queued or running, oldest first."""
        return await self._read(
            "SELECT * FROM jobs WHERE state IN ('queued', 'running') ORDER BY id"
        )

    async def undelivered(self) -> list[Job]:
        """Jobs that have ended and whose outcome does not stand in the channel, oldest first."""
        return await self._read(
            """
            SELECT * FROM jobs WHERE delivered = 0 AND state NOT IN ('queued', 'running')
            ORDER BY id
            """
        )

    async def of_member(self, server_id: int, member_id: int) -> list[Job]:
        """A member's open jobs in a server, oldest first."""
        return await self._read(
            """
            SELECT * FROM jobs
            WHERE server_id = ? AND member_id = ? AND state IN ('queued', 'running') ORDER BY id
            """,
            [server_id, member_id],
        )

    async def open_count(self) -> int:
        """How many jobs are queued or running, everyone's together."""
        row = await self._database.row(
            "SELECT count(*) FROM jobs WHERE state IN ('queued', 'running')"
        )
        return 0 if row is None else int(row[0])

    async def _read(self, sql: str, parameters: Sequence[int] = ()) -> list[Job]:
        return [_job(row) for row in await self._database.rows(sql, parameters)]

    async def _write(self, sql: str, parameters: Sequence[int]) -> None:
        async with self._database.transaction() as transaction:
            await transaction.rows(sql, parameters)


def _stale(job_id: int, attempt: int) -> StaleAttempt:
    return StaleAttempt(f"job {job_id} has ended or gone on without its attempt {attempt}")


def _job(row: sqlite3.Row) -> Job:
    return Job(
        id=row["id"],
        server_id=row["server_id"],
        channel_id=row["channel_id"],
        member_id=row["member_id"],
        message_id=row["message_id"],
        round_id=row["round_id"],
        locale=row["locale"],
        state=JobState(row["state"]),
        attempts=row["attempts"],
        lease_until=row["lease_until"],
        error=row["error"],
        delivered=bool(row["delivered"]),
        created_at=row["created_at"],
    )
