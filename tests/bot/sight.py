"""Rounds in every kind of place, members in every kind of place, and forged ways between them."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

import discord
from simcord.actors import _component_interaction, _dispatch_actor_interaction
from simcord.backend import serializers
from simcord.builders import ChannelHandle
from simcord.enums import ChannelType, InteractionType

from bot.actions.parameters import picture_parameters
from bot.actions.source_options import SourceOptions
from storage.records import Image, Job, NewImage, NewSource, Round
from tests.bot.painter import png
from tests.bot.world import World

COMPONENTS_V2 = 1 << 15


@dataclasses.dataclass(frozen=True, kw_only=True)
class Target:
    """A round of one picture that stands somewhere."""

    place: str
    server_id: int
    channel_id: int
    owner_id: int
    message_id: int
    round: Round
    image: Image

    @property
    def secret(self) -> str:
        """What nobody may be told who does not see it."""
        return str(self.round.parameters["prompt"])


@dataclasses.dataclass(frozen=True, kw_only=True)
class Asker:
    """A member, or a user in their direct messages, and a message of ours that they see."""

    actor: Any
    channel: ChannelHandle
    origin: int


class Scene:
    """The world with further channels, threads, direct messages and another server."""

    def __init__(self, world: World) -> None:
        self.world, self.env, self.store = world, world.env, world.store
        assert world.bot.user is not None
        self.me = world.bot.user.id
        guild = world.guild
        hidden = {
            guild.default_role: discord.PermissionOverwrite(view_channel=False),
            world.alice: discord.PermissionOverwrite(view_channel=True),
            guild.me: discord.PermissionOverwrite(view_channel=True),
        }
        unread = {guild.default_role: discord.PermissionOverwrite(read_message_history=False)}
        self.channels: dict[str, ChannelHandle] = {
            "#pictures": world.channel,
            "#elsewhere": guild.create_text_channel("elsewhere"),
            "#adult": guild.create_text_channel("adult"),
            "#private": guild.create_text_channel("private", overwrites=hidden),
            "#unread": guild.create_text_channel("unread", overwrites=unread),
            "a thread": self._thread(ChannelType.PUBLIC_THREAD),
            "a private thread": self._thread(ChannelType.PRIVATE_THREAD),
            "alice's direct messages": world.alice.user.dm_channel,
            "bob's direct messages": world.bob.user.dm_channel,
        }
        self.other = self.env.create_guild("Other", preferred_locale="en-US")
        self.bob_there = self.other.add_member(world.bob.user)
        self.channels["the other server"] = self.other.create_text_channel("pictures")
        self.warden = guild.add_member(
            self.env.create_user("warden"),
            roles=[guild.create_role("W", permissions=discord.Permissions(manage_threads=True))],
        )
        self._template: Mapping[str, Any] = {}

    def _thread(self, kind: int) -> ChannelHandle:
        world, backend = self.world, self.env.backend
        thread = backend.create_thread(
            world.channel.id, f"thread {kind}", world.alice.id, type=kind
        )
        backend.add_thread_member(thread.id, self.me)
        return ChannelHandle(self.env, world.guild, thread)

    async def prepare(self) -> None:
        """Have one round painted, whose parameters all others take."""
        round_ = await self.world.painted(self.world.alice, "a star", count=1)
        self._template = round_.parameters
        adult = self.world.bot.get_channel(self.channels["#adult"].id)
        assert isinstance(adult, discord.TextChannel)
        adult.nsfw = True
        await self.world.admin.slash(
            self.world.channel, "konomi settings", content_filter="spoiler"
        )

    def asker(self, actor: Any, place: str) -> Asker:
        """Return someone in a place, with a message of ours there to press something on."""
        channel = self.channels[place]
        origin = self.env.backend.create_message(channel.id, self.me, "a message of ours")
        return Asker(actor=actor, channel=channel, origin=origin.id)

    async def put(
        self,
        place: str,
        owner_id: int,
        *,
        flagged: bool = False,
        posted: bool = True,
        source: Target | None = None,
    ) -> Target:
        """Make a round stand in a place, as if it had been painted there, maybe from another."""
        channel = self.channels[place]
        guild_id = self.env.backend.get_channel(channel.id).guild_id or 0
        board = await self.store.boards.create(
            server_id=guild_id, channel_id=channel.id, owner_id=owner_id, group=False
        )
        secret = f"secret{board.id}secret"
        options = dataclasses.asdict(SourceOptions(strength=0.5))
        begun = {} if source is None else {"source": options}
        round_ = await self.store.rounds.create(
            board_id=board.id,
            parameters={**self._template, **begun, "prompt": secret},
            parent_id=None if source is None else source.round.id,
            source=None if source is None else NewSource(image_id=source.image.id),
        )
        job = await self.job(place, owner_id, round_)
        path = self.store.files.workspace(job.id) / "0.png"
        path.write_bytes(png((board.id % 256, board.id // 256, 7)))
        (image,) = await self.store.jobs.finish(
            job.id,
            await self.store.jobs.begin(job.id),
            [
                NewImage(
                    path=str(path),
                    digest=None,
                    seed=1,
                    width=96,
                    height=96,
                    parameters=picture_parameters(round_.parameters, 0, 0),
                    flagged=flagged,
                )
            ],
        )
        await self.store.jobs.delivered(job.id)
        words = [{"type": 10, "content": "pictures"}]
        message = self.env.backend.create_message(
            channel.id, self.me, "", components=words, flags=COMPONENTS_V2
        )
        if posted:
            await self.store.rounds.posted(round_.id, 0, channel.id, message.id)
        return Target(
            place=place,
            server_id=guild_id,
            channel_id=channel.id,
            owner_id=owner_id,
            message_id=message.id,
            round=round_,
            image=image,
        )

    async def job(self, place: str, owner_id: int, round_: Round) -> Job:
        """Create a job that nothing paints."""
        channel = self.channels[place]
        return await self.store.jobs.create(
            server_id=self.env.backend.get_channel(channel.id).guild_id or 0,
            channel_id=channel.id,
            member_id=owner_id,
            round_id=round_.id,
            locale="en-US",
        )

    # --- forged gestures --------------------------------------------------------------------

    async def press(self, asker: Asker, custom_id: str) -> Any:
        """Press a button that the message does not have, though Discord is made to say it does."""
        stored = self.env.backend.get_message(asker.channel.id, asker.origin)
        button: dict[str, Any] = {"type": 2, "style": 2, "label": "press", "custom_id": custom_id}
        data: dict[str, Any] = {"component_type": 2, "custom_id": custom_id}
        if custom_id.startswith("pick:"):  # Of a select it is the value that says which picture.
            value = custom_id.removeprefix("pick:")
            options = [{"label": "Picture", "value": value}]
            button = {"type": 3, "custom_id": custom_id, "options": options}
            data = {"component_type": 3, "custom_id": custom_id, "values": [value]}
        stored.components = [{"type": 1, "components": [button]}]
        try:
            return await _component_interaction(asker.actor, stored, data)
        finally:
            stored.components = []

    async def submit(self, asker: Asker, custom_id: str, components: Any) -> Any:
        """Submit a form that was never shown."""
        data = {"custom_id": custom_id, "components": components}
        return await _dispatch_actor_interaction(
            asker.actor, InteractionType.MODAL_SUBMIT, asker.channel, data
        )

    async def choose(self, asker: Asker, name: str, message_id: int) -> Any:
        """Choose a command of a message's menu, for a message that may be anywhere."""
        backend = self.env.backend
        server = getattr(asker.actor, "guild", None)
        root = backend.find_command(name, None if server is None else server.id, type=3)
        stored = backend.get_message(asker.channel.id, asker.origin)
        shown = dict(serializers.message_payload(backend, stored)) | {"id": str(message_id)}
        data = {
            "id": root["id"],
            "name": root["name"],
            "type": 3,
            "target_id": str(message_id),
            "resolved": {"messages": {str(message_id): shown}},
        }
        return await _dispatch_actor_interaction(
            asker.actor, InteractionType.APPLICATION_COMMAND, asker.channel, data
        )

    async def react(self, asker: Asker, emoji: str, message_id: int) -> None:
        """React to a message that may be anywhere."""
        backend, server = self.env.backend, getattr(asker.actor, "guild", None)
        payload: dict[str, Any] = {
            "user_id": str(asker.actor.id),
            "channel_id": str(asker.channel.id),
            "message_id": str(message_id),
            "emoji": serializers.emoji_payload(emoji),
            "burst": False,
            "type": 0,
        }
        if server is not None:
            guild = backend.guilds[server.id]
            member = serializers.member_payload(backend, guild, guild.members[asker.actor.id])
            payload |= {"guild_id": str(server.id), "member": member}
        await self._told("MESSAGE_REACTION_ADD", payload)

    async def reply(self, asker: Asker, words: str, message_id: int) -> None:
        """Speak to the bot in reply to a message that may be anywhere."""
        backend = self.env.backend
        message = backend.create_message(
            asker.channel.id, asker.actor.id, f"<@{self.me}> {words}", broadcast=False
        )
        payload = dict(serializers.message_payload(backend, message))
        payload["message_reference"] = {
            "message_id": str(message_id),
            "channel_id": str(asker.channel.id),
            "type": 0,
        }
        payload["type"] = 19
        await self._told("MESSAGE_CREATE", payload)

    async def _told(self, event: str, payload: dict[str, Any]) -> None:
        """Have Discord tell the bot of an event that it would never tell."""
        self.env._begin_operation(event)
        try:
            self.env.backend.emit(event, payload)
            await self.env._settle_internal(dispatch=event)
        finally:
            self.env._end_operation()

    # --- what came of it --------------------------------------------------------------------

    def answer(self, result: Any) -> str:
        """All words that somebody was answered, a form included."""
        shown = [each for each in (result.response, *result.followups) if each is not None]
        words = [self.world.words(each) for each in shown]
        return "\n".join([*words, *([json.dumps(result.modal)] if result.modal else [])])

    def pictures(self, result: Any) -> int:
        """Count the files that somebody was sent."""
        shown = [each for each in (result.response, *result.followups) if each is not None]
        return sum(len(each.attachments) for each in shown)

    def said_in(self, asker: Asker) -> str:
        """Everything that stands in the asker's channel."""
        messages = self.env.backend.messages[asker.channel.id].values()
        return json.dumps([[each.content, each.components] for each in messages])

    async def state(self) -> list[tuple[Any, ...]]:
        """What is stored that a gesture could change."""
        database = self.store._database
        changed: list[tuple[Any, ...]] = []
        for table in ("boards", "rounds", "images", "jobs", "ratings", "votes", "reactions"):
            rows = await database.rows(f"SELECT * FROM {table} ORDER BY 1, 2")
            changed += [(table, *row) for row in rows]
        return changed
