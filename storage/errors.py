"""Exceptions of storage.  Their messages are sentences that a host can act on."""

from __future__ import annotations


class StorageError(Exception):
    """Base class of all exceptions of storage."""


class ArchiveDamaged(StorageError):
    """The file is not a backup, or lacks something that it should hold."""


class DataFolderBusy(StorageError):
    """Another Konomi process has the data folder open."""


class DataFolderUnusable(StorageError):
    """The data folder, or the database in it, cannot be read or written as things are."""


class DatabaseDamaged(StorageError):
    """The database file fails its integrity check, or is not a database at all."""


class DatabaseTooNew(StorageError):
    """The database was written by a later version of Konomi than this one."""


class ConsentMissing(StorageError):
    """Pictures would be trained on without the consent of who handed them over."""


class DatasetNotOpen(StorageError):
    """The data set is in use or was closed, and does not change any more."""


class FileMismatch(StorageError):
    """A file's bytes do not match its digest."""


class Missing(StorageError, LookupError):
    """The requested row is not stored, or no longer."""


class NameTaken(StorageError):
    """A style of this name is there already, where a member would see both."""


class StoreClosed(StorageError):
    """The store was closed while a caller was still waiting for it."""


class StaleAttempt(StorageError):
    """The result is refused because the job has ended or a later attempt has taken it over."""


class TrainingUnderWay(StorageError):
    """There is an open training on the data set already."""
