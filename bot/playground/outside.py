"""Work that SimCord neither waits for nor times: painting, delivery, and the queue between.

SimCord recognises the bot's work by a context variable, which tasks inherit from the handler
that starts them.  In an empty context they run as they do on Discord: a press on a button is
over when its handler is, and seconds are seconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Coroutine, Hashable
from contextvars import Context
from typing import Any

import discord

from bot.jobs.background import Background
from generation.process.queue import Queue
from generation.protocol.events import Event
from generation.protocol.requests import Work
from generation.protocol.training import Action


class OutsideBackground(Background):
    """Tasks that belong to no handler."""

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Let `work` run; `name` is for the log."""
        Context().run(super().spawn, work, name)

    async def rest(self) -> None:
        """Wait until nothing is under way."""
        while self._tasks:
            await asyncio.wait(self._tasks)


async def from_simcord(client: discord.Client, url: str) -> AsyncGenerator[bytes, None]:
    """Return the bytes of an upload, which only SimCord has."""
    yield await client.http.get_from_cdn(url)


class OutsideQueue(Queue):
    """A queue whose tasks belong to no handler."""

    def resubmit(
        self,
        member: Hashable,
        request: Work,
        *,
        alone: bool = False,
        asked: Collection[Action] = (),
    ) -> AsyncIterator[Event]:
        """Queue a request; see `Queue.resubmit`."""
        return Context().run(super().resubmit, member, request, alone=alone, asked=asked)

    async def cancel(self, job: str) -> bool:
        """Stop a job; see `Queue.cancel`.  What may run then in its place starts outside, too."""
        return await Context().run(asyncio.create_task, super().cancel(job))

    async def control(self, job: str, action: Action) -> bool:
        """Ask something of a training; see `Queue.control`."""
        return await Context().run(asyncio.create_task, super().control(job, action))
