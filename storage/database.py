"""The connection to SQLite: opening, migrations, and one transaction at a time.

aiosqlite runs statements in a thread, in the order in which they were asked for.  Cancelling an
await does not stop its statement: it still runs, later, in whatever transaction is open by then.
So BEGIN, COMMIT and ROLLBACK are always awaited to their end here, however often the calling task
is cancelled meanwhile.
"""

from __future__ import annotations

import asyncio
import importlib.resources
import logging
import re
import sqlite3
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite

from storage.errors import DatabaseTooNew, StorageError, StoreClosed
from storage.unusable import damaged, is_damage

log = logging.getLogger(__name__)

T = TypeVar("T")

OLDEST_SQLITE = (3, 37, 0)
"""The first SQLite version with STRICT tables."""

Parameters = Sequence[Any] | Mapping[str, Any]

CHECK_SECONDS = 10.0
"""Time that a start takes at most to check the database: about a million pictures."""

APPLICATION_ID = 0x4B6F6E6F
"""The application id of our database files; the first migration writes it."""

DATABASE_NAME = "konomi.db"
"""The name of the database's file in the data folder."""

Clock = Callable[[], float]
"""A function that returns seconds since 1970; `time.time` except in tests."""


class Transaction:
    """An open transaction: runs statements between BEGIN and COMMIT."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection
        self._afterwards: list[Callable[[], None]] = []

    async def rows(self, sql: str, parameters: Parameters = ()) -> list[sqlite3.Row]:
        """Run one statement and return all its rows."""
        return list(await self._connection.execute_fetchall(sql, parameters))

    async def row(self, sql: str, parameters: Parameters = ()) -> sqlite3.Row | None:
        """Run one statement and return its first row, or None."""
        rows = await self.rows(sql, parameters)
        return rows[0] if rows else None

    async def one(self, sql: str, parameters: Parameters = ()) -> sqlite3.Row:
        """Run one statement that always returns one row, such as INSERT … RETURNING."""
        (row,) = await self.rows(sql, parameters)
        return row

    async def many(self, sql: str, parameters: Iterable[Parameters]) -> None:
        """Run one statement once for each of `parameters`."""
        cursor = await self._connection.executemany(sql, parameters)
        await cursor.close()

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Run blocking work in a thread; the transaction outlasts it, cancelled or not."""
        return await _to_the_end(asyncio.to_thread(work))

    def after_commit(self, act: Callable[[], None]) -> None:
        """Run `act` in a thread after the commit, before the next transaction begins."""
        self._afterwards.append(act)

    async def _commit(self) -> None:
        await self._connection.commit()
        for act in self._afterwards:
            try:
                await asyncio.to_thread(act)
            except OSError:
                # The rows are committed; a leftover file is collected at the next start.
                log.exception("clean-up after a transaction failed")


