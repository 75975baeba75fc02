"""/compare: one seed, different values, side by side."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.actions.comparisons import OFFERED, read_axes
from bot.actions.orders import Order
from bot.actions.parameters import Parameters
from bot.actions.sizes import wanted_size
from bot.actions.source_options import RESTYLED, SourceOptions
from bot.commands.options import PRESETS, SCHEDULERS, options
from bot.commands.styles.autocomplete import complete_style
from bot.components.answers import begin, begin_fetched, refusals_told
from bot.context import of_interaction
from bot.services import services_of
from bot.text import commands as words
from bot.text import messages as text
from bot.text.commands import of
from bot.uploads import check_upload
from generation.requests.comparisons import count_of

PARAMETERS = [app_commands.Choice(name=of(text.PARAMETERS[name]), value=name) for name in OFFERED]


@app_commands.command(name=of(words.COMPARE), description=of(words.COMPARE_IS))
@options(
    "prompt",
    "across",
    "across_values",
    "down",
    "down_values",
    "style",
    "strength",
    "size",
    "negative",
    "seed",
    "steps",
    "guidance",
    "scheduler",
    "feedback",
    "feedback_start",
    "feedback_end",
    "feedback_strength",
    "feedback_explore",
    "feedback_drop",
    picture=words.COMPARE_PICTURE_IS,
)
@app_commands.choices(across=PARAMETERS, down=PARAMETERS, scheduler=SCHEDULERS, feedback=PRESETS)
@app_commands.autocomplete(style=complete_style)
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
@refusals_told
async def compare(
    interaction: discord.Interaction[Any],
    prompt: str,
    across: str,
    across_values: str,
    down: str | None = None,
    down_values: str | None = None,
    style: str | None = None,
    picture: discord.Attachment | None = None,
    strength: float = RESTYLED,
    size: str | None = None,
    negative: str = "",
    seed: int | None = None,
    steps: int | None = None,
    guidance: float | None = None,
    scheduler: str | None = None,
    feedback: str | None = None,
    feedback_start: float | None = None,
    feedback_end: float | None = None,
    feedback_strength: float | None = None,
    feedback_explore: float | None = None,
    feedback_drop: float | None = None,
) -> None:
    """Paint a comparison."""
    services = services_of(interaction)
    asker = of_interaction(interaction)
    axes = read_axes(across, across_values, down, down_values)
    wanted = wanted_size(size, None, None)
    parameters = Parameters.for_model(
        services.settings.model,
        prompt=prompt,
        negative_prompt=negative,
        count=count_of(axes),
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
        axes=axes,
    )
    if picture is None:
        await begin(interaction, services.actions.compare(asker, parameters, style=style))
        return
    check_upload(picture)
    source_options = SourceOptions(strength=strength, upload=True)

    async def order() -> Order:
        async with services.uploads.source(picture) as fetch:
            return await services.actions.compare(
                asker, parameters, source_options, fetch, style=style
            )

    await begin_fetched(interaction, order())
