"""Says in a sentence why a data folder or its database cannot be used, and what helps."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

from storage.errors import DatabaseDamaged, DataFolderUnusable, StorageError

_READ_ONLY = (errno.EACCES, errno.EPERM, errno.EROFS)
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_UNWRITABLE = (sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE)
"""What SQLite says of every reason but `ENOSPC` for which a file does not grow."""
_PASSING = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_INTERRUPT)


def unusable(path: Path, error: Exception) -> StorageError:
    """Return the error to raise where opening the data folder or the database `path` failed."""
    told = f"{path} cannot be used ({error}): "
    code = _code(error)
    # SQLite quotes what it finds in a damaged schema, whatever bytes that is.  And as the tables
    # are our own, a statement that does not fit them is no fault of the statement.
    if is_damage(error) or isinstance(error, UnicodeDecodeError) or code == sqlite3.SQLITE_ERROR:
        return damaged(path, [str(error)])
    if code in _PASSING:
        return DataFolderUnusable(told + "close the program that has it open, and start again.")
    number = error.errno if isinstance(error, OSError) else None
    if number in _FULL or code == sqlite3.SQLITE_FULL:
        return DataFolderUnusable(
            told + "the disk is full. Free some space, or set KONOMI_DATA_DIR to a folder on "
            "another disk and move the data there."
        )
    if getattr(error, "sqlite_errorcode", None) in _UNWRITABLE:
        return DataFolderUnusable(
            told + "a quota is used up, files may not become this large, or the disk is broken. "
            "Free some space or raise the limit, or set KONOMI_DATA_DIR to a folder on another "
            "disk and move the data there."
        )
    if number in _READ_ONLY or code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN):
        return DataFolderUnusable(
            told + "let the user that runs Konomi write there, or set KONOMI_DATA_DIR to "
            "another folder."
        )
    return DataFolderUnusable(
        told + "check the disk and the folder, or set KONOMI_DATA_DIR to another folder."
    )


def is_damage(error: BaseException) -> bool:
    """Return True if an error says that the database's file is damaged, or is no database."""
    return _code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def damaged(path: Path, complaints: list[str]) -> DatabaseDamaged:
    """Return the error that says what is wrong with the database, and to restore a backup."""
    return DatabaseDamaged(
        f"{path} is damaged ({'; '.join(complaints[:3])}). Stop here and keep the file; "
        "restore a backup with `python -m bot restore`."
    )


def _code(error: BaseException) -> int | None:
    """Return SQLite's primary result code, None for other errors."""
    if not isinstance(error, sqlite3.Error):
        return None
    extended = getattr(error, "sqlite_errorcode", None)
    return None if extended is None else int(extended) & 0xFF
