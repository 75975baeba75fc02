"""Modes of files: what the data folder holds is for its owner alone.

Members' prompts and pictures lie in it.  New files are created so; what an earlier version, a copy
or the host's own `mkdir` left open to others is closed at the start.
"""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from storage.database import DATABASE_NAME

log = logging.getLogger(__name__)

FOLDER, FILE = 0o700, 0o600
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def close_to_others(data_dir: Path) -> None:
    """Close the data folder and what is in it to other users, and create the database so.

    Where that is forbidden, as in a folder of someone else, it stays as it is.
    """
    try:
        # SQLite gives the files beside the database the mode of the database.
        os.close(os.open(data_dir / DATABASE_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE))
        for path in _open_ones(data_dir):
            path.chmod(FOLDER if path.is_dir() else FILE)
    except OSError as error:
        log.info("%s could not be closed to other users: %s", data_dir, error)


def open_to_others(path: Path) -> bool:
    """Return True if other users than its owner may do anything with a file or folder."""
    try:
        return bool(path.stat().st_mode & OTHERS)
    except OSError:
        return False


def _open_ones(folder: Path) -> Iterator[Path]:
    """Yield what is open to others, a folder after its contents, so that a repetition finds them.

    Folders inside that are closed are not looked into: nobody else gets to what is in them.
    """
    for path in folder.iterdir():
        if path.is_symlink() or not open_to_others(path):
            continue
        if path.is_dir():
            yield from _open_ones(path)
        else:
            yield path
    if open_to_others(folder):
        yield folder
