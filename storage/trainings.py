"""Repository of trainings: what was asked for, their checkpoints, and the one that was chosen."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from storage.consents import missing_consents
from storage.database import Clock, Database, Transaction
from storage.errors import ConsentMissing, Missing, StaleAttempt, TrainingUnderWay
from storage.files import Files
from storage.jobs import insert_training, job_of
from storage.owners import release
from storage.records import Job
from storage.trained_styles import apply_choice, drop_checkpoints, files_of
from storage.training_records import Training, TrainingCheckpoint

CHECKPOINT_DAYS = 7.0
"""Days after a training's end for which another of its checkpoints can be chosen."""


class Trainings:
    """Trainings, each with a job of its own; see `storage.jobs` for how they end."""

    def __init__(self, database: Database, files: Files, clock: Clock) -> None:
        self._database = database
        self._files = files
        self._clock = clock

    async def start(
        self,
        dataset_id: int,
        request: Mapping[str, Any],
        *,
        server_id: int,
        channel_id: int,
        member_id: int,
        locale: str,
        style_id: int | None = None,
        with_consent: bool = False,
    ) -> Job:
        """Queue a training on a data set, which counts as used from now on.

        `request` is plain JSON without paths; `style_id` is the style that is made anew.  Raises
        `Missing` if the data set was closed or the style deleted, and `TrainingUnderWay` if
        somebody was faster; `with_consent`: also `ConsentMissing` unless everyone agreed whose
        pictures are trained on.
        """
        async with self._database.transaction() as transaction:
            if with_consent and await missing_consents(transaction, dataset_id):
                raise ConsentMissing(f"consent to data set {dataset_id} is missing")
            used = await transaction.row(
                """
                UPDATE datasets SET state = 'used' WHERE id = ? AND state <> 'closed' RETURNING id
                """,
                [dataset_id],
            )
            if used is None:
                raise Missing(f"there is no data set {dataset_id} to train on")
            if await transaction.rows(_UNDER_WAY, [dataset_id]):
                raise TrainingUnderWay(f"a training on data set {dataset_id} is under way")
            if style_id is not None and not await transaction.rows(
                "SELECT 1 FROM styles WHERE id = ?", [style_id]
            ):
                raise Missing(f"there is no style {style_id}")
            job = job_of(
                await insert_training(
                    transaction, server_id, channel_id, member_id, locale, None, self._clock()
                )
            )
            await transaction.rows(
                """
                INSERT INTO trainings (job_id, dataset_id, request, style_id, result)
                VALUES (?, ?, ?, ?, ?)
                """,
                [
                    job.id,
                    dataset_id,
                    _json(request),
                    style_id,
                    _json({} if style_id is None else {"retrains": style_id}),
                ],
            )
        return job

    async def of_job(self, job_id: int) -> Training | None:
        """Return the training of a job, or None."""
        row = await self._database.row("SELECT * FROM trainings WHERE job_id = ?", [job_id])
        return None if row is None else _training(row)

    async def of_dataset(self, dataset_id: int) -> list[Training]:
        """Return the trainings on a data set, oldest first."""
        rows = await self._database.rows(
            "SELECT * FROM trainings WHERE dataset_id = ? ORDER BY job_id", [dataset_id]
        )
        return [_training(row) for row in rows]

    async def recent(self, server_id: int, limit: int) -> list[tuple[Job, Training]]:
        """Return a server's trainings with their jobs: open ones first, then the newest."""
        rows = await self._database.rows(
            """
            SELECT id FROM jobs JOIN trainings ON job_id = id WHERE server_id = ?
            ORDER BY state NOT IN ('queued', 'running'), id DESC LIMIT ?
            """,
            [server_id, limit],
        )
        return [await self._with_job(row["id"]) for row in rows]

    async def under_way(self) -> list[tuple[Job, Training]]:
        """Return the trainings that are queued or running, in all servers, oldest first."""
        rows = await self._database.rows(
            """
            SELECT id FROM jobs JOIN trainings ON job_id = id
            WHERE state IN ('queued', 'running') ORDER BY id
            """
        )
        return [await self._with_job(row["id"]) for row in rows]

    async def of_message(self, message_id: int) -> tuple[Job, Training] | None:
        """Return the training whose card is this message, with its job, or None."""
        row = await self._database.row(
            "SELECT id FROM jobs JOIN trainings ON job_id = id WHERE message_id = ?", [message_id]
        )
        return None if row is None else await self._with_job(row["id"])

    async def _with_job(self, job_id: int) -> tuple[Job, Training]:
        job = await self._database.row("SELECT * FROM jobs WHERE id = ?", [job_id])
        training = await self._database.row("SELECT * FROM trainings WHERE job_id = ?", [job_id])
        if job is None or training is None:
            raise Missing(f"training {job_id} has been deleted")
        return job_of(job), _training(training)

    async def pause(self, job_id: int, paused: bool) -> bool:
        """Note that a training is to pause or to go on; returns False if it has ended."""
        return await self._change(
            """
            UPDATE trainings SET paused = :value WHERE job_id = :job AND EXISTS (SELECT 1 FROM jobs
                WHERE id = :job AND state IN ('queued', 'running'))
            RETURNING job_id
            """,
            {"job": job_id, "value": paused},
        )

    async def stop(self, job_id: int) -> bool:
        """Note that a training is to end with what there is; returns False if it has ended."""
        return await self._change(
            """
            UPDATE trainings SET paused = 0, result = json_set(result, '$.stopped', json('true'))
            WHERE job_id = :job AND EXISTS (SELECT 1 FROM jobs
                WHERE id = :job AND state IN ('queued', 'running'))
            RETURNING job_id
            """,
            {"job": job_id},
        )

    async def told(self, job_id: int) -> None:
        """Note that whoever started a training was told of its end."""
        async with self._database.transaction() as transaction:
            await transaction.rows(
                """
                UPDATE trainings SET result = json_set(result, '$.told', json('true'))
                WHERE job_id = ?
                """,
                [job_id],
            )

    async def note(self, job_id: int, attempt: int, values: Mapping[str, Any]) -> None:
        """Merge values into the result of a running attempt; raises `StaleAttempt`."""
        async with self._database.transaction() as transaction:
            await _check_attempt(transaction, job_id, attempt)
            await transaction.rows(
                "UPDATE trainings SET result = json_patch(result, ?) WHERE job_id = ?",
                [_json(values), job_id],
            )

    async def checkpoint(
        self,
        job_id: int,
        attempt: int,
        *,
        step: int,
        adapter: Path | None = None,
        sheet: Path | None = None,
        scores: Mapping[str, Any],
    ) -> TrainingCheckpoint:
        """Store a checkpoint of a running attempt: its adapter's file, its sample grid, its scores.

        One of the same step is replaced.  Raises `StaleAttempt` if the attempt is not the job's
        latest or the job has ended; the files stay where they are.
        """
        settled = await asyncio.to_thread(self._settle, adapter, sheet)
        digests = dict(settled)
        async with self._database.transaction() as transaction:
            await _check_attempt(transaction, job_id, attempt)
            # As in `Jobs.finish`: a file must not be found before the row that owns it.
            await transaction.in_thread(lambda: self._adopt(settled))
            before = await transaction.rows(
                "SELECT * FROM training_checkpoints WHERE job_id = ? AND step = ?", [job_id, step]
            )
            row = await transaction.one(
                """
                INSERT OR REPLACE INTO training_checkpoints
                    (job_id, step, adapter_digest, sheet_digest, scores)
                VALUES (?, ?, ?, ?, ?) RETURNING *
                """,
                [
                    job_id,
                    step,
                    None if adapter is None else digests[adapter],
                    None if sheet is None else digests[sheet],
                    _json(scores),
                ],
            )
            await release(transaction, self._files, files_of(before))
        return _checkpoint(row)

    def _settle(self, *paths: Path | None) -> list[tuple[Path, str]]:
        return [(path, self._files.settle(path)) for path in paths if path is not None]

    def _adopt(self, settled: list[tuple[Path, str]]) -> None:
        for path, digest in settled:
            self._files.adopt(path, digest)

    async def checkpoints(self, job_id: int) -> list[TrainingCheckpoint]:
        """Return the checkpoints of a training, by step."""
        rows = await self._database.rows(
            "SELECT * FROM training_checkpoints WHERE job_id = ? ORDER BY step", [job_id]
        )
        return [_checkpoint(row) for row in rows]

    async def choose(self, job_id: int, step: int) -> int | None:
        """Choose the checkpoint that becomes the style; return the style's id if there is one.

        Before the training's end the choice is remembered; after it the style gets the
        checkpoint's file at once.  Raises `Missing` if there is no such checkpoint, or no longer.
        """
        async with self._database.transaction() as transaction:
            row = await transaction.row(
                """
                UPDATE trainings SET result = json_set(result, '$.chosen', :step)
                WHERE job_id = :job AND EXISTS (SELECT 1 FROM training_checkpoints
                    WHERE job_id = :job AND step = :step AND adapter_digest IS NOT NULL)
                RETURNING *
                """,
                {"job": job_id, "step": step},
            )
            if row is None:
                raise Missing(f"training {job_id} has no checkpoint {step}")
            return await apply_choice(transaction, self._files, row)

    async def forget_checkpoints(self, job_id: int) -> None:
        """Delete a training's checkpoints, with the files that no style has."""
        async with self._database.transaction() as transaction:
            await drop_checkpoints(transaction, self._files, job_id)

    async def forget_old_checkpoints(self, days: float = CHECKPOINT_DAYS) -> int:
        """Delete the checkpoints of trainings that ended this many days ago; returns how many."""
        before = self._clock() - days * 86400.0
        async with self._database.transaction() as transaction:
            rows = await transaction.rows(
                """
                DELETE FROM training_checkpoints WHERE job_id IN (SELECT job_id FROM trainings
                    WHERE json_extract(result, '$.ended_at') < ?)
                RETURNING *
                """,
                [before],
            )
            await release(transaction, self._files, files_of(rows))
        return len(rows)

    async def _change(self, sql: str, parameters: Mapping[str, Any]) -> bool:
        async with self._database.transaction() as transaction:
            return await transaction.row(sql, parameters) is not None


