"""Revocations: what was learned from a member's pictures goes, and is learned anew without them.

Everything that a revocation decides is committed in one transaction: the consent, the pictures, the
styles and the trainings to begin.  What takes longer, such as folders that the generator still
uses, is recorded with it and can be repeated until it is done.
"""

from __future__ import annotations

import asyncio
import dataclasses
import functools
import json
import sqlite3
from collections.abc import Collection, Sequence

from storage.aftermath import Aftermath, revocation_of
from storage.database import Clock, Database, Transaction
from storage.files import Files
from storage.owners import release
from storage.records import JobState
from storage.training_records import Revocation, RevocationCause


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class _Of:
    """Which of a member's consents: to one data set, to a style's, or to all in a server."""

    dataset_id: int | None
    style_id: int | None
    server_id: int | None


class _Foreseen(Exception):
    """Rolls a revocation back."""

    def __init__(self, revoked: list[Revocation]) -> None:
        super().__init__("nothing is revoked yet")
        self.revoked = revoked


class Revocations:
    """Consents that members take back, and what is still to be done about it."""

    def __init__(self, database: Database, files: Files, clock: Clock) -> None:
        self._database = database
        self._files = files
        self._clock = clock

    async def revoke(
        self,
        member_id: int,
        *,
        dataset_id: int | None = None,
        style_id: int | None = None,
        server_id: int | None = None,
        retrain: bool = True,
        least: int = 1,
    ) -> list[Revocation]:
        """Take back a member's consents: to a data set, a style's, all in a server, or all.

        Their pictures are deleted.  Styles that were trained on them are deleted, too, unless
        others contributed, `retrain` is set, training is granted to the server, and `least`
        pictures are left: then they lose their file and a training that makes them anew is queued.
        Returns nothing if there was nothing to take back.
        """
        of = _Of(dataset_id=dataset_id, style_id=style_id, server_id=server_id)
        async with self._database.transaction() as transaction:
            revoked = await self._revoke(transaction, member_id, of, retrain, least)
        if revoked:
            await self._empty_log()
        return revoked

    async def foresee(
        self,
        member_id: int,
        *,
        dataset_id: int | None = None,
        style_id: int | None = None,
        server_id: int | None = None,
        retrain: bool = True,
        least: int = 1,
    ) -> list[Revocation]:
        """Return what `revoke` would do, by doing it in a transaction that is rolled back."""
        of = _Of(dataset_id=dataset_id, style_id=style_id, server_id=server_id)
        try:
            async with self._database.transaction() as transaction:
                raise _Foreseen(await self._revoke(transaction, member_id, of, retrain, least))
        except _Foreseen as foreseen:
            return foreseen.revoked

    async def open(self) -> list[Revocation]:
        """Return the revocations of which something is still to be done, oldest first."""
        rows = await self._database.rows("SELECT * FROM revocations ORDER BY id")
        return [revocation_of(row) for row in rows]

    async def clean(self, revocation: Revocation) -> None:
        """Remove what a revocation left on the disk; its trainings must no longer be run."""
        async with self._database.transaction() as transaction:
            await release(transaction, self._files, revocation.digests)
            for job_id in revocation.job_ids:
                transaction.after_commit(functools.partial(self._files.discard, job_id))
                transaction.after_commit(functools.partial(self._files.discard_model, job_id))
        await self._empty_log()

    async def settle(self) -> list[Revocation]:
        """See to styles whose training anew has ended without a result, once each.

        After one that was cancelled the style is deleted.  After one that failed it stays
        withdrawn, for `retrain`.
        """
        settled = []
        async with self._database.transaction() as transaction:
            for row in await transaction.rows(_WITHOUT_RESULT):
                dataset = await _row(transaction, "datasets", row["dataset_id"])
                style = await _row(transaction, "styles", row["style_id"])
                aftermath = Aftermath(transaction, self._files, dataset, self._clock())
                await aftermath.give_up(style, wanted=row["state"] != JobState.CANCELLED.value)
                await transaction.rows(
                    """
                    UPDATE trainings SET result = json_set(result, '$.settled', json('true'))
                    WHERE job_id = ?
                    """,
                    [row["job_id"]],
                )
                settled.append(await aftermath.record(RevocationCause.TRAINING))
        return settled

    async def retrain(self, style_id: int) -> bool:
        """Queue the training that makes a withdrawn style anew once more.

        Returns False if it is not without a file, or if such a training is under way.
        """
        async with self._database.transaction() as transaction:
            row = await transaction.row(_STRANDED, [style_id])
            if row is None:
                return False
            dataset = await _row(transaction, "datasets", row["dataset_id"])
            style = await _row(transaction, "styles", style_id)
            await Aftermath(transaction, self._files, dataset, self._clock()).make_anew(style)
        return True

    async def done(self, revocation_id: int) -> None:
        """Forget a revocation of which nothing is left to do."""
        async with self._database.transaction() as transaction:
            await transaction.rows("DELETE FROM revocations WHERE id = ?", [revocation_id])
        await self._empty_log()

    async def _revoke(
        self, transaction: Transaction, member_id: int, of: _Of, retrain: bool, least: int
    ) -> list[Revocation]:
        datasets = await transaction.rows(
            _CONCERNED,
            {
                "member": member_id,
                "dataset": of.dataset_id,
                "style": of.style_id,
                "server": of.server_id,
            },
        )
        return [
            await self._take_back(transaction, dataset, member_id, retrain, least)
            for dataset in datasets
        ]

    async def _take_back(
        self,
        transaction: Transaction,
        dataset: sqlite3.Row,
        member_id: int,
        retrain: bool,
        least: int,
    ) -> Revocation:
        """Take back a member's consent to one data set."""
        now = self._clock()
        aftermath = Aftermath(transaction, self._files, dataset, now)
        of_member = [dataset["id"], member_id]
        await transaction.rows(
            """
            UPDATE consents SET revoked_at = ?
            WHERE dataset_id = ? AND member_id = ? AND revoked_at IS NULL
            """,
            [now, *of_member],
        )
        pictures = await transaction.rows(
            "SELECT * FROM dataset_pictures WHERE dataset_id = ? AND member_id = ?", of_member
        )
        await aftermath.delete_pictures(pictures)
        await aftermath.leave_out_unconsented()
        styles = await aftermath.styles_of(member_id)
        if styles or _trained_on(pictures):
            again = retrain and await aftermath.may_train(least)
            ended = await aftermath.end_trainings()
            await aftermath.forget_what_was_learned(styles)
            await aftermath.withdraw(styles, member_id, again=again)
            await aftermath.withdraw_models(again=again)
            await aftermath.begin_again(ended, again=again)
        await aftermath.close_if_empty()
        return await aftermath.record(RevocationCause.CONSENT, untold={member_id})

    async def _empty_log(self) -> None:
        """Move the write-ahead log into the database, which overwrites what was deleted.

        A backup that reads just now keeps it; then the next one does it.
        """
        await self._database.rows("PRAGMA wal_checkpoint(TRUNCATE)")


