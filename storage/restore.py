"""Restore a backup; everything is verified before anything is replaced."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import re
import shutil
import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path
from typing import IO

from storage.backup import FORMAT, MANIFEST_NAME
from storage.database import APPLICATION_ID, DATABASE_NAME, load_migrations
from storage.errors import ArchiveDamaged, DatabaseTooNew, StorageError
from storage.files import Files, sync_folder
from storage.lock import LOCK_NAME, locked
from storage.owners import named_files

_ARRIVING = ".restoring"
"""Folder in which a backup is unpacked and verified; can be discarded."""
_ARRIVED = ".restored"
"""The same folder once verified; from here on a restore is always completed."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Restored:
    """A restored backup."""

    files: int
    lost: tuple[str, ...]
    """Digests of files that were already missing when the backup was written."""


def restore(archive: Path, data_dir: Path, *, replace: bool = False) -> Restored:
    """Restore a backup's database and files into `data_dir`.

    Refuses a folder that is in use, and one that is not empty unless told to `replace` it. Raises
    `ArchiveDamaged`, with nothing changed, if the backup is incomplete.
    """
    if not archive.is_file():
        raise StorageError(f"There is no backup at {archive}.")
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with locked(data_dir):
        complete_restore(data_dir)
        arriving = data_dir / _ARRIVING
        shutil.rmtree(arriving, ignore_errors=True)
        if not replace and (names := _contents(data_dir)):
            raise StorageError(
                f"{data_dir} is not empty (it holds {', '.join(names[:3])}): choose an empty "
                "folder, or allow it to be replaced."
            )
        arriving.mkdir(mode=0o700)
        try:
            restored = _unpack(archive, arriving)
        except BaseException:
            shutil.rmtree(arriving, ignore_errors=True)
            raise
        arriving.rename(data_dir / _ARRIVED)
        sync_folder(data_dir)
        complete_restore(data_dir)
    return restored


def complete_restore(data_dir: Path) -> None:
    """Move a verified backup into place, resuming an interrupted restore.

    The caller must hold the folder's lock and must not have opened the database yet.
    """
    arrived = data_dir / _ARRIVED
    if not arrived.is_dir():
        return
    shutil.rmtree(data_dir / "work", ignore_errors=True)
    if (arrived / "files").is_dir():
        shutil.rmtree(data_dir / "files", ignore_errors=True)
        (arrived / "files").rename(data_dir / "files")
    if (arrived / DATABASE_NAME).is_file():
        for suffix in ("-wal", "-shm"):
            (data_dir / f"{DATABASE_NAME}{suffix}").unlink(missing_ok=True)
        (arrived / DATABASE_NAME).replace(data_dir / DATABASE_NAME)
    sync_folder(data_dir)
    shutil.rmtree(arrived)
    sync_folder(data_dir)


def _contents(data_dir: Path) -> list[str]:
    ours = {LOCK_NAME, "lost+found"}
    return sorted(path.name for path in data_dir.iterdir() if path.name not in ours)


def _unpack(archive: Path, folder: Path) -> Restored:
    """Unpack into the empty `folder` and verify; everything is on disk when this returns."""
    files = Files(folder)
    files.prepare()
    try:
        # Never extractall: names are checked against what a backup holds, and only regular files
        # are read.
        with tarfile.open(archive, "r:") as tar:
            entries = _entries(tar)
            free = shutil.disk_usage(folder).free
            needed = sum(entry.size for entry in entries.values())
            if needed > free:
                raise StorageError(
                    f"{archive} needs {needed >> 20} MiB; the disk has {free >> 20} MiB free."
                )
            digest, lost = _manifest(_content(tar, entries[MANIFEST_NAME]))
            database = folder / DATABASE_NAME
            _copy(_content(tar, entries[DATABASE_NAME]), database, digest)
            named = _named_files(database)
            for digest in named & entries.keys():
                path = files.path(digest)
                path.parent.mkdir(mode=0o700, exist_ok=True)
                _copy(_content(tar, entries[digest]), path, digest)
    except (tarfile.TarError, EOFError, KeyError, ValueError, TypeError) as error:
        raise ArchiveDamaged(f"{archive} is not a complete backup: {error}") from error
    except sqlite3.DatabaseError as error:
        raise ArchiveDamaged(f"{archive} contains a damaged database: {error}") from error
    lacking = named - entries.keys()
    if unexpected := lacking - lost:
        raise ArchiveDamaged(f"{archive} lacks {len(unexpected)} of the files it should hold.")
    for path in [*files.root.iterdir(), files.root, folder]:
        sync_folder(path)
    return Restored(files=len(named - lacking), lost=tuple(sorted(lacking)))


def _entries(tar: tarfile.TarFile) -> dict[str, tarfile.TarInfo]:
    """Return the archive's members, files by digest; refuse any that no backup contains."""
    entries: dict[str, tarfile.TarInfo] = {}
    for entry in tar:
        name = entry.name.removeprefix("files/")
        expected = entry.name in (DATABASE_NAME, MANIFEST_NAME) or (
            entry.name == f"files/{name}" and _is_digest(name)
        )
        if not expected or not entry.isreg() or entry.issparse() or name in entries:
            raise ValueError(f"{entry.name!r} does not belong in a backup")
        entries[name] = entry
    for name in (MANIFEST_NAME, DATABASE_NAME):
        if name not in entries:
            raise ValueError(f"it has no {name}")
    return entries


def _content(tar: tarfile.TarFile, entry: tarfile.TarInfo) -> IO[bytes]:
    stream = tar.extractfile(entry)
    if stream is None:
        raise ValueError(f"{entry.name!r} has no content")
    return stream


def _manifest(stream: IO[bytes]) -> tuple[str, set[str]]:
    """Return the database's digest, and the digests of files lost when the backup was written."""
    manifest = json.load(stream)
    if manifest["format"] != FORMAT:
        raise ValueError(f"it has format {manifest['format']}, which this Konomi does not support")
    return str(manifest["database"]), set(manifest["lost"])


def _copy(stream: IO[bytes], target: Path, digest: str) -> None:
    """Write a stream to a new file, flush it to disk, and verify what was written."""
    found = hashlib.sha256()
    target.touch(mode=0o600, exist_ok=False)
    with target.open("wb") as writer:
        while block := stream.read(1 << 20):
            found.update(block)
            writer.write(block)
        writer.flush()
        os.fsync(writer.fileno())
    if found.hexdigest() != digest:
        raise ValueError(f"{target.name} has changed since it was saved")


def _named_files(database: Path) -> set[str]:
    """Check an unpacked database and return the digests of the files it names."""
    with closing(sqlite3.connect(database)) as connection:
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        if application != APPLICATION_ID:
            raise ValueError("its database is not one of Konomi's")
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        newest = load_migrations()[-1][0]
        if version > newest:
            raise DatabaseTooNew(
                f"The backup has version {version}, but this Konomi supports versions up to "
                f"{newest}: install the version that wrote it, or a later one."
            )
        (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        if verdict != "ok" or connection.execute("PRAGMA foreign_key_check").fetchone():
            raise sqlite3.DatabaseError(verdict if verdict != "ok" else "rows are missing")
        return named_files(connection)


def _is_digest(name: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{64}", name) is not None
