"""A server with members on a simulated Discord, and the bot in it with a real child that paints."""

from __future__ import annotations

import asyncio
import dataclasses
import functools
import itertools
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import discord
import simcord
from simcord.components import walk_components

from bot.client import Konomi
from bot.composition import Opened, create_queue, create_services
from bot.playground.outside import OutsideBackground, OutsideQueue, from_simcord
from bot.settings import Settings
from storage.records import Image, Round
from tests.bot.painter import RELEASE

PATIENCE = 20.0


class World:
    """The world of the tests; `alice`, `bob` and `mod` are members, `admin` manages the server."""

    def __init__(self, env: simcord.Env, bot: Konomi, parts: Opened, notes: Path) -> None:
        self.patience = PATIENCE
        """Seconds for anything to happen."""
        self.env = env
        self.bot = bot
        self.parts = parts
        self.store = parts.store
        self.notes = notes
        self.guild = env.create_guild("Studio", preferred_locale="en-US")
        self.channel = self.guild.create_text_channel("pictures")
        permissions = discord.Permissions
        moderators = self.guild.create_role(
            "Moderators", permissions=permissions(manage_messages=True)
        )
        admins = self.guild.create_role("Admins", permissions=permissions(manage_guild=True))
        self.alice = self.guild.add_member(env.create_user("alice"))
        self.bob = self.guild.add_member(env.create_user("bob"))
        self.mod = self.guild.add_member(env.create_user("mod"), roles=[moderators])
        self.admin = self.guild.add_member(env.create_user("admin"), roles=[admins])

    # --- what happens -------------------------------------------------------------------

    async def imagine(self, member: Any, prompt: str = "a red star", **options: Any) -> Any:
        """/imagine in the channel, without waiting for the pictures."""
        return await member.slash(self.channel, "imagine", prompt=prompt, **options)

    async def painted(self, member: Any, prompt: str = "a red star", **options: Any) -> Round:
        """/imagine, and the round once its pictures stand in the channel."""
        await self.imagine(member, prompt, **options)
        await self.done()
        return await self.newest()

    async def done(self) -> None:
        """Wait until every job's outcome stands in its channel and the bot rests."""
        await self.until(self._at_rest)
        await self.env.settle()

    async def until(self, met: Callable[[], Awaitable[bool]]) -> None:
        """Wait until something is so."""
        deadline = time.monotonic() + self.patience
        while not await met():
            assert time.monotonic() < deadline, "it did not come to that"
            await asyncio.sleep(0.01)

    async def _at_rest(self) -> bool:
        if self.bot.services.background.working:
            return False
        return not await self.store.jobs.pending() and not await self.store.jobs.undelivered()

    def release(self) -> None:
        """Let the jobs go on that are being held."""
        (self.notes / RELEASE).touch()

    def restrict(self, restricted: bool = True) -> None:
        """Make the channel age-restricted, or no longer.

        SimCord has no such channels, so this is noted where discord.py keeps what it was told.
        """
        channel = self.bot.get_channel(self.channel.id)
        assert isinstance(channel, discord.TextChannel)
        channel.nsfw = restricted

    def hold(self) -> None:
        """Hold such jobs again."""
        (self.notes / RELEASE).unlink(missing_ok=True)

    async def ellipsis(self, member: Any, round_: Round | int) -> Any:
        """Press ⋯ on a round's message; its panel is the response."""
        round_id = round_ if isinstance(round_, int) else round_.id
        posts = await self.store.rounds.posts(round_id)
        return await member.click(self.message(posts[-1].message_id), custom_id=f"round:{round_id}")

    async def in_panel(self, member: Any, round_: Round | int, verb: str) -> Any:
        """Press a button for the whole round in its panel."""
        round_id = round_ if isinstance(round_, int) else round_.id
        panel = await self.ellipsis(member, round_id)
        return await member.click(panel.response, custom_id=f"{verb}:{round_id}")

    async def panel(self, member: Any, image: Image) -> Any:
        """Open a picture in the panel of its round; its own panel is the response."""
        panel = await self.ellipsis(member, image.round_id)
        return await member.click(panel.response, custom_id=f"more:{image.id}")

    async def dislike(self, member: Any, image: Image) -> Any:
        """Press 👎 of a picture in the panel of its round."""
        panel = await self.ellipsis(member, image.round_id)
        return await member.click(panel.response, custom_id=f"panel-dislike:{image.id}")

    async def delete(self, member: Any, round_: Round | int) -> Any:
        """Press Delete in a round's panel, and once more where it asks."""
        round_id = round_ if isinstance(round_, int) else round_.id
        asked = await self.in_panel(member, round_id, "delete")
        if (own := asked.response) is None or f"delete-now:{round_id}" not in self.buttons(own):
            return asked
        return await member.click(own, custom_id=f"delete-now:{round_id}")

    # --- what is there ------------------------------------------------------------------

    async def newest(self) -> Round:
        """The newest round that has pictures."""
        (newest,) = await self.store.rounds.recent(1)
        return newest

    async def message_of(self, round_: Round, part: int = 0) -> discord.Message:
        """The message that shows a part of a round."""
        posts = {post.part: post for post in await self.store.rounds.posts(round_.id)}
        return self.message(posts[part].message_id)

    def message(self, message_id: int) -> discord.Message:
        """A message in the channel."""
        (found,) = [each for each in self.channel.history() if each.id == message_id]
        return found

    def ours(self) -> list[discord.Message]:
        """The bot's messages in the channel that everyone sees, oldest first."""
        assert self.bot.user is not None
        return [
            message
            for message in self.channel.history()
            if message.author.id == self.bot.user.id and not message.flags.ephemeral
        ]

    def requests(self) -> list[dict[str, Any]]:
        """The requests that the painter received, in order."""
        path = self.notes / "requests.jsonl"
        lines = path.read_text().splitlines() if path.exists() else []
        return [json.loads(line) for line in lines]

    def raw(self, message: Any) -> list[dict[str, Any]]:
        """A message's components as they went over the wire, nested ones included."""
        stored = self.env.backend.get_message(self.channel_id(message), message.id)
        return list(walk_components(stored.components))

    def channel_id(self, message: Any) -> int:
        """Where a message or response is."""
        return int(getattr(message, "channel_id", 0) or message.channel.id)

    def words(self, message: Any) -> str:
        """All text on a message."""
        texts = [each["content"] for each in self.raw(message) if each["type"] == 10]
        return "\n".join(texts)

    def buttons(self, message: Any) -> dict[str, str]:
        """Custom ids of a message's buttons, and what stands on them."""
        return {
            each["custom_id"]: (each.get("emoji") or {}).get("name", "") + (each.get("label") or "")
            for each in self.raw(message)
            if each["type"] == 2
        }

    def spoilers(self, message: Any) -> list[bool]:
        """Of each picture that a message shows, whether it is behind a spoiler."""
        galleries = [each for each in self.raw(message) if each["type"] == 12]
        return [bool(item.get("spoiler")) for each in galleries for item in each["items"]]

    def pictures(self, message: Any) -> int:
        """Count the pictures that a message shows, the strip of references included."""
        return sum(len(each["items"]) for each in self.raw(message) if each["type"] == 12)

    def galleries(self, message: Any) -> list[int]:
        """Count the pictures of each gallery on a message; the strip of references is one."""
        return [len(each["items"]) for each in self.raw(message) if each["type"] == 12]

    def styles(self, message: Any) -> dict[str, int]:
        """Custom ids of a message's buttons, and their styles: 2 grey, 3 green, 4 red."""
        return {each["custom_id"]: each["style"] for each in self.raw(message) if each["type"] == 2}

    def reactions(self, message: discord.Message) -> list[str]:
        """The emoji on a message as it is now."""
        stored = self.env.backend.get_message(message.channel.id, message.id)
        return [reaction.emoji for reaction in stored.reactions]


@asynccontextmanager
async def created_bot(settings: Settings, parts: Opened, **options: Any) -> AsyncIterator[Konomi]:
    """The bot as the program makes it, but hasty, and with seeds that a test can foretell.

    SimCord takes what a handler starts for the handler's unfinished work, and its clock stands
    still; so what goes on in the background is kept outside of that, as in the playground.
    """
    background, seeds = OutsideBackground(), itertools.count(1000, 100)
    async with create_queue(settings, parts.store, parts.generator, kind=OutsideQueue) as queue:
        create = functools.partial(
            create_services,
            settings,
            dataclasses.replace(parts, queue=queue),
            background=background,
            new_seed=lambda: next(seeds),
            reaction_seconds=0,
            pauses=(0.01, 0.01),
            **({"download": lambda url: from_simcord(bot, url)} | options),
        )
        bot: Konomi = Konomi(create)
        try:
            yield bot
        finally:
            await background.end()
