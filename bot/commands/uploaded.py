"""What commands with an upload have in common: it is fetched, and a round begins from it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

import discord

from bot.asking import of_interaction
from bot.beginnings import Beginning
from bot.uploads import check_upload
from bot.wishes import Wish
from storage.records import NewSource

if TYPE_CHECKING:
    from bot.client import Konomi

PROMPTLY = 1.5
"""Seconds; Discord waits three for an answer, and some go by on the way."""


async def begin_with(
    interaction: discord.Interaction[Any],
    wish: Wish,
    beginning: Beginning,
    picture: discord.Attachment,
    mask: discord.Attachment | None = None,
) -> None:
    """Fetch what a command brings, and paint or edit from it."""
    client: Konomi = interaction.client
    asker = of_interaction(interaction)
    for attachment in (picture, mask):
        if attachment is not None:
            check_upload(attachment)
    async with client.uploads.folder() as folder:

        async def files() -> NewSource:
            return NewSource(
                path=await client.uploads.fetch(picture, folder / "picture"),
                mask=None if mask is None else await client.uploads.fetch(mask, folder / "mask"),
            )

        with await client.painting.begin_from_upload(
            asker, wish, beginning, lambda: _answered_in_time(interaction, files())
        ) as order:
            await client.delivery.begin(order, interaction)


async def _answered_in_time(
    interaction: discord.Interaction[Any], fetching: Coroutine[Any, Any, NewSource]
) -> NewSource:
    """Fetch; where that takes long, tell Discord in private that an answer will come."""
    task = asyncio.create_task(fetching)
    try:
        await asyncio.wait({task}, timeout=PROMPTLY)
        if not task.done():
            await interaction.response.defer(ephemeral=True, thinking=True)
        return await task
    finally:
        task.cancel()
