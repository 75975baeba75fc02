"""Styles that trainings make: stored with the training's end, with the checkpoint that was chosen.

Statements within a transaction that is somebody else's.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from storage.database import Transaction
from storage.files import Files
from storage.owners import release
from storage.style_records import NewStyle
from storage.styles import insert_style


async def store_trained(
    transaction: Transaction, files: Files, job_id: int, style: NewStyle, now: float
) -> int | None:
    """Store the style that a training has made and return its id; raises `NameTaken`.

    A training that makes a style anew gives that one its file and its contributors, and makes it
    ready again; it makes none if that style was deleted meanwhile.  A checkpoint that was chosen
    before the end takes the place of the style's file.
    """
    training = await transaction.row("SELECT * FROM trainings WHERE job_id = ?", [job_id])
    retrained = None if training is None else json.loads(training["result"]).get("retrains")
    if training is None or retrained is None:
        style_id: int | None = await insert_style(transaction, style, now)
    else:
        style_id = training["style_id"]
        if style_id is None:
            return None
        await _renew(transaction, files, style_id, job_id, style)
    if training is not None:
        await apply_choice(transaction, files, training)
    return style_id


async def _renew(
    transaction: Transaction, files: Files, style_id: int, job_id: int, style: NewStyle
) -> None:
    before = await transaction.one("SELECT * FROM styles WHERE id = ?", [style_id])
    await transaction.rows(
        """
        UPDATE styles SET digest = ?, base_model = ?, base_hash = ?, architecture = ?,
            evaluation = ?, preview_digest = ?, job_id = ?, state = 'ready'
        WHERE id = ?
        """,
        [
            style.digest,
            style.base_model,
            style.base_hash,
            style.architecture,
            json.dumps(dict(style.evaluation), ensure_ascii=False, allow_nan=False),
            style.preview_digest,
            job_id,
            style_id,
        ],
    )
    await transaction.rows("DELETE FROM style_contributors WHERE style_id = ?", [style_id])
    await transaction.many(
        "INSERT INTO style_contributors (style_id, member_id) VALUES (?, ?)",
        [(style_id, member_id) for member_id in sorted(set(style.contributors))],
    )
    await release(transaction, files, {before["digest"], before["preview_digest"]})


async def apply_choice(transaction: Transaction, files: Files, training: sqlite3.Row) -> int | None:
    """Give a training's style the file of the checkpoint that was chosen; return the style's id.

    Does nothing if nobody chose one, if it is gone, or if there is no style of this training.
    """
    step = json.loads(training["result"]).get("chosen")
    row = await transaction.row(
        """
        SELECT styles.id, styles.digest, preview_digest, adapter_digest, sheet_digest, scores
        FROM styles JOIN training_checkpoints ON training_checkpoints.job_id = styles.job_id
        WHERE styles.job_id = ? AND step = ? AND adapter_digest IS NOT NULL
        """,
        [training["job_id"], step],
    )
    if row is None:
        return None
    scores = json.dumps({**json.loads(row["scores"]), "step": step}, ensure_ascii=False)
    await transaction.rows(
        """
        UPDATE styles SET digest = ?, preview_digest = ?, evaluation = json_patch(evaluation, ?)
        WHERE id = ?
        """,
        [row["adapter_digest"], row["sheet_digest"], scores, row["id"]],
    )
    await release(transaction, files, {row["digest"], row["preview_digest"]})
    return int(row["id"])


async def note_end(transaction: Transaction, job_id: int, now: float) -> None:
    """Note when a training ended; does nothing for other jobs."""
    await transaction.rows(
        "UPDATE trainings SET result = json_set(result, '$.ended_at', ?) WHERE job_id = ?",
        [now, job_id],
    )


async def drop_checkpoints(transaction: Transaction, files: Files, job_id: int) -> None:
    """Delete a training's checkpoints, with the files that no style has."""
    rows = await transaction.rows(
        "DELETE FROM training_checkpoints WHERE job_id = ? RETURNING *", [job_id]
    )
    await release(transaction, files, files_of(rows))


def files_of(checkpoints: Sequence[sqlite3.Row]) -> set[str | None]:
    """Return the digests of the files that rows of `training_checkpoints` own."""
    return {row[column] for row in checkpoints for column in ("adapter_digest", "sheet_digest")}
