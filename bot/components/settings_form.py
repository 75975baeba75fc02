"""A member's own settings: the lists, the forms and the reset on the page of /settings."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ClassVar

import discord
from discord import ui

from bot.actions.asker import Asker
from bot.actions.member_settings import FEEDBACK, MemberSettings, Overview
from bot.actions.parameters import MAX_PROMPT
from bot.actions.source_options import parse_number
from bot.actions.styles.names import MOST_TYPED as MOST_STYLES
from bot.actions.styles.names import USUAL, folded
from bot.components.answers import redraw, show
from bot.components.buttons import Button
from bot.components.forms import Form, Values
from bot.context import of_interaction
from bot.errors import Refusal
from bot.services import services_of
from bot.text import member_settings as text
from bot.text.commands import PRESETS
from bot.text.phrases import Phrase
from bot.views.member_settings import BALANCED, MODELS, settings_page, typed
from bot.views.page import Page
from bot.views.press import Verb
from generation.protocol.samplers import SAMPLERS

MOST_TYPED = 40
"""Characters of a field for a number or a size."""
LENGTHS: Mapping[str, int] = {"negative_prompt": MAX_PROMPT, "style": MOST_STYLES}
"""Characters of the longer ones."""


def parse_whole(written: str) -> int:
    """Parse a whole number; `Refusal` for anything else."""
    try:
        return int(written.strip())
    except ValueError:
        raise Refusal(text.WHOLE_NUMBER_NOT_UNDERSTOOD, given=written[:20]) from None


def read_style(written: str) -> str | None:
    """Return a style as it was typed; None for the word that takes the member's own back."""
    return None if folded(written) in USUAL else written.strip()


READ: Mapping[str, Callable[[str], Any]] = {
    "size": str.strip,
    "style": read_style,
    "count": parse_whole,
    "steps": parse_whole,
    "guidance": parse_number,
    "negative_prompt": str.strip,
    **dict.fromkeys([name for name in FEEDBACK if name != "feedback_preset"], parse_number),
}
"""How each field of the forms is read."""


async def _answer(
    interaction: discord.Interaction[Any],
    work: Callable[[MemberSettings, Asker], Awaitable[Overview]],
) -> None:
    """Do something with the settings of whoever acts, and show their page as it is then."""
    services, asker = services_of(interaction), of_interaction(interaction)

    async def page() -> Page:
        return settings_page(asker.locale, await work(services.member_settings, asker))

    message = interaction.message
    if message is not None and message.flags.ephemeral:
        await redraw(interaction, page())
    else:  # A forged press: the message shows something else.
        await show(interaction, page())


class _Choose(Button):
    """Base of the lists, of which one value is chosen."""

    setting: ClassVar[str]
    known: ClassVar[Mapping[str, object]]
    none: ClassVar[str]
    """The value that takes the member's own back."""

    async def act(self, interaction: discord.Interaction[Any]) -> None:
        """Store what was chosen."""
        data: dict[str, Any] = dict(interaction.data or {})
        (value, *_) = data.get("values") or [self.none]
        chosen = value if value in self.known and value != self.none else None
        await _answer(
            interaction, lambda settings, asker: settings.change(asker, {self.setting: chosen})
        )


class ChooseSampler(_Choose):
    """The list of samplers."""

    verb, setting, known, none = Verb.SET_SAMPLER, "scheduler", SAMPLERS, MODELS


class ChoosePreset(_Choose):
    """The list of presets of feedback."""

    verb, setting, known, none = Verb.SET_PRESET, "feedback_preset", PRESETS, BALANCED


class ResetSettings(Button):
    """Button that takes all of a member's settings back."""

    verb = Verb.RESET_SETTINGS

    async def act(self, interaction: discord.Interaction[Any]) -> None:
        """Forget them, and show what holds now."""
        await _answer(interaction, lambda settings, asker: settings.reset(asker))


class SettingsForm(Form):
    """Base of the forms of up to five settings; an empty field takes the member's own back."""

    title_of: ClassVar[Phrase]
    names: ClassVar[tuple[str, ...]]

    def __init__(self, locale: str, chosen: Mapping[str, Any]) -> None:
        super().__init__(0, title=self.title_of.plain(locale))
        for name in self.names:
            words = name == "negative_prompt"
            self.add_item(
                ui.Label(
                    text=text.NAMES[name].plain(locale),
                    description=text.HINTS[name].plain(locale),
                    component=ui.TextInput(
                        custom_id=name,
                        style=discord.TextStyle.paragraph if words else discord.TextStyle.short,
                        default=typed(chosen[name]) if name in chosen else None,
                        required=False,
                        max_length=LENGTHS.get(name, MOST_TYPED),
                    ),
                )
            )

    @classmethod
    async def act(
        cls,
        interaction: discord.Interaction[Any],
        about: int,  # noqa: ARG003 - these are about whoever sends them
        values: Values,
    ) -> None:
        """Store what was written."""
        changes = {
            name: READ[name](values[name]) if values[name].strip() else None for name in cls.names
        }
        await _answer(interaction, lambda settings, asker: settings.change(asker, changes))


class PictureSettingsForm(SettingsForm):
    """What new boards' pictures are like."""

    verb, title_of = "picture-settings-form", text.PICTURES_TITLE
    names = ("size", "count", "steps", "guidance", "negative_prompt")


class StyleSettingsForm(SettingsForm):
    """What new boards are painted with, unless their member says otherwise."""

    verb, title_of = "style-settings-form", text.STYLE_TITLE
    names = ("style",)


class SteeringSettingsForm(SettingsForm):
    """How likes steer: the numbers that a preset stands for."""

    verb, title_of = "steering-settings-form", text.STEERING_TITLE
    names = tuple(name for name in FEEDBACK if name != "feedback_preset")


class _OpenSettings(Button):
    """Base of the buttons that open a form."""

    form: ClassVar[type[SettingsForm]]

    async def act(self, interaction: discord.Interaction[Any]) -> None:
        """Show the form, filled in with the member's own."""
        asker = of_interaction(interaction)
        chosen = await services_of(interaction).member_settings.of(asker)
        await interaction.response.send_modal(self.form(asker.locale, chosen))


class OpenPictureSettings(_OpenSettings):
    """Opens the form of what pictures are like."""

    verb, form = Verb.SET_PICTURES, PictureSettingsForm


class OpenStyleSettings(_OpenSettings):
    """Opens the form of the usual style."""

    verb, form = Verb.SET_STYLE, StyleSettingsForm


class OpenSteeringSettings(_OpenSettings):
    """Opens the form of how likes steer."""

    verb, form = Verb.SET_STEERING, SteeringSettingsForm


SETTINGS_BUTTONS: tuple[type[Button], ...] = (
    ChooseSampler,
    ChoosePreset,
    OpenPictureSettings,
    OpenStyleSettings,
    OpenSteeringSettings,
    ResetSettings,
)
"""All of them, which the client registers for dispatch."""
SETTINGS_FORMS: tuple[type[Form], ...] = (
    PictureSettingsForm,
    StyleSettingsForm,
    SteeringSettingsForm,
)
"""All of them, likewise."""
