from __future__ import annotations

import asyncio
import contextlib
import random
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from storage.database import Database, load_migrations, open_database
from storage.errors import DatabaseDamaged, DatabaseTooNew, StorageError, StoreClosed


@pytest.fixture
def steps(tmp_path: Path) -> Path:
    """A folder of migrations that a test may add to."""
    folder = tmp_path / "steps"
    folder.mkdir()
    (folder / "0001_notes.sql").write_text("CREATE TABLE notes (tag INTEGER, half INTEGER) STRICT;")
    return folder


@pytest.fixture
async def database(tmp_path: Path, steps: Path) -> AsyncIterator[Database]:
    async with open_database(tmp_path / "test.db", steps) as database:
        yield database


def version_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


async def test_an_empty_folder_gets_the_newest_schema(tmp_path: Path) -> None:
    async with open_database(tmp_path / "konomi.db") as database:
        tables = await database.rows("SELECT name FROM sqlite_schema WHERE type = 'table'")

    assert version_of(tmp_path / "konomi.db") == load_migrations()[-1][0]
    assert {row["name"] for row in tables} >= {"boards", "rounds", "images", "ratings", "jobs"}


async def test_opening_again_changes_nothing(tmp_path: Path) -> None:
    async with open_database(tmp_path / "konomi.db") as database:
        before = await database.rows("SELECT * FROM sqlite_schema ORDER BY name")
    async with open_database(tmp_path / "konomi.db") as database:
        after = await database.rows("SELECT * FROM sqlite_schema ORDER BY name")

    assert [tuple(row) for row in after] == [tuple(row) for row in before]


async def test_an_older_version_is_brought_up_with_its_rows(tmp_path: Path, steps: Path) -> None:
    path = tmp_path / "old.db"
    async with open_database(path, steps) as database, database.transaction() as transaction:
        await transaction.rows("INSERT INTO notes VALUES (1, 1)")
    (steps / "0002_text.sql").write_text(
        "ALTER TABLE notes ADD COLUMN words TEXT;\nUPDATE notes SET words = 'kept';"
    )
    (steps / "0003_index.sql").write_text("CREATE INDEX notes_tag ON notes (tag);")

    async with open_database(path, steps) as database:
        row = await database.row("SELECT tag, words FROM notes")

    assert row is not None
    assert tuple(row) == (1, "kept")
    assert version_of(path) == 3


async def test_a_migration_that_fails_halfway_leaves_the_version_before(
    tmp_path: Path, steps: Path
) -> None:
    path = tmp_path / "old.db"
    async with open_database(path, steps):
        pass
    (steps / "0002_broken.sql").write_text(
        "CREATE TABLE half (x INTEGER) STRICT;\nINSERT INTO nowhere VALUES (1);"
    )

    with pytest.raises(sqlite3.OperationalError, match="nowhere"):
        async with open_database(path, steps):
            pass

    assert version_of(path) == 1
    with closing(sqlite3.connect(path)) as connection:
        assert (
            connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'half'").fetchall() == []
        )


async def test_a_database_of_a_later_version_is_left_alone(tmp_path: Path, steps: Path) -> None:
    path = tmp_path / "new.db"
    (steps / "0002_later.sql").write_text("CREATE TABLE later (x INTEGER) STRICT;")
    async with open_database(path, steps):
        pass
    (steps / "0002_later.sql").unlink()

    with pytest.raises(DatabaseTooNew, match="version 2"):
        async with open_database(path, steps):
            pass


def test_migrations_are_numbered_without_a_gap(steps: Path) -> None:
    (steps / "0003_gap.sql").write_text("SELECT 1;")

    with pytest.raises(StorageError, match="without a gap"):
        load_migrations(steps)


async def test_a_damaged_file_is_not_worked_on(tmp_path: Path, steps: Path) -> None:
    path = tmp_path / "damaged.db"
    async with open_database(path, steps) as database, database.transaction() as transaction:
        await transaction.many("INSERT INTO notes VALUES (?, 1)", [(n,) for n in range(5000)])
    content = bytearray(path.read_bytes())
    content[4096:8192] = b"\xff" * 4096
    path.write_bytes(content)

    with pytest.raises(DatabaseDamaged, match="restore a backup"):
        async with open_database(path, steps):
            pass


async def test_a_file_that_is_no_database_is_not_worked_on(tmp_path: Path, steps: Path) -> None:
    path = tmp_path / "words.db"
    path.write_text("these are words, and not a database at all " * 100)

    with pytest.raises(DatabaseDamaged, match="not a database"):
        async with open_database(path, steps):
            pass


async def test_what_was_acknowledged_is_written_through_to_the_disk(database: Database) -> None:
    pragmas = {}
    for name in ("synchronous", "foreign_keys", "journal_mode", "secure_delete"):
        row = await database.row(f"PRAGMA {name}")
        assert row is not None
        pragmas[name] = row[0]

    assert pragmas == {
        "synchronous": 2,
        "foreign_keys": 1,
        "journal_mode": "wal",
        "secure_delete": 1,
    }


