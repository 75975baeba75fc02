"""The doctor's look at a database: it tells states apart and changes nothing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from storage.database import DATABASE_NAME, load_migrations, open_database
from storage.inspection import DatabaseState, inspect
from storage.lock import locked


async def made(data_dir: Path) -> Path:
    path = data_dir / DATABASE_NAME
    async with open_database(path):
        pass
    return path


def test_an_empty_folder_stays_empty(tmp_path: Path) -> None:
    assert inspect(tmp_path).condition is DatabaseState.ABSENT
    assert list(tmp_path.iterdir()) == []


async def test_a_sound_database_says_its_version(tmp_path: Path) -> None:
    await made(tmp_path)
    inspection = inspect(tmp_path)
    assert inspection.condition is DatabaseState.SOUND
    assert inspection.sentence == f"sound, of version {len(load_migrations())}."


async def test_looking_does_not_change_the_file(tmp_path: Path) -> None:
    path = await made(tmp_path)
    before = path.read_bytes()
    inspect(tmp_path)
    assert path.read_bytes() == before


async def test_a_database_in_use_is_left_alone(tmp_path: Path) -> None:
    path = await made(tmp_path)
    path.write_bytes(b"what a second connection must not even read")
    with locked(tmp_path):
        assert inspect(tmp_path).condition is DatabaseState.IN_USE


async def test_a_page_overwritten_is_damage(tmp_path: Path) -> None:
    path = await made(tmp_path)
    content = bytearray(path.read_bytes())
    content[4096:8192] = b"\xff" * 4096
    path.write_bytes(content)
    inspection = inspect(tmp_path)
    assert inspection.condition is DatabaseState.DAMAGED
    assert "restore a backup" in inspection.sentence


async def test_a_later_version_is_told_from_damage(tmp_path: Path) -> None:
    path = await made(tmp_path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 9999")
    inspection = inspect(tmp_path)
    assert inspection.condition is DatabaseState.TOO_NEW
    assert "9999" in inspection.sentence


async def test_an_earlier_version_is_sound_and_waits(tmp_path: Path) -> None:
    path = await made(tmp_path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 0")
    inspection = inspect(tmp_path)
    assert inspection.condition is DatabaseState.SOUND
    assert "next start" in inspection.sentence
