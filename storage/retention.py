"""Retention: remove files that no row owns, and pictures when there is no more room."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import logging
import shutil
from collections.abc import Sequence
from pathlib import Path

from storage.database import Database, Transaction
from storage.files import Files
from storage.owners import OWNED_FILES, release
from storage.round_deletion import delete_rounds

log = logging.getLogger(__name__)

DAY = 86400.0

_AT_A_TIME = 200
"""Pictures removed in one transaction, so that nobody waits long for their turn."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Pruned:
    """The result of `prune`: the pictures and files that were removed."""

    pictures: int
    bytes: int


async def collect_leftovers(database: Database, files: Files, *, now: float) -> int:
    """Remove files and temporary folders that nothing owns since a day; returns how many.

    A day, because a file may be on its way in, and because a fault of ours in naming owners
    should not cost a file at once.
    """
    before = now - DAY
    owned, open_jobs = await _wanted(database)
    # The walk is slow where there are many files: nobody waits for it.
    found = await asyncio.to_thread(
        lambda: [*files.unowned(owned, before), *files.abandoned(open_jobs, before)]
    )
    if not found:
        return 0
    async with database.transaction() as transaction:
        # Looked up once more: one of them may have been adopted during the walk.
        owned, open_jobs = await _wanted(transaction)
        removed = await transaction.in_thread(
            lambda: _discard([path for path in found if path.name not in owned | open_jobs])
        )
    log.info("collected %d leftover files and folders", removed)
    return removed


async def _wanted(source: Database | Transaction) -> tuple[set[str], set[str]]:
    """The names of files that rows own, and of folders of jobs that are open."""
    files = await source.rows(OWNED_FILES)
    jobs = await source.rows("SELECT id FROM jobs WHERE state IN ('queued', 'running')")
    return {str(row[0]) for row in files}, {str(row["id"]) for row in jobs}


def _discard(paths: Sequence[Path]) -> int:
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return len(paths)


async def prune(
    database: Database,
    files: Files,
    *,
    now: float,
    disk_limit_bytes: int = 0,
    retention_days: float = 0,
) -> Pruned:
    """Remove pictures that nobody rated and that are past their time, then what is over the limit.

    Over the limit, what failed rounds were to begin from goes first; then pictures without
    ratings, the oldest before the newer; then rated ones and the pictures that those were made
    from.  Never those of jobs whose outcome is still to be delivered, nor what steers them.
    0 stands for no limit.
    """
    await collect_leftovers(database, files, now=now)
    pictures = freed = 0
    if retention_days:
        oldest = now - retention_days * DAY
        while batch := await _remove(database, files, rated=False, before=oldest):
            pictures += batch.pictures
            freed += batch.bytes
        await _forget_empty(database, files, before=oldest)
    if disk_limit_bytes:
        over = await asyncio.to_thread(files.used) - disk_limit_bytes
        if over > 0:
            emptied = await _forget_empty(database, files, before=now, holding_files=True)
            freed += emptied
            over -= emptied
        # Once more at last: what a rated picture was made from is rated no more without it.
        for rated in (False, True, False):
            while over > 0 and (
                batch := await _remove(database, files, rated=rated, before=now, over=over)
            ):
                pictures += batch.pictures
                freed += batch.bytes
                over -= batch.bytes
    if pictures or freed:
        log.info("pruned %d pictures, %d bytes", pictures, freed)
    return Pruned(pictures=pictures, bytes=freed)


_CANDIDATES = """
    WITH RECURSIVE busy (round_id) AS (
        SELECT round_id FROM jobs
        WHERE round_id IS NOT NULL AND (delivered = 0 OR state IN ('queued', 'running'))
    ), kept (id) AS (
        SELECT image_id FROM ratings
        UNION
        SELECT parent_id FROM kept JOIN images USING (id) WHERE parent_id IS NOT NULL
    )
    SELECT id, digest FROM images
    WHERE created_at < :before AND (id IN kept) = :rated AND (digest IS NOT NULL OR :frees_nothing)
        AND round_id NOT IN busy
        AND id NOT IN (SELECT image_id FROM steers WHERE round_id IN busy)
        AND (:frees_nothing OR NOT EXISTS (SELECT 1 FROM rounds WHERE source_digest = digest))
    ORDER BY created_at, id LIMIT :limit
"""


