"""/imagine: a round of pictures painted from words."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.actions.parameters import Parameters
from bot.actions.sizes import wanted_size
from bot.commands.options import PRESETS, SCHEDULERS, options
from bot.components.answers import begin, refusals_told
from bot.context import of_interaction
from bot.services import services_of
from bot.text import commands as words
from bot.text.commands import of


@app_commands.command(name=of(words.IMAGINE), description=of(words.IMAGINE_IS))
@options(
    "prompt",
    "negative",
    "count",
    "seed",
    "steps",
    "guidance",
    "size",
    "width",
    "height",
    "scheduler",
    "feedback",
    "feedback_start",
    "feedback_end",
    "feedback_strength",
    "feedback_explore",
    "feedback_drop",
    "grid",
    "group",
)
@app_commands.choices(scheduler=SCHEDULERS, feedback=PRESETS)
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
@refusals_told
async def imagine(
    interaction: discord.Interaction[Any],
    prompt: str,
    negative: str = "",
    count: int = 4,
    seed: int | None = None,
    steps: int | None = None,
    guidance: float | None = None,
    size: str | None = None,
    width: int | None = None,
    height: int | None = None,
    scheduler: str | None = None,
    feedback: str | None = None,
    feedback_start: float | None = None,
    feedback_end: float | None = None,
    feedback_strength: float | None = None,
    feedback_explore: float | None = None,
    feedback_drop: float | None = None,
    grid: bool = False,
    group: bool | None = None,
) -> None:
    """Paint a round; ranges are checked by us, as Discord's own complaints say too little."""
    services = services_of(interaction)
    asker = of_interaction(interaction)
    wanted = wanted_size(size, width, height)
    parameters = Parameters.for_model(
        services.settings.model,
        prompt=prompt,
        negative_prompt=negative,
        count=count,
        seed=seed,
        steps=steps,
        guidance=guidance,
        width=wanted.width,
        height=wanted.height,
        aspect=wanted.aspect,
        scheduler=scheduler,
        feedback_preset=feedback,
        feedback_start=feedback_start,
        feedback_end=feedback_end,
        feedback_strength=feedback_strength,
        feedback_explore=feedback_explore,
        feedback_drop=feedback_drop,
        grid=grid,
    )
    await begin(interaction, services.actions.imagine(asker, parameters, group=group))
