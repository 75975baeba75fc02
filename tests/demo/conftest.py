"""The playground in this process, with a child that paints at once."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from bot.playground.demo import Playground, for_playing, opened
from bot.settings import Settings
from generation.process.supervisor import Generator
from generation.protocol.options import WorkerOptions
from tests.bot.forked import FORKED
from tests.bot.painter import paints

Open = Callable[[], AbstractAsyncContextManager[Playground]]


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    folder.mkdir()
    return folder


@pytest.fixture
def open_playground(tmp_path: Path, notes: Path, empty_database: Path) -> Open:
    """Opens the playground; again, and it is its next start on the same data."""
    (tmp_path / "data").mkdir(mode=0o700)
    shutil.copy(empty_database, tmp_path / "data")
    settings = for_playing(Settings(data_dir=tmp_path / "data", progress_seconds=0.1))

    @asynccontextmanager
    async def playground() -> AsyncIterator[Playground]:
        options = WorkerOptions(model=settings.model, models_dir=notes)
        generator = Generator(options, target=paints, context=FORKED, patience=1.0, pause=0.01)
        async with opened(settings, generator) as playground:
            yield playground

    return playground
