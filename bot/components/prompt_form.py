"""Changing the words before the next round, or before a picture is varied: buttons and forms."""

from __future__ import annotations

from typing import Any, ClassVar

import discord
from discord import ui

from bot.actions.follow_ups import Wording
from bot.actions.parameters import MAX_PROMPT
from bot.components.answers import begin
from bot.components.buttons import Button
from bot.components.forms import Form, Values
from bot.context import of_interaction
from bot.services import Services, services_of
from bot.text import prompt_form as text
from bot.text.phrases import Phrase
from bot.views.press import Verb


class _PromptForm(Form):
    """Base of the forms for a prompt and, where the model takes one, a negative prompt."""

    title_of: ClassVar[Phrase]

    def __init__(self, about: int, locale: str, wording: Wording, *, negatives: bool) -> None:
        super().__init__(about, title=self.title_of.plain(locale))
        self._ask("prompt", text.PROMPT.plain(locale), wording.prompt, required=True)
        if negatives:
            negative = wording.negative_prompt or ""
            self._ask("negative", text.NEGATIVE.plain(locale), negative, required=False)

    def _ask(self, name: str, label: str, before: str, *, required: bool) -> None:
        field: ui.TextInput[Any] = ui.TextInput(
            custom_id=name,
            style=discord.TextStyle.paragraph,
            # Discord refuses a form with more in a field than fits into it.
            default=before[:MAX_PROMPT] or None,
            required=required,
            max_length=MAX_PROMPT,
        )
        self.add_item(ui.Label(text=label, component=field))


class NextPromptForm(_PromptForm):
    """The words of the next round."""

    verb, title_of = "next-prompt-form", text.CHANGE_TITLE

    @classmethod
    async def act(cls, interaction: discord.Interaction[Any], about: int, values: Values) -> None:
        """Paint the next round with them."""
        services, asker = services_of(interaction), of_interaction(interaction)
        ordering = services.actions.next_round(asker, about, _wording(services, values))
        await begin(interaction, ordering)


class VaryPromptForm(_PromptForm):
    """The words with which a picture is varied."""

    verb, title_of = "vary-prompt-form", text.VARY_TITLE

    @classmethod
    async def act(cls, interaction: discord.Interaction[Any], about: int, values: Values) -> None:
        """Vary the picture with them."""
        services, asker = services_of(interaction), of_interaction(interaction)
        ordering = services.actions.vary_reworded(asker, about, _wording(services, values))
        await begin(interaction, ordering)


class ChangePrompt(Button):
    """Button in a round's panel that opens the form for the next round's words."""

    verb = Verb.CHANGE_PROMPT

    async def act(self, interaction: discord.Interaction[Any]) -> None:
        """Show the form, filled in with the words as they are."""
        services, asker = services_of(interaction), of_interaction(interaction)
        wording = await services.follow_ups.wording_of_next(asker, self.about)
        negatives = services.follow_ups.takes_negatives()
        form = NextPromptForm(self.about, asker.locale, wording, negatives=negatives)
        await interaction.response.send_modal(form)


class VaryPrompt(Button):
    """Button in a picture's panel that opens the form for the words to vary it with."""

    verb = Verb.VARY_PROMPT

    async def act(self, interaction: discord.Interaction[Any]) -> None:
        """Show the form, filled in with the picture's own words."""
        services, asker = services_of(interaction), of_interaction(interaction)
        wording = await services.follow_ups.wording_of_picture(asker, self.about)
        negatives = services.follow_ups.takes_negatives()
        form = VaryPromptForm(self.about, asker.locale, wording, negatives=negatives)
        await interaction.response.send_modal(form)


def _wording(services: Services, values: Values) -> Wording:
    negative = values["negative"] if services.follow_ups.takes_negatives() else None
    return Wording(prompt=values["prompt"], negative_prompt=negative)


PROMPT_BUTTONS: tuple[type[Button], ...] = (ChangePrompt, VaryPrompt)
"""Both of them, which the client registers for dispatch."""
PROMPT_FORMS: tuple[type[Form], ...] = (NextPromptForm, VaryPromptForm)
"""Both of them, likewise."""
