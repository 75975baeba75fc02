"""The bot on a simulated Discord, with a real store, a real queue and a real child."""

from __future__ import annotations

import dataclasses
import logging
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import simcord

from bot.client import Konomi
from bot.composition import Opened, create_queue, worker_options
from bot.settings import Settings
from generation.process.supervisor import Generator
from storage.store import open_store
from tests.bot.forked import FORKED
from tests.bot.painter import paints
from tests.bot.registering import put_together_once
from tests.bot.sight import Scene
from tests.bot.world import World, created_bot


@pytest.fixture(scope="session", autouse=True)
def commands_put_together_once() -> Iterator[None]:
    with put_together_once():
        yield


@pytest.fixture
def data_dir(tmp_path: Path, empty_database: Path) -> Path:
    """A data folder whose database is up to date."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    shutil.copy(empty_database, folder)
    return folder


@pytest.fixture
def settings(data_dir: Path) -> Settings:
    return Settings(data_dir=data_dir, progress_seconds=0.1)


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    folder.mkdir()
    return folder


@pytest.fixture
async def parts(settings: Settings, notes: Path) -> AsyncIterator[Opened]:
    options = dataclasses.replace(worker_options(settings), models_dir=notes)
    async with (
        open_store(settings.data_dir) as store,
        Generator(options, target=paints, context=FORKED, patience=1.0, pause=0.01) as generator,
        create_queue(settings, store, generator) as queue,
    ):
        await generator.ready()
        yield Opened(store=store, generator=generator, queue=queue)


@pytest.fixture
async def simcord_bot(settings: Settings, parts: Opened) -> AsyncIterator[Konomi]:
    async with created_bot(settings, parts) as bot:
        yield bot


@pytest.fixture
async def world(
    simcord_env: simcord.Env,
    simcord_bot: Konomi,
    parts: Opened,
    notes: Path,
) -> World:
    simcord_env.settle_timeout = 20.0
    return World(simcord_env, simcord_bot, parts, notes)


@pytest.fixture
async def scene(world: World) -> Scene:
    scene = Scene(world)
    await scene.prepare()
    return scene


@pytest.fixture
def expected_faults() -> None:
    """Asked for by tests in which something goes wrong on our side."""


@pytest.fixture(autouse=True)
def nothing_broke(request: Any, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Faults that a member is told about in one sentence must not hide in the log."""
    yield
    if "expected_faults" in request.fixturenames:
        return
    faults = [
        record
        for record in caplog.get_records("call")
        if record.levelno >= logging.ERROR and record.name.split(".")[0] in ("bot", "discord")
    ]
    assert not faults, [record.getMessage() for record in faults]
