"""/upscale: an uploaded picture painted larger, in tiles."""

from __future__ import annotations

import dataclasses
from typing import Any

import discord
from discord import app_commands

from bot.actions.parameters import Parameters
from bot.actions.source_options import SourceOptions
from bot.commands.options import options
from bot.components.answers import begin_with, refusals_told
from bot.text import commands as words
from bot.text.commands import of
from generation.catalog.entries import ENLARGED, ENLARGING, SHARPER


@app_commands.command(name=of(words.UPSCALE), description=of(words.UPSCALE_IS))
@options("picture", "times", "strength", "seed", prompt=words.UPSCALE_PROMPT_IS)
@app_commands.choices(
    times=[app_commands.Choice(name=f"× {times}", value=times) for times in (2, 3, 4)]
)
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
@refusals_told
async def upscale(
    interaction: discord.Interaction[Any],
    picture: discord.Attachment,
    times: int = 2,
    prompt: str = SHARPER,
    strength: float = ENLARGED,
    seed: int | None = None,
) -> None:
    """Paint the picture larger, in tiles."""
    parameters = Parameters(prompt=prompt, count=1, seed=seed, **dataclasses.asdict(ENLARGING))
    source_options = SourceOptions(strength=strength, times=times, upload=True)
    await begin_with(interaction, parameters, source_options, picture)
