"""/restore: an uploaded picture painted as it was before it was damaged."""

from __future__ import annotations

import dataclasses
from typing import Any

import discord
from discord import app_commands

from bot.actions.parameters import Parameters
from bot.actions.source_options import NOISE, SourceOptions
from bot.commands.options import choices, options
from bot.components.answers import begin_with, refusals_told
from bot.text import commands as words
from bot.text import messages as text
from bot.text.commands import of
from generation.catalog.entries import ENLARGED, INTACT, RESTORED, RESTORING
from generation.protocol.requests import Restoration

NOISE_CHOICES = choices(
    {
        "found": text.AS_FOUND,
        "none": text.NO_NOISE,
        "little": text.LITTLE_NOISE,
        "some": text.SOME_NOISE,
        "much": text.MUCH_NOISE,
    }
)


@app_commands.command(name=of(words.RESTORE), description=of(words.RESTORE_IS))
@options(
    "picture",
    "noise",
    "scratches",
    "strength",
    "seed",
    mask=words.SCRATCHES_MASK_IS,
    times=words.RESTORE_TIMES_IS,
    prompt=words.UPSCALE_PROMPT_IS,
)
@app_commands.choices(noise=NOISE_CHOICES)
@app_commands.choices(
    times=[app_commands.Choice(name=f"× {times}", value=times) for times in (1, 2)]
)
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
@refusals_told
async def restore(
    interaction: discord.Interaction[Any],
    picture: discord.Attachment,
    mask: discord.Attachment | None = None,
    noise: str | None = None,
    scratches: bool = False,
    times: int = 1,
    prompt: str = INTACT,
    strength: float | None = None,
    seed: int | None = None,
) -> None:
    """Paint the picture as it was before it was damaged."""
    if noise is None:
        noise = "none" if scratches or mask is not None else "found"
    if strength is None:
        strength = RESTORED if times == 1 else ENLARGED
    parameters = Parameters(prompt=prompt, count=1, seed=seed, **dataclasses.asdict(RESTORING))
    mend = Restoration(noise=NOISE[noise], scratches=scratches)
    source_options = SourceOptions(strength=strength, times=times, mend=mend, upload=True)
    await begin_with(interaction, parameters, source_options, picture, mask)