async def forget_deleted_images(
    transaction: Transaction, files: Files, image_ids: Collection[int], now: float
) -> None:
    """Take pictures that somebody deletes out of every data set, within a transaction.

    A training under way on one of them begins anew without it.  Finished styles stay: those who
    handed the pictures over can take their consent back.
    """
    rows = await transaction.rows(
        """
        SELECT * FROM dataset_pictures
        WHERE image_id IN (SELECT value FROM json_each(?)) ORDER BY dataset_id, id
        """,
        [json.dumps(list(image_ids))],
    )
    for dataset_id in sorted({row["dataset_id"] for row in rows}):
        dataset = await transaction.one("SELECT * FROM datasets WHERE id = ?", [dataset_id])
        aftermath = Aftermath(transaction, files, dataset, now)
        pictures = [row for row in rows if row["dataset_id"] == dataset_id]
        await aftermath.delete_pictures(pictures)
        await aftermath.leave_out_unconsented()
        if _trained_on(pictures):
            ended = await aftermath.end_trainings()
            await aftermath.begin_again(ended, again=await aftermath.may_train(1))
        await aftermath.close_if_empty()
        await aftermath.record(RevocationCause.PICTURE)


async def clean_up(database: Database, files: Files, clock: Clock) -> None:
    """Remove what is left on the disk of pictures that were taken back; no job runs yet.

    A picture that was on its way in when the process was stopped lies in a folder of no job.
    """
    await asyncio.to_thread(files.clear_scratches)
    revocations = Revocations(database, files, clock)
    for revocation in await revocations.open():
        await revocations.clean(revocation)


def _trained_on(pictures: Sequence[sqlite3.Row]) -> bool:
    """Return True if trainings on their data set see any of these pictures."""
    return any(picture["dropped"] is None for picture in pictures)


async def _row(transaction: Transaction, table: str, row_id: int) -> sqlite3.Row:
    return await transaction.one(f"SELECT * FROM {table} WHERE id = ?", [row_id])  # noqa: S608


_WITHOUT_RESULT = """
    SELECT trainings.*, jobs.state FROM styles
        JOIN trainings ON trainings.style_id = styles.id JOIN jobs ON jobs.id = trainings.job_id
    WHERE styles.state = 'withdrawn' AND styles.digest IS NULL
        AND jobs.state IN ('failed', 'dead', 'cancelled')
        AND json_extract(trainings.result, '$.settled') IS NULL
        AND trainings.job_id = (SELECT max(job_id) FROM trainings WHERE style_id = styles.id)
    ORDER BY trainings.job_id
"""
"""SQL that selects the trainings that were to make styles anew, and ended without a result."""

_STRANDED = """
    SELECT dataset_id FROM trainings
    WHERE style_id = (SELECT id FROM styles
            WHERE id = ? AND state = 'withdrawn' AND digest IS NULL)
        AND NOT EXISTS (SELECT 1 FROM trainings AS open JOIN jobs ON jobs.id = open.job_id
            WHERE open.style_id = trainings.style_id AND jobs.state IN ('queued', 'running'))
    ORDER BY job_id DESC LIMIT 1
"""
"""SQL that selects the data set of a style without a file that no training makes anew."""

_CONCERNED = """
    SELECT * FROM datasets
    WHERE id = coalesce(:dataset, id) AND server_id = coalesce(:server, server_id)
        AND (:style IS NULL OR id IN (
            SELECT dataset_id FROM trainings JOIN styles
                ON styles.job_id = trainings.job_id OR styles.id = trainings.style_id
            WHERE styles.id = :style))
        AND (EXISTS (SELECT 1 FROM consents WHERE dataset_id = datasets.id
                AND member_id = :member AND revoked_at IS NULL)
            OR EXISTS (SELECT 1 FROM dataset_pictures WHERE dataset_id = datasets.id
                AND member_id = :member))
    ORDER BY id
"""
"""SQL that selects the data sets with a member's pictures, or to which they consented."""
