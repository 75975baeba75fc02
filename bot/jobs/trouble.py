"""Trouble that passes: which errors are worth another try, and the growing pauses between tries."""

from __future__ import annotations

import asyncio
import errno
import itertools
import logging
import sqlite3
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TypeVar

import aiohttp
import discord

from bot.jobs.channel import Closed

log = logging.getLogger(__name__)

T = TypeVar("T")

PAUSES = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0)
"""Seconds between tries; the last repeats.  It bounds the time for which a member goes on waiting
once the world is well again."""

CLOSED_SECONDS = 86400.0
"""Time for which a closed channel is tried; afterwards the next start does."""

TROUBLE = (discord.HTTPException, aiohttp.ClientError, OSError)
"""The errors that a request to Discord may end with."""

LASTING = {errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG}
"""Errors of files that no time heals."""


def passes(error: BaseException) -> bool:
    """Return True if an error of Discord, the database or the disk may pass by itself."""
    if isinstance(error, discord.HTTPException):
        return error.status >= 500 or error.status == 429
    if isinstance(error, OSError):
        return error.errno not in LASTING
    return isinstance(error, sqlite3.OperationalError | aiohttp.ClientError)


def growing(pauses: Sequence[float] = PAUSES) -> Iterator[float]:
    """Yield the pauses between tries, without end."""
    return itertools.chain(pauses, itertools.repeat(pauses[-1]))


async def persist(
    work: Callable[[], Awaitable[T]],
    what: str,
    pauses: Sequence[float] = PAUSES,
    *,
    closed_seconds: float = 0.0,
) -> T:
    """Do something until it succeeds, or fails for good; `what` is for the log.

    closed_seconds: time for which a closed channel is no failure for good.
    """
    give_up = time.monotonic() + closed_seconds
    for pause in growing(pauses):
        try:
            return await work()
        except Exception as error:
            opens = isinstance(error, Closed) and time.monotonic() < give_up
            if not (opens or passes(error)):
                raise
            log.warning("%s failed and is tried again in %g s: %s", what, pause, error)
        await asyncio.sleep(pause)
    raise AssertionError("the pauses never end")
