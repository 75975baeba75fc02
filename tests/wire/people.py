"""People's actions in Discord: commands, buttons, menus, forms, reactions, messages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from . import components, composing, objects, permissions
from .call import Upload
from .components import Kind
from .interactions import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL, SHOW_MODAL
from .objects import JSON
from .state import Interaction

if TYPE_CHECKING:
    from .server import LoopbackDiscord

File = tuple[str, bytes, str]
"""A file in a person's hands: its name, bytes and type."""

SUBCOMMAND, GROUP, ATTACHMENT = 1, 2, 11


class Person:
    """One user; where a channel may be named, the server's #general is meant without."""

    def __init__(self, discord: LoopbackDiscord, user: JSON, *, locale: str = "en-US") -> None:
        self.discord = discord
        self.user = user
        self.id: str = user["id"]
        self.name: str = user["username"]
        self.locale = locale

    def __repr__(self) -> str:
        return self.name

    # Words

    async def say(
        self,
        content: str,
        *,
        channel: JSON | None = None,
        files: Sequence[File] = (),
        reply_to: JSON | None = None,
    ) -> JSON:
        """Write a message in a channel."""
        channel = channel or self.discord.general
        form: JSON = {"content": content}
        if reply_to is not None:
            form["message_reference"] = {"message_id": reply_to["id"]}
        uploads = [Upload(n, *file) for n, file in enumerate(files)]
        state = self.discord.state
        message = composing.create(state, channel["id"], self.id, form, uploads)
        await self.discord.interactions.tell("MESSAGE_CREATE", message)
        return message

    async def mention(
        self, content: str, *, channel: JSON | None = None, files: Sequence[File] = ()
    ) -> JSON:
        """Write to the bot by its name in front of everyone."""
        named = f"<@{self.discord.state.application_id}> {content}"
        return await self.say(named, channel=channel, files=files)

    async def whisper(self, content: str, *, files: Sequence[File] = ()) -> JSON:
        """Write to the bot in a direct message."""
        return await self.say(content, channel=self.direct, files=files)

    @property
    def direct(self) -> JSON:
        """This person's conversation with the bot."""
        return self.discord.state.direct(self.id)

    async def delete(self, message: JSON) -> None:
        """Delete a message: one's own, or anyone's as a moderator."""
        channel = self.discord.state.channels[message["channel_id"]]
        if message["author"]["id"] != self.id:
            held = self.discord.state.permissions(self.id, channel)
            assert held & permissions.MANAGE_MESSAGES, f"{self} may not delete this"
        composing.delete(self.discord.state, message)
        await self.discord.interactions.tell("MESSAGE_DELETE", message)

    # Reactions

    async def react(self, message: JSON, emoji: str, *, burst: bool = False) -> None:
        """Put a reaction under a message."""
        await self.discord.reacting.add(self.id, message, emoji, burst=burst)

    async def unreact(self, message: JSON, emoji: str, *, burst: bool = False) -> None:
        """Take one's reaction back."""
        await self.discord.reacting.remove(self.id, message, emoji, burst=burst)

    async def clear_reactions(self, message: JSON, emoji: str | None = None) -> None:
        """Remove everyone's reactions, as a moderator can."""
        await self.discord.reacting.clear(message, emoji)

    # Commands, buttons, forms

    async def slash(
        self,
        name: str,
        *,
        channel: JSON | None = None,
        files: Mapping[str, File] | None = None,
        **options: Any,
    ) -> Interaction:
        """Use a slash command as the client offers it; a subcommand is "command sub"."""
        channel = channel or self.discord.general
        command, *path = name.split()
        offered = self._offered(command, channel)
        resolved: JSON = {}
        values = dict(options)
        for option, file in (files or {}).items():
            stored = self.discord.state.attach_to_option(channel["id"], *file)
            resolved.setdefault("attachments", {})[stored["id"]] = stored
            values[option] = stored["id"]
        data: JSON = {
            "id": offered["id"],
            "name": command,
            "type": 1,
            "options": _filled(offered.get("options") or [], path, values),
        }
        if resolved:
            data["resolved"] = resolved
        return await self._interact(COMMAND, channel, data, command=name)

    def _offered(self, name: str, channel: JSON) -> JSON:
        commands = self.discord.state.commands
        known = [*commands.get(self.discord.state.guild_id, []), *commands.get(None, [])]
        command = next((c for c in known if c["name"] == name and c["type"] == 1), None)
        assert command is not None, f"/{name} was never registered: nobody would see it"
        if channel["type"] == objects.DM:
            contexts = command["contexts"]
            offered = command["dm_permission"] if contexts is None else 1 in contexts
            assert offered, f"/{name} is not offered in direct messages"
        return command

    async def suggestions(
        self, name: str, option: str, typed: str, *, channel: JSON | None = None
    ) -> list[JSON]:
        """Return the suggestions of the command's option for the text typed so far."""
        channel = channel or self.discord.general
        command = self._offered(name, channel)
        field = next(o for o in command["options"] if o["name"] == option)
        given = {"name": option, "type": field["type"], "value": typed, "focused": True}
        data = {"id": command["id"], "name": name, "type": 1, "options": [given]}
        interaction = await self._interact(AUTOCOMPLETE, channel, data, command=name)
        answer = await self.discord.answer(interaction)
        choices: list[JSON] = answer["data"]["choices"]
        return choices

    async def press(self, message: JSON, custom_id: str) -> Interaction:
        """Press a button under a message."""
        button = component(message, custom_id)
        data = {"custom_id": custom_id, "component_type": Kind.BUTTON, "id": button["id"]}
        return await self._interact(COMPONENT, self._place(message), data, message)

    async def select(self, message: JSON, custom_id: str, values: Sequence[str]) -> Interaction:
        """Choose from a menu under a message."""
        menu = component(message, custom_id)
        data = {
            "custom_id": custom_id,
            "component_type": menu["type"],
            "id": menu["id"],
            "values": list(values),
        }
        return await self._interact(COMPONENT, self._place(message), data, message)

    async def submit(
        self, shown: Interaction, values: Mapping[str, str], *, message: JSON | None = None
    ) -> Interaction:
        """Fill in the form that the bot showed, and send it."""
        assert shown.answer is not None
        assert shown.answer["type"] == SHOW_MODAL, "the bot showed no form"
        form = shown.answer["data"]
        rows: list[JSON] = []
        for number, row in enumerate(form["components"]):
            held = "components" if "components" in row else "component"
            fields = row[held] if held == "components" else [row[held]]
            filled = [
                {
                    "type": field["type"],
                    "id": 100 + number,
                    "custom_id": field["custom_id"],
                    "value": values.get(field["custom_id"], field.get("value", "")),
                }
                for field in fields
            ]
            content = filled if held == "components" else filled[0]
            rows.append({"type": row["type"], "id": number + 1, held: content})
        data = {"custom_id": form["custom_id"], "components": rows, "resolved": {}}
        channel = self.discord.state.channels[shown.channel_id]
        return await self._interact(MODAL, channel, data, message, shown_by=shown)

    def _place(self, message: JSON) -> JSON:
        return self.discord.state.channels[message["channel_id"]]

    async def _interact(
        self,
        kind: int,
        channel: JSON,
        data: JSON,
        message: JSON | None = None,
        command: str | None = None,
        shown_by: Interaction | None = None,
    ) -> Interaction:
        state = self.discord.state
        interaction = Interaction(
            id=state.snowflakes.next(),
            token=f"token-{state.snowflakes.next()}",
            type=kind,
            channel_id=channel["id"],
            user=self.user,
            command=command,
            message_id=message["id"] if message else None,
            shown_by=shown_by,
        )
        state.interactions[interaction.token] = interaction
        event: JSON = {
            "id": interaction.id,
            "application_id": state.application_id,
            "type": kind,
            "data": data,
            "token": interaction.token,
            "version": 1,
            "channel_id": channel["id"],
            "locale": self.locale,
            "entitlements": [],
            "attachment_size_limit": state.upload_limit,
            **self._where(channel),
        }
        if message is not None:
            event["message"] = message
        await self.discord.gateway.dispatch("INTERACTION_CREATE", event)
        return interaction

    def _where(self, channel: JSON) -> JSON:
        state = self.discord.state
        if channel["type"] == objects.DM:
            return {
                "context": 1,
                "user": self.user,
                "channel": channel,
                "app_permissions": str(permissions.ORDINARY),
                "authorizing_integration_owners": {"0": "0"},
            }
        mine = str(state.permissions(self.id, channel))
        return {
            "context": 0,
            "guild_id": state.guild_id,
            "guild": {"id": state.guild_id, "features": [], "locale": "en-US"},
            "guild_locale": "en-US",
            "member": {**state.member(self.id), "permissions": mine},
            "channel": {**channel, "permissions": mine},
            "app_permissions": str(state.permissions(state.application_id, channel)),
            "authorizing_integration_owners": {"0": state.guild_id},
        }


