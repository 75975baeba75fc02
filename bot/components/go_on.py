"""The buttons of a picture's panel that go on from it: vary, restyle, extend, zoom out."""

from __future__ import annotations

from typing import Any, ClassVar

import discord
from discord import ui

from bot.actions.follow_ups import restyling_strength
from bot.actions.parameters import MAX_PROMPT, Parameters
from bot.actions.replays import Incomplete
from bot.actions.source_options import (
    PAINTED_ON,
    STRONG,
    SUBTLE,
    VARIATIONS,
    WIDER,
    SourceOptions,
    members_words,
    parse_number,
)
from bot.actions.styles.chosen import chosen_in, typed
from bot.actions.styles.names import MOST_TYPED
from bot.components.answers import answer_privately, begin
from bot.components.buttons import Button
from bot.components.forms import Form, Values
from bot.context import of_interaction
from bot.services import services_of
from bot.text import messages as text
from bot.views.offers import repaint_page
from bot.views.press import Verb
from generation.catalog.entries import ENLARGED, ENLARGING, Defaults


class _GoOn(Button):
    """Base of the buttons that start a round from the picture, in a message of its own."""

    source_options: ClassVar[SourceOptions]
    count: ClassVar[int] = VARIATIONS
    usual: ClassVar[Defaults | None] = None
    as_large: ClassVar[bool] = True

    async def act(self, interaction: discord.Interaction[Any]) -> None:
        """Start the round, on the board of the member who pressed."""
        services, asker = services_of(interaction), of_interaction(interaction)
        ordering = services.actions.begin_from_picture(
            asker,
            self.about,
            self.source_options,
            count=self.count,
            usual=self.usual,
            as_large=self.as_large,
        )
        await begin(interaction, ordering)


class VarySubtle(_GoOn):
    """Varies the details of the picture."""

    verb, source_options = Verb.VARY_SUBTLE, SourceOptions(strength=SUBTLE)


class VaryStrong(_GoOn):
    """Varies the picture strongly: the same idea in another picture."""

    verb, source_options = Verb.VARY_STRONG, SourceOptions(strength=STRONG)


class ZoomOut(_GoOn):
    """Zooms out: the picture smaller, and its surroundings."""

    verb = Verb.ZOOM_OUT
    source_options = SourceOptions(strength=PAINTED_ON, within=WIDER["around"])


class ZoomFarOut(_GoOn):
    """Zooms out to half the width and height."""

    verb = Verb.ZOOM_FAR_OUT
    source_options = SourceOptions(strength=PAINTED_ON, within=WIDER["far"])


class _Upscale(_GoOn):
    count, as_large = 1, False
    usual = ENLARGING


class Upscale2(_Upscale):
    """Upscales to twice the width and height, with blurred parts repainted."""

    verb = Verb.UPSCALE_2
    source_options = SourceOptions(strength=ENLARGED, times=2)


class Upscale4(_Upscale):
    """Upscales to four times the width and height."""

    verb = Verb.UPSCALE_4
    source_options = SourceOptions(strength=ENLARGED, times=4)


class _Extend(_GoOn):
    as_large = False


class ExtendLeft(_Extend):
    """Extends the picture by half its width to the left."""

    verb = Verb.EXTEND_LEFT
    source_options = SourceOptions(strength=PAINTED_ON, within=WIDER["left"])


class ExtendRight(_Extend):
    """Extends the picture by half its width to the right."""

    verb = Verb.EXTEND_RIGHT
    source_options = SourceOptions(strength=PAINTED_ON, within=WIDER["right"])


class ExtendUp(_Extend):
    """Extends the picture by half its height upwards."""

    verb = Verb.EXTEND_UP
    source_options = SourceOptions(strength=PAINTED_ON, within=WIDER["up"])


class ExtendDown(_Extend):
    """Extends the picture by half its height downwards."""

    verb = Verb.EXTEND_DOWN
    source_options = SourceOptions(strength=PAINTED_ON, within=WIDER["down"])


class Restyle(Button):
    """Opens a form for other words, another strength and other styles."""

    verb = Verb.RESTYLE

    async def act(self, interaction: discord.Interaction[Any]) -> None:
        """Show the form, filled in with the picture's own."""
        asker = of_interaction(interaction)
        image, _ = await services_of(interaction).sight.picture(asker, self.about)
        form = RestyleForm(
            image.id,
            asker.locale,
            prompt=members_words(Parameters.of(image.parameters).shows),
            strength=restyling_strength(image),
            styles=typed(chosen_in(image.parameters)),
        )
        await interaction.response.send_modal(form)


class RestyleForm(Form):
    """Form for a prompt, a strength and styles."""

    verb = "restyle-form"

    def __init__(
        self, image_id: int, locale: str, *, prompt: str, strength: float, styles: str
    ) -> None:
        super().__init__(image_id, title=text.RESTYLE_TITLE(locale))
        self.add_item(
            ui.Label(
                text=text.RESTYLE_PROMPT(locale),
                component=ui.TextInput(
                    custom_id="prompt",
                    style=discord.TextStyle.paragraph,
                    default=prompt,
                    max_length=MAX_PROMPT,
                ),
            )
        )
        self.add_item(
            ui.Label(
                text=text.RESTYLE_STRENGTH(locale),
                description=text.RESTYLE_STRENGTH_IS(locale),
                component=ui.TextInput(custom_id="strength", default=f"{strength:g}", max_length=8),
            )
        )
        self.add_item(
            ui.Label(
                text=text.RESTYLE_STYLE(locale),
                description=text.RESTYLE_STYLE_IS(locale),
                component=ui.TextInput(
                    custom_id="style",
                    default=styles[:MOST_TYPED] or None,
                    required=False,
                    max_length=MOST_TYPED,
                ),
            )
        )

    @classmethod
    async def act(cls, interaction: discord.Interaction[Any], about: int, values: Values) -> None:
        """Begin from the picture with what was written."""
        services, asker = services_of(interaction), of_interaction(interaction)
        source_options = SourceOptions(strength=parse_number(values["strength"]))
        ordering = services.actions.begin_from_picture(
            # A form that was opened by an earlier version has no such field.
            asker,
            about,
            source_options,
            prompt=values["prompt"],
            style=values.get("style"),
        )
        await begin(interaction, ordering)


class Repaint(Button):
    """Paints the same picture again, from its file's record."""

    verb = Verb.REPAINT
    anyway: ClassVar[bool] = False

    async def act(self, interaction: discord.Interaction[Any]) -> None:
        """Paint it, or say what is missing, with a button to paint without it."""
        services, asker = services_of(interaction), of_interaction(interaction)
        try:
            ordering = services.actions.repaint(asker, self.about, anyway=self.anyway)
            await begin(interaction, ordering)
        except Incomplete as incomplete:
            sentence = incomplete.by_button().said(asker.locale)
            page = repaint_page(asker.locale, sentence, self.about)
            await answer_privately(interaction, page)


class RepaintAnyway(Repaint):
    """Without pictures that steered it and are gone, and with another model, if need be."""

    verb, anyway = Verb.REPAINT_ANYWAY, True


GO_ON_BUTTONS: tuple[type[Button], ...] = (
    VarySubtle,
    VaryStrong,
    Restyle,
    ZoomOut,
    ZoomFarOut,
    ExtendLeft,
    ExtendRight,
    ExtendUp,
    ExtendDown,
    Upscale2,
    Upscale4,
    Repaint,
    RepaintAnyway,
)
"""All of them, which the client registers for dispatch."""
