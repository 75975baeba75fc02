"""Answers with the pages of styles: in private, in place of the page that was pressed on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

import discord

from bot.actions.asker import Asker
from bot.actions.orders import Order
from bot.actions.parameters import Parameters
from bot.actions.styles.chosen import ChosenStyle
from bot.components.answers import begin, is_private, show_pictured
from bot.context import of_interaction
from bot.errors import Refusal, problems_told
from bot.jobs.channel import NOBODY, Upload, files_of
from bot.jobs.styles.pages import Pictured
from bot.services import Services, services_of
from bot.text.markdown import Markup, code
from bot.text.styles import keeping as text
from bot.views.page import Page, note
from generation.requests.comparisons import count_of, read_axis
from storage.style_records import Style, StyleKind

Interaction = discord.Interaction[Any]

MIB = 2**20
TOO_LARGE = 413
"""HTTP status of files that Discord does not take."""
STRENGTHS = "0, 0.25, 0.5, 0.75, 1, 1.25"
"""Strengths that a sweep compares by default."""


async def turn_to(interaction: Interaction, drawing: Awaitable[Pictured]) -> None:
    """Show a page in place of the private one that was pressed on, or as an answer of its own."""
    if not is_private(interaction):
        await show_pictured(interaction, drawing)
        return
    page, uploads = await drawing
    await interaction.response.defer()
    await interaction.edit_original_response(
        view=page, attachments=await files_of(uploads), allowed_mentions=NOBODY
    )


async def without_pictures(drawing: Awaitable[Page]) -> Pictured:
    """Return a page that has nothing attached."""
    return await drawing, []


async def export(interaction: Interaction, style_id: int) -> None:
    """Send a style's file in private, or say where it is."""
    services, asker = services_of(interaction), of_interaction(interaction)
    style = await services.style_keeping.allow_export(asker, style_id)
    size = services.store.files.size(style.digest)
    if not size:
        await interaction.response.send_message(
            view=note(text.FILE_GONE(asker.locale, name=style.name)), ephemeral=True
        )
        return
    if size > interaction.filesize_limit:
        page = note(_where(services, asker, style, size))
        await interaction.response.send_message(view=page, ephemeral=True)
        return
    await interaction.response.defer(ephemeral=True, thinking=True)
    whole = await asyncio.to_thread(services.store.files.is_whole, style.digest)
    upload = Upload(
        name=f"{style.name.replace(' ', '_')}.safetensors",
        path=services.store.files.path(style.digest),
    )
    files = await _read_for_export(services, asker, style, upload)
    if not whole:
        page = note(text.FILE_DAMAGED(asker.locale, name=style.name))
        await interaction.followup.send(view=page, ephemeral=True, allowed_mentions=NOBODY)
        return
    try:
        # A message with components shows no file that they do not name, so this one has plain text.
        await interaction.followup.send(
            text.EXPORTED(asker.locale, name=style.name, **_said(style)),
            files=files,
            ephemeral=True,
            allowed_mentions=NOBODY,
        )
    except discord.HTTPException as error:
        if error.status != TOO_LARGE:
            raise
        # The server's limit is lower by now than the command said.
        page = note(_where(services, asker, style, size))
        await interaction.followup.send(view=page, ephemeral=True, allowed_mentions=NOBODY)


async def _read_for_export(
    services: Services, asker: Asker, style: Style, upload: Upload
) -> list[discord.File]:
    """Read a style's file; `Refusal` if the style was withdrawn or deleted in the meantime.

    A large one takes long to read, and nothing of what was learned is handed out afterwards.
    """
    try:
        files = await files_of([upload])
    except FileNotFoundError:
        files = []
    await services.style_keeping.allow_export(asker, style.id)
    if not files:
        raise Refusal(text.FILE_GONE, name=style.name)
    return files


def _where(services: Services, asker: Asker, style: Style, size: int) -> Markup:
    """Return where a file is that Discord does not take: on the machine, which is the host's."""
    values = {"name": style.name, "size": max(1, round(size / MIB)), **_said(style)}
    if services.rules.is_host(asker):
        path = code(str(services.store.files.path(style.digest).absolute()))
        return text.WHERE_IT_IS(asker.locale, path=path, **values)
    return text.TOO_LARGE_TO_SEND(asker.locale, digest=code(style.digest), **values)


def _said(style: Style) -> dict[str, object]:
    return {
        "licence": style.licence or text.UNNAMED_LICENCE,
        "trigger": style.trigger or text.NO_TRIGGER,
    }


async def sweep(
    interaction: Interaction,
    style_id: int,
    prompt: str | None = None,
    strengths: str = STRENGTHS,
    seed: int | None = None,
) -> None:
    """Paint a comparison of strengths of a style: an ordinary round."""
    await begin(interaction, _sweep(interaction, style_id, prompt, strengths, seed))


async def _sweep(
    interaction: Interaction, style_id: int, prompt: str | None, strengths: str, seed: int | None
) -> Order:
    services, asker = services_of(interaction), of_interaction(interaction)
    style = await services.style_keeping.allow_use(asker, style_id)
    if style.kind is StyleKind.EMBEDDING:
        raise Refusal(text.NO_STRENGTHS, name=style.name)
    with problems_told():
        axis = read_axis("adapter_strength", strengths)
    parameters = Parameters.for_model(
        services.settings.model,
        prompt=prompt or services.style_previews.prompt_for(style),
        count=count_of((axis,)),
        seed=seed,
        axes=(axis,),
        styles=(ChosenStyle.of(style),),
    )
    return await services.actions.compare(asker, parameters)
