"""/replay: a picture painted again, from what its file says of how it was made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from bot.commands.options import options
from bot.context import of_interaction, sight
from bot.errors import refusals_told
from bot.text import commands as words
from bot.text.commands import of
from bot.uploads import answered_in_time, check_upload

if TYPE_CHECKING:
    from bot.client import Konomi


@app_commands.command(name=of(words.REPLAY), description=of(words.REPLAY_IS))
@options("anyway", picture=words.REPLAYED_PICTURE_IS)
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
@refusals_told
async def replay(
    interaction: discord.Interaction[Any], picture: discord.Attachment, anyway: bool = False
) -> None:
    """Read the file, then paint what it says under the rules that all requests are under."""
    client: Konomi = interaction.client
    asker = of_interaction(interaction)
    check_upload(picture)
    await client.orders.allow(asker, 1)
    async with client.uploads.folder() as folder:
        fetching = client.uploads.fetch_as_sent(picture, folder / "picture")
        path = await answered_in_time(interaction, fetching)
        with await client.painting.replay(asker, path, sight(interaction), anyway=anyway) as order:
            await client.delivery.begin(order, interaction)
