from __future__ import annotations

import asyncio
import io
import json
import sqlite3
import tarfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from storage.backup import backup
from storage.errors import ArchiveDamaged, DatabaseTooNew, DataFolderBusy, StorageError
from storage.records import OpenAnswer, WaitsFor
from storage.restore import restore
from storage.store import Store, open_store
from tests.storage.painting import ANN, SERVER, begin_board, paint


async def fill(data_dir: Path) -> None:
    async with open_store(data_dir) as store:
        board = await begin_board(store)
        for message in (500, 600):
            _, images = await paint(store, board, message=message, strip=True)
        await store.ratings.press(SERVER, images[0].id, ANN, 1)
        await store.ratings.react(600, ANN, "👎", True)


def contents(data_dir: Path) -> dict[str, Any]:
    """Every row of every table, and every file."""
    with closing(sqlite3.connect(data_dir / "konomi.db")) as connection:
        tables = connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table'"
        ).fetchall()
        found: dict[str, Any] = {
            name: connection.execute(f"SELECT * FROM {name}").fetchall() for (name,) in tables
        }
    return found | {path.name: path.read_bytes() for path in (data_dir / "files").glob("*/*")}


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
async def filled(data_dir: Path) -> Path:
    await fill(data_dir)
    return data_dir


async def test_a_backup_brought_back_elsewhere_is_the_same(filled: Path, tmp_path: Path) -> None:
    saved = backup(filled, tmp_path / "konomi.tar")
    restored = restore(saved.path, tmp_path / "elsewhere")

    assert saved.files == restored.files == 10
    assert saved.lost == restored.lost == ()
    assert saved.bytes == saved.path.stat().st_size
    assert contents(tmp_path / "elsewhere") == contents(filled)
    async with open_store(tmp_path / "elsewhere") as store:
        assert len(await store.rounds.recent(10)) == 2


async def test_a_backup_is_private_and_leaves_nothing_else_behind(
    filled: Path, tmp_path: Path
) -> None:
    saved = backup(filled, tmp_path / "backups")

    assert saved.path.parent == tmp_path / "backups"
    assert names_in(tmp_path / "backups") == [saved.path.name]
    assert saved.path.stat().st_mode & 0o077 == 0
    with tarfile.open(saved.path) as archive:
        assert {(entry.uid, entry.uname) for entry in archive} == {(0, "")}


async def test_a_backup_overwrites_nothing_and_needs_something_to_save(
    filled: Path, tmp_path: Path
) -> None:
    (tmp_path / "there.tar").write_text("precious")

    with pytest.raises(StorageError, match="already exists"):
        backup(filled, tmp_path / "there.tar")
    with pytest.raises(StorageError, match="nothing to back up"):
        backup(tmp_path / "nowhere", tmp_path / "new.tar")
    assert (tmp_path / "there.tar").read_text() == "precious"
    assert not (tmp_path / "nowhere").exists()


async def test_what_was_deleted_is_not_in_a_backup(filled: Path, tmp_path: Path) -> None:
    async with open_store(filled) as store:
        gone, kept = await store.rounds.recent(2)
        images = await store.images.of_round(gone.id)
        await store.rounds.delete(gone.id)

    saved = backup(filled, tmp_path / "konomi.tar")

    with tarfile.open(saved.path) as archive:
        names = set(archive.getnames())
    assert not names & {f"files/{image.digest}" for image in images}
    assert saved.files == 5
    assert kept.id != gone.id


async def keep_working(store: Store) -> None:
    board = await begin_board(store)
    painted = []
    while True:
        painting, images = await paint(store, board, strip=True)
        await store.ratings.press(SERVER, images[0].id, ANN, 1)
        painted.append(painting)
        if len(painted) > 3:
            await store.rounds.delete(painted.pop(0).id)


