"""/restyle, /inpaint, /outpaint, /upscale, /restore: painting from a picture that is uploaded."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from bot.actions.parameters import Parameters
from bot.actions.sizes import wanted_size
from bot.actions.source_options import (
    AREAS,
    NOISE,
    PAINTED_ANEW,
    PAINTED_ON,
    RESTYLED,
    WIDER,
    SourceOptions,
)
from bot.commands.options import SCHEDULERS, options
from bot.components.answers import begin_with
from bot.errors import Refusal, refusals_told
from bot.text import commands as words
from bot.text import messages as text
from bot.text import refusals
from bot.text.commands import of
from bot.text.phrases import Phrase
from generation.catalog.entries import ENLARGED, ENLARGING, INTACT, RESTORED, RESTORING
from generation.protocol.requests import Restoration

if TYPE_CHECKING:
    from bot.client import Konomi

WIDER_VIEW = "a wider view of the same scene"
"""What is painted where nobody says what: it stands on the message like any other prompt."""

SHARPER = "a sharp picture with fine detail"
"""The same, where a picture is enlarged."""

SHARED = (
    "picture",
    "strength",
    "negative",
    "count",
    "seed",
    "steps",
    "guidance",
    "size",
    "scheduler",
)
"""Options of all that paint a picture of its own size anew."""


def _choices(phrases: dict[str, Phrase]) -> list[app_commands.Choice[str]]:
    return [app_commands.Choice(name=of(phrase), value=key) for key, phrase in phrases.items()]


AREA_CHOICES = _choices(
    {
        "left": text.LEFT_HALF,
        "right": text.RIGHT_HALF,
        "upper": text.UPPER_HALF,
        "lower": text.LOWER_HALF,
        "middle": text.MIDDLE_PART,
        "around": text.AROUND_MIDDLE,
    }
)
DIRECTION_CHOICES = _choices(
    {
        "left": text.TO_THE_LEFT,
        "right": text.TO_THE_RIGHT,
        "up": text.UPWARDS,
        "down": text.DOWNWARDS,
        "around": text.ALL_ROUND,
        "far": text.ALL_ROUND_FAR,
    }
)
NOISE_CHOICES = _choices(
    {
        "found": text.AS_FOUND,
        "none": text.NO_NOISE,
        "little": text.LITTLE_NOISE,
        "some": text.SOME_NOISE,
        "much": text.MUCH_NOISE,
    }
)


@app_commands.command(name=of(words.RESTYLE), description=of(words.RESTYLE_IS))
@options(*SHARED, "prompt")
@app_commands.choices(scheduler=SCHEDULERS)
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
@refusals_told
async def restyle(
    interaction: discord.Interaction[Any],
    picture: discord.Attachment,
    prompt: str,
    strength: float = RESTYLED,
    negative: str = "",
    count: int = 4,
    seed: int | None = None,
    steps: int | None = None,
    guidance: float | None = None,
    size: str | None = None,
    scheduler: str | None = None,
) -> None:
    """Paint all of the picture anew, image to image."""
    wish = _wish(interaction, prompt, negative, count, seed, steps, guidance, size, scheduler)
    await begin_with(interaction, wish, SourceOptions(strength=strength, upload=True), picture)


@app_commands.command(name=of(words.INPAINT), description=of(words.INPAINT_IS))
@options(*SHARED, "prompt", "area", "mask")
@app_commands.choices(area=AREA_CHOICES, scheduler=SCHEDULERS)
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
        raise Refusal(refusals.MASK_OR_AREA)
    wish = _wish(interaction, prompt, negative, count, seed, steps, guidance, size, scheduler)
    anew = () if area is None else AREAS[area]
    beginning = SourceOptions(strength=strength, anew=anew, upload=True)
    await begin_with(interaction, wish, beginning, picture, mask)


@app_commands.command(name=of(words.OUTPAINT), description=of(words.OUTPAINT_IS))
@options(*SHARED, "direction", prompt=words.WIDER_PROMPT_IS)
@app_commands.choices(direction=DIRECTION_CHOICES, scheduler=SCHEDULERS)
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
@refusals_told
async def outpaint(
    interaction: discord.Interaction[Any],
    picture: discord.Attachment,
    direction: str = "around",
    prompt: str = WIDER_VIEW,
    strength: float = PAINTED_ON,
    negative: str = "",
    count: int = 4,
    seed: int | None = None,
    steps: int | None = None,
    guidance: float | None = None,
    size: str | None = None,
    scheduler: str | None = None,
) -> None:
    """Paint what lies beside the picture, which stays as it is."""
    wish = _wish(interaction, prompt, negative, count, seed, steps, guidance, size, scheduler)
    beginning = SourceOptions(strength=strength, within=WIDER[direction], upload=True)
    await begin_with(interaction, wish, beginning, picture)


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
    wish = Parameters(prompt=prompt, count=1, seed=seed, **dataclasses.asdict(ENLARGING))
    await begin_with(
        interaction, wish, SourceOptions(strength=strength, times=times, upload=True), picture
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
    wish = Parameters(prompt=prompt, count=1, seed=seed, **dataclasses.asdict(RESTORING))
    mend = Restoration(noise=NOISE[noise], scratches=scratches)
    beginning = SourceOptions(strength=strength, times=times, mend=mend, upload=True)
    await begin_with(interaction, wish, beginning, picture, mask)


def _wish(
    interaction: discord.Interaction[Any],
    prompt: str,
    negative: str,
    count: int,
    seed: int | None,
    steps: int | None,
    guidance: float | None,
    size: str | None,
    scheduler: str | None,
) -> Parameters:
    wanted = wanted_size(size, None, None)
    client: Konomi = interaction.client
    return Parameters.for_model(
        client.settings.model,
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
    )
