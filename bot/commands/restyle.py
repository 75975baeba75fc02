"""/restyle: repaint the whole of an uploaded picture."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.actions.source_options import RESTYLED, SourceOptions
from bot.commands.options import SCHEDULERS, SHARED, options, shared_parameters
from bot.commands.styles.autocomplete import complete_style
from bot.components.answers import begin_with, refusals_told
from bot.text import commands as words
from bot.text.commands import of


@app_commands.command(name=of(words.RESTYLE), description=of(words.RESTYLE_IS))
@options(*SHARED, "style", "prompt")
@app_commands.choices(scheduler=SCHEDULERS)
@app_commands.autocomplete(style=complete_style)
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
@refusals_told
async def restyle(
    interaction: discord.Interaction[Any],
    picture: discord.Attachment,
    prompt: str,
    strength: float = RESTYLED,
    style: str | None = None,
    negative: str = "",
    count: int = 4,
    seed: int | None = None,
    steps: int | None = None,
    guidance: float | None = None,
    size: str | None = None,
    scheduler: str | None = None,
) -> None:
    """Repaint the whole picture, image to image."""
    parameters = shared_parameters(
        interaction, prompt, negative, count, seed, steps, guidance, size, scheduler
    )
    source_options = SourceOptions(strength=strength, upload=True)
    await begin_with(interaction, parameters, source_options, picture, style=style)
