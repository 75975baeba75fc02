"""Answers that members were promised and have not been given, so that another run can give them."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from storage.database import Clock, Database
from storage.records import OpenAnswer, WaitsFor

LIFETIME_SECONDS = 15 * 60.0
"""Time for which Discord takes answers to an interaction."""


class OpenAnswers:
    """Deferred responses to interactions, from their promise to their answer."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def promised(self, answers: Sequence[OpenAnswer]) -> None:
        """Record that answers are owed."""
        now = self._clock()
        async with self._database.transaction() as transaction:
            await transaction.many(
                "INSERT OR REPLACE INTO open_answers VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (
                        answer.interaction_id,
                        answer.application_id,
                        answer.token,
                        answer.locale,
                        answer.waits_for.value,
                        now,
                    )
                    for answer in answers
                ],
            )

    async def job_follows(self, interaction_id: int) -> None:
        """Record that a job's own message takes the place of an answer."""
        async with self._database.transaction() as transaction:
            await transaction.rows(
                "UPDATE open_answers SET waits_for = 'job' WHERE interaction_id = ?",
                [interaction_id],
            )

    async def given(self, interaction_id: int) -> None:
        """Forget an answer that was given, or that nobody can give any more."""
        async with self._database.transaction() as transaction:
            await transaction.rows(
                "DELETE FROM open_answers WHERE interaction_id = ?", [interaction_id]
            )

    async def open(self) -> list[OpenAnswer]:
        """Return the answers that are owed and can still be given; forget the others."""
        async with self._database.transaction() as transaction:
            await transaction.rows(
                "DELETE FROM open_answers WHERE created_at < ?", [self._clock() - LIFETIME_SECONDS]
            )
            rows = await transaction.rows("SELECT * FROM open_answers ORDER BY interaction_id")
        return [_answer(row) for row in rows]


def _answer(row: sqlite3.Row) -> OpenAnswer:
    return OpenAnswer(
        interaction_id=row["interaction_id"],
        application_id=row["application_id"],
        token=row["token"],
        locale=row["locale"],
        waits_for=WaitsFor(row["waits_for"]),
        created_at=row["created_at"],
    )
