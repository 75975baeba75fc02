"""The buttons, lists and forms on the pages of styles."""

from __future__ import annotations

from typing import Any

import discord
from discord import ui

from bot.actions.styles.keeping import MOST_LICENCE
from bot.actions.styles.naming import MOST_LETTERS
from bot.components.answers import id_in
from bot.components.buttons import Button
from bot.components.forms import Form, Values
from bot.components.styles.answers import export, sweep, turn_to, without_pictures
from bot.components.styles.paint_form import StylePaintForm
from bot.context import of_interaction
from bot.errors import Refusal
from bot.services import services_of
from bot.text.styles import keeping as text
from bot.views.page import note
from bot.views.press import Verb
from storage.style_records import Style, StyleScope

Interaction = discord.Interaction[Any]


def _chosen(interaction: Interaction) -> str:
    """Return what was chosen in a list; empty where Discord sends none."""
    data: dict[str, Any] = dict(interaction.data or {})
    values = data.get("values")
    return str(values[0]) if isinstance(values, list) and values else ""


class TurnStyles(Button):
    """Button to a page of the list; remembers the page."""

    verb = Verb.STYLES

    async def act(self, interaction: Interaction) -> None:
        """Show that page."""
        services, asker = services_of(interaction), of_interaction(interaction)
        await turn_to(
            interaction, without_pictures(services.style_pages.listing(asker, self.about))
        )


class PickStyle(Button):
    """The list that opens a style's card; what is chosen is the id."""

    verb = Verb.STYLE_PICK

    async def act(self, interaction: Interaction) -> None:
        """Open its card as an answer of its own, so that the list stays."""
        services, asker = services_of(interaction), of_interaction(interaction)
        await turn_to(interaction, services.style_pages.card(asker, id_in(_chosen(interaction))))


class ShowStyle(Button):
    """Button to the card of a style."""

    verb = Verb.STYLE

    async def act(self, interaction: Interaction) -> None:
        """Show it."""
        services, asker = services_of(interaction), of_interaction(interaction)
        await turn_to(interaction, services.style_pages.card(asker, self.about))


class PaintWithStyle(Button):
    """Button that opens a form for a prompt to paint with a style."""

    verb = Verb.STYLE_PAINT

    async def act(self, interaction: Interaction) -> None:
        """Show the form."""
        services, asker = services_of(interaction), of_interaction(interaction)
        style = await services.style_keeping.allow_use(asker, self.about)
        form = StylePaintForm(self.about, asker.locale, style)
        await interaction.response.send_modal(form)


class SweepStyle(Button):
    """Button that paints a comparison of a style's strengths."""

    verb = Verb.STYLE_SWEEP

    async def act(self, interaction: Interaction) -> None:
        """Paint it as an ordinary round."""
        await sweep(interaction, self.about)


class RenameStyle(Button):
    """Button that opens the form for a style's name."""

    verb = Verb.STYLE_RENAME

    async def act(self, interaction: Interaction) -> None:
        """Show the form, filled in with the name as it is."""
        services, asker = services_of(interaction), of_interaction(interaction)
        style = await services.style_keeping.get(asker, self.about)
        if not services.style_keeping.rights(asker, style).rename:
            raise Refusal(text.NOT_YOURS)
        await interaction.response.send_modal(StyleNameForm(style, asker.locale))


class SayLicence(Button):
    """Button that opens the form for the licence of a file that names none."""

    verb = Verb.STYLE_LICENCE

    async def act(self, interaction: Interaction) -> None:
        """Show the form."""
        services, asker = services_of(interaction), of_interaction(interaction)
        style = await services.style_keeping.get(asker, self.about)
        if not services.style_keeping.rights(asker, style).rename:
            raise Refusal(text.NOT_YOURS)
        await interaction.response.send_modal(StyleLicenceForm(style, asker.locale))


class ShareStyle(Button):
    """Button that asks who may use a style."""

    verb = Verb.STYLE_SHARE

    async def act(self, interaction: Interaction) -> None:
        """Show the question in place of the card."""
        services, asker = services_of(interaction), of_interaction(interaction)
        await turn_to(
            interaction, without_pictures(services.style_pages.sharing(asker, self.about))
        )


