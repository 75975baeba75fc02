"""Write backups: one .tar with the database and the files that it names.

A backup reads the database through a read-only connection, so it works beside a running bot without
becoming a second writer.  The archive holds `files/<digest>` for each file, then `konomi.db`, then
`manifest.json`.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import io
import json
import os
import sqlite3
import tarfile
import tempfile
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from storage.database import DATABASE_NAME
from storage.errors import StorageError
from storage.files import Files, digest_of, sync_folder
from storage.owners import named_files

FORMAT = 1
MANIFEST_NAME = "manifest.json"

_SNAPSHOTS = 5
"""Number of times that a backup re-reads the database for changes by a running bot."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Backup:
    """A finished backup."""

    path: Path
    files: int
    bytes: int
    """Size of the archive."""
    lost: tuple[str, ...] = ()
    """Digests of files that the database names but that are missing or damaged on disk."""


def backup(data_dir: Path, destination: Path) -> Backup:
    """Back up the data folder's database and files, whether or not a bot is running.

    `destination` is a .tar file that does not exist yet, or a folder in which one is made, named
    after the time.  The archive appears under its name only once it is complete.
    """
    database = data_dir / DATABASE_NAME
    if not database.is_file():
        raise StorageError(f"There is nothing to back up: {database} does not exist.")
    target = _target(destination)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        # Beside the archive, where there must be enough space anyway.
        with tempfile.TemporaryDirectory(prefix=".konomi-", dir=target.parent) as scratch:
            partial = Path(scratch) / "partial.tar"
            saved, lost = _write(data_dir, partial, Path(scratch))
            size = partial.stat().st_size
            partial.replace(target)
        sync_folder(target.parent)
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        raise StorageError(f"{database} cannot be backed up: {error}.") from error
    return Backup(path=target, files=len(saved), bytes=size, lost=tuple(sorted(lost)))


def _target(destination: Path) -> Path:
    if destination.suffix != ".tar" or destination.is_dir():
        now = datetime.datetime.now(datetime.UTC)
        destination = destination / f"konomi-{now:%Y%m%d-%H%M%S}.tar"
    if destination.exists():
        raise StorageError(f"{destination} already exists; a backup does not overwrite anything.")
    return destination


def _write(data_dir: Path, partial: Path, scratch: Path) -> tuple[set[str], set[str]]:
    """Write the archive; return the digests in it that its database names, and those lost."""
    files = Files(data_dir)
    saved: set[str] = set()
    lost: set[str] = set()
    # Private from the first byte on, like the data.
    partial.touch(mode=0o600, exist_ok=False)
    with partial.open("wb") as stream:
        with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
            for attempt in range(_SNAPSHOTS):
                snapshot = scratch / f"{attempt}.db"
                named = _snapshot(data_dir / DATABASE_NAME, snapshot)
                saved |= {digest for digest in named - saved if _add(archive, files, digest)}
                # Files that a running bot has deleted since are not named at the next look;
                # whatever is still named then is lost.
                lost, lost_before = named - saved, lost
                if not lost or lost == lost_before:
                    break
            with snapshot.open("rb") as copy:
                database = digest_of(copy)
            archive.add(snapshot, DATABASE_NAME, filter=_anonymous)
            manifest = {
                "format": FORMAT,
                "created_at": datetime.datetime.now(datetime.UTC).isoformat(),
                "database": database,
                "files": len(named & saved),
                "lost": sorted(lost),
            }
            _add_bytes(archive, MANIFEST_NAME, json.dumps(manifest, indent=1).encode())
        stream.flush()
        os.fsync(stream.fileno())
    return named & saved, lost


def _snapshot(database: Path, copy: Path) -> set[str]:
    """Copy the database at one point in time, without free pages; return the files it names."""
    with closing(_read_only(database)) as connection:
        connection.execute("VACUUM INTO ?", [str(copy)])
    _leave_out_secrets(copy)
    with closing(_read_only(copy)) as connection:
        (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        if verdict != "ok":
            raise sqlite3.DatabaseError(verdict)
        return named_files(connection)


def _leave_out_secrets(copy: Path) -> None:
    """Remove the tokens of open answers, which live for minutes and let others speak as the bot."""
    with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
        connection.execute("PRAGMA secure_delete = ON")
        (there,) = connection.execute(
            "SELECT count(*) FROM sqlite_schema WHERE name = 'open_answers'"
        ).fetchone()
        if there:  # A database is also backed up before it is migrated.
            connection.execute("DELETE FROM open_answers")


def _read_only(path: Path) -> sqlite3.Connection:
    uri = f"file:{quote(str(path.absolute()))}?mode=ro"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None)
    connection.execute("PRAGMA busy_timeout = 5000")
    return connection


def _add(archive: tarfile.TarFile, files: Files, digest: str) -> bool:
    """Add a file; return False if it is missing or its bytes do not match its digest."""
    with contextlib.suppress(FileNotFoundError), files.path(digest).open("rb") as stream:
        # Open before hashing: a file that is removed from now on can still be read to the end.
        if digest_of(stream) == digest:
            stream.seek(0)
            archive.addfile(_anonymous(archive.gettarinfo(None, f"files/{digest}", stream)), stream)
            return True
    return False


def _add_bytes(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    entry.mode = 0o600
    archive.addfile(entry, io.BytesIO(content))


def _anonymous(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    # Files adopted by a link have several names; each is stored as a file of its own.
    entry.type, entry.linkname = tarfile.REGTYPE, ""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mode = 0o600
    return entry
