"""What storage refuses to do.  Messages are sentences that a host can act on."""

from __future__ import annotations


class StorageError(Exception):
    """The base of everything that storage raises of its own accord."""


class ArchiveDamaged(StorageError):
    """A backup is not one, or does not hold what it should."""


class DataFolderBusy(StorageError):
    """Another process of Konomi has the data folder open."""


class DatabaseDamaged(StorageError):
    """The database file fails its integrity check, or is not a database at all."""


class DatabaseTooNew(StorageError):
    """The database was written by a later version of Konomi than this one."""


class FileMismatch(StorageError):
    """A file does not hold the bytes that its digest promises."""


class Missing(StorageError, LookupError):
    """What was named is not stored (any more)."""


class StoreClosed(StorageError):
    """The store was closed while somebody still waited for it."""


class StaleAttempt(StorageError):
    """The job has ended, or a later attempt has taken it over: this result is refused."""
