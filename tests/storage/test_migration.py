"""The migration to jobs of two kinds, on a database of the version before with everything in it."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from storage.backup import backup
from storage.database import load_migrations
from storage.inspection import DatabaseState, inspect
from storage.records import JobKind, JobState
from storage.restore import restore
from storage.store import open_store
from tests.storage import version_4
from tests.storage.painting import Clock

NEWEST = load_migrations()[-1][0]


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    version_4.fill(tmp_path / "data")
    return tmp_path / "data"


def ask(data_dir: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(data_dir / "konomi.db")) as connection:
        return connection.execute(sql).fetchall()


def tables(data_dir: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, by the table's name."""
    names = ask(data_dir, "SELECT name FROM sqlite_schema WHERE type = 'table'")
    return {name: sorted(ask(data_dir, f"SELECT * FROM {name}"), key=repr) for (name,) in names}


async def migrated(data_dir: Path) -> None:
    async with open_store(data_dir):
        pass


def test_every_table_of_the_old_version_holds_something(data_dir: Path) -> None:
    empty = [name for name, rows in tables(data_dir).items() if not rows]

    assert ask(data_dir, "PRAGMA user_version") == [(version_4.VERSION,)]
    assert empty == []
    assert {JobState(state) for (state,) in ask(data_dir, "SELECT state FROM jobs")} == {*JobState}


NEW_TABLES = {
    *("open_answers", "preferences", "removals"),
    *("styles", "style_contributors", "channel_styles"),
    *("datasets", "dataset_pictures", "consents"),
    *("trainings", "training_checkpoints", "training_rights", "revocations"),
}


async def test_nothing_but_jobs_is_changed(data_dir: Path) -> None:
    before = tables(data_dir)
    schema = (
        "SELECT type, name, sql FROM sqlite_schema"
        f" WHERE tbl_name NOT IN ('jobs', {', '.join(map(repr, NEW_TABLES))}) ORDER BY name"
    )
    made = ask(data_dir, schema)

    await migrated(data_dir)
    after = tables(data_dir)

    assert ask(data_dir, "PRAGMA user_version") == [(NEWEST,)]
    assert ask(data_dir, schema) == made
    assert after.keys() == before.keys() | NEW_TABLES
    assert {name for name in before if before[name] != after[name]} == {"jobs"}


async def test_jobs_keep_all_they_had(data_dir: Path) -> None:
    columns = (
        "id, server_id, channel_id, member_id, message_id, round_id, pictures, locale, state,"
        " attempts, lease_until, delivered, created_at"
    )
    before = ask(data_dir, f"SELECT {columns} FROM jobs ORDER BY id")

    await migrated(data_dir)

    assert ask(data_dir, f"SELECT {columns} FROM jobs ORDER BY id") == before
    assert ask(data_dir, "SELECT DISTINCT kind FROM jobs") == [("paint",)]


async def test_reason_and_detail_are_parted_at_the_first_colon(data_dir: Path) -> None:
    async with open_store(data_dir) as store:
        jobs = [await store.jobs.get(row[0]) for row in version_4.JOBS]

    told = {job.id: (job.reason, job.detail) for job in jobs if job is not None}
    never = {row[0]: (None, "") for row in version_4.JOBS if row[0] not in version_4.FAILURES}
    assert told == version_4.FAILURES | never


async def test_open_and_undelivered_jobs_are_read_back(data_dir: Path) -> None:
    async with open_store(data_dir) as store:
        assert [job.id for job in await store.jobs.pending(JobKind.PAINT)] == [5, 6]
        assert [job.id for job in await store.jobs.undelivered(JobKind.PAINT)] == [3, 7]
        assert await store.jobs.pending(JobKind.TRAIN) == []
        assert await store.images.painted_since(7, 1, 0) == 4 + 2 + 4 + 1 + 4 + 4


async def test_no_id_is_used_twice(data_dir: Path) -> None:
    async with open_store(data_dir) as store:
        job = await store.jobs.create(
            server_id=7, channel_id=70, member_id=1, round_id=1, locale="en"
        )

    assert job.id == version_4.LAST_ID + 1


async def test_an_empty_table_keeps_its_last_id(data_dir: Path) -> None:
    with closing(sqlite3.connect(data_dir / "konomi.db")) as connection:
        connection.execute("DELETE FROM jobs")
        connection.commit()

    async with open_store(data_dir) as store:
        job = await store.jobs.create(
            server_id=7, channel_id=70, member_id=1, round_id=1, locale="en"
        )

    assert job.id == version_4.LAST_ID + 1


