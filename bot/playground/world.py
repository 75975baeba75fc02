"""The server that the playground plays in, the same at every start, and the first word in it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import UTC, datetime

import discord
import simcord
from discord import ui

from bot.playground import face
from bot.playground.client import PlaygroundClient
from bot.text import introduction
from bot.views.page import Page
from generation.protocol.options import ModelCard

EMBEDDED = "shapes"

MOST_WAITED = 60.0
"""Seconds past Discord's time for an answer after which none is awaited any more."""
MARGIN = 0.5


ENGLISH, JAPANESE = discord.Locale.american_english, discord.Locale.japanese


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class World:
    """A channel, and the members that the person at the playground can act as."""

    server_id: int
    channel: simcord.ChannelHandle
    members: tuple[simcord.MemberActor, ...]
    locales: Mapping[int, discord.Locale]
    """Each member's language."""
    trainers: simcord.RoleHandle
    """The role whose members may train, beside Dana, who is an admin."""


async def create_world(env: simcord.Env, client: PlaygroundClient) -> World:
    """Make the server, its channel and its members.

    SimCord counts ids up from the time on its clock, and that starts at the same moment each
    time.  So the same things made in the same order have the ids of the last run, to which
    boards and ratings belong, as long as the clock is set only afterwards.  What is new here
    comes last.
    """
    if client.user is None:
        raise RuntimeError("the bot is not logged in")
    await client.user.edit(username="Konomi")
    env.backend.bot_user.avatar = face.NAME
    guild = env.create_guild("Playground")
    channel = guild.create_text_channel("paintings", topic=introduction.PLAYGROUND_TOPIC("en"))
    people = [env.create_user(name.lower(), global_name=name) for name in ("Aiko", "Ben")]
    members = [guild.add_member(user) for user in people]
    hana = guild.add_member(env.create_user("hana", global_name="Hana (日本語)"))
    admins = guild.create_role("Admins", permissions=discord.Permissions(administrator=True))
    dana = guild.add_member(env.create_user("dana", global_name="Dana (admin)"), roles=[admins])
    members += [hana, dana]
    trainers = guild.create_role("Trainers")
    env.backend.add_member_role(guild.id, hana.id, trainers.id)
    client.locales = {member.id: ENGLISH for member in members} | {hana.id: JAPANESE}
    keep_time(env)
    return World(
        server_id=guild.id,
        channel=channel,
        members=tuple(members),
        locales=client.locales,
        trainers=trainers,
    )


def restrict(client: PlaygroundClient, world: World) -> None:
    """Make the channel age-restricted: models without a filter of their own ask for it.

    SimCord has no such channels, so this is noted where discord.py keeps what it was told.
    """
    channel = client.get_channel(world.channel.id)
    if isinstance(channel, discord.TextChannel):
        channel.nsfw = True


def keep_time(env: simcord.Env) -> None:
    """Set SimCord's clock, which stands still by itself, to the time it is.

    It goes no further than to where an answer that is on its way still counts: on a machine that is
    busy, a press whose answer takes longer than Discord waits would be lost.
    """
    ahead = (datetime.now(UTC) - env.now()).total_seconds()
    for interaction in env.backend.interactions.values():
        if interaction.responded or interaction.initial_response_deadline is None:
            continue
        deadline = datetime.fromisoformat(interaction.initial_response_deadline)
        left = (deadline - env.now()).total_seconds()
        if ahead - left < MOST_WAITED:
            ahead = min(ahead, left - MARGIN)
    env.backend.advance_clock(max(0.0, ahead))


def welcome_page(card: ModelCard) -> Page:
    """Return the first message in the channel."""
    about = introduction.WELCOME_SHAPES if card.name == EMBEDDED else introduction.WELCOME_MODEL
    words: ui.Container[Page] = ui.Container(
        ui.TextDisplay(introduction.WELCOME("en")),
        ui.TextDisplay(f"{introduction.WELCOME_MEMBERS('en')} {about('en', model=card.name)}"),
        ui.Separator(),
        ui.TextDisplay(f"-# {introduction.WELCOME('ja')} {introduction.WELCOME_MEMBERS('ja')}"),
    )
    return Page(words)
