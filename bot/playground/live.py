"""Keeps the page up to date while the bot works."""

from __future__ import annotations

import asyncio
import logging

import simcord
from simcord.preview import Preview

from bot.playground.outside import OutsideBackground
from bot.playground.world import keep_time

log = logging.getLogger(__name__)

EVERY_SECONDS = 0.5
"""The page itself looks for news as often."""


async def keep_current(env: simcord.Env, preview: Preview, background: OutsideBackground) -> None:
    """Draw the page anew whenever work in the background has changed something; cancel to stop.

    Never otherwise: drawing it anew takes from whoever is composing a command what they have
    written of it, and what they do by themselves the page shows by itself.
    """
    drawn = len(env.http_requests)
    tasks = background.started
    working = False
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        keep_time(env)
        said = len(env.http_requests)
        worked = working or background.started != tasks
        working, tasks = background.working, background.started
        if worked and said != drawn:
            try:
                await preview.refresh()
            except (simcord.SetupError, TimeoutError) as busy:
                # A press is being seen to right now: the next look draws this as well.
                log.debug("the page is busy: %s", busy)
                working = True
                continue
        drawn = said
