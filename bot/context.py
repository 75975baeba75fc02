"""Context: read member, place and permissions from discord.py's objects."""

from __future__ import annotations

import dataclasses
from typing import Any

import discord

from bot.actions.asker import DIRECT_MESSAGES, Asker, Sees, sees_nothing
from bot.text.phrases import JAPANESE, PERMISSIONS


def of_interaction(interaction: discord.Interaction[Any]) -> Asker:
    """Return the member who used a command or pressed a button."""
    channel = interaction.channel
    direct = interaction.guild_id is None
    return Asker(
        member_id=interaction.user.id,
        server_id=interaction.guild_id or DIRECT_MESSAGES,
        channel_id=interaction.channel_id or 0,
        locale=str(interaction.locale.value),
        parent_channel_id=getattr(channel, "parent_id", None),
        manages_messages=not direct and interaction.permissions.manage_messages,
        manages_server=not direct and interaction.permissions.manage_guild,
        roles=roles_of(interaction.user),
        age_restricted=_is_age_restricted(channel),
        lacking=() if direct else lacking(interaction.app_permissions, channel),
        sees=channels_seen(interaction.guild, interaction.user),
    )


def roles_of(member: Any) -> tuple[int, ...]:
    """Return the ids of a member's roles; none of a user outside of a server."""
    return tuple(role.id for role in member.roles) if isinstance(member, discord.Member) else ()


def channels_seen(server: discord.Guild | None, member: Any) -> Sees:
    """Return which channels of a server a member sees, by what discord.py's cache knows now."""
    if server is None or not isinstance(member, discord.Member):
        return sees_nothing

    def sees(channel_id: int) -> bool:
        channel = server.get_channel_or_thread(channel_id)
        if channel is None:
            return False
        try:
            allowed = channel.permissions_for(member)
        except discord.ClientException:
            return False  # A thread whose channel we cannot see.
        if isinstance(channel, discord.Thread) and channel.is_private():
            # Who is in it is not known without a privileged intent.
            return allowed.view_channel and allowed.manage_threads
        return allowed.view_channel and allowed.read_message_history

    return sees


def of_message(message: discord.Message, locale: str) -> Asker:
    """Return the author of a message, as an asker."""
    return _in_channel(message.author, message.channel, locale)


def of_reaction(payload: discord.RawReactionActionEvent, channel: Any, locale: str) -> Asker:
    """Return the member who reacted; `channel` is where, or None if it is not known."""
    if payload.guild_id is not None and channel is None:
        # A thread that discord.py does not know: nothing is known, so nothing is granted.
        return Asker(
            member_id=payload.user_id,
            server_id=payload.guild_id,
            channel_id=payload.channel_id,
            locale=locale,
        )
    member = payload.member or discord.Object(payload.user_id)
    asker = _in_channel(member, channel, locale)
    return dataclasses.replace(asker, channel_id=payload.channel_id)


def lacking(permissions: discord.Permissions, channel: Any) -> tuple[str, ...]:
    """Return the permissions for painting that are missing here."""
    sending = {"send_messages", "send_messages_in_threads"}
    unneeded = sending - {_sending(channel)}
    return tuple(
        name for name in PERMISSIONS if name not in unneeded and not getattr(permissions, name)
    )


def guess_locale(known: str | None, server: discord.Guild | None, words: str = "") -> str:
    """Return a member's language if the client sent none: last seen, written, or the server's."""
    if known is not None:
        return known
    # Kana are Japanese beyond doubt; kanji alone might be Chinese.
    if any("\u3041" <= letter <= "\u30ff" for letter in words):
        return JAPANESE
    return "en-US" if server is None else str(server.preferred_locale.value)


def _in_channel(member: Any, channel: Any, locale: str) -> Asker:
    server = getattr(channel, "guild", None)
    own = theirs = discord.Permissions.none()
    if server is not None:
        try:
            own = channel.permissions_for(server.me)
            if isinstance(member, discord.Member):
                theirs = channel.permissions_for(member)
        except discord.ClientException:
            pass  # A thread whose channel we cannot see: nothing is granted there.
    return Asker(
        member_id=member.id,
        server_id=DIRECT_MESSAGES if server is None else server.id,
        channel_id=getattr(channel, "id", 0),
        locale=locale,
        parent_channel_id=getattr(channel, "parent_id", None),
        manages_messages=theirs.manage_messages,
        manages_server=theirs.manage_guild,
        roles=roles_of(member),
        age_restricted=_is_age_restricted(channel),
        lacking=() if server is None else lacking(own, channel),
        sees=channels_seen(server, member),
    )


def _sending(channel: Any) -> str:
    threads = (
        discord.ChannelType.public_thread,
        discord.ChannelType.private_thread,
        discord.ChannelType.news_thread,
    )
    in_thread = getattr(channel, "type", None) in threads
    return "send_messages_in_threads" if in_thread else "send_messages"


def _is_age_restricted(channel: Any) -> bool:
    asks = getattr(channel, "is_nsfw", None)
    return bool(asks()) if callable(asks) else bool(getattr(channel, "nsfw", False))
