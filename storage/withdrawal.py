"""Ends the jobs that paint with a style which is withdrawn or deleted, within a transaction.

Their pictures that no message shows yet are deleted.
"""

from __future__ import annotations

import json

from storage.database import Transaction
from storage.files import Files
from storage.owners import release

STYLE_GONE = "style gone"
"""Why a job failed whose style was withdrawn or deleted before its pictures were shown."""


async def end_paintings(transaction: Transaction, files: Files, style_id: int) -> None:
    """End the jobs that paint with a style, and those whose pictures no message shows yet.

    These pictures are deleted.  Whatever the generator still brings is refused, as its job is over.
    """
    ended = await transaction.rows(
        """
        UPDATE jobs SET state = 'failed', reason = :reason, detail = '', lease_until = NULL
        WHERE kind = 'paint' AND (state IN ('queued', 'running') OR (state = 'done'
                AND delivered = 0
                AND NOT EXISTS (SELECT 1 FROM posts WHERE posts.round_id = jobs.round_id)))
            AND EXISTS (SELECT 1 FROM rounds, json_each(rounds.parameters, '$.styles') AS style
                WHERE rounds.id = jobs.round_id
                    AND json_extract(style.value, '$.style_id') = :style)
        RETURNING round_id
        """,
        {"reason": STYLE_GONE, "style": style_id},
    )
    if not ended:
        return
    rounds = json.dumps([row["round_id"] for row in ended])
    images = await transaction.rows(
        "DELETE FROM images WHERE round_id IN (SELECT value FROM json_each(?)) RETURNING digest",
        [rounds],
    )
    beside = await transaction.rows(
        "SELECT steering_digest, sheet_digest FROM rounds "
        "WHERE id IN (SELECT value FROM json_each(?))",
        [rounds],
    )
    await transaction.rows(
        "UPDATE rounds SET steering_digest = NULL, sheet_digest = NULL "
        "WHERE id IN (SELECT value FROM json_each(?))",
        [rounds],
    )
    await release(
        transaction, files, {digest for row in (*images, *beside) for digest in tuple(row)}
    )
