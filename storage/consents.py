"""Repository of consents: who agreed to a training on their pictures, to which words, and when."""

from __future__ import annotations

import sqlite3

from storage.database import Clock, Database, Transaction
from storage.datasets import open_dataset
from storage.training_records import Consent


class Consents:
    """Members' consents, one for each data set; one that was taken back keeps its row."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def give(self, dataset_id: int, member_id: int, words: str, locale: str) -> Consent:
        """Record a member's consent to these words; one that stands already stays as it is.

        Raises `Missing` or `DatasetNotOpen`.
        """
        async with self._database.transaction() as transaction:
            await open_dataset(transaction, dataset_id)
            await transaction.rows(
                """
                INSERT INTO consents (dataset_id, member_id, words, locale, given_at)
                VALUES (:dataset, :member, :words, :locale, :now)
                ON CONFLICT (dataset_id, member_id) DO UPDATE
                SET words = :words, locale = :locale, given_at = :now, revoked_at = NULL
                WHERE revoked_at IS NOT NULL
                """,
                {
                    "dataset": dataset_id,
                    "member": member_id,
                    "words": words,
                    "locale": locale,
                    "now": self._clock(),
                },
            )
            row = await transaction.one(
                "SELECT * FROM consents WHERE dataset_id = ? AND member_id = ?",
                [dataset_id, member_id],
            )
        return _consent(row)

    async def of_dataset(self, dataset_id: int) -> list[Consent]:
        """Return the consents to a data set, in the order in which they were given."""
        rows = await self._database.rows(
            "SELECT * FROM consents WHERE dataset_id = ? ORDER BY given_at, member_id",
            [dataset_id],
        )
        return [_consent(row) for row in rows]

    async def of_member(self, member_id: int, server_id: int | None = None) -> list[Consent]:
        """Return a member's consents in a server (None: in all), the oldest data set first."""
        rows = await self._database.rows(
            """
            SELECT consents.* FROM consents JOIN datasets ON datasets.id = dataset_id
            WHERE consents.member_id = ? AND server_id = coalesce(?, server_id)
            ORDER BY dataset_id
            """,
            [member_id, server_id],
        )
        return [_consent(row) for row in rows]

    async def missing(self, dataset_id: int) -> list[int]:
        """Return the members whose pictures would be trained on without their consent."""
        return await missing_consents(self._database, dataset_id)


async def missing_consents(source: Database | Transaction, dataset_id: int) -> list[int]:
    """Return the members whose pictures of a data set are trained on, but without their consent."""
    rows = await source.rows(
        """
        SELECT DISTINCT member_id FROM dataset_pictures AS added
        WHERE dataset_id = ? AND dropped IS NULL AND NOT EXISTS (
            SELECT 1 FROM consents
            WHERE consents.dataset_id = added.dataset_id
                AND consents.member_id = added.member_id AND revoked_at IS NULL)
        ORDER BY member_id
        """,
        [dataset_id],
    )
    return [row["member_id"] for row in rows]


def _consent(row: sqlite3.Row) -> Consent:
    return Consent(
        dataset_id=row["dataset_id"],
        member_id=row["member_id"],
        words=row["words"],
        locale=row["locale"],
        given_at=row["given_at"],
        revoked_at=row["revoked_at"],
    )
