"""The member who makes a request and where they make it, as plain data without Discord objects."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

DIRECT_MESSAGES = 0
"""Server id that stands for direct messages."""

Sees = Callable[[int], bool]
"""Tells if a member sees the channel with this id and its earlier messages."""


def sees_nothing(_: int) -> bool:
    """Tell that a member sees no channel but the one that they are in."""
    return False


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Asker:
    """A member in a channel, as far as the rules need to know; holds no Discord objects."""

    member_id: int
    server_id: int
    channel_id: int
    locale: str
    parent_channel_id: int | None = None
    """The channel that a thread belongs to."""
    manages_messages: bool = False
    manages_server: bool = False
    roles: tuple[int, ...] = ()
    """The ids of their roles in this server."""
    age_restricted: bool = False
    lacking: tuple[str, ...] = ()
    """Permissions for painting that the bot lacks here, by discord.py's names."""
    sees: Sees = dataclasses.field(default=sees_nothing, compare=False, repr=False)
    """Which other channels of the server they see."""
