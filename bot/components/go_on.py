"""The buttons of a picture's panel that go on from it: vary, restyle, extend, zoom out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import discord
from discord import ui

from bot.actions.parameters import MAX_PROMPT, Parameters
from bot.actions.replays import Incomplete
from bot.actions.source_options import (
    PAINTED_ON,
    RESTYLED,
    STRONG,
    SUBTLE,
    VARIATIONS,
    WIDER,
    SourceOptions,
    parse_number,
)
from bot.components.buttons import Button
from bot.components.edit_form import EditThis
from bot.components.forms import Form, Values
from bot.context import of_interaction, sight
from bot.text import messages as text
from bot.text.phrases import Phrase
from bot.views.page import Page
from generation.catalog.entries import ENLARGED, ENLARGING, Defaults

if TYPE_CHECKING:
    from bot.components.buttons import Press


class _Onwards(Button):
    """Has a round painted that begins from the picture, in a message of its own."""

    verb = "onwards"
    phrase: ClassVar[Phrase]
    beginning: ClassVar[SourceOptions]
    count: ClassVar[int] = VARIATIONS
    usual: ClassVar[Defaults | None] = None
    as_large: ClassVar[bool] = True

    def __init__(self, image_id: int, locale: str) -> None:
        super().__init__(image_id, label=self.phrase(locale))

    async def act(self, interaction: Press) -> None:
        """Begin, on the board of whoever presses."""
        client, asker = interaction.client, of_interaction(interaction)
        with await client.painting.begin_from_picture(
            asker,
            self.about,
            self.beginning,
            count=self.count,
            usual=self.usual,
            as_large=self.as_large,
        ) as order:
            await client.delivery.begin(order, interaction)


class VarySubtle(_Onwards):
    """The same picture in other details."""

    verb, phrase, beginning = "vary-subtle", text.VARY_SUBTLE, SourceOptions(strength=SUBTLE)


class VaryStrong(_Onwards):
    """The same idea in another picture."""

    verb, phrase, beginning = "vary-strong", text.VARY_STRONG, SourceOptions(strength=STRONG)


class _Times(_Onwards):
    verb = "times"
    times: ClassVar[float]

    def __init__(self, image_id: int, locale: str) -> None:
        Button.__init__(self, image_id, label=self.phrase(locale, times=self.times))


class ZoomOut(_Times):
    """The picture smaller, and what lies around it."""

    phrase = text.ZOOM_OUT
    verb, times = "zoom-out", 1.5
    beginning = SourceOptions(strength=PAINTED_ON, within=WIDER["around"])


class ZoomFarOut(_Times):
    """Half as wide and high, and what lies around it."""

    phrase = text.ZOOM_OUT
    verb, times = "zoom-far-out", 2
    beginning = SourceOptions(strength=PAINTED_ON, within=WIDER["far"])


class _Upscale(_Times):
    verb = "upscale"
    phrase, count, as_large = text.UPSCALE, 1, False
    usual = ENLARGING


class Upscale2(_Upscale):
    """Twice as wide and high, with what was blurred drawn anew."""

    verb, times = "upscale-2", 2
    beginning = SourceOptions(strength=ENLARGED, times=2)


class Upscale4(_Upscale):
    """Four times as wide and high."""

    verb, times = "upscale-4", 4
    beginning = SourceOptions(strength=ENLARGED, times=4)


class _Extend(_Onwards):
    verb = "extend"
    as_large = False


class ExtendLeft(_Extend):
    """Half as wide again, to the left."""

    verb, phrase = "extend-left", text.EXTEND_LEFT
    beginning = SourceOptions(strength=PAINTED_ON, within=WIDER["left"])


class ExtendRight(_Extend):
    """Half as wide again, to the right."""

    verb, phrase = "extend-right", text.EXTEND_RIGHT
    beginning = SourceOptions(strength=PAINTED_ON, within=WIDER["right"])


class ExtendUp(_Extend):
    """Half as high again, upwards."""

    verb, phrase = "extend-up", text.EXTEND_UP
    beginning = SourceOptions(strength=PAINTED_ON, within=WIDER["up"])


class ExtendDown(_Extend):
    """Half as high again, downwards."""

    verb, phrase = "extend-down", text.EXTEND_DOWN
    beginning = SourceOptions(strength=PAINTED_ON, within=WIDER["down"])


class Restyle(Button):
    """Opens a form for other words and another strength."""

    verb = "restyle"

    def __init__(self, image_id: int, locale: str) -> None:
        super().__init__(image_id, label=text.RESTYLE(locale))

    async def act(self, interaction: Press) -> None:
        """Show the form, filled in with the picture's own."""
        asker = of_interaction(interaction)
        image, _ = await interaction.client.painting.picture_here(asker, self.about)
        own = SourceOptions.of(image.parameters)
        form = RestyleForm(
            image.id,
            asker.locale,
            prompt=Parameters.of(image.parameters).shows,
            strength=RESTYLED if own is None or own.within or own.mend else own.strength,
        )
        await interaction.response.send_modal(form)


class RestyleForm(Form):
    """A prompt and a strength."""

    verb = "restyle-form"

    def __init__(self, image_id: int, locale: str, *, prompt: str, strength: float) -> None:
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

    @classmethod
    async def act(cls, interaction: Press, about: int, values: Values) -> None:
        """Begin from the picture with what was written."""
        client, asker = interaction.client, of_interaction(interaction)
        beginning = SourceOptions(strength=parse_number(values["strength"]))
        with await client.painting.begin_from_picture(
            asker, about, beginning, prompt=values["prompt"]
        ) as order:
            await client.delivery.begin(order, interaction)


class Repaint(Button):
    """The very picture once more, from what its file says."""

    verb = "repaint"
    anyway: ClassVar[bool] = False
    phrase: ClassVar[Phrase] = text.REPAINT

    def __init__(self, image_id: int, locale: str) -> None:
        super().__init__(image_id, label=self.phrase(locale))

    async def act(self, interaction: Press) -> None:
        """Paint it, or say what is missing, with a button to paint without it."""
        client, asker = interaction.client, of_interaction(interaction)
        try:
            with await client.painting.repaint(
                asker, self.about, sight(interaction), anyway=self.anyway
            ) as order:
                await client.delivery.begin(order, interaction)
        except Incomplete as incomplete:
            sentence = ui.TextDisplay[Any](incomplete.by_button().said(asker.locale))
            button = ui.ActionRow[Any](RepaintAnyway(self.about, asker.locale))
            await interaction.response.send_message(view=Page(sentence, button), ephemeral=True)


class RepaintAnyway(Repaint):
    """Without pictures that steered it and are gone, and with another model, if need be."""

    verb, anyway, phrase = "repaint-anyway", True, text.PAINT_ANYWAY


ROWS: tuple[tuple[type[_Onwards] | type[Restyle] | type[EditThis] | type[Repaint], ...], ...] = (
    (VarySubtle, VaryStrong, Restyle, ZoomOut, ZoomFarOut),
    (ExtendLeft, ExtendRight, ExtendUp, ExtendDown),
    (Upscale2, Upscale4, EditThis, Repaint),
)
ONWARDS: tuple[type[Button], ...] = (*(kind for row in ROWS for kind in row), RepaintAnyway)
"""All of them, for the client to dispatch presses to."""


def onward_rows(image_id: int, locale: str) -> list[ui.ActionRow[Any]]:
    """The buttons as they stand in a panel."""
    return [ui.ActionRow(*(kind(image_id, locale) for kind in row)) for row in ROWS]
