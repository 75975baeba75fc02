"""/imagine: a round of pictures painted from words."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.actions.sizes import wanted_size
from bot.commands.options import PRESETS, SCHEDULERS, options
from bot.commands.styles.autocomplete import complete_style
from bot.components.answers import begin, refusals_told
from bot.context import of_interaction
from bot.services import services_of
from bot.text import commands as words
from bot.text.commands import of


@app_commands.command(name=of(words.IMAGINE), description=of(words.IMAGINE_IS))
@options(
    "prompt",
    "style",
    "size",
    "count",
    "negative",
    "seed",
    "feedback",
    "group",
    "steps",
    "guidance",
    "scheduler",
    "grid",
    "width",
    "height",
)
@app_commands.choices(scheduler=SCHEDULERS, feedback=PRESETS)
@app_commands.autocomplete(style=complete_style)
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
@refusals_told
async def imagine(
    interaction: discord.Interaction[Any],
    prompt: str,
    style: str | None = None,
    size: str | None = None,
    count: int | None = None,
    negative: str | None = None,
    seed: int | None = None,
    feedback: str | None = None,
    group: bool | None = None,
    steps: int | None = None,
    guidance: float | None = None,
    scheduler: str | None = None,
    grid: bool = False,
    width: int | None = None,
    height: int | None = None,
) -> None:
    """Paint a round; ranges are checked by us, as Discord's own complaints say too little.

    Discord shows the options in this order: those that people use come first.
    """
    wanted = wanted_size(size, width, height)
    given = {
        "prompt": prompt,
        "negative_prompt": negative,
        "count": count,
        "seed": seed,
        "steps": steps,
        "guidance": guidance,
        "width": wanted.width,
        "height": wanted.height,
        "aspect": wanted.aspect,
        "scheduler": scheduler,
        "feedback_preset": feedback,
        "grid": grid,
    }
    services, asker = services_of(interaction), of_interaction(interaction)
    await begin(interaction, services.actions.imagine(asker, given, style=style, group=group))
