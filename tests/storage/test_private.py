"""Who can read the data folder: its owner, whatever the umask and whoever made it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.backup import backup
from storage.files import digest_of
from storage.private import open_to_others
from storage.restore import restore
from storage.store import open_store


@pytest.fixture(autouse=True)
def umask_of_most_people() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def open_ones(folder: Path) -> list[str]:
    return [
        str(path.relative_to(folder))
        for path in (folder, *folder.rglob("*"))
        if open_to_others(path)
    ]


def written(picture: Path) -> str:
    picture.write_bytes(b"a picture")
    with picture.open("rb") as stream:
        return digest_of(stream)


async def used(folder: Path, picture: Path) -> str:
    """Open a store and keep a picture in it; what is open to others while it is in use."""
    digest = written(picture)
    async with open_store(folder) as store:
        store.files.workspace(1)
        store.files.scratch()
        store.files.adopt(picture, digest)
        await store.servers.save(await store.servers.get(1))
        assert (folder / "konomi.db-wal").exists()
        assert (folder / "konomi.db-shm").exists()
        assert open_ones(folder) == []
    return digest


async def test_whatever_is_written_is_its_owners_alone(tmp_path: Path) -> None:
    await used(tmp_path / "data", tmp_path / "a.png")
    assert open_ones(tmp_path / "data") == []


async def test_what_is_open_is_closed_at_the_start(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    digest = await used(folder, tmp_path / "a.png")
    outside = tmp_path / "outside"
    outside.touch()
    (folder / "link").symlink_to(outside)
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o777 if path.is_dir() else 0o666)
    async with open_store(folder) as store:
        assert [name for name in open_ones(folder) if name != "link"] == []
        assert store.files.path(digest).read_bytes() == b"a picture"
    assert open_to_others(outside)


async def test_a_folder_that_the_host_made_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o755)
    await used(folder, tmp_path / "a.png")


async def test_backups_and_what_they_bring_back_are_closed(tmp_path: Path) -> None:
    await used(tmp_path / "data", tmp_path / "a.png")
    saved = backup(tmp_path / "data", tmp_path)
    assert not open_to_others(saved.path)
    restore(saved.path, tmp_path / "again")
    assert open_ones(tmp_path / "again") == []
