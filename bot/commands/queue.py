"""/queue: a member's own requests, where they stand, and a button to cancel each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from bot.context import of_interaction
from bot.errors import refusals_told
from bot.text import commands as words
from bot.text.commands import of

if TYPE_CHECKING:
    from bot.client import Konomi


@app_commands.command(name=of(words.QUEUE), description=of(words.QUEUE_IS))
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
@refusals_told
async def queue(interaction: discord.Interaction[Any]) -> None:
    """Show what waits."""
    client: Konomi = interaction.client
    page = await client.showing.queue(of_interaction(interaction))
    await interaction.response.send_message(view=page, ephemeral=True)