async def test_an_exception_takes_everything_back(database: Database) -> None:
    async def write() -> None:
        async with database.transaction() as transaction:
            await transaction.rows("INSERT INTO notes VALUES (1, 1)")
            raise RuntimeError("changed my mind")

    with pytest.raises(RuntimeError, match="changed my mind"):
        await write()

    assert await database.rows("SELECT * FROM notes") == []


async def test_nobody_sees_what_is_not_committed(database: Database) -> None:
    inside = asyncio.Event()
    go_on = asyncio.Event()

    async def write() -> None:
        async with database.transaction() as transaction:
            await transaction.rows("INSERT INTO notes VALUES (1, 1)")
            inside.set()
            await go_on.wait()
            raise RuntimeError("taken back")

    writer = asyncio.create_task(write())
    await inside.wait()
    reader = asyncio.create_task(database.rows("SELECT * FROM notes"))
    await asyncio.sleep(0.02)
    assert not reader.done()
    go_on.set()

    assert await reader == []
    with pytest.raises(RuntimeError, match="taken back"):
        await writer


async def test_waiting_for_oneself_is_an_error_rather_than_for_ever(database: Database) -> None:
    async with database.transaction():
        with pytest.raises(RuntimeError, match="inside a transaction"):
            await database.rows("SELECT 1")


async def test_what_follows_a_commit_comes_before_the_next_transaction(database: Database) -> None:
    order = []
    async with database.transaction() as transaction:
        transaction.after_commit(lambda: order.append("after"))
        order.append("body")
    async with database.transaction():
        order.append("next")
    with contextlib.suppress(RuntimeError):
        async with database.transaction() as transaction:
            transaction.after_commit(lambda: order.append("never"))
            raise RuntimeError

    assert order == ["body", "after", "next"]


async def test_cancelling_anywhere_leaves_whole_transactions_only(database: Database) -> None:
    """Hundreds of tasks, each cancelled at a random moment, some of them twice."""
    rng = random.Random(20)
    finished: set[int] = set()
    strangers: list[list[int]] = []

    async def write(tag: int) -> None:
        async with database.transaction() as transaction:
            await transaction.rows("INSERT INTO notes VALUES (?, 1)", [tag])
            for _ in range(rng.randrange(3)):
                await asyncio.sleep(0)
            await transaction.rows("INSERT INTO notes VALUES (?, 2)", [tag])
            halves = await transaction.rows(
                "SELECT tag FROM notes GROUP BY tag HAVING count(*) <> 2"
            )
            strangers.append([row["tag"] for row in halves])
        finished.add(tag)

    tag = 0
    for _ in range(300):
        tasks = []
        for _ in range(rng.randrange(1, 5)):
            tag += 1
            tasks.append(asyncio.create_task(write(tag)))
        for _ in range(rng.randrange(1, 4)):
            # Some at the same step of the loop, some after statements have run in the thread.
            await asyncio.sleep(rng.choice([0, 0, 0.0002, 0.001, 0.003]))
            rng.choice(tasks).cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert not database._connection.in_transaction

    rows = await database.rows("SELECT tag, count(*) AS halves FROM notes GROUP BY tag")
    assert {row["halves"] for row in rows} == {2}
    assert finished <= {row["tag"] for row in rows}
    assert not any(strangers), "a transaction saw half of another"
    assert 50 < len(finished) < tag, "both outcomes were met"
    async with database.transaction() as transaction:
        await transaction.rows("INSERT INTO notes VALUES (0, 1)")


async def test_a_timeout_interrupts_a_transaction_and_nothing_else(database: Database) -> None:
    async def write() -> None:
        async with database.transaction() as transaction:
            await transaction.rows("INSERT INTO notes VALUES (1, 1)")
            await asyncio.sleep(60)

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(write(), 0.02)

    assert await database.rows("SELECT * FROM notes") == []


def test_closing_in_the_middle_of_everything_leaves_whole_transactions_only(
    tmp_path: Path, steps: Path
) -> None:
    """As when a bot is interrupted: the store closes first, then the loop ends its tasks."""
    path = tmp_path / "loop.db"
    refused = []

    async def serve(database: Database, tag: int, busy: asyncio.Semaphore) -> None:
        try:
            while True:
                async with database.transaction() as transaction:
                    await transaction.rows("INSERT INTO notes VALUES (?, 1)", [tag])
                    busy.release()
                    await transaction.rows("INSERT INTO notes VALUES (?, 2)", [tag])
        except StoreClosed as error:
            refused.append(str(error))

    async def main() -> None:
        busy = asyncio.Semaphore(0)
        async with open_database(path, steps) as database:
            tasks = [asyncio.create_task(serve(database, tag, busy)) for tag in range(5)]
            for _ in range(20):
                await busy.acquire()
        await asyncio.wait(tasks[:3])

    asyncio.run(main())

    assert refused
    assert set(refused) == {"the store is closed"}
    with closing(sqlite3.connect(path)) as connection:
        odd = connection.execute(
            "SELECT tag FROM notes GROUP BY tag HAVING sum(half = 1) <> sum(half = 2)"
        ).fetchall()
    assert odd == []
