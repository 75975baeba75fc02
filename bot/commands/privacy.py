"""/privacy: what a member agreed to, with buttons to take it back."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.actions.training.revocation import member_id_of
from bot.components.answers import refusals_told, show
from bot.components.training.revocation import others_consents, own_consents
from bot.context import of_interaction
from bot.services import services_of
from bot.text.commands import of
from bot.text.training import revocation as words
from bot.views.page import Page


@app_commands.command(name=of(words.PRIVACY), description=of(words.PRIVACY_IS))
@app_commands.rename(member=of(words.MEMBER))
@app_commands.describe(member=of(words.MEMBER_IS))
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
@refusals_told
async def privacy(interaction: discord.Interaction[Any], member: str | None = None) -> None:
    """Show one's own consents, or for the host another member's."""
    services, asker = services_of(interaction), of_interaction(interaction)

    async def page() -> Page:
        if member is None:
            return await own_consents(services, asker)
        services.consents.allow_others(asker)
        return await others_consents(services, asker, member_id_of(member))

    await show(interaction, page())
