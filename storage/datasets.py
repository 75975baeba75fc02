"""Repository of data sets: the pictures that members handed over for a training, and its plan."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from storage.database import Clock, Database, Transaction
from storage.errors import DatasetNotOpen, Missing
from storage.files import Files
from storage.owners import release
from storage.training_records import (
    DESCRIBED,
    Dataset,
    DatasetPicture,
    DatasetState,
    NewDatasetPicture,
)

ABANDONED_DAYS = 30.0
"""Days after which a data set that no training was started on is closed."""


class Datasets:
    """Data sets of servers; only open ones change."""

    def __init__(self, database: Database, files: Files, clock: Clock) -> None:
        self._database = database
        self._files = files
        self._clock = clock

    async def create(
        self,
        server_id: int,
        channel_id: int,
        member_id: int,
        locale: str,
        plan: Mapping[str, Any],
    ) -> Dataset:
        """Open a data set without pictures."""
        async with self._database.transaction() as transaction:
            row = await transaction.one(
                """
                INSERT INTO datasets (server_id, channel_id, member_id, locale, plan, created_at)
                VALUES (?, ?, ?, ?, ?, ?) RETURNING *
                """,
                [server_id, channel_id, member_id, locale, _json(plan), self._clock()],
            )
        return _dataset(row)

    async def get(self, dataset_id: int) -> Dataset | None:
        """Return a data set by its id, or None."""
        row = await self._database.row("SELECT * FROM datasets WHERE id = ?", [dataset_id])
        return None if row is None else _dataset(row)

    async def open(
        self, server_id: int | None = None, member_id: int | None = None
    ) -> list[Dataset]:
        """Return the open data sets, the oldest first: of a server, of a member, or all."""
        rows = await self._database.rows(
            """
            SELECT * FROM datasets
            WHERE state = 'open' AND server_id = coalesce(?, server_id)
                AND member_id = coalesce(?, member_id)
            ORDER BY id
            """,
            [server_id, member_id],
        )
        return [_dataset(row) for row in rows]

    async def change(self, dataset_id: int, plan: Mapping[str, Any]) -> Dataset:
        """Replace the plan of an open data set; raises `Missing` or `DatasetNotOpen`."""
        async with self._database.transaction() as transaction:
            await open_dataset(transaction, dataset_id)
            row = await transaction.one(
                "UPDATE datasets SET plan = ? WHERE id = ? RETURNING *", [_json(plan), dataset_id]
            )
        return _dataset(row)

    async def message(
        self, dataset_id: int, message_id: int, channel_id: int | None = None
    ) -> None:
        """Save the message that shows a data set, and its channel if that is another one."""
        async with self._database.transaction() as transaction:
            await transaction.rows(
                """
                UPDATE datasets SET message_id = ?, channel_id = coalesce(?, channel_id)
                WHERE id = ?
                """,
                [message_id, channel_id, dataset_id],
            )

    async def add_pictures(
        self, dataset_id: int, pictures: Sequence[NewDatasetPicture]
    ) -> list[DatasetPicture]:
        """Add pictures at the end of an open data set, with their files; none takes a place left.

        Raises `Missing`, also if a file that should be in the store is not, or `DatasetNotOpen`.
        """
        new = [(picture.path, picture.digest) for picture in pictures if picture.path is not None]
        there = [picture.digest for picture in pictures if picture.path is None]
        await asyncio.to_thread(self._settle, new)
        async with self._database.transaction() as transaction:
            await open_dataset(transaction, dataset_id)
            dataset = await transaction.one(
                "UPDATE datasets SET numbered = numbered + ? WHERE id = ? RETURNING numbered",
                [len(pictures), dataset_id],
            )
            rows = [
                await _insert(transaction, dataset_id, position, picture)
                for position, picture in enumerate(pictures, dataset["numbered"] - len(pictures))
            ]
            await transaction.in_thread(lambda: self._adopt(new, there))
        return [_picture(row) for row in rows]

    async def pictures(self, dataset_id: int) -> list[DatasetPicture]:
        """Return the pictures of a data set by position, with those that are not trained on."""
        rows = await self._database.rows(
            "SELECT * FROM dataset_pictures WHERE dataset_id = ? ORDER BY position", [dataset_id]
        )
        return [_picture(row) for row in rows]

    async def drop(self, picture_id: int, why: str | None) -> DatasetPicture:
        """Say why a picture is not trained on; None takes it back in.

        Raises `Missing` or `DatasetNotOpen`, like the other changes of a picture.
        """
        return await self._change(picture_id, dropped=why)

    async def caption(self, picture_id: int, text: str) -> DatasetPicture:
        """Describe a picture in other words."""
        return await self._change(picture_id, caption=text)

    async def describe(
        self, picture_id: int, text: str, caption_of: Callable[[Mapping[str, Any], str], str]
    ) -> DatasetPicture:
        """Keep what a caption model says of a picture, "" if nothing, unless it was asked before.

        Its caption becomes what `caption_of` makes of the data set's plan and the text, if it has
        none yet.  Raises `Missing` or `DatasetNotOpen`.
        """
        async with self._database.transaction() as transaction:
            row = await transaction.row("SELECT * FROM dataset_pictures WHERE id = ?", [picture_id])
            if row is None:
                raise Missing(f"there is no picture {picture_id} of a data set")
            dataset = await open_dataset(transaction, row["dataset_id"])
            facts = json.loads(row["facts"])
            if DESCRIBED not in facts:
                caption = row["caption"] or (caption_of(dataset.plan, text) if text else "")
                row = await transaction.one(
                    "UPDATE dataset_pictures SET caption = ?, facts = ? WHERE id = ? RETURNING *",
                    [caption, _json({**facts, DESCRIBED: text}), picture_id],
                )
        return _picture(row)

    async def delete_pictures(self, dataset_id: int, picture_ids: Collection[int]) -> int:
        """Delete pictures of an open data set and their files; returns how many.

        Raises `Missing` or `DatasetNotOpen`.
        """
        async with self._database.transaction() as transaction:
            await open_dataset(transaction, dataset_id)
            return len(await delete_pictures(transaction, self._files, dataset_id, picture_ids))

    async def close(self, dataset_id: int) -> bool:
        """Close an open data set and delete its pictures; returns False if it is not open."""
        async with self._database.transaction() as transaction:
            row = await transaction.row(
                "UPDATE datasets SET state = 'closed' WHERE id = ? AND state = 'open' RETURNING id",
                [dataset_id],
            )
            if row is not None:
                await delete_pictures(transaction, self._files, dataset_id)
        return row is not None

    async def close_in(self, channel_id: int) -> int:
        """Close the open data sets whose cards are in a channel; returns how many."""
        there = [dataset for dataset in await self.open() if dataset.channel_id == channel_id]
        return sum([await self.close(dataset.id) for dataset in there])

    async def close_abandoned(self, days: float = ABANDONED_DAYS) -> int:
        """Close the open data sets that are older than this; returns how many."""
        before = self._clock() - days * 86400.0
        old = [dataset for dataset in await self.open() if dataset.created_at < before]
        return sum([await self.close(dataset.id) for dataset in old])

    async def use(self, dataset_id: int) -> Dataset:
        """Take an open data set for a training, once; raises `Missing` or `DatasetNotOpen`."""
        async with self._database.transaction() as transaction:
            return await use_dataset(transaction, dataset_id)

    async def _change(self, picture_id: int, **changes: str | None) -> DatasetPicture:
        columns = ", ".join(f"{column} = ?" for column in changes)
        async with self._database.transaction() as transaction:
            row = await transaction.row(
                f"UPDATE dataset_pictures SET {columns} WHERE id = ? RETURNING *",  # noqa: S608
                [*changes.values(), picture_id],
            )
            if row is None:
                raise Missing(f"there is no picture {picture_id} of a data set")
            await open_dataset(transaction, row["dataset_id"])
        return _picture(row)

    def _settle(self, new: Sequence[tuple[Path, str]]) -> None:
        for path, digest in new:
            self._files.settle(path, digest)

    def _adopt(self, new: Sequence[tuple[Path, str]], there: Sequence[str]) -> None:
        for path, digest in new:
            self._files.adopt(path, digest)
        for digest in there:
            if not self._files.path(digest).is_file():
                raise Missing(f"the file {digest} is not in the store")


async def open_dataset(transaction: Transaction, dataset_id: int) -> Dataset:
    """Return an open data set within a transaction; raises `Missing` or `DatasetNotOpen`."""
    row = await transaction.row("SELECT * FROM datasets WHERE id = ?", [dataset_id])
    if row is None:
        raise Missing(f"there is no data set {dataset_id}")
    if row["state"] != DatasetState.OPEN.value:
        raise DatasetNotOpen(f"the data set {dataset_id} is {row['state']}")
    return _dataset(row)


async def use_dataset(transaction: Transaction, dataset_id: int) -> Dataset:
    """Take an open data set for a training within a transaction, once.

    Raises `Missing` or `DatasetNotOpen`.
    """
    await open_dataset(transaction, dataset_id)
    row = await transaction.one(
        "UPDATE datasets SET state = 'used' WHERE id = ? RETURNING *", [dataset_id]
    )
    return _dataset(row)


async def delete_pictures(
    transaction: Transaction,
    files: Files,
    dataset_id: int,
    picture_ids: Collection[int] | None = None,
) -> list[str]:
    """Delete pictures of a data set (None: all) within a transaction, whatever its state.

    Returns their digests; files that nothing else owns go with the commit.
    """
    rows = await transaction.rows(
        """
        DELETE FROM dataset_pictures
        WHERE dataset_id = :dataset
            AND (:ids IS NULL OR id IN (SELECT value FROM json_each(:ids)))
        RETURNING digest
        """,
        {
            "dataset": dataset_id,
            "ids": None if picture_ids is None else json.dumps(sorted(picture_ids)),
        },
    )
    digests = [str(row["digest"]) for row in rows]
    await release(transaction, files, set(digests))
    return digests


async def _insert(
    transaction: Transaction, dataset_id: int, position: int, picture: NewDatasetPicture
) -> sqlite3.Row:
    return await transaction.one(
        """
        INSERT INTO dataset_pictures (dataset_id, position, digest, member_id, image_id, rating,
            caption, facts, dropped)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *
        """,
        [
            dataset_id,
            position,
            picture.digest,
            picture.member_id,
            picture.image_id,
            picture.rating,
            picture.caption,
            _json(picture.facts),
            picture.dropped,
        ],
    )


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(dict(value), ensure_ascii=False, allow_nan=False)


def _dataset(row: sqlite3.Row) -> Dataset:
    return Dataset(
        id=row["id"],
        server_id=row["server_id"],
        channel_id=row["channel_id"],
        member_id=row["member_id"],
        message_id=row["message_id"],
        locale=row["locale"],
        plan=json.loads(row["plan"]),
        state=DatasetState(row["state"]),
        created_at=row["created_at"],
    )


def _picture(row: sqlite3.Row) -> DatasetPicture:
    return DatasetPicture(
        id=row["id"],
        dataset_id=row["dataset_id"],
        position=row["position"],
        digest=row["digest"],
        member_id=row["member_id"],
        image_id=row["image_id"],
        rating=row["rating"],
        caption=row["caption"],
        facts=json.loads(row["facts"]),
        dropped=row["dropped"],
    )
