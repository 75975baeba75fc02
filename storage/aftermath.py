"""Aftermath of a picture that leaves a data set: trainings end or begin anew, styles are withdrawn.

Statements within a transaction that is somebody else's.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Sequence

from storage.database import Transaction
from storage.datasets import delete_pictures
from storage.files import Files
from storage.jobs import insert_training
from storage.owners import release
from storage.trained_styles import files_of, note_end
from storage.training_records import Revocation, RevocationCause, RevocationOutcome, StyleFate
from storage.withdrawal import end_paintings


class Aftermath:
    """What one data set's trainings and styles come to; collects what is to be done afterwards."""

    def __init__(
        self, transaction: Transaction, files: Files, dataset: sqlite3.Row, now: float
    ) -> None:
        self._transaction = transaction
        self._files = files
        self._dataset = dataset
        self._now = now
        self._name = str(json.loads(dataset["plan"]).get("name", ""))
        self._digests: set[str] = set()
        """Files that nobody may find any more, unless something else owns them."""
        self._job_ids: set[int] = set()
        self._pictures = 0
        self._outcomes: list[RevocationOutcome] = []
        self._concerned = {int(dataset["member_id"])}
        """Whoever started it, and the owners of its styles."""
        self._seen_to: set[int] = set()
        """Styles of which it is decided what becomes of them."""

    async def delete_pictures(self, pictures: Sequence[sqlite3.Row]) -> None:
        """Delete pictures of the data set."""
        ids = [row["id"] for row in pictures]
        self._note_files(
            *await delete_pictures(self._transaction, self._files, self._dataset["id"], ids)
        )
        self._pictures += len(ids)

    async def leave_out_unconsented(self) -> None:
        """Delete duplicates without consent: what they were copies of may be gone now.

        Nobody was asked about them while they were not trained on.
        """
        await self.delete_pictures(
            await self._transaction.rows(
                """
                SELECT * FROM dataset_pictures AS given
                WHERE dataset_id = :dataset AND dropped = 'duplicate'
                    AND EXISTS (SELECT 1 FROM trainings WHERE dataset_id = :dataset)
                    AND NOT EXISTS (SELECT 1 FROM consents WHERE dataset_id = :dataset
                        AND consents.member_id = given.member_id AND revoked_at IS NULL)
                """,
                {"dataset": self._dataset["id"]},
            )
        )

    async def may_train(self, least: int) -> bool:
        """Return True if there are enough pictures left, and the host still grants training."""
        left = await self._transaction.one(
            """
            SELECT count(*) FROM dataset_pictures
            WHERE dataset_id = ? AND (dropped IS NULL OR dropped = 'duplicate')
            """,
            [self._dataset["id"]],
        )
        granted = await self._transaction.rows(
            "SELECT 1 FROM training_rights WHERE server_id = ? AND granted = 1",
            [self._dataset["server_id"]],
        )
        return bool(granted) and left[0] >= max(least, 1)

    async def end_trainings(self) -> list[sqlite3.Row]:
        """Cancel the trainings under way; returns them as rows of `trainings`."""
        ended = await self._transaction.rows(
            """
            UPDATE jobs SET state = 'cancelled', lease_until = NULL
            WHERE state IN ('queued', 'running')
                AND id IN (SELECT job_id FROM trainings WHERE dataset_id = ?)
            RETURNING id
            """,
            [self._dataset["id"]],
        )
        job_ids = [row["id"] for row in ended]
        for job_id in job_ids:
            await note_end(self._transaction, job_id, self._now)
        await self._forget_checkpoints(job_ids)
        return await self._transaction.rows(
            "SELECT * FROM trainings WHERE job_id IN (SELECT value FROM json_each(?)) "
            "ORDER BY job_id",
            [json.dumps(job_ids)],
        )

    async def styles_of(self, member_id: int) -> list[sqlite3.Row]:
        """Return the styles that the trainings made of this member's pictures, too."""
        return await self._transaction.rows(
            f"""
            SELECT * FROM styles WHERE id IN ({_OWN}) AND EXISTS (SELECT 1 FROM style_contributors
                WHERE style_id = styles.id AND member_id = :member)
            ORDER BY id
            """,  # noqa: S608
            {"dataset": self._dataset["id"], "member": member_id},
        )

    async def forget_what_was_learned(self, styles: Sequence[sqlite3.Row]) -> None:
        """Delete the checkpoints of all trainings, and styles that are copies of what they made.

        Copies are files that somebody exported and added again, in whatever server.
        """
        rows = await self._transaction.rows(
            "SELECT job_id FROM trainings WHERE dataset_id = ?", [self._dataset["id"]]
        )
        await self._transaction.rows(
            """
            UPDATE trainings SET result = json_set(result, '$.revoked', json('true'))
            WHERE dataset_id = ?
                AND EXISTS (SELECT 1 FROM jobs WHERE id = job_id AND state = 'done')
            """,
            [self._dataset["id"]],
        )
        learned = await self._forget_checkpoints([row["job_id"] for row in rows])
        learned |= {style["digest"] for style in styles if style["digest"]}
        copies = await self._transaction.rows(
            f"""
            SELECT id FROM styles
            WHERE digest IN (SELECT value FROM json_each(:learned)) AND id NOT IN ({_OWN})
            """,  # noqa: S608
            {"dataset": self._dataset["id"], "learned": json.dumps(sorted(learned))},
        )
        for row in copies:
            await self._delete_style(row["id"])

    async def withdraw(self, styles: Sequence[sqlite3.Row], member_id: int, *, again: bool) -> None:
        """Withdraw styles that a member contributed to, and have them made anew.

        Those that nobody else contributed to are deleted; all are, without `again`.
        """
        for style in styles:
            self._seen_to.add(style["id"])
            self._concerned.add(style["owner_id"])
            await self._transaction.rows(
                "DELETE FROM style_contributors WHERE style_id = ? AND member_id = ?",
                [style["id"], member_id],
            )
            others = await self._transaction.rows(
                "SELECT 1 FROM style_contributors WHERE style_id = ?", [style["id"]]
            )
            if again and others:
                await self._take_file(style)
                await self.make_anew(style)
                self._came_to(style["name"], StyleFate.RETRAINED, style["id"])
            else:
                await self._delete_style(style["id"])
                self._came_to(style["name"], StyleFate.DELETED)

    async def begin_again(self, ended: Sequence[sqlite3.Row], *, again: bool) -> None:
        """Begin trainings anew that ended before they made a style.

        Without `again` there is none; a style that waited for its file is deleted then.
        """
        for training in ended:
            style_id = training["style_id"]
            retrains = "retrains" in json.loads(training["result"])
            if style_id in self._seen_to or (retrains and style_id is None):
                continue
            if again:
                await self._queue(training, style_id)
                self._came_to(self._name, StyleFate.BEGUN_AGAIN)
            elif style_id is None:
                self._came_to(self._name, StyleFate.ENDED)
            else:
                await self._delete_style(style_id)
                self._came_to(self._name, StyleFate.DELETED)

    async def close_if_empty(self) -> None:
        """Close the data set if nothing is left in it."""
        await self._transaction.rows(
            """
            UPDATE datasets SET state = 'closed' WHERE id = ?
                AND NOT EXISTS (SELECT 1 FROM dataset_pictures WHERE dataset_id = datasets.id)
            """,
            [self._dataset["id"]],
        )

    async def record(self, cause: RevocationCause, *, untold: Collection[int] = ()) -> Revocation:
        """Release all files, and record what is to be done; nobody of `untold` is told."""
        await release(self._transaction, self._files, self._digests)
        row = await self._transaction.one(
            """
            INSERT INTO revocations
                (dataset_id, cause, pictures, digests, job_ids, outcomes, member_ids, created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING *
            """,
            [
                self._dataset["id"],
                cause.value,
                self._pictures,
                json.dumps(sorted(self._digests)),
                json.dumps(sorted(self._job_ids)),
                json.dumps([_stored(each) for each in self._outcomes], ensure_ascii=False),
                json.dumps(sorted(self._concerned - set(untold))),
                self._now,
            ],
        )
        return revocation_of(row)

    async def give_up(self, style: sqlite3.Row, *, wanted: bool) -> None:
        """See to a style whose training anew has ended without a result.

        It is deleted, unless it is still `wanted`.
        """
        self._concerned.add(style["owner_id"])
        if wanted:
            self._came_to(style["name"], StyleFate.FAILED, style["id"])
        else:
            await self._delete_style(style["id"])
            self._came_to(style["name"], StyleFate.DELETED)

    async def withdraw_models(self, *, again: bool) -> None:
        """Have the whole models deleted that the trainings made, and made anew."""
        made = await self._transaction.rows(
            """
            UPDATE trainings SET result = json_remove(result, '$.model')
            WHERE dataset_id = ? AND json_extract(result, '$.model') IS NOT NULL
            RETURNING *
            """,
            [self._dataset["id"]],
        )
        for number, training in enumerate(made):
            anew = again and number == len(made) - 1
            if anew:
                await self._queue(training, None)
            fate = StyleFate.MODEL_RETRAINED if anew else StyleFate.MODEL_DELETED
            self._came_to(self._name, fate)

    async def _take_file(self, style: sqlite3.Row) -> None:
        """Withdraw a style from use, and take its file away."""
        self._note_files(style["digest"], style["preview_digest"])
        await end_paintings(self._transaction, self._files, style["id"])
        await self._transaction.rows(
            """
            UPDATE styles SET state = 'withdrawn', digest = NULL, preview_digest = NULL,
                evaluation = '{}'
            WHERE id = ?
            """,
            [style["id"]],
        )

    async def make_anew(self, style: sqlite3.Row) -> int:
        """Queue the training that makes a style anew; return its job."""
        training = await self._transaction.one(
            """
            SELECT * FROM trainings WHERE dataset_id = ? AND (job_id = ? OR style_id = ?)
            ORDER BY job_id DESC LIMIT 1
            """,
            [self._dataset["id"], style["job_id"], style["id"]],
        )
        return await self._queue(training, style["id"])

    async def _queue(self, training: sqlite3.Row, style_id: int | None) -> int:
        """Queue the same training once more, in the same channel; return its job."""
        before = await self._transaction.row(
            "SELECT server_id, channel_id, member_id, locale FROM jobs WHERE id = ?",
            [training["job_id"]],
        )
        place = self._dataset if before is None else before
        job = await insert_training(
            self._transaction,
            place["server_id"],
            place["channel_id"],
            place["member_id"],
            place["locale"],
            None,
            self._now,
        )
        await self._transaction.rows(
            """
            INSERT INTO trainings (job_id, dataset_id, request, style_id, result)
            VALUES (?, ?, ?, ?, ?)
            """,
            [
                job["id"],
                self._dataset["id"],
                training["request"],
                style_id,
                json.dumps({} if style_id is None else {"retrains": style_id}),
            ],
        )
        return int(job["id"])

    async def _forget_checkpoints(self, job_ids: Collection[int]) -> set[str]:
        """Delete the checkpoints of trainings, whose folders go, too; return their adapters."""
        self._job_ids |= {*job_ids}
        rows = await self._transaction.rows(
            """
            DELETE FROM training_checkpoints WHERE job_id IN (SELECT value FROM json_each(?))
            RETURNING *
            """,
            [json.dumps(list(job_ids))],
        )
        self._note_files(*files_of(rows))
        return {row["adapter_digest"] for row in rows if row["adapter_digest"] is not None}

    async def _delete_style(self, style_id: int) -> None:
        await end_paintings(self._transaction, self._files, style_id)
        row = await self._transaction.one(
            "DELETE FROM styles WHERE id = ? RETURNING digest, preview_digest", [style_id]
        )
        self._note_files(row["digest"], row["preview_digest"])

    def _came_to(self, name: str, fate: StyleFate, style_id: int | None = None) -> None:
        self._outcomes.append(RevocationOutcome(name=name, fate=fate, style_id=style_id))

    def _note_files(self, *digests: str | None) -> None:
        self._digests |= {digest for digest in digests if digest is not None}


def revocation_of(row: sqlite3.Row) -> Revocation:
    """Return the revocation of a row of `revocations`."""
    return Revocation(
        id=row["id"],
        dataset_id=row["dataset_id"],
        cause=RevocationCause(row["cause"]),
        pictures=row["pictures"],
        digests=tuple(json.loads(row["digests"])),
        job_ids=tuple(json.loads(row["job_ids"])),
        outcomes=tuple(
            RevocationOutcome(
                name=each["name"], fate=StyleFate(each["fate"]), style_id=each["style_id"]
            )
            for each in json.loads(row["outcomes"])
        ),
        member_ids=tuple(json.loads(row["member_ids"])),
        created_at=row["created_at"],
    )


def _stored(outcome: RevocationOutcome) -> dict[str, str | int | None]:
    return {"name": outcome.name, "fate": outcome.fate.value, "style_id": outcome.style_id}


_OWN = """
    SELECT styles.id FROM styles JOIN trainings ON trainings.job_id = styles.job_id
    WHERE dataset_id = :dataset
    UNION SELECT style_id FROM trainings WHERE dataset_id = :dataset AND style_id IS NOT NULL
"""
"""SQL that selects the ids of the styles that a data set's trainings made, or make anew."""