def _filled(offered: list[JSON], path: list[str], values: Mapping[str, Any]) -> list[JSON]:
    """The options as a client sends them, after refusing what a client refuses."""
    if path:
        sub = next(o for o in offered if o["name"] == path[0] and o["type"] in (SUBCOMMAND, GROUP))
        inner = _filled(sub.get("options") or [], path[1:], values)
        return [{"name": sub["name"], "type": sub["type"], "options": inner}]
    fields = {option["name"]: option for option in offered}
    missing = [name for name, o in fields.items() if o.get("required") and name not in values]
    assert not missing, f"the client wants {missing} filled in"
    for name, value in values.items():
        assert name in fields, f"there is no option {name}"
        field = fields[name]
        choices = [choice["value"] for choice in field.get("choices") or []]
        assert not choices or value in choices, f"{name} offers {choices}"
        low, high = field.get("min_value"), field.get("max_value")
        assert low is None or value >= low, f"{name} is at least {low}"
        assert high is None or value <= high, f"{name} is at most {high}"
        longest = field.get("max_length")
        assert longest is None or len(value) <= longest, f"{name} holds {longest} characters"
    return [{"name": n, "type": fields[n]["type"], "value": v} for n, v in values.items()]


# What a person sees


def component(message: JSON, custom_id: str) -> JSON:
    """The button or menu of this id, which has to be there and enabled."""
    found = next(
        (c for c in components.walk(message["components"]) if c.get("custom_id") == custom_id), None
    )
    assert found is not None, f"no {custom_id} among {custom_ids(message)}"
    assert not found.get("disabled"), f"{custom_id} is disabled"
    return found


def custom_ids(message: JSON) -> list[str]:
    """The ids of a message's buttons and menus, in order."""
    every = components.walk(message["components"])
    return [c["custom_id"] for c in every if "custom_id" in c and not c.get("disabled")]


def buttons(message: JSON, verb: str) -> list[str]:
    """The ids of the buttons whose id begins with this verb: "like" for "like:12"."""
    return [c for c in custom_ids(message) if c.split(":")[0] == verb]


def words(message: JSON) -> str:
    """All that a person reads in a message, line by line."""
    embedded = (e.get(f) for e in message["embeds"] for f in ("title", "description"))
    lines = [message["content"], *embedded, *components.texts(message["components"])]
    return "\n".join(line for line in lines if line)


def pictures(message: JSON) -> Iterator[JSON]:
    """The pictures that a message shows: resolved media items, then plain attachments."""
    yield from components.media(message["components"])
    yield from message["attachments"]
