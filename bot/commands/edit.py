"""/edit, and *Edit this* on a message: editing by words."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.actions.edits import EDITS, UPLOADED, edit_parameters, imagic_parameters
from bot.actions.sizes import wanted_size
from bot.commands.options import SCHEDULERS, options
from bot.components.answers import begin_with, refusals_told
from bot.components.edit_form import EditForm
from bot.context import of_interaction
from bot.services import services_of
from bot.text import commands as words
from bot.text.commands import of

INSTRUCT, IMAGIC = "instruct", "imagic"
MODES = [app_commands.Choice(name=of(each), value=name) for name, each in words.MODES.items()]


@app_commands.command(name=of(words.EDIT), description=of(words.EDIT_IS))
@options(
    "picture",
    "instruction",
    "mode",
    "obey",
    "keep",
    "variety",
    "sheet",
    "seed",
    "steps",
    "size",
    "scheduler",
    count=words.EDIT_COUNT_IS,
)
@app_commands.choices(scheduler=SCHEDULERS, mode=MODES)
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
@refusals_told
async def edit(
    interaction: discord.Interaction[Any],
    picture: discord.Attachment,
    instruction: str,
    mode: str = INSTRUCT,
    obey: float | None = None,
    keep: float | None = None,
    count: int = EDITS,
    variety: bool = False,
    sheet: bool = False,
    seed: int | None = None,
    steps: int | None = None,
    size: str | None = None,
    scheduler: str | None = None,
) -> None:
    """Edit an upload as the instruction says."""
    services = services_of(interaction)
    wanted = wanted_size(size, None, None)
    sides = {"width": wanted.width, "height": wanted.height, "aspect": wanted.aspect}
    if mode == IMAGIC:
        parameters = imagic_parameters(services.settings.model, instruction, seed=seed, size=sides)
        await begin_with(interaction, parameters, UPLOADED, picture)
        return
    parameters = edit_parameters(
        services.settings.model,
        instruction,
        obey=obey,
        keep=keep,
        count=count,
        varied=variety,
        sheet=sheet,
        seed=seed,
        steps=steps,
        scheduler=scheduler,
        size=sides,
    )
    await begin_with(interaction, parameters, UPLOADED, picture)


@app_commands.context_menu(name=of(words.MENU["edit_this"]))
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
@refusals_told
async def edit_this(interaction: discord.Interaction[Any], message: discord.Message) -> None:
    """Open the form for one of the pictures on a message of ours."""
    services = services_of(interaction)
    asker = of_interaction(interaction)
    images = await services.sight.shown_on(asker, message.id)
    await interaction.response.send_modal(EditForm(images, asker.locale))
