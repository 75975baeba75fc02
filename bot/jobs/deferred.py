"""Deferred responses: each "thinking …" that a member sees is answered, whoever dies meanwhile."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import time
from typing import Any

import discord

from bot.jobs.background import Background
from bot.jobs.channel import NOBODY
from bot.jobs.trouble import TROUBLE, growing
from bot.text import refusals
from bot.views.page import Page, note
from storage.open_answers import LIFETIME_SECONDS
from storage.records import OpenAnswer, WaitsFor
from storage.store import Store

log = logging.getLogger(__name__)

RECORD_SECONDS = 0.3
"""Time that the record may take before Discord is answered, which waits three seconds in all."""

AT_ONCE = 16
"""Responses sent at the same time: each further one needs a connection of its own first."""

STOP_SECONDS = 3.0
"""Time that an orderly stop takes to give what answers it can."""

ORIGINAL: Any = "@original"
"""Discord's name for the message that a response made."""


@dataclasses.dataclass(slots=True)
class _Promised:
    """An answer that this run promised."""

    answer: OpenAnswer
    handler: asyncio.Task[Any] | None
    """The task that works on it."""


class DeferredAnswers:
    """Defers responses, and sees that each is answered: by its handler, or by a sentence."""

    def __init__(self, *, store: Store, client: discord.Client, background: Background) -> None:
        self._store = store
        self._client = client
        self._background = background
        self._promised: dict[int, _Promised] = {}
        self._unrecorded: list[OpenAnswer] = []
        self._recording = asyncio.Lock()
        self._responding = asyncio.Semaphore(AT_ONCE)

    async def defer(
        self,
        interaction: discord.Interaction[Any],
        waits_for: WaitsFor,
        handler: asyncio.Task[Any] | None = None,
    ) -> None:
        """Answer Discord in time, and let the member see that a private answer follows.

        handler: the task that works on it; None: the current one.
        """
        answer = OpenAnswer(
            interaction_id=interaction.id,
            application_id=interaction.application_id,
            token=interaction.token,
            locale=str(interaction.locale.value),
            waits_for=waits_for,
            created_at=time.time(),
        )
        self._promised[interaction.id] = _Promised(answer, handler or asyncio.current_task())
        recording = asyncio.create_task(self._record(answer))
        await asyncio.wait([recording], timeout=RECORD_SECONDS)
        try:
            async with self._responding:
                await interaction.response.defer(ephemeral=True, thinking=True)
        except TROUBLE as error:
            # Too late, or only Discord's word was lost: then the member sees it all the same.
            log.warning("interaction %d may not be deferred: %s", interaction.id, error)

    async def job_follows(self, interaction: discord.Interaction[Any]) -> None:
        """Note that a job was accepted, whose own message replaces the promised answer."""
        promised = self._promised.get(interaction.id)
        if promised is None:
            return
        promised.handler = None
        promised.answer = dataclasses.replace(promised.answer, waits_for=WaitsFor.JOB)
        try:
            await self._store.open_answers.job_follows(interaction.id)
        except Exception as error:  # noqa: BLE001 - the job is there, whatever is noted here
            log.warning("interaction %d was not noted to have a job: %s", interaction.id, error)

    async def answered(self, interaction: discord.Interaction[Any]) -> None:
        """Forget what an interaction was promised, if anything: its handler is done."""
        promised = self._promised.pop(interaction.id, None)
        if promised is None:
            return
        if promised.answer.waits_for is WaitsFor.JOB:
            self._see_to(promised.answer, None)
            return
        try:
            await self._store.open_answers.given(interaction.id)
        except Exception as error:  # noqa: BLE001 - the next start finds it answered
            log.info("interaction %d is not forgotten: %s", interaction.id, error)

    def answer_later(self, interaction: discord.Interaction[Any], page: Page) -> None:
        """Show `page` in place of "thinking …" as soon as Discord takes it."""
        if promised := self._promised.pop(interaction.id, None):
            self._see_to(promised.answer, page)

    def resume(self) -> None:
        """Answer what an earlier run promised and did not live to answer."""
        self._background.spawn(self._resume(), "answers of an earlier run")

    async def end(self) -> None:
        """Stop the work on promised answers, and say so in them, as far as that is quick."""
        stopped = [each for each in self._promised.values() if each.handler is not None]
        handlers = [each.handler for each in stopped if each.handler is not None]
        for handler in handlers:
            handler.cancel()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await asyncio.gather(*(self._give_up(each.answer) for each in stopped))
                if handlers:
                    await asyncio.wait(handlers)
        except TimeoutError:
            log.info("not every answer could be given; the next start gives the others")

    async def _record(self, answer: OpenAnswer) -> None:
        """Record a promise, together with those made while an earlier one is being recorded."""
        self._unrecorded.append(answer)
        try:
            async with self._recording:
                answers, self._unrecorded = self._unrecorded, []
                if answers:
                    await self._store.open_answers.promised(answers)
            if answer.interaction_id not in self._promised:  # It was answered before this was done.
                await self._store.open_answers.given(answer.interaction_id)
        except Exception as error:  # noqa: BLE001 - it is answered, unless the bot dies just now
            log.warning("interaction %d was not recorded: %s", answer.interaction_id, error)

    async def _give_up(self, answer: OpenAnswer) -> None:
        try:
            if await self._is_open(answer):
                await self._show(answer, left_page(answer))
            await self._store.open_answers.given(answer.interaction_id)
        except Exception as error:  # noqa: BLE001 - the next start tries again
            log.info("interaction %d is left to the next start: %s", answer.interaction_id, error)

    async def _resume(self) -> None:
        for pause in growing():
            try:
                left = await self._store.open_answers.open()
            except Exception as error:  # noqa: BLE001 - whatever it is, it may pass
                log.warning("answers of an earlier run cannot be read yet: %s", error)
                await asyncio.sleep(pause)
            else:
                break
        for answer in left:
            if answer.interaction_id not in self._promised:
                followed = answer.waits_for is WaitsFor.JOB
                self._see_to(answer, None if followed else left_page(answer))

    def _see_to(self, answer: OpenAnswer, page: Page | None) -> None:
        work = self._settle(answer, page)
        self._background.spawn(work, f"answer to interaction {answer.interaction_id}")

    async def _settle(self, answer: OpenAnswer, page: Page | None) -> None:
        """Show `page`, or nothing any more, where "thinking …" still stands; then forget it."""
        for pause in growing():
            if time.time() >= answer.created_at + LIFETIME_SECONDS:
                return
            try:
                if await self._is_open(answer):
                    await self._show(answer, page)
                await self._store.open_answers.given(answer.interaction_id)
            except Exception as error:  # noqa: BLE001 - whatever it is, it may pass
                log.info("interaction %d is not answered yet: %s", answer.interaction_id, error)
                await asyncio.sleep(pause)
            else:
                return

    async def _is_open(self, answer: OpenAnswer) -> bool:
        """Return True if the member still sees "thinking …"."""
        try:
            message = await self._webhook(answer).fetch_message(ORIGINAL)
        except discord.HTTPException as error:
            if error.status in (401, 403, 404):
                return False  # Gone, or its time is over.
            raise
        return message.flags.loading

    async def _show(self, answer: OpenAnswer, page: Page | None) -> None:
        webhook = self._webhook(answer)
        if page is None:
            await webhook.delete_message(ORIGINAL)
        else:
            await webhook.edit_message(ORIGINAL, view=page, allowed_mentions=NOBODY)

    def _webhook(self, answer: OpenAnswer) -> discord.Webhook:
        return discord.Webhook.partial(answer.application_id, answer.token, client=self._client)


def left_page(answer: OpenAnswer) -> Page:
    """Return the page that says why a promised answer does not come."""
    fetched = answer.waits_for is WaitsFor.UPLOAD
    phrase = refusals.RESTARTED_FETCHING if fetched else refusals.RESTARTED
    return note(phrase(answer.locale))
