"""/style: look at styles, share, rename, delete and export them, and compare their strengths."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from bot.commands.options import choices
from bot.commands.styles.add import MOST_CHOICES, add_style
from bot.components.answers import refusals_told, show, show_pictured
from bot.components.styles.answers import STRENGTHS, export, sweep
from bot.context import of_interaction
from bot.services import services_of
from bot.text.commands import of
from bot.text.markdown import cut
from bot.text.styles import commands as words
from bot.text.styles import keeping as text
from storage.style_records import StyleScope

MOST_LABEL = 100

SCOPES = choices(text.SCOPES)

style = app_commands.Group(
    name=of(words.STYLE),
    description=of(words.STYLE_IS),
    allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
    allowed_contexts=app_commands.AppCommandContext(
        guild=True, dm_channel=True, private_channel=False
    ),
)
style.add_command(add_style)


async def names(
    interaction: discord.Interaction[Any], current: str
) -> list[app_commands.Choice[str]]:
    """Return the styles of which a part of the name was typed; a choice fills in the id."""
    services, asker = services_of(interaction), of_interaction(interaction)
    found = await services.style_keeping.matching(asker, current, MOST_CHOICES)
    return [
        app_commands.Choice(name=cut(each.name, MOST_LABEL), value=f"#{each.id}") for each in found
    ]


@style.command(name=of(words.LIST), description=of(words.LIST_IS))
@refusals_told
async def list_styles(interaction: discord.Interaction[Any]) -> None:
    """Show the first page of the styles that the member may use."""
    services, asker = services_of(interaction), of_interaction(interaction)
    await show(interaction, services.style_pages.listing(asker, 0))


@style.command(name=of(words.SHOW), description=of(words.SHOW_IS))
@app_commands.rename(name=of(words.NAME))
@app_commands.describe(name=of(words.NAME_IS))
@app_commands.autocomplete(name=names)
@refusals_told
async def show_style(interaction: discord.Interaction[Any], name: str) -> None:
    """Show a style's card."""
    services, asker = services_of(interaction), of_interaction(interaction)
    found = await services.style_keeping.find(asker, name)
    await show_pictured(interaction, services.style_pages.card_of(asker, found))


@style.command(name=of(words.RENAME), description=of(words.RENAME_IS))
@app_commands.rename(name=of(words.NAME), new_name=of(words.NEW_NAME))
@app_commands.describe(name=of(words.NAME_IS), new_name=of(words.NEW_NAME_IS))
@app_commands.autocomplete(name=names)
@refusals_told
async def rename_style(interaction: discord.Interaction[Any], name: str, new_name: str) -> None:
    """Rename a style, and show its card."""
    services, asker = services_of(interaction), of_interaction(interaction)
    found = await services.style_keeping.find(asker, name)
    renamed = await services.style_keeping.rename(asker, found.id, new_name)
    await show_pictured(interaction, services.style_pages.card_of(asker, renamed))


@style.command(name=of(words.SHARE), description=of(words.SHARE_IS))
@app_commands.rename(name=of(words.NAME), who=of(words.WHO))
@app_commands.describe(name=of(words.NAME_IS), who=of(words.WHO_IS))
@app_commands.autocomplete(name=names)
@app_commands.choices(who=SCOPES)
@refusals_told
async def share_style(interaction: discord.Interaction[Any], name: str, who: str) -> None:
    """Say who may use a style, and show its card."""
    services, asker = services_of(interaction), of_interaction(interaction)
    found = await services.style_keeping.find(asker, name)
    shared = await services.style_keeping.share(asker, found.id, StyleScope(who))
    await show_pictured(interaction, services.style_pages.changed(asker, shared))


@style.command(name=of(words.DELETE), description=of(words.DELETE_IS))
@app_commands.rename(name=of(words.NAME))
@app_commands.describe(name=of(words.NAME_IS))
@app_commands.autocomplete(name=names)
@refusals_told
async def delete_style(interaction: discord.Interaction[Any], name: str) -> None:
    """Ask if a style should be deleted."""
    services, asker = services_of(interaction), of_interaction(interaction)
    found = await services.style_keeping.find(asker, name)
    await show(interaction, services.style_pages.deletion(asker, found.id))


@style.command(name=of(words.EXPORT), description=of(words.EXPORT_IS))
@app_commands.rename(name=of(words.NAME))
@app_commands.describe(name=of(words.NAME_IS))
@app_commands.autocomplete(name=names)
@refusals_told
async def export_style(interaction: discord.Interaction[Any], name: str) -> None:
    """Send a style's file in private."""
    services, asker = services_of(interaction), of_interaction(interaction)
    found = await services.style_keeping.find(asker, name)
    await export(interaction, found.id)


@style.command(name=of(words.SWEEP), description=of(words.SWEEP_IS))
@app_commands.rename(
    name=of(words.NAME),
    prompt=of(words.PROMPT),
    strengths=of(words.STRENGTHS),
    seed=of(words.SEED),
)
@app_commands.describe(
    name=of(words.NAME_IS),
    prompt=of(words.PROMPT_IS),
    strengths=of(words.STRENGTHS_IS),
    seed=of(words.SEED_IS),
)
@app_commands.autocomplete(name=names)
@refusals_told
async def sweep_style(
    interaction: discord.Interaction[Any],
    name: str,
    prompt: str | None = None,
    strengths: str = STRENGTHS,
    seed: int | None = None,
) -> None:
    """Paint a comparison of a style's strengths."""
    services, asker = services_of(interaction), of_interaction(interaction)
    found = await services.style_keeping.find(asker, name)
    await sweep(interaction, found.id, prompt, strengths, seed)
