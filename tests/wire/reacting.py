"""Reactions: who reacted with what, the tally on the message, and the events of it."""

from __future__ import annotations

from . import objects, permissions
from .gateway import Gateway
from .objects import JSON
from .refusals import Refused, missing_permissions, unknown
from .state import Reactions, State

MOST_EMOJI = 20


class Reacting:
    """Adds, removes, clears and lists reactions, for people and for the bot alike."""

    def __init__(self, state: State, gateway: Gateway) -> None:
        self.state = state
        self.gateway = gateway

    async def add(self, user_id: str, message: JSON, emoji: str, *, burst: bool = False) -> None:
        """React once; a second time changes nothing."""
        on_message = self.state.reactions.setdefault(message["id"], {})
        if emoji not in on_message and len(on_message) >= MOST_EMOJI:
            raise Refused(400, 30010, "Maximum number of reactions reached (20)")
        users = on_message.setdefault(emoji, Reactions()).of(burst)
        if user_id in users:
            return
        users.append(user_id)
        self._tally(message)
        event = self._event(message, emoji, user_id, burst)
        if "guild_id" in event:
            event["member"] = self.state.member(user_id)
        event["message_author_id"] = message["author"]["id"]
        await self.gateway.dispatch("MESSAGE_REACTION_ADD", event)

    async def remove(self, user_id: str, message: JSON, emoji: str, *, burst: bool = False) -> None:
        """Take one reaction back."""
        users = self.state.reactions.get(message["id"], {}).get(emoji, Reactions()).of(burst)
        if user_id not in users:
            raise unknown("Emoji")
        users.remove(user_id)
        self._tally(message)
        await self.gateway.dispatch(
            "MESSAGE_REACTION_REMOVE", self._event(message, emoji, user_id, burst)
        )

    async def clear(self, message: JSON, emoji: str | None = None) -> None:
        """Remove everyone's reactions: all, or those of one emoji."""
        on_message = self.state.reactions.get(message["id"], {})
        if emoji is None:
            on_message.clear()
        else:
            on_message.pop(emoji, None)
        self._tally(message)
        event = self._where(message)
        if emoji is None:
            await self.gateway.dispatch("MESSAGE_REACTION_REMOVE_ALL", event)
        else:
            event["emoji"] = objects.emoji(emoji)
            await self.gateway.dispatch("MESSAGE_REACTION_REMOVE_EMOJI", event)

    def users(self, message: JSON, emoji: str, query: dict[str, str]) -> list[JSON]:
        """One page of those who reacted, by id: `type`, `after`, `limit` (25 unless asked)."""
        limit = int(query.get("limit", 25))
        if not 1 <= limit <= 100:
            raise Refused(400, 50035, "Invalid Form Body")
        reactions = self.state.reactions.get(message["id"], {}).get(emoji, Reactions())
        after = int(query.get("after", 0))
        reacted = sorted(reactions.of(int(query.get("type", 0))), key=int)
        return [self.state.users[u] for u in reacted if int(u) > after][:limit]

    def may_add(self, channel: JSON, message: JSON, emoji: str) -> None:
        """Refuse the bot a new emoji where it may not add one; joining in needs only history."""
        if channel["type"] == objects.DM:
            return
        held = self.state.permissions(self.state.application_id, channel)
        there = emoji in self.state.reactions.get(message["id"], {})
        if not there and not held & permissions.ADD_REACTIONS:
            raise missing_permissions()
        if not held & permissions.READ_MESSAGE_HISTORY:
            raise missing_permissions()

    def _where(self, message: JSON) -> JSON:
        where = {"channel_id": message["channel_id"], "message_id": message["id"]}
        if self.state.channels[message["channel_id"]]["type"] != objects.DM:
            where["guild_id"] = self.state.guild_id
        return where

    def _event(self, message: JSON, emoji: str, user_id: str, burst: bool) -> JSON:
        return {
            **self._where(message),
            "user_id": user_id,
            "emoji": objects.emoji(emoji),
            "burst": burst,
            "type": int(burst),
        }

    def _tally(self, message: JSON) -> None:
        on_message = self.state.reactions.get(message["id"], {})
        for emoji in [e for e, r in on_message.items() if not (r.normal or r.burst)]:
            del on_message[emoji]
        me = self.state.application_id
        message["reactions"] = [
            {
                "emoji": objects.emoji(emoji),
                "count": len(reactions.normal) + len(reactions.burst),
                "count_details": {"normal": len(reactions.normal), "burst": len(reactions.burst)},
                "me": me in reactions.normal,
                "me_burst": me in reactions.burst,
                "burst_colors": [],
            }
            for emoji, reactions in on_message.items()
        ]
        if not message["reactions"]:
            del message["reactions"]
