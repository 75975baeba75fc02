"""/replay: a picture painted again, from what its file says of how it was made."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.commands.options import options
from bot.components.answers import begin_fetched, refusals_told
from bot.context import of_interaction
from bot.services import services_of
from bot.text import commands as words
from bot.text.commands import of
from bot.uploads import check_upload


@app_commands.command(name=of(words.REPLAY), description=of(words.REPLAY_IS))
@options("anyway", picture=words.REPLAYED_PICTURE_IS)
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
@refusals_told
async def replay(
    interaction: discord.Interaction[Any], picture: discord.Attachment, anyway: bool = False
) -> None:
    """Read the file, then paint what it says under the rules that all requests are under."""
    services = services_of(interaction)
    asker = of_interaction(interaction)
    check_upload(picture)
    ordering = services.actions.replay(
        asker, lambda: services.uploads.record(picture), anyway=anyway
    )
    await begin_fetched(interaction, ordering)
