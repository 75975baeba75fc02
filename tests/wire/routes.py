"""The REST routes that Konomi may use; whatever is not here is recorded as unhandled."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

from . import composing, objects, permissions
from .call import Call
from .gateway import Gateway
from .interactions import Interactions
from .objects import JSON
from .reacting import Reacting
from .refusals import Refused, invalid, missing_permissions, unknown
from .state import State

Route = Callable[..., Awaitable[Any]]


class Routes:
    """Finds the method for a request and performs it on the state."""

    def __init__(
        self, state: State, gateway: Gateway, interactions: Interactions, reacting: Reacting
    ) -> None:
        self.state = state
        self.gateway = gateway
        self.interactions = interactions
        self.reacting = reacting
        self.unhandled: list[str] = []
        self._table = [
            (method, re.compile(re.sub(r"\{\}", "([^/]+)", path) + "$"), route)
            for method, path, route in self._routes()
        ]

    def _routes(self) -> list[tuple[str, str, Route]]:
        app = f"/applications/{self.state.application_id}"
        hook = f"/webhooks/{self.state.application_id}/{{}}"
        message = "/channels/{}/messages/{}"
        reactions = f"{message}/reactions"
        return [
            ("GET", "/users/@me", self.get_me),
            ("POST", "/users/@me/channels", self.open_direct),
            ("GET", "/users/{}", self.get_user),
            ("GET", "/(?:oauth2/)?applications/@me", self.get_application),
            ("GET", "/gateway(?:/bot)?", self.get_gateway),
            ("GET", f"{app}/commands", self.get_commands),
            ("PUT", f"{app}/commands", self.set_commands),
            ("GET", f"{app}/guilds/{{}}/commands", self.get_commands),
            ("PUT", f"{app}/guilds/{{}}/commands", self.set_commands),
            ("GET", "/guilds/{}", self.get_guild),
            ("GET", "/guilds/{}/members/{}", self.get_member),
            ("GET", "/channels/{}", self.get_channel),
            ("POST", "/channels/{}/typing", self.type),
            ("GET", "/channels/{}/messages", self.get_history),
            ("POST", "/channels/{}/messages", self.create_message),
            ("GET", message, self.get_message),
            ("PATCH", message, self.edit_message),
            ("DELETE", message, self.delete_message),
            ("GET", f"{reactions}/{{}}", self.get_reactions),
            ("PUT", f"{reactions}/{{}}/@me", self.add_reaction),
            ("DELETE", f"{reactions}/{{}}/{{}}", self.remove_reaction),
            ("DELETE", f"{reactions}/{{}}", self.clear_reactions),
            ("DELETE", reactions, self.clear_reactions),
            ("POST", "/interactions/{}/{}/callback", self.respond),
            ("POST", hook, self.follow_up),
            ("GET", f"{hook}/messages/{{}}", self.get_by_token),
            ("PATCH", f"{hook}/messages/{{}}", self.edit_by_token),
            ("DELETE", f"{hook}/messages/{{}}", self.delete_by_token),
        ]

    async def perform(self, call: Call) -> Any:
        """Do what the call asks for: the JSON to answer with, or None for 204."""
        for method, pattern, route in self._table:
            if method == call.method and (found := pattern.match(call.path)):
                return await route(call, *found.groups())
        self.unhandled.append(f"{call.method} {call.path}")
        raise Refused(404, 0, "404: Not Found")

    # Who and where

    async def get_me(self, _: Call) -> JSON:
        return objects.own_user(self.state.bot)

    async def get_user(self, _: Call, user_id: str) -> JSON:
        if user_id not in self.state.users:
            raise unknown("User")
        return self.state.users[user_id]

    async def open_direct(self, call: Call) -> JSON:
        return self.state.direct(str(call.form["recipient_id"]))

    async def get_application(self, _: Call) -> JSON:
        state = self.state
        return objects.application(state.application_id, state.owner, state.bot, flags=0)

    async def get_gateway(self, _: Call) -> JSON:
        limit = {"total": 1000, "remaining": 999, "reset_after": 86_400_000, "max_concurrency": 1}
        return {"url": self.gateway.url, "shards": 1, "session_start_limit": limit}

    async def get_guild(self, _: Call, guild_id: str) -> JSON:
        if guild_id != self.state.guild_id:
            raise unknown("Guild")
        return self.state.guild

    async def get_member(self, _: Call, guild_id: str, user_id: str) -> JSON:
        if guild_id != self.state.guild_id:
            raise unknown("Guild")
        return self.state.member(user_id)

    async def get_channel(self, _: Call, channel_id: str) -> JSON:
        return self.state.accessible(channel_id)

    # Commands

    async def get_commands(self, _: Call, guild_id: str | None = None) -> list[JSON]:
        return self.state.commands.get(guild_id, [])

    async def set_commands(self, call: Call, guild_id: str | None = None) -> list[JSON]:
        """Replace all commands; those that keep their name keep their id."""
        named = [(command["name"], command.get("type", 1)) for command in call.form]
        if len(set(named)) != len(named):
            raise invalid("", "APPLICATION_COMMANDS_DUPLICATE_NAME", "Names must be unique.")
        before = {(c["name"], c["type"]): c["id"] for c in self.state.commands.get(guild_id, [])}
        where: JSON = {"guild_id": guild_id} if guild_id else {}
        self.state.commands[guild_id] = [
            {
                "nsfw": False,
                "dm_permission": True,
                "description": "",
                "options": [],
                "contexts": None,
                "integration_types": [0],
                **{key: value for key, value in command.items() if value is not None},
                "type": kind,
                "default_member_permissions": _as_text(command.get("default_member_permissions")),
                "id": before.get((name, kind)) or self.state.snowflakes.next(),
                "application_id": self.state.application_id,
                "version": self.state.snowflakes.next(),
                **where,
            }
            for command, (name, kind) in zip(call.form, named, strict=True)
        ]
        return self.state.commands[guild_id]

    # Messages

    async def type(self, _: Call, channel_id: str) -> None:
        self.state.accessible(channel_id, permissions.SEND_MESSAGES)

    async def get_history(self, call: Call, channel_id: str) -> list[JSON]:
        """A page of messages, newest first: around none, `before` or `after` an id."""
        limit = int(call.query.get("limit", 50))
        if not 1 <= limit <= 100:
            raise invalid("limit", "NUMBER_TYPE_MAX", "int value should be 1 to 100.")
        channel = self.state.accessible(channel_id)
        messages = self.state.in_channel(channel_id)
        if channel["type"] != objects.DM:
            held = self.state.permissions(self.state.application_id, channel)
            if not held & permissions.READ_MESSAGE_HISTORY:
                return []
        if "before" in call.query:
            messages = [m for m in messages if int(m["id"]) < int(call.query["before"])]
        if "after" in call.query:
            messages = [m for m in messages if int(m["id"]) > int(call.query["after"])][:limit]
        return [self._read(message) for message in reversed(messages[-limit:])]

    def _read(self, message: JSON) -> JSON:
        direct = self.state.channels[message["channel_id"]]["type"] == objects.DM
        granted = self.state.privileged_intents
        return self.gateway.redacted(message, direct=direct, intents=granted)

    async def get_message(self, _: Call, channel_id: str, message_id: str) -> JSON:
        self.state.accessible(channel_id, permissions.READ_MESSAGE_HISTORY)
        return self._read(self.state.visible(channel_id, message_id))

    async def create_message(self, call: Call, channel_id: str) -> JSON:
        composing.may_send(self.state, channel_id, call.uploads)
        me, form = self.state.application_id, call.form or {}
        if message := composing.said_before(self.state, me, form):
            return message
        message = composing.create(self.state, channel_id, me, form, call.uploads)
        composing.remember_nonce(self.state, me, message)
        await self.interactions.tell("MESSAGE_CREATE", message)
        return message

    async def edit_message(self, call: Call, channel_id: str, message_id: str) -> JSON:
        self.state.accessible(channel_id)
        message = composing.own(self.state, self.state.visible(channel_id, message_id))
        composing.edit(self.state, message, call.form or {}, call.uploads)
        await self.interactions.tell("MESSAGE_UPDATE", message)
        return message

    async def delete_message(self, _: Call, channel_id: str, message_id: str) -> None:
        channel = self.state.accessible(channel_id)
        message = self.state.visible(channel_id, message_id)
        if message["author"]["id"] != self.state.application_id:
            self._needs(channel, permissions.MANAGE_MESSAGES)
        composing.delete(self.state, message)
        await self.interactions.tell("MESSAGE_DELETE", message)

    def _needs(self, channel: JSON, permission: int) -> None:
        direct = channel["type"] == objects.DM
        if direct or not self.state.permissions(self.state.application_id, channel) & permission:
            raise missing_permissions()

    # Reactions

    async def get_reactions(
        self, call: Call, channel_id: str, message_id: str, emoji: str
    ) -> list[JSON]:
        self.state.accessible(channel_id, permissions.READ_MESSAGE_HISTORY)
        return self.reacting.users(self.state.visible(channel_id, message_id), emoji, call.query)

    async def add_reaction(self, _: Call, channel_id: str, message_id: str, emoji: str) -> None:
        channel = self.state.accessible(channel_id)
        message = self.state.visible(channel_id, message_id)
        self.reacting.may_add(channel, message, emoji)
        await self.reacting.add(self.state.application_id, message, emoji)

    async def remove_reaction(
        self, _: Call, channel_id: str, message_id: str, emoji: str, who: str
    ) -> None:
        channel = self.state.accessible(channel_id)
        message = self.state.visible(channel_id, message_id)
        if who != "@me":
            self._needs(channel, permissions.MANAGE_MESSAGES)
        user_id = self.state.application_id if who == "@me" else who
        await self.reacting.remove(user_id, message, emoji)

    async def clear_reactions(
        self, _: Call, channel_id: str, message_id: str, emoji: str | None = None
    ) -> None:
        channel = self.state.accessible(channel_id)
        message = self.state.visible(channel_id, message_id)
        self._needs(channel, permissions.MANAGE_MESSAGES)
        await self.reacting.clear(message, emoji)

    # Interactions

    async def respond(self, call: Call, interaction_id: str, token: str) -> JSON | None:
        full = call.query.get("with_response") in ("1", "true", "True")
        return await self.interactions.respond(
            interaction_id, token, call.form, call.uploads, full=full
        )

    async def follow_up(self, call: Call, token: str) -> JSON:
        interaction = self.interactions.by_token(token)
        return await self.interactions.follow_up(interaction, call.form or {}, call.uploads)

    async def get_by_token(self, _: Call, token: str, message_id: str) -> JSON:
        return self.interactions.addressed(self.interactions.by_token(token), message_id)

    async def edit_by_token(self, call: Call, token: str, message_id: str) -> JSON:
        interaction = self.interactions.by_token(token)
        return await self.interactions.edit(interaction, message_id, call.form or {}, call.uploads)

    async def delete_by_token(self, _: Call, token: str, message_id: str) -> None:
        await self.interactions.delete(self.interactions.by_token(token), message_id)


def _as_text(permissions: Any) -> str | None:
    """Permissions as Discord answers with them, however the bot wrote them."""
    return None if permissions is None else str(permissions)
