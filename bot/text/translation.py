"""Tells Discord the names and descriptions of commands in other languages."""

from __future__ import annotations

import discord
from discord import app_commands


class Translation(app_commands.Translator):
    """Finds the translation that each string of a command carries (`bot.text.commands.of`)."""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,  # noqa: ARG002
    ) -> str | None:
        """Return the string in `locale`; None: as it is."""
        if locale is discord.Locale.japanese:
            return string.extras.get("ja")
        return None
