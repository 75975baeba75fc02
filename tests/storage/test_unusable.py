"""Data folders that cannot be used: one sentence that says why, and nothing is removed."""

from __future__ import annotations

import asyncio
import os
import random
import resource
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from storage import database
from storage.database import DATABASE_NAME
from storage.errors import DatabaseDamaged, DataFolderUnusable
from storage.store import open_store
from storage.unusable import unusable
from tests.storage.painting import begin_board, paint

NOBODY = 65534


@contextmanager
def without_rights() -> Iterator[None]:
    """As a user who may write only what everyone may."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


@contextmanager
def full_disk(free: int) -> Iterator[None]:
    """No file may grow beyond so many bytes, as where a disk or a quota is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (free, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def allow(folder: Path, mode: int) -> None:
    """Set the permissions of a folder and of all that is in it."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(mode)


@pytest.fixture(scope="module")
def painted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with four rounds, to be copied."""
    folder = tmp_path_factory.mktemp("painted") / "data"

    async def fill() -> None:
        async with open_store(folder) as store:
            for message in range(500, 504):
                await paint(store, await begin_board(store), message=message)

    asyncio.run(fill())
    return folder


@pytest.fixture
def data_dir(tmp_path: Path, painted: Path) -> Path:
    return Path(shutil.copytree(painted, tmp_path / "data"))


async def refused(data_dir: Path) -> str:
    with pytest.raises(DataFolderUnusable) as raised:
        async with open_store(data_dir):
            pass
    return str(raised.value)


async def test_a_folder_that_may_not_be_written(data_dir: Path) -> None:
    # A folder of a test is closed to everyone else.
    open_to_all = Path(shutil.copytree(data_dir, f"/tmp/konomi-{os.getpid()}"))
    try:
        allow(open_to_all, 0o555)
        with without_rights():
            sentence = await refused(open_to_all)
    finally:
        allow(open_to_all, 0o755)
        shutil.rmtree(open_to_all)
    assert "let the user that runs Konomi write there" in sentence
    assert str(open_to_all) in sentence


async def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert str(tmp_path / "file") in await refused(tmp_path / "file" / "data")


async def test_missing_folders_above_it_are_made(tmp_path: Path) -> None:
    async with open_store(tmp_path / "not" / "there" / "yet"):
        assert (tmp_path / "not" / "there" / "yet" / DATABASE_NAME).exists()


async def test_a_full_disk(tmp_path: Path) -> None:
    with full_disk(5000):
        sentence = await refused(tmp_path / "data")
    assert "a quota is used up, files may not become this large, or the disk is broken" in sentence
    async with open_store(tmp_path / "data"):
        pass


def test_a_database_that_another_program_holds(data_dir: Path) -> None:
    path = data_dir / DATABASE_NAME
    with (
        closing(sqlite3.connect(path)) as shell,
        closing(sqlite3.connect(path, timeout=0)) as ours,
    ):
        shell.execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError) as locked:
            ours.execute("BEGIN IMMEDIATE")
    assert "close the program that has it open" in str(unusable(path, locked.value))


@pytest.mark.parametrize("seed", range(40))
async def test_bytes_that_changed_anywhere(data_dir: Path, seed: int) -> None:
    """Changes within a text or number are not to be seen; whatever is seen is one sentence."""
    chance = random.Random(seed)
    path = data_dir / DATABASE_NAME
    content = bytearray(path.read_bytes())
    match seed % 4:
        case 0:
            page = chance.randrange(len(content) // 4096) * 4096
            content[page : page + 4096] = chance.randbytes(4096)
        case 1:
            del content[chance.randrange(len(content)) :]
        case _:  # The first pages say what tables there are.
            for _ in range(chance.choice((1, 4, 40))):
                content[chance.randrange(chance.choice((8192, len(content))))] ^= 0x5A
    path.write_bytes(content)
    said = ""
    try:
        async with open_store(data_dir) as store:
            await store.rounds.recent(50)
            await store.prune(retention_days=1)
    except DatabaseDamaged as error:
        said = str(error)
    assert not said or (str(path) in said and "python -m bot restore" in said)
    assert path.exists()


@pytest.mark.parametrize("content", [b"not a database at all, but long enough to be one" * 99])
async def test_what_is_no_database(tmp_path: Path, content: bytes) -> None:
    (tmp_path / DATABASE_NAME).write_bytes(content)
    with pytest.raises(DatabaseDamaged, match="restore a backup"):
        async with open_store(tmp_path):
            pass
    assert (tmp_path / DATABASE_NAME).read_bytes() == content


async def test_damage_that_comes_while_it_runs_is_the_same_sentence(data_dir: Path) -> None:
    path = data_dir / DATABASE_NAME
    async with open_store(data_dir) as store:
        with closing(sqlite3.connect(path)) as shell:
            (root,) = shell.execute(
                "SELECT rootpage FROM sqlite_schema WHERE name = 'rounds'"
            ).fetchone()
            shell.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with path.open("r+b") as file:
            file.seek((root - 1) * 4096)
            file.write(b"\xff" * 4096)
        await store.servers.get(1)
        with pytest.raises(DatabaseDamaged, match="restore a backup"):
            await store.rounds.recent(1)
        with pytest.raises(DatabaseDamaged, match="restore a backup"):
            await store.rounds.delete(1)
        assert await store.servers.get(1)  # What is sound goes on.


async def test_a_start_does_not_wait_for_the_check_of_a_large_database(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(sqlite3.connect(data_dir / DATABASE_NAME)) as shell, shell:
        shell.execute("CREATE TABLE bulk (id INTEGER PRIMARY KEY, words TEXT)")
        shell.execute(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000)"
            " INSERT INTO bulk SELECT i, hex(randomblob(40)) FROM n"
        )
        shell.execute("CREATE INDEX bulk_words ON bulk (words)")
    monkeypatch.setattr(database, "CHECK_SECONDS", 0.001)
    async with open_store(data_dir) as store:
        assert await store.rounds.recent(1)
    assert "too large to be checked" in caplog.text
