"""The bot's client in the playground, where members speak the languages that they are given."""

from __future__ import annotations

from typing import Any

import discord

from bot.client import Konomi


class PlaygroundClient(Konomi):
    """Konomi, told of each member's language: SimCord says en-US for everybody."""

    locales: dict[int, discord.Locale]

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        """Hand an event to its handlers, an interaction in its member's language."""
        if event == "interaction":
            (interaction,) = args
            interaction.locale = self.locales.get(interaction.user.id, interaction.locale)
        super().dispatch(event, *args, **kwargs)
