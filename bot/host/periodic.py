"""Periodic tasks of a running bot: they outlive any failure.

Their outcomes are written to a file, for `doctor`, which is another process.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from storage.errors import StorageError

log = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS = 1.0
"""Pause before a failed task is tried again; doubles with each further failure."""
LATE_SECONDS = 600.0
"""Time that a run may take, beyond the interval between two runs."""
LONGEST_ERROR = 200


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class TaskRecord:
    """Outcomes of a task's runs; times are seconds since 1970, 0 if there was none."""

    every: float
    """Seconds from one run to the next."""
    began: float
    """Time at which this bot started the task."""
    succeeded: float = 0.0
    failed: float = 0.0
    failures: int = 0
    """Number of failures in a row up to now."""
    error: str = ""
    """Message of the last failure."""

    def late(self, now: float) -> bool:
        """Return True if a run is long overdue."""
        return now - max(self.began, self.succeeded, self.failed) > 2 * self.every + LATE_SECONDS


async def run_periodically(
    name: str, work: Callable[[], Awaitable[object]], *, every: float, data_dir: Path
) -> None:
    """Run a task every `every` seconds; cancel to stop.

    A failure is logged, and the task tried again after a pause that grows up to `every`.
    """
    record = TaskRecord(every=every, began=time.time())
    _note(data_dir, name, record)
    while True:
        pause = every
        try:
            await work()
        except Exception as error:  # whatever it was, the next turn may go well
            pause = min(every, FIRST_PAUSE_SECONDS * 2 ** min(record.failures, 30))
            told = f"{type(error).__name__}: {error}"[:LONGEST_ERROR]
            record = dataclasses.replace(
                record, failed=time.time(), failures=record.failures + 1, error=told
            )
            if record.failures == 1 and not isinstance(error, StorageError):
                log.exception("%s failed; it is tried again in %.0f seconds", name, pause)
            else:
                log.error("%s failed %d times in a row: %s", name, record.failures, told)
        else:
            if record.failures:
                log.info("%s works again", name)
            record = dataclasses.replace(record, succeeded=time.time(), failures=0)
        _note(data_dir, name, record)
        await asyncio.sleep(pause)


def records_file(data_dir: Path) -> Path:
    """Return the path of the file with the tasks' outcomes."""
    return data_dir / "periodic_tasks.json"


def forget_records(data_dir: Path) -> None:
    """Delete the outcomes of an earlier run of the bot."""
    records_file(data_dir).unlink(missing_ok=True)


def read_records(data_dir: Path) -> Mapping[str, TaskRecord]:
    """Read the outcomes by task; empty if there are none."""
    try:
        records: dict[str, dict[str, Any]] = json.loads(records_file(data_dir).read_text("utf-8"))
        return {name: TaskRecord(**record) for name, record in records.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _note(data_dir: Path, name: str, record: TaskRecord) -> None:
    """Write a task's outcomes beside the others'; a missing folder is only logged."""
    records = {**read_records(data_dir), name: record}
    written = {each: dataclasses.asdict(records[each]) for each in sorted(records)}
    file = records_file(data_dir)
    new = file.with_suffix(".new")
    try:
        new.write_text(json.dumps(written, indent=2), "utf-8")
        new.replace(file)
    except OSError as error:
        log.warning("cannot note how %s went: %s", name, error)