async def test_a_backup_beside_a_working_bot_is_whole(data_dir: Path, tmp_path: Path) -> None:
    async with open_store(data_dir) as store:
        working = asyncio.create_task(keep_working(store))
        for number in range(8):
            await asyncio.sleep(0.05)
            saved = await asyncio.to_thread(backup, data_dir, tmp_path / f"{number}.tar")
            assert saved.lost == ()
            assert not working.done()
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)

    for number in range(8):
        elsewhere = tmp_path / f"elsewhere-{number}"
        restored = await asyncio.to_thread(restore, tmp_path / f"{number}.tar", elsewhere)
        async with open_store(elsewhere) as store:
            owned = set()
            rounds = await store.rounds.recent(1000)
            for job in await store.jobs.undelivered():  # saved before it could be delivered
                undelivered = await store.rounds.get(job.round_id)
                assert undelivered is not None
                rounds.append(undelivered)
            for painting in rounds:
                owned.add(painting.steering_digest)
                owned |= {image.digest for image in await store.images.of_round(painting.id)}
        assert len(owned) == restored.files


async def test_a_backup_never_writes_to_the_database(data_dir: Path, tmp_path: Path) -> None:
    await fill(data_dir)
    async with open_store(data_dir) as store:
        await store.members.seen(1, ANN, "en")
        before = (data_dir / "konomi.db").read_bytes(), (data_dir / "konomi.db-wal").read_bytes()

        await asyncio.to_thread(backup, data_dir, tmp_path / "konomi.tar")

        after = (data_dir / "konomi.db").read_bytes(), (data_dir / "konomi.db-wal").read_bytes()
    assert after == before


async def test_a_lost_file_is_named_and_does_not_stop_a_backup(
    filled: Path, tmp_path: Path
) -> None:
    lost, damaged, *_ = sorted((filled / "files").glob("*/*"))
    lost.unlink()
    damaged.write_bytes(b"decayed")

    saved = backup(filled, tmp_path / "konomi.tar")
    restored = restore(saved.path, tmp_path / "elsewhere")

    assert saved.lost == restored.lost == (lost.name, damaged.name)
    assert restored.files == 8


async def test_a_folder_that_holds_something_is_replaced_only_when_told(
    filled: Path, tmp_path: Path
) -> None:
    saved = backup(filled, tmp_path / "konomi.tar")
    other = tmp_path / "other"
    await fill(other)
    await fill(other)
    (other / "models").mkdir()
    before = contents(other)

    with pytest.raises(StorageError, match="is not empty"):
        restore(saved.path, other)
    assert contents(other) == before

    restore(saved.path, other, replace=True)
    assert contents(other) == contents(filled)
    assert names_in(other) == ["files", "konomi.db", "lock", "models"]


async def test_a_folder_in_use_is_not_replaced(filled: Path, tmp_path: Path) -> None:
    saved = backup(filled, tmp_path / "konomi.tar")

    async with open_store(filled):
        with pytest.raises(DataFolderBusy):
            await asyncio.to_thread(restore, saved.path, filled, replace=True)


