"""Checks of the data folder: rights, database, room on the disk, and the bot that runs on it."""

from __future__ import annotations

import shlex
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bot.host.check import CheckResult, CheckState, bad, good, notice
from bot.host.heartbeat import STUCK_AFTER_SECONDS, seconds_since_beat
from bot.host.periodic import TaskRecord, read_records
from bot.settings import ENV_FILE
from storage.database import DATABASE_NAME
from storage.inspection import DatabaseState, bytes_taken, inspect
from storage.private import open_to_others

GIGABYTE = 1e9
LITTLE_SPACE = 1 * GIGABYTE


def look_at_data_folder(folder: Path) -> CheckResult:
    """Check that the database and the pictures can be written to the data folder."""
    if folder.exists() and not folder.is_dir():
        return bad("data folder", f"{folder} is a file. Set KONOMI_DATA_DIR to a folder.")
    existing = _nearest_existing(folder)
    try:
        with tempfile.TemporaryFile(dir=existing):
            pass
    except OSError as error:
        cure = "Change its owner, or set KONOMI_DATA_DIR to a folder of your own."
        return bad("data folder", f"{existing} cannot be written to ({error.strerror}). {cure}")
    if existing != folder:
        return good("data folder", f"{folder} does not exist yet; the first start creates it.")
    return good("data folder", f"{folder.resolve()} can be written to.")


def look_at_privacy(folder: Path, env_file: Path = ENV_FILE) -> Iterator[CheckResult]:
    """Name what other users of the machine can read of the token and of members' data."""
    database = folder / DATABASE_NAME
    # Within a closed folder nobody else gets to what is in it.
    looked_at = {env_file: "600", folder: "700"} | ({database: "600"} if database.exists() else {})
    for path, mode in looked_at.items():
        if open_to_others(path):
            command = f"chmod {mode} {shlex.quote(str(path))}"
            yield notice(
                "privacy", f"other users of this machine can access {path}. Run: {command}"
            )


def look_at_database(folder: Path) -> CheckResult:
    """Check the database's integrity, unless a running bot has it open."""
    inspection = inspect(folder)
    verdict = {
        DatabaseState.ABSENT: CheckState.GOOD,
        DatabaseState.SOUND: CheckState.GOOD,
        DatabaseState.IN_USE: CheckState.NOTICE,
        DatabaseState.DAMAGED: CheckState.BAD,
        DatabaseState.TOO_NEW: CheckState.BAD,
        DatabaseState.UNUSABLE: CheckState.BAD,
    }[inspection.condition]
    return CheckResult(verdict, "database", inspection.sentence)


def look_at_disk(folder: Path, limit_gb: float) -> CheckResult:
    """Check that the disk has room for the pictures up to their limit."""
    free = shutil.disk_usage(_nearest_existing(folder)).free
    taken = bytes_taken(folder)
    sentence = f"{free / GIGABYTE:.1f} GB free, {taken / GIGABYTE:.1f} GB taken by pictures"
    if free < LITTLE_SPACE:
        return bad("disk", f"{sentence}. That is too little to keep pictures; free up space.")
    if limit_gb and taken + free < limit_gb * GIGABYTE:
        cure = "lower KONOMI_DISK_LIMIT_GB or free up space"
        return notice("disk", f"{sentence}, but {limit_gb:g} GB are allowed: {cure}.")
    return good("disk", f"{sentence}, {f'{limit_gb:g} GB' if limit_gb else 'any amount'} allowed.")


def look_at_periodic_tasks(folder: Path) -> Iterator[CheckResult]:
    """Check that the running bot's periodic tasks succeed; says nothing if no bot runs."""
    seconds = seconds_since_beat(folder)
    if seconds is None or seconds > STUCK_AFTER_SECONDS:
        return
    now = time.time()
    for name, record in read_records(folder).items():
        if record.late(now):
            yield notice(
                name,
                f"{_last_done(record, now)}, so it is overdue. The bot's log may say why; "
                "restart the bot.",
            )
        elif record.failures:
            times = "once" if record.failures == 1 else f"{record.failures} times in a row"
            yield notice(
                name,
                f"failed {times}, the last time with “{record.error}”; {_last_done(record, now)}. "
                "The bot keeps trying; its log says more.",
            )


def _last_done(record: TaskRecord, now: float) -> str:
    if not record.succeeded:
        return "never succeeded since the bot started"
    return f"last succeeded {max(0.0, now - record.succeeded) / 60:.0f} minutes ago"


def look_for_life(folder: Path) -> CheckResult:
    """Check that the bot of this folder runs and is not stuck; for a container's health check."""
    seconds = seconds_since_beat(folder)
    if seconds is None:
        return bad("heartbeat", f"no bot has run in {folder} yet.")
    if seconds > STUCK_AFTER_SECONDS:
        return bad(
            "heartbeat", f"the last was {seconds:.0f} seconds ago. The bot is down or stuck."
        )
    return good("heartbeat", f"the last was {seconds:.0f} seconds ago.")


def _nearest_existing(folder: Path) -> Path:
    return next(path for path in (folder, *folder.resolve().parents) if path.is_dir())
