"""Keeps the page up to date while the bot works."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

import simcord
from simcord.types import HttpLogEntry

from bot.playground.world import keep_time

log = logging.getLogger(__name__)

EVERY_SECONDS = 0.5
REST = 3.0
"""Times as long as a redraw took until the next: nothing else of the bot runs meanwhile, and one
takes the longer the more messages there are."""


async def keep_current(env: simcord.Env, redraw: Callable[[], Awaitable[None]]) -> None:
    """Draw the page anew whenever the bot has changed a message by itself; cancel to stop.

    Only then: the page already shows members' own actions with the bot's answers.
    """
    seen, stale, pause = len(env.http_requests), False, EVERY_SECONDS
    while True:
        await asyncio.sleep(pause)
        pause = EVERY_SECONDS
        keep_time(env)
        news = env.http_requests[seen:]
        seen += len(news)
        stale = stale or any(changes_a_message(request) for request in news)
        if not stale:
            continue
        began = time.monotonic()
        try:
            await redraw()
        except (simcord.SetupError, TimeoutError) as busy:
            # A press is being seen to right now: a later look draws this as well.
            log.debug("the page is busy: %s", busy)
        except Exception as error:  # noqa: BLE001 - the page must not stand still from then on
            log.warning("the page could not be drawn anew: %s", error)
        else:
            stale = False
        pause = max(EVERY_SECONDS, REST * (time.monotonic() - began))


def changes_a_message(request: HttpLogEntry) -> bool:
    """Return True if a request of the bot posts, edits, removes or reacts.

    Private answers are edited by the route of webhooks, also long after their command.
    """
    path: str = request.path
    return request.method != "GET" and path.startswith(("/channels/", "/webhooks/"))
