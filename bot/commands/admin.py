"""/konomi: a server's settings, for those who may manage it."""

from __future__ import annotations

import dataclasses
from typing import Any

import discord
from discord import app_commands

from bot.actions.asker import Asker
from bot.actions.rules import Rules
from bot.actions.styles.chosen import ChosenStyle
from bot.commands.styles.autocomplete import complete_style
from bot.components.answers import refusals_told
from bot.context import lacking, of_interaction
from bot.errors import Refusal
from bot.services import Services, services_of
from bot.text import commands as words
from bot.text import introduction, refusals
from bot.text.commands import of
from bot.text.markdown import channels
from bot.text.phrases import Permissions
from bot.text.styles import painting
from bot.views.page import note
from bot.views.styles.names import names_of
from generation.protocol.options import ModelCard
from generation.protocol.requests import Filter
from storage.records import Server

MOST_PICTURES = 100_000
MOST_CHANNELS = 50

FILTERS = [
    app_commands.Choice(name=of(phrase), value=mode.value)
    for mode, phrase in introduction.FILTERS.items()
]

konomi = app_commands.Group(
    name=of(words.KONOMI),
    description=of(words.KONOMI_IS),
    # A hint that servers may change: the rules check again at every use.
    default_permissions=discord.Permissions(manage_guild=True),
    allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
    allowed_contexts=app_commands.AppCommandContext(
        guild=True, dm_channel=False, private_channel=False
    ),
)


@konomi.command(name=of(words.SETTINGS), description=of(words.SETTINGS_IS))
@app_commands.rename(
    group_boards=of(words.GROUP_DEFAULT),
    add_reactions=of(words.REACTIONS),
    waiting=of(words.WAITING),
    pictures_per_day=of(words.PICTURES),
    content_filter=of(words.FILTER),
)
@app_commands.describe(
    group_boards=of(words.GROUP_DEFAULT_IS),
    add_reactions=of(words.REACTIONS_IS),
    waiting=of(words.WAITING_IS),
    pictures_per_day=of(words.PICTURES_IS),
    content_filter=of(words.FILTER_IS),
)
@app_commands.choices(content_filter=FILTERS)
@refusals_told
async def change_settings(
    interaction: discord.Interaction[Any],
    group_boards: bool | None = None,
    add_reactions: bool | None = None,
    waiting: int | None = None,
    pictures_per_day: int | None = None,
    content_filter: str | None = None,
) -> None:
    """Change what is given, then show everything."""
    services = services_of(interaction)
    asker = of_interaction(interaction)
    services.rules.allow_settings(asker)
    # Admins rule their server within what the host allows.
    _check(waiting, 1, services.settings.waiting_per_member)
    _check(pictures_per_day, 0, services.settings.pictures_per_day or MOST_PICTURES)
    if content_filter is not None:
        services.rules.allow_filter(Filter(content_filter))
    given = {
        "group_boards": group_boards,
        "add_reactions": add_reactions,
        "waiting_per_member": waiting,
        "pictures_per_day": pictures_per_day,
        "content_filter": content_filter,
    }
    changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    server = await services.store.servers.get(asker.server_id)
    if changes:
        server = dataclasses.replace(server, **changes)
        await services.store.servers.save(server)
    page = note(describe(asker.locale, server, services.rules, services.model()))
    await interaction.response.send_message(view=page, ephemeral=True)


@konomi.command(name=of(words.CHANNEL), description=of(words.CHANNEL_IS))
@app_commands.rename(channel=of(words.CHANNEL), paint=of(words.PAINTS), style=of(words.STYLE))
@app_commands.describe(
    channel=of(words.WHICH_CHANNEL_IS),
    paint=of(words.PAINTS_IS),
    style=of(words.CHANNEL_STYLE_IS),
)
@app_commands.autocomplete(style=complete_style)
@refusals_told
async def choose_channel(
    interaction: discord.Interaction[Any],
    channel: discord.TextChannel,
    paint: bool | None = None,
    style: str | None = None,
) -> None:
    """Add a channel to those where the bot paints, or remove it; choose its usual style."""
    services = services_of(interaction)
    asker = of_interaction(interaction)
    services.rules.allow_settings(asker)
    if style is not None:
        await services.styles.set_channel(asker, channel.id, style)
    server = await services.store.servers.get(asker.server_id)
    if paint is not None:
        server = _with_channel(server, channel, paint)
        await services.store.servers.save(server)
    settings = describe(asker.locale, server, services.rules, services.model())
    page = note(f"{settings}\n{await _usual_style(services, asker, channel)}")
    await interaction.response.send_message(view=page, ephemeral=True)


def _with_channel(server: Server, channel: discord.TextChannel, paint: bool) -> Server:
    """Return a server's settings with a channel among those to paint in, or no longer."""
    missing = lacking(channel.permissions_for(channel.guild.me), channel)
    if paint and missing:
        names = Permissions(missing)
        raise Refusal(
            refusals.CHANNEL_CANNOT_POST, channel=channels([channel.id]), permissions=names
        )
    chosen = [each for each in server.channels if each != channel.id]
    if paint:
        chosen.append(channel.id)
    _check(len(chosen), 0, MOST_CHANNELS)
    return dataclasses.replace(server, channels=tuple(chosen))


async def _usual_style(services: Services, asker: Asker, channel: discord.TextChannel) -> str:
    """Return the line about a channel's usual style."""
    here = channels([channel.id])
    found = await services.store.styles.of_channel(asker.server_id, channel.id)
    if found is None:
        return painting.CHANNEL_STYLE_NONE(asker.locale, channel=here)
    name = names_of(asker.locale, [ChosenStyle.of(found.style, found.strength)])
    return painting.CHANNEL_STYLE_SET(asker.locale, channel=here, style=name)


def describe(locale: str, server: Server, rules: Rules, card: ModelCard | None) -> str:
    """Describe a server's settings, with the host's where it has none of its own.

    card: the model's, None while it is being loaded.
    """
    settings = introduction.SETTINGS(
        locale,
        channels=channels(server.channels) or introduction.EVERYWHERE,
        group=introduction.ON if server.group_boards else introduction.OFF,
        reactions=introduction.ON if server.add_reactions else introduction.OFF,
        waiting=rules.waiting(server),
        pictures=rules.pictures_per_day(server) or introduction.NO_LIMIT,
        filter=introduction.FILTERS[rules.chosen_filter(server)],
    )
    if card is None or card.has_safety_checker:
        return settings
    return f"{settings}\n{introduction.NO_CHECKER(locale, model=card.name)}"


def _check(given: int | None, least: int, most: int) -> None:
    if given is not None and not least <= given <= most:
        raise Refusal(refusals.SETTING_OUT_OF_RANGE, least=least, most=most, given=given)
