"""/edit, *Edit this* on a message, and uploads or replies with words: editing by words."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from bot.actions.asker import Asker
from bot.actions.edits import EDITED, EDITS, wish_to_edit, wish_to_fit
from bot.actions.orders import Order
from bot.actions.sizes import wanted_size
from bot.commands.options import SCHEDULERS, options
from bot.components.answers import begin_with
from bot.components.edit_form import EditForm
from bot.context import of_interaction
from bot.errors import refusals_told
from bot.text import commands as words
from bot.text.commands import of
from bot.uploads import check_upload

if TYPE_CHECKING:
    from bot.client import Konomi

INSTRUCT, IMAGIC = "instruct", "imagic"
MODES = [app_commands.Choice(name=of(each), value=name) for name, each in words.MODES.items()]
UPLOADED = dataclasses.replace(EDITED, upload=True)
NUMBERED = re.compile(r"\s*([1-8])\s*[:：.、)]\s*(?=\S)")
"""How a reply says which of several pictures it means: 2: make it blue."""


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
    client: Konomi = interaction.client
    wanted = wanted_size(size, None, None)
    sides = {"width": wanted.width, "height": wanted.height, "aspect": wanted.aspect}
    if mode == IMAGIC:
        wish = wish_to_fit(client.settings.model, instruction, seed=seed, size=sides)
        await begin_with(interaction, wish, UPLOADED, picture)
        return
    wish = wish_to_edit(
        client.settings.model,
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
    await begin_with(interaction, wish, UPLOADED, picture)


@app_commands.context_menu(name=of(words.MENU["edit_this"]))
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=False)
@refusals_told
async def edit_this(interaction: discord.Interaction[Any], message: discord.Message) -> None:
    """Open the form for one of the pictures on a message of ours."""
    client: Konomi = interaction.client
    asker = of_interaction(interaction)
    images = await client.painting.pictures_on(asker, message.id)
    await interaction.response.send_modal(EditForm(images, asker.locale))


async def edit_from_message(
    client: Konomi, asker: Asker, message: discord.Message, instruction: str
) -> Order | None:
    """Edit the picture that a message brings, or that it replies to; None where it does neither."""
    if message.attachments:
        return await _edit_attached(client, asker, message.attachments[0], instruction)
    replied_to = None if message.reference is None else message.reference.message_id
    card = client.model()
    if replied_to is None or (card is not None and not card.edits):
        return None
    if not await client.store.images.on_message(replied_to):
        return None
    images = await client.painting.pictures_on(asker, replied_to)
    chosen = images[0]
    if numbered := NUMBERED.match(instruction):
        instruction = instruction[numbered.end() :]
        number = int(numbered[1])
        chosen = next((image for image in images if image.position + 1 == number), chosen)
    return await client.painting.edit_picture(asker, chosen.id, instruction)


async def _edit_attached(
    client: Konomi, asker: Asker, attachment: discord.Attachment, instruction: str
) -> Order:
    check_upload(attachment)
    wish = wish_to_edit(client.settings.model, instruction)
    async with client.uploads.source(attachment) as fetch:
        return await client.painting.begin_from_upload(asker, wish, UPLOADED, fetch)
