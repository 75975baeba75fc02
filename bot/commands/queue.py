"""/queue: a member's own requests, their places in the queue, and a button to cancel each."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.components.answers import refusals_told
from bot.context import of_interaction
from bot.services import services_of
from bot.text import commands as words
from bot.text.commands import of


@app_commands.command(name=of(words.QUEUE), description=of(words.QUEUE_IS))
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
@refusals_told
async def queue(interaction: discord.Interaction[Any]) -> None:
    """Show the member's waiting requests."""
    services = services_of(interaction)
    page = await services.pages.queue(of_interaction(interaction))
    await interaction.response.send_message(view=page, ephemeral=True)
