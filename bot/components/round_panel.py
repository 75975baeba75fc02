"""Handlers of a round's private panel: ⋯, its pictures, 👎, settings, and deleting, which asks."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

import discord

from bot.components.answers import id_in, is_private, redraw, show, show_pictured
from bot.components.buttons import Button
from bot.context import of_interaction
from bot.services import services_of
from bot.text import messages as text
from bot.views.page import Page, note
from bot.views.press import Verb


class RoundPanel(Button):
    """The button ⋯ of a round, which opens its private panel, or leads back to it."""

    verb = Verb.ROUND

    async def act(self, interaction: discord.Interaction[Any]) -> None:
        """Open the round's panel."""
        services, asker = services_of(interaction), of_interaction(interaction)
        await _turn(interaction, services.pages.round_panel(asker, self.about))


class RoundSettings(Button):
    """Button in a round's panel that shows what the round was made with."""

    verb = Verb.SETTINGS

    async def act(self, interaction: discord.Interaction[Any]) -> None:
        """Show the settings in place of the panel."""
        services, asker = services_of(interaction), of_interaction(interaction)
        await _turn(interaction, services.pages.round_settings(asker, self.about))


class Pick(Button):
    """The select in round panels of earlier versions, which opens the panel of a picture."""

    verb = Verb.PICK

    async def act(self, interaction: discord.Interaction[Any]) -> None:
        """Open the picture's panel."""
        services, asker = services_of(interaction), of_interaction(interaction)
        data: dict[str, Any] = dict(interaction.data or {})
        picked = [id_in(str(each)) for each in data.get("values", ())]
        about = picked[0] if picked else 0
        await show_pictured(interaction, services.pages.picture_panel(asker, about))


class PanelDislike(Button):
    """The button 👎 of a picture in its round's panel."""

    verb = Verb.PANEL_DISLIKE

    async def act(self, interaction: discord.Interaction[Any]) -> None:
        """Store the rating, and show it in the panel and soon on the round's message."""
        services, asker = services_of(interaction), of_interaction(interaction)

        async def rated() -> Page | None:
            vote = await services.actions.rate(asker, self.about, -1)
            services.results.refresh(vote.round_id, vote.part)
            if not is_private(interaction):  # Forged: what only one may see is shown to nobody.
                return None
            return await services.pages.round_panel(asker, vote.round_id)

        await redraw(interaction, rated())


class Delete(Button):
    """Button that asks if a round and its pictures should be deleted."""

    verb = Verb.DELETE

    async def act(self, interaction: discord.Interaction[Any]) -> None:
        """Ask those who may delete it."""
        services, asker = services_of(interaction), of_interaction(interaction)
        _, place = await services.sight.round(asker, self.about)
        services.rules.allow_delete(asker, place)
        await _turn(interaction, services.pages.deletion(asker, self.about))


class DeleteNow(Button):
    """Button that deletes a round and its pictures."""

    verb = Verb.DELETE_NOW

    async def act(self, interaction: discord.Interaction[Any]) -> None:
        """Delete from the store first: what is gone there must not be shown again."""
        services, asker = services_of(interaction), of_interaction(interaction)
        await services.actions.delete(asker, self.about)
        await services.deletion.take_up()
        if is_private(interaction):
            await interaction.response.edit_message(view=note(text.DELETED(asker.locale)))
        else:
            await interaction.response.defer()


async def _turn(interaction: discord.Interaction[Any], drawing: Awaitable[Page]) -> None:
    """Show a private page: in place of the one with the button, or as a message of its own."""
    await (redraw if is_private(interaction) else show)(interaction, drawing)


PANEL_BUTTONS: tuple[type[Button], ...] = (
    RoundPanel,
    RoundSettings,
    Pick,
    PanelDislike,
    Delete,
    DeleteNow,
)
"""All of them, which the client registers for dispatch."""