class StyleShared(Button):
    """The list of who may use a style."""

    verb = Verb.STYLE_SHARED

    async def act(self, interaction: Interaction) -> None:
        """Store what was chosen, and go back to the card."""
        services, asker = services_of(interaction), of_interaction(interaction)
        chosen = _chosen(interaction)
        if chosen not in {scope.value for scope in StyleScope}:
            raise Refusal(text.NO_SUCH_STYLE)
        style = await services.style_keeping.share(asker, self.about, StyleScope(chosen))
        await turn_to(interaction, services.style_pages.changed(asker, style))


class ExportStyle(Button):
    """Button that sends a style's file in private."""

    verb = Verb.STYLE_EXPORT

    async def act(self, interaction: Interaction) -> None:
        """Send it."""
        await export(interaction, self.about)


class DeleteStyle(Button):
    """Button that asks if a style should be deleted."""

    verb = Verb.STYLE_DELETE

    async def act(self, interaction: Interaction) -> None:
        """Show the question in place of the card."""
        services, asker = services_of(interaction), of_interaction(interaction)
        await turn_to(
            interaction, without_pictures(services.style_pages.deletion(asker, self.about))
        )


class DeleteStyleNow(Button):
    """Button that deletes a style and its file."""

    verb = Verb.STYLE_DELETE_NOW

    async def act(self, interaction: Interaction) -> None:
        """Delete it, and say so in place of the question."""
        services, asker = services_of(interaction), of_interaction(interaction)
        style = await services.style_keeping.delete(asker, self.about)
        if style.job_id is not None:
            services.training_jobs.refresh(style.job_id)  # Its card shows what the style painted.
        page = note(text.DELETED(asker.locale, name=style.name))

        async def drawn() -> Any:
            return page, []

        await turn_to(interaction, drawn())


class StyleNameForm(Form):
    """The name of a style."""

    verb = "style-rename-form"

    def __init__(self, style: Style, locale: str) -> None:
        super().__init__(style.id, title=text.RENAME_TITLE.plain(locale))
        self.add_item(
            ui.Label(
                text=text.NAME_FIELD.plain(locale),
                component=ui.TextInput(
                    custom_id="name", default=style.name, max_length=MOST_LETTERS
                ),
            )
        )

    @classmethod
    async def act(cls, interaction: Interaction, about: int, values: Values) -> None:
        """Rename it, and show the card."""
        services, asker = services_of(interaction), of_interaction(interaction)
        style = await services.style_keeping.rename(asker, about, values["name"])
        await turn_to(interaction, services.style_pages.card(asker, style.id))


class StyleLicenceForm(Form):
    """The licence of a style whose file names none."""

    verb = "style-licence-form"

    def __init__(self, style: Style, locale: str) -> None:
        super().__init__(style.id, title=text.LICENCE_TITLE.plain(locale))
        self.add_item(
            ui.Label(
                text=text.LICENCE_FIELD.plain(locale),
                description=text.LICENCE_HINT.plain(locale),
                component=ui.TextInput(custom_id="licence", max_length=MOST_LICENCE),
            )
        )

    @classmethod
    async def act(cls, interaction: Interaction, about: int, values: Values) -> None:
        """Note it, and show the card."""
        services, asker = services_of(interaction), of_interaction(interaction)
        style = await services.style_keeping.say_licence(asker, about, values["licence"])
        await turn_to(interaction, services.style_pages.card(asker, style.id))


STYLE_BUTTONS: tuple[type[Button], ...] = (
    TurnStyles,
    PickStyle,
    ShowStyle,
    PaintWithStyle,
    SweepStyle,
    RenameStyle,
    SayLicence,
    ShareStyle,
    StyleShared,
    ExportStyle,
    DeleteStyle,
    DeleteStyleNow,
)
"""All of them, which the client registers for dispatch."""
STYLE_FORMS: tuple[type[Form], ...] = (StylePaintForm, StyleNameForm, StyleLicenceForm)
"""All of them, likewise."""
