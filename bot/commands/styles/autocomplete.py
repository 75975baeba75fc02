"""Autocomplete of the option `style`: the styles that a member may paint with, best match first."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.actions.asker import Asker
from bot.actions.styles.chosen import USUAL_STRENGTH
from bot.actions.styles.library import Found
from bot.actions.styles.names import NONE, USUAL, folded, last_piece
from bot.context import of_interaction
from bot.services import services_of
from bot.text.markdown import cut, shown
from bot.text.phrases import Phrase
from bot.text.styles import keeping
from bot.text.styles import painting as text
from generation.requests.comparisons import written
from storage.style_records import Style, StyleKind, StyleScope

MOST_CHOICES, MOST_CHARACTERS = 25, 100
"""Limits of Discord's on a list of choices, and on each of them."""

Choices = list[app_commands.Choice[str]]


async def complete_style(interaction: discord.Interaction[Any], current: str) -> Choices:
    """Return the styles that match what stands after the last comma, and a choice of none."""
    return await _complete(interaction, current, {"none": text.NO_STYLE})


async def complete_usual_style(interaction: discord.Interaction[Any], current: str) -> Choices:
    """Return the same for a setting, which can also be taken back."""
    said = {"none": text.NO_STYLE_HERE, "default": text.CHANNELS_STYLE}
    return await _complete(interaction, current, said)


async def _complete(
    interaction: discord.Interaction[Any], current: str, others: dict[str, Phrase]
) -> Choices:
    services, asker = services_of(interaction), of_interaction(interaction)
    before, name, strength = last_piece(current)
    found = await services.styles.search(asker, name, MOST_CHOICES)
    choices = [
        choice
        for style in found.styles
        if (choice := _choice(asker, found, style, before, strength)) is not None
    ]
    if not before:
        choices += [
            app_commands.Choice(name=phrase.plain(asker.locale), value=value)
            for value, phrase in others.items()
            if _means(name, value, phrase.plain(asker.locale))
        ]
    if len(choices) <= MOST_CHOICES:
        return choices
    # With nothing typed, what is not a style keeps its place at the end of the list.
    kept = len(choices) - len(found.styles)
    return [*choices[: MOST_CHOICES - kept], *choices[len(choices) - kept :]]


def _means(typed: str, value: str, label: str) -> bool:
    """Return True if what was typed may become a choice that is no style."""
    key = folded(typed)
    words = NONE if value == "none" else USUAL
    return any(word.startswith(key) for word in (*words, folded(label)))


def _choice(
    asker: Asker, found: Found, style: Style, before: str, strength: str
) -> app_commands.Choice[str] | None:
    """Return the choice of a style; None if its value would be too long for Discord."""
    strength = "" if style.kind is StyleKind.EMBEDDING else strength
    value = f"{before}{style.name}{strength}"
    if len(value) > MOST_CHARACTERS:
        return None
    hints = [shown(value), *_hints(asker, found, style, strength)]
    return app_commands.Choice(name=cut(" · ".join(hints), MOST_CHARACTERS), value=value)


def _hints(asker: Asker, found: Found, style: Style, strength: str) -> list[str]:
    """Return what is said of a style: its strength if unusual, its kind, and whose."""
    locale = asker.locale
    said = []
    if style.kind is StyleKind.LORA and not strength and style.strength != USUAL_STRENGTH:
        said.append(written(style.strength))
    said.append(keeping.KINDS[style.kind.value].plain(locale))
    whose = keeping.OF_SERVER if style.scope is StyleScope.SERVER else keeping.PRIVATE
    said.append((keeping.YOURS if style.owner_id == asker.member_id else whose).plain(locale))
    if style.id in found.made_for:
        said.append(text.FOR_OTHER_BASE.plain(locale, base=found.made_for[style.id]))
    return said
