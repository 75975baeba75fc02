"""A server with everyone whom the rules tell apart, another server, and forged gestures in them.

Real clients press the buttons that they are shown.  Here everybody presses every button, submits
every form and uses every command, whatever Discord would show them.
"""

from __future__ import annotations

import dataclasses
import json
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import discord
from simcord import interactions
from simcord.actors import _component_interaction, _dispatch_actor_interaction
from simcord.backend import serializers
from simcord.builders import ChannelHandle
from simcord.enums import AppCommandType, InteractionType

from bot.actions.parameters import Parameters
from storage.database import DATABASE_NAME
from storage.training_records import TrainingRights
from tests.bot.world import World

BUTTON, SELECT = 2, 3
TEXT, UPLOAD, CHECKBOX, LABEL = 4, 19, 23, 18
EPHEMERAL, COMPONENTS_V2 = 1 << 6, 1 << 15
File = tuple[str, bytes]
FIRST_ID = 123_456_000

PERSONS = (
    *("owner", "host", "admin", "trainer", "uploader", "member", "revoked"),
    *("admin°", "host°"),
    *("admin²", "owner²", "host²"),
)
"""The columns of the table.

`owner` made the styles and prepared the trainings, and has lost the trainer role since; `uploader`
handed over pictures; `revoked` did, and took them back; `member` moderates the channel.  ° is the
same server after the host withdrew the grant to train; ² is another server, in which the owner and
the host are, too, and which has an admin of its own.
"""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody in a channel, and a message of ours there on which buttons are forged."""

    name: str
    actor: Any
    channel: ChannelHandle
    origin: int
    granted: bool


class House:
    """The two servers with their members; `person` names one of the columns."""

    def __init__(self, world: World) -> None:
        self.world, self.env, self.store = world, world.env, world.store
        # Each picture is cleaned and measured in a process of its own.
        world.env.settle_timeout = 120.0
        assert world.bot.user is not None
        self.me = world.bot.user.id
        self.guild, self.channel = world.guild, world.channel
        env, guild = world.env, world.guild
        self.role = guild.create_role("Trainers")
        self.owner, self.uploader, self.member = world.alice, world.bob, world.mod
        self.admin = world.admin
        self.trainer = guild.add_member(env.create_user("trainer"), roles=[self.role])
        self.host = guild.add_member(env.create_user("host"))
        self.revoked = guild.add_member(env.create_user("revoked"))
        world.bot.services.rules._hosts = frozenset({self.host.id})
        self.other = env.create_guild("Other", preferred_locale="en-US")
        admins = self.other.create_role("A", permissions=discord.Permissions(manage_guild=True))
        there = self.other.create_text_channel("pictures")
        self.elsewhere = there
        actors = {
            **{
                name: getattr(self, name)
                for name in ("owner", "host", "admin", "trainer", "uploader", "member", "revoked")
            },
            "admin°": self.admin,
            "host°": self.host,
            "admin²": self.other.add_member(env.create_user("stranger"), roles=[admins]),
            "owner²": self.other.add_member(self.owner.user),
            "host²": self.other.add_member(self.host.user),
        }
        origins = {
            channel.id: env.backend.create_message(channel.id, self.me, "a message of ours").id
            for channel in (world.channel, there)
        }
        self.persons = {}
        for name in PERSONS:
            channel = there if name.endswith("²") else world.channel
            self.persons[name] = Person(
                name=name,
                actor=actors[name],
                channel=channel,
                origin=origins[channel.id],
                granted=name[-1] not in "°²",
            )

        self.folder = world.bot.services.settings.data_dir
        self._database = sqlite3.connect(f"file:{self.folder / DATABASE_NAME}?mode=ro", uri=True)
        self._version, self._rows = -1, dict[str, Any]()
        self._written: dict[int, tuple[Any, str]] = {}

    async def prepare(self) -> None:
        """Let ids begin so high that nothing else in an answer has their digits."""
        async with self.store._database.transaction() as transaction:
            for table in ("styles", "datasets", "jobs", "rounds", "images"):
                await transaction.rows("DELETE FROM sqlite_sequence WHERE name = ?", [table])
                await transaction.rows(
                    "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", [table, FIRST_ID]
                )

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    async def turn_of(self, person: Person, *, member_tastes: bool) -> None:
        """Grant training to the server, or withdraw it, as somebody is to find it."""
        stored = self.store.training_rights
        here = await stored.get(self.guild.id)
        granted = person.granted or person.name.endswith("²")
        if here.granted != granted:
            await stored.grant(self.guild.id, granted=granted)
        if (here.roles, here.member_tastes) != ((self.role.id,), member_tastes):
            roles = [self.role.id]
            await stored.choose(self.guild.id, roles=roles, member_tastes=member_tastes)
        if await stored.get(self.other.id) != TrainingRights(server_id=self.other.id):
            await stored.grant(self.other.id, granted=False)
            await stored.choose(self.other.id, roles=(), member_tastes=False)

    async def at_rest(self) -> None:
        """Wait until nobody works in the background, and every request has its pictures."""
        background = self.world.bot.services.background

        async def over() -> bool:
            return not background.working

        if background.working:
            await self.world.until(over)
            await self.env.settle()

    def posted(self, words: str) -> int:
        """Post a message of ours in the channel, and return its id."""
        parts = [{"type": 10, "content": words}]
        return int(
            self.env.backend.create_message(
                self.channel.id, self.me, "", components=parts, flags=COMPONENTS_V2
            ).id
        )

    def template(self) -> dict[str, Any]:
        """Return the stored parameters of a round of one picture."""
        model = self.world.bot.services.settings.model
        parameters = Parameters.for_model(model, prompt="a star", count=1)
        stored = parameters.stored(seed=1, model=model)
        return {**stored, "plain": False, "locale": "en-US", "pictures_a_message": 4}

    # --- forged gestures --------------------------------------------------------------------

    async def press(self, person: Person, custom_id: str, *values: str) -> Any:
        """Press a button, or choose values in a list, that a message is made to have."""
        stored = self.env.backend.get_message(person.channel.id, person.origin)
        kind = SELECT if values else BUTTON
        data: dict[str, Any] = {"component_type": kind, "custom_id": custom_id}
        drawn: dict[str, Any] = {"type": BUTTON, "style": 2, "label": "press"}
        if values:
            drawn = {"type": SELECT, "options": [{"label": each, "value": each} for each in values]}
            data["values"] = list(values)
        stored.components = [{"type": 1, "components": [{**drawn, "custom_id": custom_id}]}]
        try:
            return await _component_interaction(person.actor, stored, data)
        finally:
            stored.components = []

    async def submit(
        self,
        person: Person,
        custom_id: str,
        values: Mapping[str, str],
        files: Sequence[File] = (),
        *,
        consent: bool = False,
    ) -> Any:
        """Submit a form that was never shown."""
        resolved: dict[str, Any] = {}
        uploads = [
            interactions.store_interaction_attachment(
                self.env.backend, person.channel.id, name, content, resolved
            )
            for name, content in files
        ]
        parts: list[dict[str, Any]] = [
            {"type": TEXT, "custom_id": name, "value": value} for name, value in values.items()
        ]
        if uploads:
            parts.append({"type": UPLOAD, "custom_id": "pictures", "values": uploads})
        if consent:
            parts.append({"type": CHECKBOX, "custom_id": "consent", "value": True})
        data = {
            "custom_id": custom_id,
            "components": [{"type": LABEL, "component": part} for part in parts],
            **({"resolved": resolved} if resolved else {}),
        }
        return await _dispatch_actor_interaction(
            person.actor, InteractionType.MODAL_SUBMIT, person.channel, data
        )

    async def slash(self, person: Person, name: str, /, **options: Any) -> Any:
        """Use a command, also one that Discord does not show to them."""
        root, data = self._command(name, person)
        leaf, nesting = interactions.walk_to_subcommand(root, name.split()[1:])
        built, resolved = interactions.build_options(
            person.actor, name, leaf, options, channel_id=person.channel.id
        )
        data["options"] = interactions.nest_options(root, nesting, built)
        if resolved:
            data["resolved"] = resolved
        return await _dispatch_actor_interaction(
            person.actor, InteractionType.APPLICATION_COMMAND, person.channel, data
        )

    async def complete(self, person: Person, name: str, option: str, typed: str) -> Any:
        """Type into an option that has suggestions."""
        root, data = self._command(name, person)
        _, nesting = interactions.walk_to_subcommand(root, name.split()[1:])
        typing = {"name": option, "type": 3, "value": typed, "focused": True}
        data["options"] = interactions.nest_options(root, nesting, [typing])
        return await _dispatch_actor_interaction(
            person.actor, InteractionType.APPLICATION_COMMAND_AUTOCOMPLETE, person.channel, data
        )

    def _command(self, name: str, person: Person) -> tuple[dict[str, Any], dict[str, Any]]:
        guild = getattr(person.actor, "guild", None)
        root = self.env.backend.find_command(
            name.split()[0], None if guild is None else guild.id, type=AppCommandType.CHAT_INPUT
        )
        assert root is not None, name
        return root, {"id": root["id"], "name": root["name"], "type": AppCommandType.CHAT_INPUT}

    async def react(self, person: Person, emoji: str, message_id: int) -> None:
        """React to a message that may be anywhere."""
        guild = self.env.backend.guilds[person.actor.guild.id]
        payload = {
            "user_id": str(person.actor.id),
            "channel_id": str(person.channel.id),
            "message_id": str(message_id),
            "guild_id": str(guild.id),
            "member": serializers.member_payload(
                self.env.backend, guild, guild.members[person.actor.id]
            ),
            "emoji": serializers.emoji_payload(emoji),
            "burst": False,
            "type": 0,
        }
        self.env._begin_operation("MESSAGE_REACTION_ADD")
        try:
            self.env.backend.emit("MESSAGE_REACTION_ADD", payload)
            await self.env._settle_internal(dispatch="MESSAGE_REACTION_ADD")
        finally:
            self.env._end_operation()

    # --- what came of it --------------------------------------------------------------------

    def words(self, result: Any) -> str:
        """All words that somebody was answered."""
        return "\n".join(f"{each.content}{self.world.words(each)}" for each in messages_of(result))

    def answer(self, result: Any) -> str:
        """All that somebody was answered, down to the last byte, as JSON."""
        if result is None:
            return ""
        return json.dumps(
            {
                "messages": [
                    {
                        "content": each.content,
                        "components": self.world.raw(each),
                        "flags": each.flags.value,
                        "files": [(file.filename, file.size) for file in each.attachments],
                    }
                    for each in messages_of(result)
                ],
                "form": result.modal,
                "choices": result.autocomplete_choices,
            },
            ensure_ascii=False,
        )

    def version(self) -> int:
        """Return a number that stays the same as long as nothing is committed to the database."""
        [version] = self._database.execute("PRAGMA data_version").fetchone()
        return int(version)

    def _drawn(self, message: Any) -> str:
        """Return the components of a message in words, which are written once."""
        before = self._written.get(message.id)
        if before is None or before[0] is not message.components:
            before = self._written[message.id] = message.components, str(message.components)
        return before[1]

    def state(self) -> dict[str, Any]:
        """Everything that a gesture could change: rows, files, requests, and what others see."""
        if (version := self.version()) != self._version:
            self._version = version
            tables = self._database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            self._rows = {
                table: self._database.execute(f"SELECT * FROM {table}").fetchall()
                for (table,) in tables.fetchall()
            }
        return {
            **self._rows,
            "files": {
                (each.path, each.stat().st_size)
                for each in _files(self.folder)
                if not each.name.startswith(DATABASE_NAME)
            },
            "painter": {
                (each.name, each.stat().st_size)
                for each in _files(self.world.notes)
                if each.name.endswith(".jsonl")
            },
            "working": self.world.bot.services.background.working,
            "messages": [
                (each.id, each.content, self._drawn(each))
                for channel in (self.channel, self.elsewhere)
                for each in self.env.backend.messages[channel.id].values()
                if not each.flags & EPHEMERAL
            ],
        }


def _files(folder: Path) -> Iterator[os.DirEntry[str]]:
    """Yield the files in a folder, however deep they lie."""
    with os.scandir(folder) as entries:
        for each in entries:
            if each.is_dir():
                yield from _files(Path(each.path))
            else:
                yield each


def messages_of(result: Any) -> list[Any]:
    """The messages that somebody was answered with."""
    return [each for each in (result.response, *result.followups) if each is not None]


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """What differs between two states, by the names of its parts."""
    return [part for part in {**before, **after} if before.get(part) != after.get(part)]
