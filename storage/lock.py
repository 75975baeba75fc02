"""Lock that lets only one process at a time open a data folder."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.errors import DataFolderBusy

LOCK_NAME = "lock"


@contextmanager
def locked(data_dir: Path) -> Iterator[None]:
    """Hold the data folder's lock; the system releases it however the process ends.

    Raises `DataFolderBusy` at once if another process, or another caller in this one, holds it.
    """
    path = data_dir / LOCK_NAME
    # Never unlinked: a process waiting on a removed file would hold a lock that others do not see.
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DataFolderBusy(_busy(data_dir, descriptor)) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _busy(data_dir: Path, descriptor: int) -> str:
    process = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
    by = f" (process {process})" if process.isdigit() else ""
    return (
        f"The data folder {data_dir} is in use by another Konomi{by}: "
        "stop that one first, or set KONOMI_DATA_DIR to another folder for this one."
    )
