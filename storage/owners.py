"""Columns whose rows own files: the one list that decides if a file is still wanted."""

from __future__ import annotations

import functools
import json
import sqlite3
from collections.abc import Collection, Iterable

from storage.database import Transaction
from storage.files import Files

OWNERS = (
    ("images", "digest"),
    ("rounds", "steering_digest"),
    ("rounds", "sheet_digest"),
    ("rounds", "source_digest"),
    ("rounds", "mask_digest"),
    ("styles", "digest"),
    ("styles", "preview_digest"),
    ("dataset_pictures", "digest"),
    ("training_checkpoints", "adapter_digest"),
    ("training_checkpoints", "sheet_digest"),
)
"""Every table and column that names a file owned by its row."""


def _owned(owners: Iterable[tuple[str, str]]) -> str:
    return " UNION ".join(
        f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL"  # noqa: S608
        for table, column in owners
    )


OWNED_FILES = _owned(OWNERS)
"""SQL that selects every file that some row owns."""


def named_files(connection: sqlite3.Connection) -> set[str]:
    """Return every file that some row owns, in a database of this version or an earlier one."""
    there = [
        (table, column)
        for table, column in OWNERS
        if connection.execute(
            "SELECT 1 FROM pragma_table_info(?) WHERE name = ?", [table, column]
        ).fetchone()
    ]
    return {str(row[0]) for row in connection.execute(_owned(there))}


async def release(
    transaction: Transaction, files: Files, digests: Collection[str | None]
) -> list[str]:
    """Remove those of `digests` that no row owns any more, once this transaction is committed."""
    unwanted = " AND ".join(
        f"NOT EXISTS (SELECT 1 FROM {table} WHERE {column} = value)"  # noqa: S608
        for table, column in OWNERS
    )
    rows = await transaction.rows(
        f"SELECT value FROM json_each(?) WHERE value IS NOT NULL AND {unwanted}",  # noqa: S608
        [json.dumps(list(digests))],
    )
    unowned = [str(row["value"]) for row in rows]
    transaction.after_commit(functools.partial(files.remove, unowned))
    return unowned
