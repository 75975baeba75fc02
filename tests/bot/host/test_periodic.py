"""Periodic tasks survive failures, and the doctor reports them."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import resource
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest

from bot.app import make_room, watch
from bot.host.check import CheckState
from bot.host.data_folder_checks import look_at_periodic_tasks
from bot.host.heartbeat import heartbeat_file, keep_beating
from bot.host.periodic import (
    TaskRecord,
    forget_records,
    read_records,
    records_file,
    run_periodically,
)
from bot.settings import Settings
from storage.database import DATABASE_NAME
from storage.store import open_store

NAME = "making room"


async def until(met: Callable[[], bool], doing: asyncio.Task[None]) -> None:
    """Wait until something is so, with a task that must not end."""
    while not met():
        assert not doing.done()
        await asyncio.sleep(0.02)


def failures(folder: Path, name: str) -> int:
    tasks = read_records(folder)
    return tasks[name].failures if name in tasks else 0


async def ended(doing: asyncio.Task[None]) -> None:
    doing.cancel()
    with suppress(asyncio.CancelledError):
        await doing


def noted(folder: Path, **change: float | str) -> None:
    """As a task that is done every hour has noted how it goes, in a bot that runs."""
    turns = {"every": 3600.0, "began": time.time(), "failures": 0} | change
    records_file(folder).write_text(json.dumps({NAME: turns}))
    heartbeat_file(folder).touch()


@pytest.mark.usefixtures("expected_faults")
async def test_making_room_outlives_a_database_that_someone_else_has_locked(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(data_dir=tmp_path, retention_days=1)
    heartbeat_file(tmp_path).touch()
    async with open_store(tmp_path) as store:
        with closing(sqlite3.connect(tmp_path / DATABASE_NAME)) as shell:
            shell.execute("BEGIN IMMEDIATE")
            doing = asyncio.create_task(make_room(settings, store))
            await until(lambda: failures(tmp_path, NAME) > 0, doing)
            (finding,) = look_at_periodic_tasks(tmp_path)
        await until(lambda: read_records(tmp_path)[NAME].succeeded > 0, doing)
        await ended(doing)
    assert "OperationalError: database is locked" in str(finding)
    assert finding.verdict is CheckState.NOTICE
    assert "making room failed" in caplog.text
    assert list(look_at_periodic_tasks(tmp_path)) == []


@pytest.mark.usefixtures("expected_faults")
async def test_two_tasks_note_how_they_go_side_by_side(tmp_path: Path) -> None:
    async def work() -> None:
        pass

    async def fail() -> None:
        raise ValueError("no " + "x" * 1000)

    both = [
        asyncio.create_task(run_periodically("one", work, every=60, data_dir=tmp_path)),
        asyncio.create_task(run_periodically("other", fail, every=0.01, data_dir=tmp_path)),
    ]
    await until(lambda: failures(tmp_path, "other") > 1, both[1])
    for each in both:
        await ended(each)
    tasks = read_records(tmp_path)
    assert tasks["one"].succeeded > 0
    assert tasks["other"].error.startswith("ValueError: no xxx")
    assert len(tasks["other"].error) < 300
    forget_records(tmp_path)
    assert read_records(tmp_path) == {}


def test_the_doctor_tells_of_a_task_that_keeps_failing(tmp_path: Path) -> None:
    noted(tmp_path, failed=time.time(), failures=3, error="OSError: no room", succeeded=0.0)
    (finding,) = look_at_periodic_tasks(tmp_path)
    assert str(finding).startswith(
        "! making room: failed 3 times in a row, the last time with “OSError: no room”; "
        "never succeeded since the bot started."
    )


def test_the_doctor_tells_of_a_task_that_is_not_done_any_more(tmp_path: Path) -> None:
    noted(tmp_path, began=0.0, succeeded=time.time() - 3 * 3600)
    (finding,) = look_at_periodic_tasks(tmp_path)
    assert str(finding).startswith(
        "! making room: last succeeded 180 minutes ago, so it is overdue."
    )


def test_the_doctor_says_nothing_of_tasks_that_go_well_or_of_a_bot_that_is_down(
    tmp_path: Path,
) -> None:
    assert list(look_at_periodic_tasks(tmp_path)) == []
    noted(tmp_path, succeeded=time.time())
    assert list(look_at_periodic_tasks(tmp_path)) == []
    noted(tmp_path, failures=3)
    heartbeat_file(tmp_path).unlink()
    assert list(look_at_periodic_tasks(tmp_path)) == []


@pytest.mark.parametrize("written", ["", "[]", "{", '{"a": 1}', '{"a": {"b": 2}}'])
def test_a_file_that_cannot_be_read_says_nothing(tmp_path: Path, written: str) -> None:
    records_file(tmp_path).write_text(written)
    assert read_records(tmp_path) == {}


def test_a_task_is_late_after_two_of_its_turns() -> None:
    turns = TaskRecord(every=3600, began=0)
    assert not turns.late(7200)
    assert turns.late(7200 + 601)
    assert not dataclasses.replace(turns, failed=3600).late(7200 + 601)


@pytest.mark.usefixtures("expected_faults")
async def test_the_heart_beats_again_once_a_missing_folder_is_back(tmp_path: Path) -> None:
    folder, away = tmp_path / "data", tmp_path / "elsewhere"
    folder.mkdir()
    beating = asyncio.create_task(keep_beating(folder))
    await until(lambda: heartbeat_file(folder).exists(), beating)
    await ended(beating)
    folder.rename(away)
    beating = asyncio.create_task(keep_beating(folder))
    await asyncio.sleep(0.3)
    assert not folder.exists()
    away.rename(folder)
    heartbeat_file(folder).unlink()
    await until(lambda: heartbeat_file(folder).exists(), beating)
    await until(lambda: read_records(folder)["the heartbeat"].succeeded > 0, beating)
    await ended(beating)


@pytest.mark.usefixtures("expected_faults")
async def test_a_task_goes_on_where_nothing_can_be_written(tmp_path: Path) -> None:
    done = []

    async def work() -> None:
        done.append(len(done))
        (tmp_path / "notes").write_text("x" * 100)

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))  # As on a full disk.
    try:
        doing = asyncio.create_task(run_periodically(NAME, work, every=0.05, data_dir=tmp_path))
        await until(lambda: len(done) > 3, doing)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    await until(lambda: failures(tmp_path, NAME) == 0 and (tmp_path / "notes").exists(), doing)
    await until(lambda: NAME in read_records(tmp_path), doing)
    await ended(doing)


@pytest.mark.usefixtures("expected_faults")
async def test_the_generator_is_watched_on_through_any_failure(tmp_path: Path) -> None:
    class Ill:
        asked = 0

        async def ready(self) -> None:
            self.asked += 1
            raise RuntimeError("a fault of ours")

    ill = Ill()
    watching = asyncio.create_task(watch(ill, Settings(data_dir=tmp_path)))  # type: ignore[arg-type]
    await until(lambda: ill.asked > 1, watching)
    await ended(watching)
