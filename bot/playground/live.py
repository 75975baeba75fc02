"""Keeps the page up to date while the bot works."""

from __future__ import annotations

import asyncio
import logging

import simcord
from simcord.preview import Preview
from simcord.types import HttpLogEntry

from bot.playground.world import keep_time

log = logging.getLogger(__name__)

EVERY_SECONDS = 0.5
"""The page itself looks for news as often."""

AFTER_A_PRESS = 2
"""Looks to leave out after a command or a press: the page then lays itself out again, and would
take it for a fault to be drawn meanwhile."""


async def keep_current(env: simcord.Env, preview: Preview) -> None:
    """Refresh the page whenever the bot has changed a message by itself; cancel to stop.

    Only then: a refresh disturbs members composing a command, and the page already shows their own
    actions with the bot's answers.
    """
    seen, stale, pause = len(env.http_requests), False, 0
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        keep_time(env)
        news = env.http_requests[seen:]
        seen += len(news)
        stale = stale or any(changes_a_message(request) for request in news)
        pause = AFTER_A_PRESS if any(map(answers_a_press, news)) else max(0, pause - 1)
        if not stale or pause:
            continue
        try:
            await preview.refresh()
        except (simcord.SetupError, TimeoutError) as busy:
            # A press is being seen to right now: a later look draws this as well.
            log.debug("the page is busy: %s", busy)
        except Exception as error:  # noqa: BLE001 - the page must not stand still from then on
            log.warning("the page could not be drawn anew: %s", error)
        else:
            stale = False


def changes_a_message(request: HttpLogEntry) -> bool:
    """Return True if a request of the bot posts, edits, removes or reacts by its own route."""
    path: str = request.path
    return request.method != "GET" and path.startswith("/channels/")


def answers_a_press(request: HttpLogEntry) -> bool:
    """Return True if a request of the bot answers a command or a press on a button."""
    path: str = request.path
    return path.startswith("/interactions/")
