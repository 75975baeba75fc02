"""The bot's own route to a channel: post, edit, find, react; it outlives interactions' tokens."""

from __future__ import annotations

import asyncio
import dataclasses
import io
import logging
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import discord

from bot.views.page import Page
from generation.metadata.jpeg_copy import jpeg_of

log = logging.getLogger(__name__)

NOBODY = discord.AllowedMentions.none()
"""A prompt must not ping."""

RECENT = 100
"""Messages of a channel to look through for one of our own."""

UNKNOWN_CHANNEL = 10003
ARCHIVED_THREAD = 50083


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Upload:
    """A file to attach; pages name it as `attachment://name`."""

    name: str
    path: Path
    description: str = ""
    most: int | None = None
    """Bytes that a JPEG copy may have which is sent in its place; None: it is sent as it is."""

    def read(self) -> bytes:
        """Return the bytes that are sent; blocks."""
        return self.path.read_bytes() if self.most is None else jpeg_of(self.path, self.most)


class Unreachable(Exception):
    """The channel is gone: trying again would change nothing."""


class Closed(Unreachable):
    """The bot lacks a right in the channel, which it may be given again."""


class Channels:
    """Messages of the bot in any channel, by their ids alone."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    async def post(
        self,
        channel_id: int,
        page: Page,
        *,
        nonce: str,
        uploads: Sequence[Upload] = (),
        reply_to: int | None = None,
        pings: int | None = None,
    ) -> int:
        """Send a message and return its id; the same nonce within minutes sends it only once.

        pings: the member that it notifies if it mentions them; nobody else is.
        """
        channel = self._channel(channel_id)
        answering: dict[str, Any] = {}
        if reply_to is not None:
            answering["reference"] = discord.MessageReference(
                message_id=reply_to, channel_id=channel_id, fail_if_not_exists=False
            )
        try:
            message = await channel.send(
                view=page,
                files=await files_of(uploads),
                nonce=nonce,
                allowed_mentions=NOBODY if pings is None else _only(pings),
                **answering,
            )
        except discord.NotFound as error:
            raise Unreachable(str(error)) from error
        except discord.HTTPException as error:
            raise _closed(error) from error
        return message.id

    async def edit(
        self,
        channel_id: int,
        message_id: int,
        page: Page,
        uploads: Sequence[Upload] | None = None,
    ) -> bool:
        """Edit a message; return False if it is gone.

        `uploads` replace its attachments; None keeps them.
        """
        message = self._channel(channel_id).get_partial_message(message_id)
        attachments = discord.utils.MISSING if uploads is None else await files_of(uploads)
        try:
            await message.edit(view=page, attachments=attachments, allowed_mentions=NOBODY)
        except discord.NotFound as error:
            if error.code == UNKNOWN_CHANNEL:
                raise Unreachable(str(error)) from error
            return False
        except discord.HTTPException as error:
            raise _closed(error) from error
        return True

    async def find(self, channel_id: int, custom_ids: Collection[str]) -> int | None:
        """The newest of our recent messages that has a component with one of these custom ids."""
        me = self._client.user
        try:
            async for message in self._channel(channel_id).history(limit=RECENT):
                if me is not None and message.author.id != me.id:
                    continue
                if any(each in custom_ids for each in _custom_ids(message.components)):
                    return message.id
        except discord.Forbidden:
            # Without the history all that guards against posting twice is the nonce.
            log.info("may not read the history of channel %d", channel_id)
        except discord.NotFound as error:
            raise Unreachable(str(error)) from error
        return None

    async def find_reply(self, channel_id: int, message_id: int) -> int | None:
        """The newest of our recent messages that replies to this one, but to no press on it."""
        me = self._client.user
        try:
            async for message in self._channel(channel_id).history(limit=RECENT):
                if message.interaction_metadata is not None:
                    continue  # Discord can mark the answer to a press as a reply, too.
                answered = message.reference is not None and message.reference.message_id
                if answered == message_id and (me is None or message.author.id == me.id):
                    return message.id
        except discord.Forbidden:
            log.info("may not read the history of channel %d", channel_id)
        except discord.NotFound as error:
            raise Unreachable(str(error)) from error
        return None

    async def remove(self, channel_id: int, message_id: int) -> None:
        """Delete a message; one that is gone already is fine."""
        try:
            await self._channel(channel_id).get_partial_message(message_id).delete()
        except discord.NotFound as error:
            log.info("message %d was not there to remove: %s", message_id, error)
        except discord.HTTPException as error:
            raise _closed(error) from error

    async def react(self, channel_id: int, message_id: int, emoji: str) -> bool:
        """Add a reaction of our own; return False if that is not possible."""
        try:
            await self._channel(channel_id).get_partial_message(message_id).add_reaction(emoji)
        except (discord.NotFound, discord.Forbidden) as error:
            log.info("could not react to message %d: %s", message_id, error)
            return False
        return True

    async def reactions(self, channel_id: int, message_id: int) -> dict[str, set[int]]:
        """Return everyone's reactions on a message, except bots': emoji to member ids."""
        message = await self._channel(channel_id).fetch_message(message_id)
        present: dict[str, set[int]] = {}
        for reaction in message.reactions:
            if reaction.count == reaction.me + reaction.me_burst:
                continue  # Only our own: most reactions on most messages.
            kinds = [discord.ReactionType.normal]
            if reaction.burst_count:
                kinds.append(discord.ReactionType.burst)
            for kind in kinds:
                async for user in reaction.users(type=kind):
                    if not user.bot:
                        present.setdefault(str(reaction.emoji), set()).add(user.id)
        return present

    def known(self, channel_id: int) -> Any:
        """Return the channel from discord.py's cache, or None."""
        return self._client.get_channel(channel_id)

    def server(self, server_id: int | None) -> discord.Guild | None:
        """Return the channel's server from discord.py's cache, or None."""
        return None if server_id is None else self._client.get_guild(server_id)

    async def say_briefly(self, channel_id: int, page: Page, seconds: float) -> None:
        """Send a message that deletes itself, if no private answer is possible."""
        await self._channel(channel_id).send(
            view=page, delete_after=seconds, allowed_mentions=NOBODY, silent=True
        )

    def _channel(self, channel_id: int) -> discord.PartialMessageable:
        return self._client.get_partial_messageable(channel_id)


async def files_of(uploads: Sequence[Upload]) -> list[discord.File]:
    """Read uploads into files that discord.py can send, once."""
    contents = await asyncio.gather(*(asyncio.to_thread(upload.read) for upload in uploads))
    return [
        discord.File(io.BytesIO(content), upload.name, description=upload.description or None)
        for upload, content in zip(uploads, contents, strict=True)
    ]


def _only(member_id: int) -> discord.AllowedMentions:
    """Return what allows to notify one member alone."""
    return discord.AllowedMentions(
        everyone=False, roles=False, users=[discord.Object(member_id)], replied_user=False
    )


def _closed(error: discord.HTTPException) -> Exception:
    """Return what to raise for an error: `Closed` if somebody may open the channel again."""
    closed = isinstance(error, discord.Forbidden) or error.code == ARCHIVED_THREAD
    return Closed(str(error)) if closed else error


def _custom_ids(components: Sequence[Any]) -> Iterator[str]:
    """Return every custom id in a message's components, however nested."""
    for component in components:
        if custom_id := getattr(component, "custom_id", None):
            yield custom_id
        yield from _custom_ids(getattr(component, "children", ()))
        if accessory := getattr(component, "accessory", None):
            yield from _custom_ids([accessory])
