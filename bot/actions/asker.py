"""The member who asks for something and the place they ask in, as plain data without Discord."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

DIRECT_MESSAGES = 0
"""The server id that stands for direct messages."""

Sees = Callable[[int], bool]
"""Tells whether a member sees the channel with this id, and what was written there before."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Asker:
    """A member in a place, as far as our rules need to know; holds nothing of Discord's."""

    member_id: int
    server_id: int
    channel_id: int
    locale: str
    parent_channel_id: int | None = None
    """The channel that a thread belongs to."""
    manages_messages: bool = False
    manages_server: bool = False
    age_restricted: bool = False
    lacking: tuple[str, ...] = ()
    """Permissions that the bot would need to paint here, by discord.py's names."""
