"""Fixtures and settings that all tests share."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from storage.database import DATABASE_NAME, open_database


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests that mostly wait, so that those that compute run beside them."""
    items.sort(key=lambda item: not item.nodeid.startswith("tests/wire/"))


@pytest.fixture(autouse=True)
def settings_of_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the settings of whoever runs the tests, a token among them, out of every test."""
    for key in os.environ:
        if key.upper().startswith("KONOMI_"):
            monkeypatch.delenv(key)


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of a bot that has just started for the first time, to be copied."""

    async def opened(path: Path) -> Path:
        async with open_database(path):
            return path

    return asyncio.run(opened(tmp_path_factory.mktemp("empty") / DATABASE_NAME))