async def test_indexes_are_there_and_used(data_dir: Path) -> None:
    names = "SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'jobs'"
    before = {name for (name,) in ask(data_dir, names)}

    await migrated(data_dir)

    assert {name for (name,) in ask(data_dir, names)} == before
    for where, index in (
        ("round_id = 1", "jobs_round"),
        ("round_id IN (SELECT value FROM json_each('[1]'))", "jobs_round"),
        ("message_id = 500", "jobs_message"),
        ("delivered = 0", "jobs_undelivered"),
        ("state IN ('queued', 'running')", "jobs_open"),
        ("server_id = 7 AND member_id = 1 AND created_at >= 0", "jobs_member"),
    ):
        plan = ask(data_dir, f"EXPLAIN QUERY PLAN SELECT * FROM jobs WHERE {where}")
        assert index in str(plan), (where, plan)


async def test_the_database_is_sound_afterwards(data_dir: Path) -> None:
    assert "the next start brings it to the newest" in inspect(data_dir).sentence

    await migrated(data_dir)

    assert ask(data_dir, "PRAGMA integrity_check") == [("ok",)]
    assert ask(data_dir, "PRAGMA foreign_key_check") == []
    assert ask(data_dir, "SELECT name FROM sqlite_schema WHERE name LIKE 'new%'") == []
    assert inspect(data_dir).condition is DatabaseState.SOUND


async def test_rows_still_go_with_what_they_belong_to(data_dir: Path) -> None:
    async with open_store(data_dir) as store:
        await store.rounds.delete(1)

    assert ask(data_dir, "SELECT id FROM images WHERE round_id = 1") == []
    assert ask(data_dir, "SELECT * FROM steers") == []
    assert ask(data_dir, "SELECT forked_from FROM boards WHERE id = 2") == [(None,)]
    assert ask(data_dir, "SELECT parent_id, source_image_id FROM rounds WHERE id = 4") == [
        (None, None)
    ]
    assert ask(data_dir, "SELECT state, delivered FROM jobs WHERE id = 1") == [("done", 1)]


async def test_a_backup_of_the_old_version_is_brought_back_and_migrated(
    data_dir: Path, tmp_path: Path
) -> None:
    saved = backup(data_dir, tmp_path / "old.tar")
    restored = restore(saved.path, tmp_path / "new")
    assert (restored.files, restored.lost) == (12, ())
    assert ask(tmp_path / "new", "PRAGMA user_version") == [(version_4.VERSION,)]

    async with open_store(tmp_path / "new") as store:
        dead = await store.jobs.get(11)
        edit = await store.rounds.get(4)
        assert dead is not None
        assert edit is not None
        assert (dead.state, dead.reason, dead.detail) == (
            JobState.DEAD,
            "crashed",
            "signal: SIGKILL",
        )
        assert edit.source_digest is not None
        assert store.files.path(edit.source_digest).read_bytes() == b"picture 0"
        assert hashlib.sha256(b"upload").hexdigest() in {
            path.name for path in store.files.root.glob("??/*")
        }


async def test_what_is_past_its_time_still_goes(data_dir: Path) -> None:
    clock = Clock()
    clock.now += 365 * 86400

    async with open_store(data_dir, clock=clock) as store:
        pruned = await store.prune(retention_days=30)

        # Those rated stay and what they were made from, and those of jobs not delivered yet.
        assert pruned.pictures == 4
        assert {job.id for job in await store.jobs.pending()} == {5, 6}
        assert await store.jobs.get(8) is None


async def test_pictures_of_a_training_are_numbered_on(tmp_path: Path) -> None:
    tmp_path.joinpath("data").mkdir(mode=0o700)
    with closing(sqlite3.connect(tmp_path / "data" / "konomi.db")) as connection:
        for number, script in load_migrations()[:11]:
            connection.executescript(f"{script}; PRAGMA user_version = {number}")
        for _ in range(2):
            connection.execute(
                "INSERT INTO datasets (server_id, channel_id, member_id, locale, plan, created_at)"
                " VALUES (7, 70, 1, 'en', '{}', 0)"
            )
        connection.executemany(
            "INSERT INTO dataset_pictures (dataset_id, position, digest, member_id, facts)"
            " VALUES (1, ?, 'd', 1, '{}')",
            [(0,), (4,)],
        )
        connection.commit()

    await migrated(tmp_path / "data")

    assert ask(tmp_path / "data", "SELECT numbered FROM datasets ORDER BY id") == [(5,), (0,)]
