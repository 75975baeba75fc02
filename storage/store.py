"""The store: one repository per kind of record, over one database and one folder of files."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from storage.boards import Boards
from storage.consents import Consents
from storage.database import DATABASE_NAME, Clock, Database, open_database
from storage.datasets import Datasets
from storage.files import Files
from storage.images import Images
from storage.jobs import Jobs
from storage.lock import locked
from storage.members import Members, Servers
from storage.open_answers import OpenAnswers
from storage.preferences import Preferences
from storage.private import close_to_others
from storage.ratings import Ratings
from storage.removals import Removals
from storage.restore import complete_restore
from storage.retention import Pruned, collect_leftovers, prune
from storage.revocation import Revocations, clean_up
from storage.rounds import Rounds
from storage.styles import Styles
from storage.training_rights import TrainingRightsOfServers
from storage.trainings import Trainings
from storage.unusable import unusable


class Store:
    """All persistent data; once a method has returned, its changes are on disk."""

    def __init__(self, database: Database, files: Files, clock: Clock = time.time) -> None:
        self._database = database
        self._clock = clock
        self.files = files
        self.servers = Servers(database)
        self.members = Members(database)
        self.preferences = Preferences(database)
        self.boards = Boards(database, clock)
        self.rounds = Rounds(database, files, clock)
        self.images = Images(database)
        self.styles = Styles(database, files, clock)
        self.datasets = Datasets(database, files, clock)
        self.consents = Consents(database, clock)
        self.training_rights = TrainingRightsOfServers(database)
        self.trainings = Trainings(database, files, clock)
        self.revocations = Revocations(database, files, clock)
        self.ratings = Ratings(database)
        self.jobs = Jobs(database, files, clock)
        self.removals = Removals(database, clock)
        self.open_answers = OpenAnswers(database, clock)

    async def forget_messages(self) -> None:
        """Clear the message ids of rounds and jobs, for a chat in which ids start over."""
        async with self._database.transaction() as transaction:
            await transaction.rows("UPDATE posts SET message_id = NULL")
            await transaction.rows("UPDATE jobs SET message_id = NULL")
            await transaction.rows("UPDATE datasets SET message_id = NULL")
            await transaction.rows("DELETE FROM removals")

    async def prune(self, *, disk_limit_bytes: int = 0, retention_days: float = 0) -> Pruned:
        """Free disk space: see `storage.retention.prune`.  0 means no limit."""
        await self.datasets.close_abandoned()
        await self.trainings.forget_old_checkpoints()
        return await prune(
            self._database,
            self.files,
            now=self._clock(),
            disk_limit_bytes=disk_limit_bytes,
            retention_days=retention_days,
        )


@asynccontextmanager
async def open_store(data_dir: Path, *, clock: Clock = time.time) -> AsyncIterator[Store]:
    """Open the data folder, created if need be, for this process alone.

    Migrates the database, checks its integrity and collects what earlier runs left behind. Raises a
    `StorageError` whose message is for the host.
    """
    async with AsyncExitStack() as stack:
        try:
            await asyncio.to_thread(data_dir.mkdir, mode=0o700, parents=True, exist_ok=True)
            stack.enter_context(locked(data_dir))
            files = Files(data_dir)
            await asyncio.to_thread(complete_restore, data_dir)
            await asyncio.to_thread(close_to_others, data_dir)
            await asyncio.to_thread(files.prepare)
            database = await stack.enter_async_context(open_database(data_dir / DATABASE_NAME))
            await collect_leftovers(database, files, now=clock())
            await clean_up(database, files, clock)
        except OSError as error:
            raise unusable(data_dir, error) from error
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise unusable(data_dir / DATABASE_NAME, error) from error
        yield Store(database, files, clock)
