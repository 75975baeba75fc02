"""Heartbeat: a file that the running bot touches, so that others can see it is not stuck."""

from __future__ import annotations

import time
from pathlib import Path

from bot.host.periodic import run_periodically

EVERY_SECONDS = 15.0
STUCK_AFTER_SECONDS = 90.0
"""Six missed beats: a busy disk or a short suspension does not count as stuck."""


async def keep_beating(data_dir: Path) -> None:
    """Touch the file for as long as the event loop runs; cancel to stop."""

    async def beat() -> None:
        heartbeat_file(data_dir).touch()

    await run_periodically("the heartbeat", beat, every=EVERY_SECONDS, data_dir=data_dir)


def seconds_since_beat(data_dir: Path) -> float | None:
    """Return the seconds since this folder's bot last touched its file; None if it never did."""
    try:
        return max(0.0, time.time() - heartbeat_file(data_dir).stat().st_mtime)
    except FileNotFoundError:
        return None


def heartbeat_file(data_dir: Path) -> Path:
    """Return the file whose modification time is the last beat."""
    return data_dir / "heartbeat"
