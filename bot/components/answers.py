"""What commands with an upload have in common: it is fetched, and a round begins from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord

from bot.actions.parameters import Parameters
from bot.actions.source_options import SourceOptions
from bot.context import of_interaction
from bot.uploads import check_upload

if TYPE_CHECKING:
    from bot.client import Konomi


async def begin_with(
    interaction: discord.Interaction[Any],
    wish: Parameters,
    beginning: SourceOptions,
    picture: discord.Attachment,
    mask: discord.Attachment | None = None,
) -> None:
    """Fetch what a command brings, and paint or edit from it."""
    client: Konomi = interaction.client
    asker = of_interaction(interaction)
    for attachment in (picture, mask):
        if attachment is not None:
            check_upload(attachment)
    async with client.uploads.source(picture, mask, interaction=interaction) as fetch:
        with await client.painting.begin_from_upload(asker, wish, beginning, fetch) as order:
            await client.delivery.begin(order, interaction)
