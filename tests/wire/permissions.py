"""Who may do what where: Discord's permission arithmetic over roles and overwrites."""

from __future__ import annotations

from collections.abc import Iterable

from .objects import JSON

ADMINISTRATOR = 1 << 3
ADD_REACTIONS = 1 << 6
VIEW_CHANNEL = 1 << 10
SEND_MESSAGES = 1 << 11
MANAGE_MESSAGES = 1 << 13
EMBED_LINKS = 1 << 14
ATTACH_FILES = 1 << 15
READ_MESSAGE_HISTORY = 1 << 16
USE_EXTERNAL_EMOJIS = 1 << 18
USE_APPLICATION_COMMANDS = 1 << 31

EVERYTHING = (1 << 53) - 1
ORDINARY = (
    ADD_REACTIONS
    | VIEW_CHANNEL
    | SEND_MESSAGES
    | EMBED_LINKS
    | ATTACH_FILES
    | READ_MESSAGE_HISTORY
    | USE_EXTERNAL_EMOJIS
    | USE_APPLICATION_COMMANDS
)
"""Permissions of @everyone here; only the owner is an administrator."""


def of_member(member: JSON, guild: JSON, channel: JSON) -> int:
    """The permissions of a member in a channel, as a set of bits.

    Everyone's, then the roles', then the channel's overwrites for everyone, roles and member;
    owners and administrators skip all of it.
    Source: https://discord.com/developers/docs/topics/permissions#permission-overwrites
    """
    user_id = member["user"]["id"]
    if user_id == guild["owner_id"]:
        return EVERYTHING
    held = {guild["id"], *member["roles"]}
    base = 0
    for role in guild["roles"]:
        if role["id"] in held:
            base |= int(role["permissions"])
    if base & ADMINISTRATOR:
        return EVERYTHING
    overwrites = channel.get("permission_overwrites", [])
    base = _overwritten(base, (o for o in overwrites if o["id"] == guild["id"]))
    base = _overwritten(base, (o for o in overwrites if o["id"] in held - {guild["id"]}))
    return _overwritten(base, (o for o in overwrites if o["id"] == user_id))


def _overwritten(base: int, overwrites: Iterable[JSON]) -> int:
    allow = deny = 0
    for overwrite in overwrites:
        allow |= int(overwrite["allow"])
        deny |= int(overwrite["deny"])
    return base & ~deny | allow


def forbid(channel: JSON, user_id: str, permissions: int) -> None:
    """Take these permissions from one member in this channel, as its owner would."""
    allow(channel, user_id)
    channel["permission_overwrites"].append(
        {"id": user_id, "type": 1, "allow": "0", "deny": str(permissions)}
    )


def allow(channel: JSON, user_id: str) -> None:
    """Lift whatever was forbidden to this member in this channel."""
    channel["permission_overwrites"] = [
        overwrite for overwrite in channel["permission_overwrites"] if overwrite["id"] != user_id
    ]
