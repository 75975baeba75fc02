"""Everything this Discord remembers: one server, its people, channels, messages and files."""

from __future__ import annotations

import dataclasses
import struct
import time
from typing import Any
from urllib.parse import quote

from . import objects, permissions
from .objects import JSON
from .refusals import missing_access, missing_permissions, unknown

NAMES = ("alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "judy")
"""Ten ordinary members; besides them there are a moderator and the server's owner."""

MIB = 1 << 20


@dataclasses.dataclass
class Interaction:
    """Something a person did to the bot, and what the bot answered to it so far."""

    id: str
    token: str
    type: int
    channel_id: str
    user: JSON
    command: str | None = None
    message_id: str | None = None
    """The message whose button was pressed."""
    shown_by: Interaction | None = None
    """The message or command that opened the form, if a form was sent."""
    answer: JSON | None = None
    """The first response as the bot sent it."""
    answered_after: float | None = None
    """Seconds from the press to the first response."""
    original: str | None = None
    """The message that the first response created or updated."""
    followups: list[str] = dataclasses.field(default_factory=list)
    created: float = dataclasses.field(default_factory=time.monotonic)


@dataclasses.dataclass
class Reactions:
    """Who reacted with one emoji to one message, in order; burst ones are kept apart."""

    normal: list[str] = dataclasses.field(default_factory=list)
    burst: list[str] = dataclasses.field(default_factory=list)

    def of(self, kind: int) -> list[str]:
        """0: normal, 1: burst."""
        return self.burst if kind else self.normal


class State:
    """The world as Discord's database would hold it; every object is the JSON it answers with."""

    def __init__(self, *, upload_limit: int = 10 * MIB, privileged_intents: int = 0) -> None:
        self.upload_limit = upload_limit
        self.privileged_intents = privileged_intents
        self.origin = "https://cdn.discordapp.com"
        self.snowflakes = objects.Snowflakes()
        new = self.snowflakes.next
        self.bot = objects.user(new(), "konomi", bot=True)
        self.guild_id = new()
        self.moderators = new()
        self.users: dict[str, JSON] = {self.bot["id"]: self.bot}
        for name in (*NAMES, "moderator", "owner"):
            person = objects.user(new(), name)
            self.users[person["id"]] = person
        self.owner = self.named("owner")
        self.roles_of: dict[str, list[str]] = {user_id: [] for user_id in self.users} | {
            self.named("moderator")["id"]: [self.moderators]
        }
        self.guild = objects.guild(
            self.guild_id,
            self.owner["id"],
            [
                objects.role(self.guild_id, "@everyone", permissions.ORDINARY, 0),
                objects.role(self.moderators, "moderators", permissions.MANAGE_MESSAGES, 1),
            ],
        )
        self.channels: dict[str, JSON] = {}
        for place, name in enumerate(("general", "gallery", "after-dark")):
            channel_id, nsfw = new(), name == "after-dark"
            self.channels[channel_id] = objects.text_channel(
                channel_id, self.guild_id, name, place, nsfw=nsfw
            )
        self.messages: dict[str, JSON] = {}
        self.attachments: dict[str, list[JSON]] = {}
        """Every attachment of a message, also those that only its components show."""
        self.reactions: dict[str, dict[str, Reactions]] = {}
        self.files: dict[str, tuple[bytes, str]] = {}
        self.commands: dict[str | None, list[JSON]] = {}
        self.interactions: dict[str, Interaction] = {}
        self.nonces: dict[tuple[str, str], tuple[float, str]] = {}

    @property
    def application_id(self) -> str:
        """The application's id, which is also its bot's."""
        return str(self.bot["id"])

    def named(self, name: str) -> JSON:
        """The user of this name."""
        return next(u for u in self.users.values() if u["username"] == name)

    def channel(self, name: str) -> JSON:
        """The text channel of this name."""
        return next(c for c in self.channels.values() if c.get("name") == name)

    def direct(self, user_id: str) -> JSON:
        """The bot's conversation with this user, opened when it does not exist yet."""
        for channel in self.channels.values():
            if channel["type"] == objects.DM and channel["recipients"][0]["id"] == user_id:
                return channel
        if user_id not in self.users or user_id == self.application_id:
            raise unknown("User")
        channel = objects.dm_channel(self.snowflakes.next(), self.users[user_id])
        self.channels[channel["id"]] = channel
        return channel

    def member(self, user_id: str) -> JSON:
        """A user as a member of the server."""
        if user_id not in self.roles_of:
            raise unknown("Member")
        return objects.member(self.users[user_id], self.roles_of[user_id])

    def permissions(self, user_id: str, channel: JSON) -> int:
        """Return this member's permissions in this channel, as bits."""
        return permissions.of_member(self.member(user_id), self.guild, channel)

    def accessible(self, channel_id: str, *needed: int) -> JSON:
        """The channel, if the bot sees it and has these permissions there."""
        channel = self.channels.get(channel_id)
        if channel is None:
            raise unknown("Channel")
        if channel["type"] == objects.DM:
            return channel
        held = self.permissions(self.application_id, channel)
        if not held & permissions.VIEW_CHANNEL:
            raise missing_access()
        if any(not held & permission for permission in needed):
            raise missing_permissions()
        return channel

    def visible(self, channel_id: str, message_id: str) -> JSON:
        """A message that the bot may address by its channel's route; ephemeral ones are not."""
        message = self.messages.get(message_id)
        if (
            message is None
            or message["channel_id"] != channel_id
            or message["flags"] & objects.EPHEMERAL
        ):
            raise unknown("Message")
        return message

    def in_channel(self, channel_id: str) -> list[JSON]:
        """Return the messages in a channel that everyone sees, oldest first."""
        return [
            message
            for message in self.messages.values()
            if message["channel_id"] == channel_id and not message["flags"] & objects.EPHEMERAL
        ]

    def attach(self, channel_id: str, name: str, data: bytes, content_type: str | None) -> JSON:
        """Store a file on the CDN; the address is signed and dies within a day."""
        return self._stored("attachments", channel_id, name, data, content_type)

    def attach_to_option(self, channel_id: str, name: str, data: bytes, kind: str) -> JSON:
        """Store a file that a member hands to a command."""
        stored = self._stored("ephemeral-attachments", channel_id, name, data, kind)
        return {**stored, "ephemeral": True}

    def _stored(
        self, place: str, channel_id: str, name: str, data: bytes, content_type: str | None
    ) -> JSON:
        attachment_id = self.snowflakes.next()
        content_type = content_type or "application/octet-stream"
        path = f"/{place}/{channel_id}/{attachment_id}/{quote(name)}"
        self.files[path] = (data, content_type)
        until = int(time.time()) + 86_400
        url = f"{self.origin}{path}?ex={until:x}&is={until - 86_400:x}&hm={'0' * 64}&"
        stored: dict[str, Any] = {
            "id": attachment_id,
            "filename": name,
            "size": len(data),
            "url": url,
            "proxy_url": url,
            "content_type": content_type,
        }
        if data.startswith(b"\x89PNG\r\n\x1a\n"):
            stored["width"], stored["height"] = struct.unpack(">II", data[16:24])
        return stored

    def file(self, attachment: JSON) -> bytes:
        """The bytes behind an attachment or a resolved media item."""
        path = attachment["url"].removeprefix(self.origin).split("?")[0]
        return self.files[path][0]
