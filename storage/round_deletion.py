"""Deletes rounds with everything that belongs to them, within a transaction."""

from __future__ import annotations

import json
from collections.abc import Collection

from storage.database import Transaction
from storage.files import Files
from storage.owners import release


async def delete_rounds(
    transaction: Transaction, files: Files, round_ids: Collection[int]
) -> list[str]:
    """Delete rounds and, after the commit, their files; returns the digests of those files."""
    ids = json.dumps(list(round_ids))
    named = await transaction.rows(
        """
        SELECT digest FROM images WHERE round_id IN (SELECT value FROM json_each(?1))
        UNION SELECT value FROM rounds,
            json_each(json_array(steering_digest, sheet_digest, source_digest, mask_digest))
            WHERE rounds.id IN (SELECT value FROM json_each(?1))
        """,
        [ids],
    )
    await transaction.rows(
        """
        UPDATE jobs SET delivered = 1,
            state = iif(state IN ('queued', 'running'), 'cancelled', state)
        WHERE round_id IN (SELECT value FROM json_each(?))
        """,
        [ids],
    )
    deleted = await transaction.rows(
        "DELETE FROM rounds WHERE id IN (SELECT value FROM json_each(?)) RETURNING board_id", [ids]
    )
    await transaction.many(
        """
        DELETE FROM boards WHERE id = ?
            AND NOT EXISTS (SELECT 1 FROM rounds WHERE board_id = boards.id)
        """,
        [(board,) for board in {row["board_id"] for row in deleted}],
    )
    return await release(transaction, files, {row[0] for row in named})
