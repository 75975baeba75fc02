"""/help and /about."""

from __future__ import annotations

import importlib.metadata
from typing import Any

import discord
from discord import app_commands

from bot.components.answers import refusals_told
from bot.context import of_interaction
from bot.services import services_of
from bot.text import commands as words
from bot.text import introduction
from bot.text.commands import of
from bot.views.offers import help_page
from bot.views.page import note
from generation.catalog.entries import usual
from generation.protocol.options import ModelCard


@app_commands.command(name=of(words.HELP), description=of(words.HELP_IS))
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
@refusals_told
async def help_(interaction: discord.Interaction[Any]) -> None:
    """Say what the bot can do."""
    page = help_page(of_interaction(interaction).locale)
    await interaction.response.send_message(view=page, ephemeral=True)


@app_commands.command(name=of(words.ABOUT), description=of(words.ABOUT_IS))
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
@refusals_told
async def about(interaction: discord.Interaction[Any]) -> None:
    """Say which model paints and under which licence."""
    services = services_of(interaction)
    locale = of_interaction(interaction).locale
    sentence = describe(locale, services.model(), services.settings.model)
    await interaction.response.send_message(view=note(sentence), ephemeral=True)


def describe(locale: str, card: ModelCard | None, wanted: str) -> str:
    """Describe the model and the bot; `card` is None while the model is loading."""
    if card is None:
        return introduction.ABOUT_LOADING(locale, version=version(), model=wanted)
    lines = introduction.ABOUT(
        locale,
        version=version(),
        model=card.name,
        licence=card.licence,
        width=card.width,
        height=card.height,
        device=card.device,
        checker=introduction.YES if card.has_safety_checker else introduction.NO,
    )
    if not card.has_negative_prompt:
        return f"{lines}\n{introduction.ABOUT_NO_NEGATIVES(locale)}"
    return (
        f"{lines}\n{introduction.ABOUT_UNGUIDED(locale)}" if usual(wanted).guidance <= 1 else lines
    )


def version() -> str:
    """Konomi's version."""
    try:
        return importlib.metadata.version("konomi")
    except importlib.metadata.PackageNotFoundError:
        return "(not installed)"
