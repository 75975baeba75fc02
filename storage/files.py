"""Content-addressed files, and the temporary folders of jobs.

A file's name is the SHA-256 of its bytes.  The database's rows decide which files are wanted; this
module only knows the disk.  Everything here blocks: call it in a thread.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import re
import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from storage.errors import FileMismatch

_DIGEST = re.compile(r"[0-9a-f]{64}")


class Files:
    """The files below a data folder: `files/ab/abcd…` to keep, `work/<job>/` temporarily.

    Whole models that trainings made are folders in `models`, `<name>-<job>` each.
    """

    def __init__(self, data_dir: Path) -> None:
        self.root = data_dir / "files"
        self.work = data_dir / "work"
        self.models = data_dir / "models"

    def prepare(self) -> None:
        """Create the folders that everything is stored in."""
        self.root.mkdir(mode=0o700, exist_ok=True)
        self.work.mkdir(mode=0o700, exist_ok=True)

    def path(self, digest: str) -> Path:
        """Return where the file with this SHA-256 (lower-case hex) is or would be stored."""
        if not _DIGEST.fullmatch(digest):
            raise ValueError(f"not a SHA-256 in hex: {digest!r}")
        return self.root / digest[:2] / digest

    def workspace(self, job_id: int) -> Path:
        """Return the job's temporary folder, created if need be; it goes when the job ends."""
        folder = self.work / str(int(job_id))
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    def discard(self, job_id: int) -> None:
        """Remove a job's temporary folder, if it has one."""
        shutil.rmtree(self.work / str(int(job_id)), ignore_errors=True)

    def discard_model(self, job_id: int) -> None:
        """Remove the whole model that a training made, if it made one."""
        for folder in self.models.glob(f"*-{int(job_id)}"):
            shutil.rmtree(folder, ignore_errors=True)
        for partial in self.models.glob(f".*-{int(job_id)}.partial"):
            shutil.rmtree(partial, ignore_errors=True)

    def scratch(self) -> Path:
        """Create a temporary folder of no job; `clear` it, or the next start does."""
        return Path(tempfile.mkdtemp(prefix="scratch-", dir=self.work))

    def clear_scratches(self) -> None:
        """Remove the temporary folders of no job that an earlier run left."""
        for folder in self.work.glob("scratch-*"):
            self.clear(folder)

    def clear(self, folder: Path) -> None:
        """Remove a folder made by `scratch`."""
        shutil.rmtree(folder, ignore_errors=True)

    def settle(self, source: Path, digest: str | None = None) -> str:
        """Flush the source's bytes to disk and return their digest.

        The slow half of adopting a file, done before a transaction begins.  Raises `FileMismatch`
        if `digest` is given and the bytes do not match it.
        """
        with source.open("rb") as stream:
            found = digest_of(stream)
            os.fsync(stream.fileno())
        if digest is not None and found != digest:
            raise FileMismatch(f"{source} has the digest {found}, not {digest} as expected")
        return found

    def adopt(self, source: Path, digest: str) -> None:
        """Link the settled `source` under its digest; durable when this returns.

        The source stays where it is, so that a transaction that is rolled back can be retried; it
        is removed with its temporary folder.
        """
        target = self.path(digest)
        if not target.parent.is_dir():
            target.parent.mkdir(mode=0o700, exist_ok=True)
            sync_folder(self.root)
        if _holds(target, digest):
            return
        # A temporary name, then a rename, so that a digest never names half a file.
        arriving = target.with_name(f"{digest}.arriving")
        arriving.unlink(missing_ok=True)
        try:
            arriving.hardlink_to(source)
        except OSError:
            # For file systems without links, or a temporary folder on another file system.
            with source.open("rb") as reader, arriving.open("xb") as writer:
                shutil.copyfileobj(reader, writer, 1 << 20)
                writer.flush()
                os.fsync(writer.fileno())
        arriving.chmod(0o600)
        arriving.replace(target)
        sync_folder(target.parent)

    def remove(self, digests: Iterable[str]) -> None:
        """Remove files that no row owns any more."""
        for digest in digests:
            self.path(digest).unlink(missing_ok=True)

    def size(self, digest: str) -> int:
        """Return the file's size in bytes; 0 if it does not exist."""
        try:
            return self.path(digest).stat().st_size
        except FileNotFoundError:
            return 0

    def is_whole(self, digest: str) -> bool:
        """Return True if the file is there, with the very bytes of its digest."""
        return _holds(self.path(digest), digest)

    def used(self) -> int:
        """Return the total size of all adopted files in bytes."""
        total = 0
        for path in self.root.glob("??/*"):
            with contextlib.suppress(FileNotFoundError):
                total += path.stat().st_size
        return total

    def unowned(self, owned: Collection[str], before: float) -> Iterator[Path]:
        """Yield files that no row owns, or half-written ones, last changed before this time."""
        for path in self.root.glob("??/*"):
            if path.name not in owned and _changed_before(path, before):
                yield path

    def abandoned(self, open_jobs: Collection[str], before: float) -> Iterator[Path]:
        """Yield temporary folders of jobs that are over, last changed before this time."""
        for path in self.work.iterdir():
            if path.name not in open_jobs and _changed_before(path, before):
                yield path


def digest_of(stream: io.BufferedReader) -> str:
    """Return the SHA-256 in hex of the rest of a stream."""
    return hashlib.file_digest(stream, "sha256").hexdigest()


def _holds(path: Path, digest: str) -> bool:
    try:
        with path.open("rb") as stream:
            return digest_of(stream) == digest
    except FileNotFoundError:
        return False


def sync_folder(folder: Path) -> None:
    """Flush a folder's entries to disk: a rename is durable only after this."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _changed_before(path: Path, moment: float) -> bool:
    # ctime, not mtime: an adopted file keeps the mtime of its source, a restored one that of the
    # archive, and both are new here.
    try:
        return path.stat().st_ctime < moment
    except FileNotFoundError:
        return False