async def test_an_interrupted_restore_is_completed_by_the_next_start(
    filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = backup(filled, tmp_path / "konomi.tar")
    other = tmp_path / "other"
    await fill(other)
    await fill(other)

    class PowerCut(Exception):
        pass

    def cut(self: Path, target: Path) -> None:
        raise PowerCut

    with monkeypatch.context() as patch:
        # Between the files' move and the database's.
        patch.setattr(Path, "replace", cut)
        with pytest.raises(PowerCut):
            restore(saved.path, other, replace=True)

    async with open_store(other):
        pass
    assert contents(other) == contents(filled)


def rewrite(
    archive: Path, change: Callable[[tarfile.TarInfo, bytes], tuple[tarfile.TarInfo, bytes] | None]
) -> Path:
    """A copy of an archive with its entries changed or left out."""
    forged = archive.with_name("forged.tar")
    with tarfile.open(archive) as source, tarfile.open(forged, "w") as target:
        for entry in source:
            stream = source.extractfile(entry)
            assert stream is not None
            if changed := change(entry, stream.read()):
                entry, content = changed
                entry.size = len(content) if entry.isreg() else 0
                target.addfile(entry, io.BytesIO(content))
    return forged


def renamed(name: str) -> Callable[[tarfile.TarInfo, bytes], tuple[tarfile.TarInfo, bytes]]:
    def change(entry: tarfile.TarInfo, content: bytes) -> tuple[tarfile.TarInfo, bytes]:
        if entry.name.startswith("files/"):
            entry.name = name
        return entry, content

    return change


def linked(entry: tarfile.TarInfo, content: bytes) -> tuple[tarfile.TarInfo, bytes]:
    if entry.name.startswith("files/"):
        entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
    return entry, content


def without_manifest(
    entry: tarfile.TarInfo, content: bytes
) -> tuple[tarfile.TarInfo, bytes] | None:
    return None if entry.name == "manifest.json" else (entry, content)


def with_other_pixels(entry: tarfile.TarInfo, content: bytes) -> tuple[tarfile.TarInfo, bytes]:
    return entry, b"x" + content[1:] if entry.name.startswith("files/") else content


def with_other_rows(entry: tarfile.TarInfo, content: bytes) -> tuple[tarfile.TarInfo, bytes]:
    return entry, content[:-1] + b"x" if entry.name == "konomi.db" else content


def of_the_future(entry: tarfile.TarInfo, content: bytes) -> tuple[tarfile.TarInfo, bytes]:
    if entry.name == "manifest.json":
        content = json.dumps(json.loads(content) | {"format": 2}).encode()
    return entry, content


@pytest.mark.parametrize(
    "change",
    [
        renamed("../escaped"),
        renamed("/tmp/escaped"),
        renamed("files/../../escaped"),
        renamed(f"files/{'a' * 64}"),
        linked,
        without_manifest,
        with_other_pixels,
        with_other_rows,
        of_the_future,
    ],
)
async def test_an_archive_that_is_not_as_it_was_written_changes_nothing(
    filled: Path, tmp_path: Path, change: Callable[..., Any]
) -> None:
    forged = rewrite(backup(filled, tmp_path / "konomi.tar").path, change)
    before = contents(filled)

    with pytest.raises(ArchiveDamaged):
        restore(forged, filled, replace=True)

    assert contents(filled) == before
    assert names_in(filled) == ["files", "konomi.db", "lock", "work"]
    assert names_in(tmp_path) == ["data", "forged.tar", "konomi.tar"]


async def test_an_archive_that_lacks_a_file_or_its_end_is_refused(
    filled: Path, tmp_path: Path
) -> None:
    saved = backup(filled, tmp_path / "konomi.tar").path
    with tarfile.open(saved) as archive:
        first = archive.getnames()[0]
        end = archive.getmember("manifest.json").offset_data + 5
    lacking = rewrite(
        saved, lambda entry, content: None if entry.name == first else (entry, content)
    )
    with pytest.raises(ArchiveDamaged, match="lacks 1 of the files"):
        restore(lacking, tmp_path / "elsewhere")

    for length in (0, end // 3, end // 2, end):
        (tmp_path / "cut.tar").write_bytes(saved.read_bytes()[:length])
        with pytest.raises(ArchiveDamaged):
            restore(tmp_path / "cut.tar", tmp_path / "elsewhere")


async def test_a_backup_of_a_later_version_is_refused(filled: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(filled / "konomi.db")) as connection:
        connection.execute("PRAGMA user_version = 999")
    saved = backup(filled, tmp_path / "konomi.tar")

    with pytest.raises(DatabaseTooNew, match="version 999"):
        restore(saved.path, tmp_path / "elsewhere")


async def test_an_archive_that_does_not_exist_says_so(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="There is no backup"):
        restore(tmp_path / "missing.tar", tmp_path / "elsewhere")


async def test_tokens_of_open_answers_are_left_out(tmp_path: Path) -> None:
    token = "aW50ZXJhY3Rpb246" * 12
    async with open_store(tmp_path / "data") as store:
        answer = OpenAnswer(
            interaction_id=1,
            application_id=2,
            token=token,
            locale="ja",
            waits_for=WaitsFor.UPLOAD,
            created_at=0,
        )
        await store.open_answers.promised([answer])
        saved = backup(tmp_path / "data", tmp_path / "saved.tar")
        assert [answer.token for answer in await store.open_answers.open()] == [token]
    assert token.encode() not in saved.path.read_bytes()
    restore(saved.path, tmp_path / "back")
    async with open_store(tmp_path / "back") as store:
        assert await store.open_answers.open() == []
