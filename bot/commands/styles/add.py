"""/style add: a .safetensors file becomes a style."""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import discord
from discord import app_commands

from bot.actions.asker import Asker
from bot.actions.styles.adding import Wishes
from bot.commands.options import choices
from bot.components.answers import refusals_told
from bot.context import of_interaction
from bot.errors import Refusal
from bot.jobs.channel import NOBODY, files_of
from bot.jobs.styles.pages import Pictured
from bot.jobs.styles.previews import Told
from bot.jobs.trouble import TROUBLE
from bot.services import Services, services_of
from bot.text.commands import of
from bot.text.styles import commands as words
from bot.text.styles import keeping as text
from bot.uploads import ADAPTERS, check_adapter
from bot.views.page import note
from storage.records import WaitsFor
from storage.style_records import Style, StyleScope

log = logging.getLogger(__name__)

MOST_CHOICES = 25

LICENCES = (
    *("CreativeML OpenRAIL-M", "CreativeML OpenRAIL++-M", "CC0 1.0", "CC BY 4.0"),
    *("CC BY-NC 4.0", "CC BY-SA 4.0", "Apache-2.0", "MIT", "All rights reserved"),
)
"""Licences that adapters often have."""
NEW_SCOPES = [choice for choice in choices(text.SCOPES) if choice.value != "private"]
"""Who may use a new style; nobody's pictures are known to be in it."""


async def licences(_: discord.Interaction[Any], current: str) -> list[app_commands.Choice[str]]:
    """Return the usual licences with what was typed in their names."""
    found = [name for name in LICENCES if current.casefold() in name.casefold()]
    return [app_commands.Choice(name=name, value=name) for name in found[:MOST_CHOICES]]


@app_commands.command(name=of(words.ADD), description=of(words.ADD_IS))
@app_commands.rename(
    file=of(words.FILE),
    name=of(words.CALLED),
    trigger=of(words.TRIGGER),
    strength=of(words.STRENGTH),
    licence=of(words.LICENCE),
    who=of(words.WHO),
    source=of(words.SOURCE),
)
@app_commands.describe(
    file=of(words.FILE_IS),
    name=of(words.CALLED_IS),
    trigger=of(words.TRIGGER_IS),
    strength=of(words.STRENGTH_IS),
    licence=of(words.LICENCE_IS),
    who=of(words.WHO_IS),
    source=of(words.SOURCE_IS),
)
@app_commands.autocomplete(licence=licences)
@app_commands.choices(who=NEW_SCOPES)
@refusals_told
async def add_style(
    interaction: discord.Interaction[Any],
    file: discord.Attachment | None = None,
    name: str | None = None,
    trigger: str | None = None,
    strength: float = 1.0,
    licence: str | None = None,
    who: str = StyleScope.MINE.value,
    source: str | None = None,
) -> None:
    """Fetch the file, check it, and show the card of the style that it becomes."""
    services, asker = services_of(interaction), of_interaction(interaction)
    await services.style_adding.allow(asker)
    if (file is None) is (source is None):
        host = services.rules.is_host(asker)
        raise Refusal(text.FILE_OR_SOURCE_HOST if host else text.FILE_OR_SOURCE)
    if file is not None:
        check_adapter(file)
    wishes = Wishes(
        name=name, trigger=trigger, strength=strength, licence=licence, scope=StyleScope(who)
    )
    await services.deferred.defer(interaction, WaitsFor.UPLOAD)
    if file is not None:
        added = await _uploaded(services, asker, file, wishes)
    else:
        added = await services.style_adding.take(asker, source or "", wishes)
    shown = asyncio.Event()
    services.style_previews.begin(added, _told(interaction, asker, shown))
    try:
        await _show(interaction, await services.style_pages.added(asker, added))
    finally:
        shown.set()


async def _uploaded(
    services: Services, asker: Asker, file: discord.Attachment, wishes: Wishes
) -> Style:
    async def fetch(path: Path) -> None:
        await services.uploads.fetch_as_sent(file, path, ADAPTERS)

    return await services.style_adding.upload(asker, file.filename, fetch, wishes)


def _told(interaction: discord.Interaction[Any], asker: Asker, shown: asyncio.Event) -> Told:
    """Return what shows the preview on the card once it is painted, or why the style is gone.

    It waits until the card was `shown`, which would otherwise come later and stay.
    """
    pages = services_of(interaction).style_pages
    # What discord.py sends an answer with is known in the handler's context alone.
    context = contextvars.copy_context()

    async def told(style: Style | None, why: Callable[[str], str] | None) -> None:
        await shown.wait()
        if style is not None:
            drawn = await pages.added(asker, style)
        elif why is not None:
            drawn = note(why(asker.locale)), []
        else:
            return
        await asyncio.create_task(_show(interaction, drawn), context=context)

    return told


async def _show(interaction: discord.Interaction[Any], drawn: Pictured) -> None:
    """Show a page where "thinking …" or the page before stands; in a direct message if that is old.

    Without either, `/style show` says the same.
    """
    page, uploads = drawn
    try:
        await interaction.edit_original_response(
            view=page, attachments=await files_of(uploads), allowed_mentions=NOBODY
        )
    except TROUBLE:
        try:
            files = await files_of(uploads)
            await interaction.user.send(view=page, files=files, allowed_mentions=NOBODY)
        except TROUBLE as error:
            log.info("interaction %d got no card: %s", interaction.id, error)
