"""/outpaint: what lies beyond the edges of an uploaded picture."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.actions.source_options import PAINTED_ON, WIDER, SourceOptions
from bot.commands.options import SCHEDULERS, SHARED, choices, options, shared_parameters
from bot.commands.styles.autocomplete import complete_style
from bot.components.answers import begin_with, refusals_told
from bot.text import commands as words
from bot.text import messages as text
from bot.text.commands import of

WIDER_VIEW = "a wider view of the same scene"
"""The default prompt; it is shown on the message like any other."""

DIRECTION_CHOICES = choices(
    {
        "left": text.TO_THE_LEFT,
        "right": text.TO_THE_RIGHT,
        "up": text.UPWARDS,
        "down": text.DOWNWARDS,
        "around": text.ALL_ROUND,
        "far": text.ALL_ROUND_FAR,
    }
)


@app_commands.command(name=of(words.OUTPAINT), description=of(words.OUTPAINT_IS))
@options(*SHARED, "style", "direction", prompt=words.WIDER_PROMPT_IS)
@app_commands.choices(direction=DIRECTION_CHOICES, scheduler=SCHEDULERS)
@app_commands.autocomplete(style=complete_style)
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
@refusals_told
async def outpaint(
    interaction: discord.Interaction[Any],
    picture: discord.Attachment,
    direction: str = "around",
    prompt: str = WIDER_VIEW,
    strength: float = PAINTED_ON,
    style: str | None = None,
    negative: str = "",
    count: int = 4,
    seed: int | None = None,
    steps: int | None = None,
    guidance: float | None = None,
    size: str | None = None,
    scheduler: str | None = None,
) -> None:
    """Paint beyond the edges of the picture, which stays as it is."""
    parameters = shared_parameters(
        interaction, prompt, negative, count, seed, steps, guidance, size, scheduler
    )
    source_options = SourceOptions(strength=strength, within=WIDER[direction], upload=True)
    await begin_with(interaction, parameters, source_options, picture, style=style)
