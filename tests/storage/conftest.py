"""A real database and real files, in a folder of the test's own."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.store import Store, open_store
from tests.storage.painting import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A data folder that is not there yet."""
    return tmp_path / "data"


@pytest.fixture
def migrated(data_dir: Path, empty_database: Path) -> Path:
    """The data folder, there, with a database that is up to date."""
    data_dir.mkdir(mode=0o700)
    shutil.copy(empty_database, data_dir)
    return data_dir


@pytest.fixture
async def store(migrated: Path, clock: Clock) -> AsyncIterator[Store]:
    async with open_store(migrated, clock=clock) as store:
        yield store
