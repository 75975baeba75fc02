"""Answers to commands and presses: a refusal in private, a round begun from an upload."""

from __future__ import annotations

import asyncio
import functools
import logging
import re
from collections.abc import Callable, Coroutine
from typing import Any, Concatenate, ParamSpec, TypeVar

import discord

from bot.actions.orders import Order
from bot.actions.parameters import Parameters
from bot.actions.source_options import SourceOptions
from bot.context import of_interaction
from bot.errors import Refusal, explain
from bot.jobs.channel import NOBODY
from bot.jobs.trouble import TROUBLE
from bot.services import services_of
from bot.uploads import check_upload
from bot.views.page import note
from storage.records import WaitsFor

log = logging.getLogger(__name__)

PROMPTLY = 1.5
"""Seconds; Discord waits three for an answer, and some pass on the way."""

P = ParamSpec("P")
T = TypeVar("T")
Interaction = discord.Interaction[Any]
Callback = Callable[Concatenate[Interaction, P], Coroutine[Any, Any, None]]


def id_in(written: str) -> int:
    """Return the id in a custom id or a choice; 0, which nothing has, for anything else."""
    return int(written) if re.fullmatch(r"[0-9]{1,100}", written) else 0


async def tell(interaction: Interaction, error: BaseException) -> None:
    """Answer a command or a press that failed, in private."""
    page = note(explain(error, str(interaction.locale.value)))
    deferred = services_of(interaction).deferred
    try:
        if interaction.response.is_done():
            await interaction.followup.send(view=page, ephemeral=True, allowed_mentions=NOBODY)
        else:
            await interaction.response.send_message(
                view=page, ephemeral=True, allowed_mentions=NOBODY
            )
    except TROUBLE as failure:
        # Too late, or Discord is down: unless they see "thinking …", there is no way to reach them.
        log.warning("could not answer interaction %d: %s", interaction.id, failure)
        deferred.answer_later(interaction, page)
    else:
        await deferred.answered(interaction)


def refusals_told(callback: Callback[P]) -> Callback[P]:
    """Answer refusals raised by a command; other errors go on to the tree's handler."""

    @functools.wraps(callback)
    async def told(interaction: Interaction, /, *args: P.args, **kwargs: P.kwargs) -> None:
        try:
            await callback(interaction, *args, **kwargs)
        except Refusal as refusal:
            await tell(interaction, refusal)
        else:
            await services_of(interaction).deferred.answered(interaction)

    return told


async def answered_in_time(interaction: Interaction, fetching: Coroutine[Any, Any, T]) -> T:
    """Fetch a file; if that takes long, tell Discord that a private answer will follow."""
    task = asyncio.create_task(fetching)
    try:
        await asyncio.wait({task}, timeout=PROMPTLY)
        if not task.done():
            await services_of(interaction).deferred.defer(interaction, WaitsFor.UPLOAD)
        return await task
    finally:
        task.cancel()


async def begin_fetched(order: Order, interaction: Interaction) -> None:
    """Have an order painted whose file was fetched, maybe while the member was made to wait."""
    services = services_of(interaction)
    await services.deferred.job_follows(interaction)
    await services.delivery.begin(order, interaction)


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
    async with services.uploads.source(picture, mask) as fetch:
        with await services.actions.begin_from_upload(
            asker, parameters, source_options, lambda: answered_in_time(interaction, fetch())
        ) as order:
            await begin_fetched(order, interaction)
