"""Editing one of our pictures by words: the buttons, and the form that they open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord
from discord import ui

from bot.actions.parameters import MAX_PROMPT, Parameters
from bot.actions.replies import numbered, words_in
from bot.actions.source_options import parse_number
from bot.components.answers import begin, id_in
from bot.components.buttons import Button
from bot.components.forms import Form, Values
from bot.context import of_interaction
from bot.jobs.trouble import TROUBLE
from bot.services import services_of
from bot.text import messages as text
from bot.views.press import Verb
from storage.records import Image


class EditThis(Button):
    """Opens a form for an instruction."""

    verb = Verb.EDIT

    async def act(self, interaction: discord.Interaction[Any]) -> None:
        """Show the form, if the picture is still there."""
        asker = of_interaction(interaction)
        image, _ = await services_of(interaction).sight.picture(asker, self.about)
        await interaction.response.send_modal(EditForm([image], asker.locale))


class EditForm(Form):
    """An instruction, how much to keep, and, of several pictures, which one."""

    verb = "edit-form"

    def __init__(self, images: Sequence[Image], locale: str) -> None:
        first = images[0]
        super().__init__(first.id, title=text.EDIT_TITLE(locale))
        if len(images) > 1:
            choices: list[discord.SelectOption] = [
                discord.SelectOption(
                    label=text.EDIT_PICTURE(locale, number=image.position + 1),
                    value=str(image.id),
                    default=image is first,
                )
                for image in images
            ]
            self.add_item(
                ui.Label(
                    text=text.EDIT_WHICH(locale),
                    component=ui.Select(custom_id="picture", options=choices),
                )
            )
        self.add_item(
            ui.Label(
                text=text.EDIT_INSTRUCTION(locale),
                description=text.EDIT_INSTRUCTION_IS(locale),
                component=ui.TextInput(
                    custom_id="instruction",
                    style=discord.TextStyle.paragraph,
                    max_length=MAX_PROMPT,
                ),
            )
        )
        kept = Parameters.of(first.parameters).image_guidance
        self.add_item(
            ui.Label(
                text=text.EDIT_KEEP(locale),
                description=text.EDIT_KEEP_IS(locale),
                component=ui.TextInput(
                    custom_id="keep",
                    default=None if kept is None else f"{kept:g}",
                    required=False,
                    max_length=8,
                ),
            )
        )

    @classmethod
    async def act(cls, interaction: discord.Interaction[Any], about: int, values: Values) -> None:
        """Edit the picture."""
        services, asker = services_of(interaction), of_interaction(interaction)
        ordering = services.actions.edit_picture(
            asker,
            id_in(values["picture"]) if "picture" in values else about,
            values["instruction"],
            keep=parse_number(kept) if (kept := values["keep"].strip()) else None,
        )
        await begin(interaction, ordering)


class EditNumbered(Button):
    """Opens the form for one of several pictures."""

    verb = Verb.EDIT_NUMBERED
    act = EditThis.act


class EditAsAsked(Button):
    """Edits one of several pictures as a member's reply says, which ours answers."""

    verb = Verb.EDIT_AS_ASKED

    async def act(self, interaction: discord.Interaction[Any]) -> None:
        """Edit the picture; if the reply is gone, ask for its words in a form."""
        services, asker = services_of(interaction), of_interaction(interaction)
        image, _ = await services.sight.picture(asker, self.about)
        instruction = await _asked_in(interaction)
        if not instruction:
            await interaction.response.send_modal(EditForm([image], asker.locale))
            return
        await begin(interaction, services.actions.edit_picture(asker, image.id, instruction))


async def _asked_in(interaction: discord.Interaction[Any]) -> str:
    """Return the instruction in the message that ours replies to; "" if it cannot be read."""
    message, me = interaction.message, interaction.client.user
    reference = None if message is None else message.reference
    if me is None or message is None or reference is None or reference.message_id is None:
        return ""
    try:
        asked = await message.channel.fetch_message(reference.message_id)
    except TROUBLE:
        return ""
    return numbered(words_in(asked.content, me.id))[1]


EDIT_BUTTONS: tuple[type[Button], ...] = (EditThis, EditNumbered, EditAsAsked)
"""All of them, which the client registers for dispatch."""
