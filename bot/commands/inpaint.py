"""/inpaint: repaint a part of an uploaded picture."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.actions.source_options import AREAS, PAINTED_ANEW, SourceOptions
from bot.commands.options import SCHEDULERS, SHARED, choices, options, shared_parameters
from bot.commands.styles.autocomplete import complete_style
from bot.components.answers import begin_with, refusals_told
from bot.errors import Refusal
from bot.text import commands as words
from bot.text import invalid
from bot.text import messages as text
from bot.text.commands import of

AREA_CHOICES = choices(
    {
        "left": text.LEFT_HALF,
        "right": text.RIGHT_HALF,
        "upper": text.UPPER_HALF,
        "lower": text.LOWER_HALF,
        "middle": text.MIDDLE_PART,
        "around": text.AROUND_MIDDLE,
    }
)


@app_commands.command(name=of(words.INPAINT), description=of(words.INPAINT_IS))
@options(*SHARED, "style", "prompt", "area", "mask")
@app_commands.choices(area=AREA_CHOICES, scheduler=SCHEDULERS)
@app_commands.autocomplete(style=complete_style)
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
@refusals_told
async def inpaint(
    interaction: discord.Interaction[Any],
    picture: discord.Attachment,
    prompt: str,
    area: str | None = None,
    mask: discord.Attachment | None = None,
    strength: float = PAINTED_ANEW,
    style: str | None = None,
    negative: str = "",
    count: int = 4,
    seed: int | None = None,
    steps: int | None = None,
    guidance: float | None = None,
    size: str | None = None,
    scheduler: str | None = None,
) -> None:
    """Paint where the mask is white, in the named area, or in both."""
    if area is None and mask is None:
        raise Refusal(invalid.MASK_OR_AREA)
    parameters = shared_parameters(
        interaction, prompt, negative, count, seed, steps, guidance, size, scheduler
    )
    anew = () if area is None else AREAS[area]
    source_options = SourceOptions(strength=strength, anew=anew, upload=True)
    await begin_with(interaction, parameters, source_options, picture, mask, style=style)