class Database:
    """The only connection to the database; tasks take turns, a transaction each."""

    def __init__(self, connection: aiosqlite.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path
        self._turn = asyncio.Lock()
        self._holder: asyncio.Task[Any] | None = None
        self._closed = False

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Open a transaction; it commits when the body ends and rolls back if that raises.

        A cancellation that arrives during COMMIT is raised after it, so a cancelled caller cannot
        tell which of the two happened; every other caller can.
        """
        async with self._my_turn():
            transaction = Transaction(self._connection)
            try:
                await _to_the_end(self._begin())
                yield transaction
                await _to_the_end(transaction._commit())
            except BaseException as error:
                if not is_damage(error):
                    # Does nothing if COMMIT completed before the cancellation.
                    await _to_the_end(self._connection.rollback())
                    raise
                with suppress(sqlite3.Error):
                    await _to_the_end(self._connection.rollback())
                raise damaged(self._path, [str(error)]) from error

    async def rows(self, sql: str, parameters: Parameters = ()) -> list[sqlite3.Row]:
        """Read all rows of one statement; sees only what is committed."""
        async with self._my_turn():
            try:
                return list(await self._connection.execute_fetchall(sql, parameters))
            except Exception as error:
                if is_damage(error):
                    raise damaged(self._path, [str(error)]) from error
                raise

    async def row(self, sql: str, parameters: Parameters = ()) -> sqlite3.Row | None:
        """Run one read-only statement and return its first row, or None."""
        rows = await self.rows(sql, parameters)
        return rows[0] if rows else None

    async def close(self) -> None:
        """Wait for the transaction in progress, then close; those still waiting are refused."""
        async with self._my_turn():
            self._closed = True
            await self._connection.close()

    async def _begin(self) -> None:
        # IMMEDIATE: fails here rather than halfway if the lock cannot be had.
        await self._connection.execute_fetchall("BEGIN IMMEDIATE")

    @asynccontextmanager
    async def _my_turn(self) -> AsyncIterator[None]:
        task = asyncio.current_task()
        if task is not None and self._holder is task:
            raise RuntimeError("inside a transaction, use the transaction, not the database")
        async with self._turn:
            if self._closed:
                raise StoreClosed("the store is closed")
            self._holder = task
            try:
                yield
            finally:
                self._holder = None


@asynccontextmanager
async def open_database(
    path: Path, migrations: Traversable | None = None
) -> AsyncIterator[Database]:
    """Open the database at `path`, create or migrate it, and check its integrity.

    Raises `DatabaseDamaged` or `DatabaseTooNew` rather than work on a file that it cannot
    trust.  `migrations` is the folder of .sql files; None: our own.
    """
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise StorageError(
            f"SQLite {sqlite3.sqlite_version} is too old; Konomi needs "
            f"{'.'.join(map(str, OLDEST_SQLITE))} or later (a newer Python brings one)."
        )
    connection = await aiosqlite.connect(path, isolation_level=None)
    database = Database(connection, path)
    try:
        connection.row_factory = sqlite3.Row
        try:
            await _prepare(connection, path, load_migrations(migrations))
        except (sqlite3.Error, UnicodeDecodeError) as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            raise damaged(path, [str(error)]) from error
        yield database
    finally:
        await _to_the_end(database.close())


async def _prepare(
    connection: aiosqlite.Connection, path: Path, migrations: Sequence[tuple[int, str]]
) -> None:
    for pragma in (
        "busy_timeout = 5000",
        "journal_mode = WAL",
        # Committed data is on disk, even after a power cut.
        "synchronous = FULL",
        # Deleted data is overwritten in the file.
        "secure_delete = ON",
    ):
        await connection.execute_fetchall(f"PRAGMA {pragma}")
    version = await _version(connection)
    newest = migrations[-1][0]
    if version > newest:
        raise DatabaseTooNew(
            f"{path} has version {version}, but this Konomi supports versions up to {newest}: "
            "install the version that wrote it, or a later one."
        )
    # Foreign keys are still off: a migration may have to rebuild a table that others reference.
    for number, script in migrations:
        if number > version:
            await _migrate(connection, number, script)
    await connection.execute_fetchall("PRAGMA foreign_keys = ON")
    await _check(connection, path)


async def _check(connection: aiosqlite.Connection, path: Path) -> None:
    """Raise `DatabaseDamaged` if the database is; look for as long as a start may take."""
    checking = asyncio.ensure_future(connection.execute_fetchall("PRAGMA integrity_check"))
    try:
        await asyncio.wait([checking], timeout=CHECK_SECONDS)
    finally:
        while not checking.done():  # An interrupt before the statement begins does nothing.
            await connection.interrupt()
            await asyncio.wait([checking], timeout=0.1)
    try:
        complaints = [row[0] for row in await checking]
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
            raise
        log.warning(
            "%s is too large to be checked in %g seconds; with the bot stopped, "
            "`python -m bot doctor` checks all of it",
            path,
            CHECK_SECONDS,
        )
        return
    if complaints == ["ok"]:
        orphans = await connection.execute_fetchall("PRAGMA foreign_key_check")
        complaints = [f"a row of {row[0]} points to a missing row of {row[2]}" for row in orphans]
    if complaints:
        raise damaged(path, complaints)


async def _version(connection: aiosqlite.Connection) -> int:
    (row,) = await connection.execute_fetchall("PRAGMA user_version")
    return int(row[0])


async def _migrate(connection: aiosqlite.Connection, number: int, script: str) -> None:
    try:
        cursor = await connection.executescript(
            f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version = {number};\nCOMMIT;"
        )
        await cursor.close()
    except BaseException:
        await _to_the_end(connection.rollback())
        raise
    log.info("migrated the database to version %d", number)


def load_migrations(folder: Traversable | None = None) -> list[tuple[int, str]]:
    """Read the numbered scripts in `folder` (None: our own), as (version, SQL) from 1 on."""
    folder = folder or importlib.resources.files("storage.migrations")
    found = sorted(
        (int(entry.name[:4]), entry.read_text("utf-8"))
        for entry in folder.iterdir()
        if re.fullmatch(r"\d{4}_\w+\.sql", entry.name)
    )
    if [number for number, _ in found] != list(range(1, len(found) + 1)) or not found:
        raise StorageError(f"the migrations in {folder} are not numbered from 1 without a gap")
    return found


def prefixed(table: str, columns: Iterable[str]) -> str:
    """Select a table's columns as "table.column", so that joined tables share no names."""
    return ", ".join(f'{table}.{column} AS "{table}.{column}"' for column in columns)


async def _to_the_end(work: Coroutine[Any, Any, T]) -> T:
    """Await `work` until it ends, and only then raise a cancellation."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        if not task.cancelled() and task.exception() is not None:
            log.error("a cancelled transaction also failed", exc_info=task.exception())
        raise cancelled
    return task.result()