_UNDER_WAY = """
    SELECT 1 FROM trainings JOIN jobs ON id = job_id
    WHERE dataset_id = ? AND state IN ('queued', 'running')
"""


async def _check_attempt(transaction: Transaction, job_id: int, attempt: int) -> None:
    """Raise `StaleAttempt` unless this is a running training's latest attempt."""
    running = await transaction.row(
        """
        SELECT 1 FROM jobs WHERE id = ? AND attempts = ? AND kind = 'train' AND state = 'running'
        """,
        [job_id, attempt],
    )
    if running is None:
        raise StaleAttempt(f"job {job_id} has ended or gone on without its attempt {attempt}")


def _json(values: Mapping[str, Any]) -> str:
    return json.dumps(dict(values), ensure_ascii=False, allow_nan=False)


def _training(row: sqlite3.Row) -> Training:
    return Training(
        job_id=row["job_id"],
        dataset_id=row["dataset_id"],
        request=json.loads(row["request"]),
        paused=bool(row["paused"]),
        style_id=row["style_id"],
        result=json.loads(row["result"]),
    )


def _checkpoint(row: sqlite3.Row) -> TrainingCheckpoint:
    return TrainingCheckpoint(
        job_id=row["job_id"],
        step=row["step"],
        adapter_digest=row["adapter_digest"],
        sheet_digest=row["sheet_digest"],
        scores=json.loads(row["scores"]),
    )
