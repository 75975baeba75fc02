"""/admin trainings: what trains in all servers, for whom, and what it takes; for the host."""

from __future__ import annotations

import asyncio
from typing import Any

import discord
from discord import app_commands

from bot.components.answers import refusals_told, show
from bot.context import of_interaction
from bot.errors import Refusal
from bot.host.training_notes import GIGABYTE, WORK, folder_bytes, left_behind, models_in
from bot.services import Services, services_of
from bot.text.commands import of
from bot.text.markdown import Markup, mention
from bot.text.training import host as text
from bot.text.training import progress
from bot.views.page import Page, note
from bot.views.training.listing import mark_of, state_in_words

MOST_LINES = 10

admin = app_commands.Group(
    name=of(text.ADMIN),
    description=of(text.ADMIN_IS),
    # A hint that servers may change: the rules check again at every use.
    default_permissions=discord.Permissions(administrator=True),
    allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
    allowed_contexts=app_commands.AppCommandContext(
        guild=True, dm_channel=True, private_channel=False
    ),
)


@admin.command(name=of(text.TRAININGS), description=of(text.TRAININGS_IS))
@refusals_told
async def trainings(interaction: discord.Interaction[Any]) -> None:
    """List what trains, in private."""
    services, asker = services_of(interaction), of_interaction(interaction)
    if not services.rules.is_host(asker):
        raise Refusal(text.HOST_ONLY)
    await show(interaction, _page(services, asker.locale))


async def _page(services: Services, locale: str) -> Page:
    under_way = await services.training_control.under_way()
    data_dir = services.settings.data_dir
    lines: list[str] = []
    for job_id in under_way:
        card = await services.training_cards.read(job_id, services.training_jobs.standing(job_id))
        if card is None:
            continue
        server = services.channels.server(card.job.server_id)
        method = progress.BASE_METHODS.get(card.method)
        taken = await asyncio.to_thread(folder_bytes, data_dir / WORK / str(job_id))
        lines.append(
            text.LINE(
                locale,
                mark=mark_of(card),
                name=card.name,
                method=card.method if method is None else method,
                state=state_in_words(locale, card),
                step=card.step,
                steps=card.steps,
                member=mention(card.job.member_id),
                server=str(card.job.server_id) if server is None else server.name,
                since=Markup(f"<t:{int(card.job.created_at)}:R>"),
                size=taken / GIGABYTE,
            )
        )
    models = await asyncio.to_thread(models_in, data_dir)
    lines += [
        text.MODEL(locale, folder=folder.name, size=size / GIGABYTE) for folder, size in models
    ]
    left = await asyncio.to_thread(left_behind, data_dir, set(under_way))
    lines += [
        text.LEFT(locale, job=int(folder.name), size=size / GIGABYTE) for folder, size in left
    ]
    shown = lines[:MOST_LINES] or [text.NONE(locale)]
    if len(lines) > MOST_LINES:
        shown.append(text.MORE(locale, count=len(lines) - MOST_LINES))
    return note("\n".join([text.TITLE(locale), *shown]))