async def _remove(
    database: Database, files: Files, *, rated: bool, before: float, over: float | None = None
) -> Pruned | None:
    """Remove the next few pictures, no more than free `over` bytes; None where none is left."""
    async with database.transaction() as transaction:
        candidates = await transaction.rows(
            _CANDIDATES,
            {"before": before, "rated": rated, "frees_nothing": over is None, "limit": _AT_A_TIME},
        )
        if not candidates:
            return None
        sizes = await transaction.in_thread(
            lambda: [files.size(row["digest"]) if row["digest"] else 0 for row in candidates]
        )
        chosen = []
        hoped = 0
        for row, size in zip(candidates, sizes, strict=True):
            if over is not None and hoped >= over:
                break
            chosen.append(row["id"])
            hoped += size
        removed = await _delete_images(transaction, files, chosen)
        freed = await _sizes(transaction, files, removed)
    return Pruned(pictures=len(chosen), bytes=freed)


async def _sizes(transaction: Transaction, files: Files, digests: Sequence[str]) -> int:
    """Bytes of files together; those that go with this transaction are still there."""
    return await transaction.in_thread(lambda: sum(map(files.size, digests)))


async def _delete_images(
    transaction: Transaction, files: Files, image_ids: Sequence[int]
) -> list[str]:
    """Delete pictures, and rounds that have none left; returns the digests of removed files."""
    rows = await transaction.rows(
        """
        DELETE FROM images WHERE id IN (SELECT value FROM json_each(?))
        RETURNING digest, round_id
        """,
        [json.dumps(image_ids)],
    )
    removed = await release(transaction, files, {row["digest"] for row in rows})
    emptied = await transaction.rows(
        """
        SELECT value FROM json_each(?)
        WHERE NOT EXISTS (SELECT 1 FROM images WHERE round_id = value)
        """,
        [json.dumps(list({row["round_id"] for row in rows}))],
    )
    return removed + await delete_rounds(transaction, files, [row["value"] for row in emptied])


async def _forget_empty(
    database: Database, files: Files, *, before: float, holding_files: bool = False
) -> int:
    """Forget rounds that came to nothing, and jobs long delivered; returns the bytes freed.

    holding_files: only such rounds as own files, and no jobs, which count on members' limits.
    """
    async with database.transaction() as transaction:
        rows = await transaction.rows(
            """
            SELECT id FROM rounds
            WHERE created_at < ? AND NOT EXISTS (SELECT 1 FROM images WHERE round_id = rounds.id)
                AND NOT EXISTS (SELECT 1 FROM jobs WHERE round_id = rounds.id
                    AND (delivered = 0 OR state IN ('queued', 'running')))
                AND (source_digest IS NOT NULL OR NOT ?)
            """,
            [before, holding_files],
        )
        removed = await delete_rounds(transaction, files, [row["id"] for row in rows])
        freed = await _sizes(transaction, files, removed)
        if not holding_files:
            await transaction.rows(
                """
                DELETE FROM jobs WHERE created_at < ? AND delivered = 1
                    AND state NOT IN ('queued', 'running')
                    AND NOT EXISTS (SELECT 1 FROM styles WHERE job_id = jobs.id)
                    AND NOT EXISTS (SELECT 1 FROM trainings
                        WHERE job_id = jobs.id AND json_extract(result, '$.model') IS NOT NULL)
                """,
                [before],
            )
            # A training is known as long as its style or its model: by it, that is made anew.
            await transaction.rows(
                "DELETE FROM trainings WHERE NOT EXISTS (SELECT 1 FROM jobs WHERE id = job_id)"
            )
    return freed
