"""What a member may be told when something cannot be done, and how they are told."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Concatenate, ParamSpec

import discord

from bot.text import refusals
from bot.text.phrases import Phrase
from bot.views.page import note

log = logging.getLogger(__name__)

P = ParamSpec("P")
Interaction = discord.Interaction[Any]
Callback = Callable[Concatenate[Interaction, P], Coroutine[Any, Any, None]]


class Refusal(Exception):
    """Something that was asked for is not done; says why and what to do instead."""

    def __init__(self, phrase: Phrase, **values: object) -> None:
        super().__init__(phrase("en", **values))
        self._phrase = phrase
        self._values = values

    def said(self, locale: str) -> str:
        """The sentence in a member's language."""
        return self._phrase(locale, **self._values)


def explain(error: BaseException, locale: str) -> str:
    """A sentence for a member; anything but a `Refusal` goes to the log, and only there."""
    if isinstance(error, Refusal):
        return error.said(locale)
    log.error("a gesture failed", exc_info=error)
    return refusals.SOMETHING_BROKE(locale)


async def tell(interaction: Interaction, error: BaseException) -> None:
    """Answer a command or a press that failed, in private."""
    page = note(explain(error, str(interaction.locale.value)))
    nobody = discord.AllowedMentions.none()
    try:
        if interaction.response.is_done():
            await interaction.followup.send(view=page, ephemeral=True, allowed_mentions=nobody)
        else:
            await interaction.response.send_message(
                view=page, ephemeral=True, allowed_mentions=nobody
            )
    except discord.HTTPException as failure:
        # Too late, or Discord is down: there is no way left to reach them.
        log.warning("could not answer interaction %d: %s", interaction.id, failure)


def refusals_told(callback: Callback[P]) -> Callback[P]:
    """Let a command refuse by raising; real faults go on to the tree's one handler."""

    @functools.wraps(callback)
    async def told(interaction: Interaction, /, *args: P.args, **kwargs: P.kwargs) -> None:
        try:
            await callback(interaction, *args, **kwargs)
        except Refusal as refusal:
            await tell(interaction, refusal)

    return told
