"""The form for a prompt to paint with a style: from the style's page, or its training's card."""

from __future__ import annotations

from typing import Any

import discord
from discord import ui

from bot.actions.asker import Asker
from bot.actions.parameters import MAX_PROMPT
from bot.components.answers import begin
from bot.components.forms import MOST_TITLE, Form, Values
from bot.context import of_interaction
from bot.services import Services, services_of
from bot.text.styles import keeping as text
from storage.style_records import Style, StyleKind


class PaintForm(Form):
    """The prompt of a round with a style."""

    def __init__(self, about: int, locale: str, style: Style) -> None:
        super().__init__(about, title=text.PAINT_TITLE.plain(locale, name=style.name)[:MOST_TITLE])
        words = style.name if style.kind is StyleKind.EMBEDDING else style.trigger
        field: ui.TextInput[Any] = ui.TextInput(
            custom_id="prompt",
            style=discord.TextStyle.paragraph,
            default=words[:MAX_PROMPT] or None,
            required=True,
            max_length=MAX_PROMPT,
        )
        hint = text.PROMPT_HINT.plain(locale) if words else None
        self.add_item(
            ui.Label(text=text.PROMPT_FIELD.plain(locale), description=hint, component=field)
        )

    @classmethod
    async def style(cls, services: Services, asker: Asker, about: int) -> Style:
        """Return the style to paint with; `Refusal` unless the member may."""
        raise NotImplementedError

    @classmethod
    async def act(cls, interaction: discord.Interaction[Any], about: int, values: Values) -> None:
        """Paint a round with the style."""
        services, asker = services_of(interaction), of_interaction(interaction)
        style = await cls.style(services, asker, about)
        given = {"prompt": values["prompt"]}
        await begin(interaction, services.actions.imagine(asker, given, style=style))


class StylePaintForm(PaintForm):
    """The form of a style's page."""

    verb = "style-paint-form"

    @classmethod
    async def style(cls, services: Services, asker: Asker, about: int) -> Style:
        """Return the style itself."""
        return await services.style_keeping.allow_use(asker, about)


class TrainingPaintForm(PaintForm):
    """The form of a training's card."""

    verb = "train-paint-form"

    @classmethod
    async def style(cls, services: Services, asker: Asker, about: int) -> Style:
        """Return the style that the training made."""
        return await services.training_control.style(asker, about)
