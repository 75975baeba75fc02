"""Answers to commands and presses: a refusal in private, a round begun from an upload."""

from __future__ import annotations

import functools
import logging
import re
from collections.abc import Callable, Coroutine
from typing import Any, Concatenate, ParamSpec

import discord

from bot.actions.parameters import Parameters
from bot.actions.source_options import SourceOptions
from bot.context import of_interaction
from bot.errors import Refusal, explain
from bot.jobs.channel import NOBODY
from bot.jobs.trouble import TROUBLE
from bot.services import services_of
from bot.uploads import check_upload
from bot.views.page import note

log = logging.getLogger(__name__)

P = ParamSpec("P")
Interaction = discord.Interaction[Any]
Callback = Callable[Concatenate[Interaction, P], Coroutine[Any, Any, None]]


def id_in(written: str) -> int:
    """Return the id in a custom id or a choice; 0, which nothing has, for anything else."""
    return int(written) if re.fullmatch(r"[0-9]{1,100}", written) else 0


async def tell(interaction: Interaction, error: BaseException) -> None:
    """Answer a command or a press that failed, in private."""
    page = note(explain(error, str(interaction.locale.value)))
    try:
        if interaction.response.is_done():
            await interaction.followup.send(view=page, ephemeral=True, allowed_mentions=NOBODY)
        else:
            await interaction.response.send_message(
                view=page, ephemeral=True, allowed_mentions=NOBODY
            )
    except TROUBLE as failure:
        # Too late, or Discord is down: there is no way left to reach them.
        log.warning("could not answer interaction %d: %s", interaction.id, failure)


def refusals_told(callback: Callback[P]) -> Callback[P]:
    """Answer refusals raised by a command; other errors go on to the tree's handler."""

    @functools.wraps(callback)
    async def told(interaction: Interaction, /, *args: P.args, **kwargs: P.kwargs) -> None:
        try:
            await callback(interaction, *args, **kwargs)
        except Refusal as refusal:
            await tell(interaction, refusal)

    return told


async def begin_with(
    interaction: Interaction,
    parameters: Parameters,
    source_options: SourceOptions,
    picture: discord.Attachment,
    mask: discord.Attachment | None = None,
) -> None:
    """Fetch the picture that a command brings, and paint or edit from it."""
    services, asker = services_of(interaction), of_interaction(interaction)
    for attachment in (picture, mask):
        if attachment is not None:
            check_upload(attachment)
    async with services.uploads.source(picture, mask, interaction=interaction) as fetch:
        with await services.actions.begin_from_upload(
            asker, parameters, source_options, fetch
        ) as order:
            await services.delivery.begin(order, interaction)
