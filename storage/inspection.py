"""Check the condition of a data folder's database without changing it or disturbing a bot."""

from __future__ import annotations

import dataclasses
import enum
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from storage.database import DATABASE_NAME, load_migrations
from storage.errors import DataFolderBusy
from storage.files import Files
from storage.lock import locked
from storage.unusable import unusable


class DatabaseState(enum.Enum):
    """Condition of a database."""

    ABSENT = "absent"
    IN_USE = "in use"
    SOUND = "sound"
    DAMAGED = "damaged"
    TOO_NEW = "too new"
    UNUSABLE = "unusable"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Inspection:
    """A condition, and a sentence that tells the host what to do about it."""

    condition: DatabaseState
    sentence: str


def inspect(data_dir: Path) -> Inspection:
    """Check the database of `data_dir` read-only, holding the folder's lock meanwhile.

    With the lock held nobody else has the file open, so there are never two connections. A database
    in use by a running bot is left alone: the bot checked it when it started.
    """
    path = data_dir / DATABASE_NAME
    if not path.is_file():
        return Inspection(
            condition=DatabaseState.ABSENT,
            sentence="does not exist yet; the first start creates it.",
        )
    try:
        with locked(data_dir):
            return _read(path)
    except DataFolderBusy:
        return Inspection(
            condition=DatabaseState.IN_USE,
            sentence="in use by a running Konomi, which checked it when it started.",
        )
    except OSError as error:
        sentence = str(unusable(data_dir, error))
        return Inspection(condition=DatabaseState.UNUSABLE, sentence=sentence)


def bytes_taken(data_dir: Path) -> int:
    """Return the bytes of all pictures and adapters in this folder's store; 0 without a store."""
    return Files(data_dir).used()


def _read(path: Path) -> Inspection:
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            complaints = [row[0] for row in connection.execute("PRAGMA integrity_check")]
    except (sqlite3.Error, UnicodeDecodeError) as error:
        version, complaints = 0, [str(error)]
    if complaints != ["ok"]:
        return Inspection(
            condition=DatabaseState.DAMAGED,
            sentence=f"{path} is damaged ({complaints[0]}). Keep the file, and restore a backup "
            "with python -m bot restore.",
        )
    newest = load_migrations()[-1][0]
    if version > newest:
        return Inspection(
            condition=DatabaseState.TOO_NEW,
            sentence=f"of version {version}, but this Konomi supports only up to {newest}: install "
            "the version that wrote it, or a later one.",
        )
    waits = "" if version == newest else "; the next start brings it to the newest"
    return Inspection(
        condition=DatabaseState.SOUND, sentence=f"sound, of version {version}{waits}."
    )
