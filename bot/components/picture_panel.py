"""Handlers of a picture's private panel: 👍 and 👎, and its details, which are folded at first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import discord

from bot.components.answers import redraw, show_pictured
from bot.components.buttons import Button
from bot.context import of_interaction
from bot.jobs.channel import Upload
from bot.services import services_of
from bot.views.page import Page
from bot.views.press import Verb, custom_id


class _InPanel(Button):
    """Base of the buttons that show the panel in place of itself."""

    unfolds: ClassVar[bool | None] = None
    """True if the details are shown from now on; None: if they were."""

    async def panel(self, interaction: discord.Interaction[Any]) -> tuple[Page, Sequence[Upload]]:
        """Return the panel as it is now."""
        services, asker = services_of(interaction), of_interaction(interaction)
        unfolded = self.unfolds
        if unfolded is None:
            unfolded = _has(interaction, custom_id(Verb.FOLD, self.about))
        return await services.pages.picture_panel(asker, self.about, unfolded=unfolded)


class _RateInPanel(_InPanel):
    value: ClassVar[int]

    async def act(self, interaction: discord.Interaction[Any]) -> None:
        """Store the rating and show it; the round's message soon shows it, too."""
        services, asker = services_of(interaction), of_interaction(interaction)

        async def rated() -> Page | None:
            vote = await services.actions.rate(asker, self.about, self.value)
            services.results.refresh(vote.round_id, vote.part)
            if not _is_panel(interaction, self.about):  # Forged: it stays as it is.
                return None
            page, _ = await self.panel(interaction)
            return page

        await redraw(interaction, rated())


class LikeInPanel(_RateInPanel):
    """The button 👍 in a picture's panel."""

    verb, value = Verb.PICTURE_LIKE, 1


class DislikeInPanel(_RateInPanel):
    """The button 👎 in a picture's panel."""

    verb, value = Verb.PICTURE_DISLIKE, -1


class _Turn(_InPanel):
    async def act(self, interaction: discord.Interaction[Any]) -> None:
        """Show the panel, or open one if the press did not come from it."""
        if not _is_panel(interaction, self.about):
            await show_pictured(interaction, self.panel(interaction))
            return

        async def turned() -> Page:
            page, _ = await self.panel(interaction)
            return page

        await redraw(interaction, turned())


class Unfold(_Turn):
    """Button that shows the picture's settings, what steered it, and its history."""

    verb, unfolds = Verb.DETAILS, True


class Fold(_Turn):
    """Button that folds the details again."""

    verb, unfolds = Verb.FOLD, False


PICTURE_PANEL_BUTTONS: tuple[type[Button], ...] = (LikeInPanel, DislikeInPanel, Unfold, Fold)
"""All of them, which the client registers for dispatch."""


def _is_panel(interaction: discord.Interaction[Any], image_id: int) -> bool:
    """Return True if the press came from a panel of this picture that only the member sees."""
    message = interaction.message
    if message is None or not message.flags.ephemeral:
        return False
    return any(_has(interaction, custom_id(verb, image_id)) for verb in (Verb.DETAILS, Verb.FOLD))


def _has(interaction: discord.Interaction[Any], id_: str) -> bool:
    """Return True if the message of the press has a component with this custom id."""
    components = [] if interaction.message is None else list(interaction.message.components)
    while components:
        component = components.pop()
        if getattr(component, "custom_id", None) == id_:
            return True
        components += getattr(component, "children", [])
    return False
