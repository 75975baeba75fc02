"""Interactions: the bot's first response, its follow-ups, and edits by the token."""

from __future__ import annotations

import time
from collections.abc import Sequence

from . import composing, objects
from .call import Upload
from .gateway import Gateway
from .objects import JSON
from .refusals import Refused, invalid, unknown
from .state import Interaction, State

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL = 2, 3, 4, 5

MESSAGE, DEFER, DEFER_UPDATE, UPDATE, CHOICES, SHOW_MODAL = 4, 5, 6, 7, 8, 9

TOKEN_SECONDS = 900.0


class Interactions:
    """The bot's answers to people who used its commands and buttons."""

    def __init__(self, state: State, gateway: Gateway, *, deadline: float = 3.0) -> None:
        self.state = state
        self.gateway = gateway
        self.deadline = deadline
        """Seconds within which the first response has to come."""

    def by_token(self, token: str) -> Interaction:
        """The interaction of a webhook token, while it lives (15 minutes)."""
        interaction = self.state.interactions.get(token)
        if interaction is None:
            raise unknown("Webhook")
        if time.monotonic() - interaction.created > TOKEN_SECONDS:
            raise Refused(401, 50027, "Invalid Webhook Token")
        return interaction

    async def respond(
        self, interaction_id: str, token: str, form: JSON, uploads: Sequence[Upload], *, full: bool
    ) -> JSON | None:
        """The first response; with `full` the answer tells what became of it."""
        interaction = self.state.interactions.get(token)
        waited = time.monotonic() - interaction.created if interaction else 0.0
        if interaction is None or interaction.id != interaction_id:
            raise unknown("interaction")
        if interaction.answer is not None:
            raise Refused(400, 40060, "Interaction has already been acknowledged.")
        if waited > self.deadline:
            raise unknown("interaction")
        kind, data = form["type"], form.get("data") or {}
        message = await self._perform(interaction, kind, data, uploads)
        interaction.answer, interaction.answered_after = form, waited
        return self._callback(interaction, kind, message) if full else None

    async def _perform(
        self, interaction: Interaction, kind: int, data: JSON, uploads: Sequence[Upload]
    ) -> JSON | None:
        if kind == DEFER:
            data = {"content": "…", "flags": (data.get("flags") or 0) & objects.EPHEMERAL}
        if kind in (MESSAGE, DEFER):
            message = self._new(interaction, data, uploads, self._provenance(interaction))
            if kind == DEFER:
                message.update(content="", flags=message["flags"] | objects.LOADING)
            interaction.original = message["id"]
            await self.tell("MESSAGE_CREATE", message)
            return message
        if kind in (DEFER_UPDATE, UPDATE):
            if interaction.type not in (COMPONENT, MODAL) or interaction.message_id is None:
                raise invalid("type", "INTERACTION_CALLBACK_TYPE_INVALID", "There is no message.")
            interaction.original = interaction.message_id
            if kind == DEFER_UPDATE:
                return None
            message = self._message(interaction.message_id)
            composing.edit(self.state, message, data, uploads)
            await self.tell("MESSAGE_UPDATE", message)
            return message
        if kind == SHOW_MODAL and interaction.type == MODAL:
            raise invalid("type", "INTERACTION_CALLBACK_TYPE_INVALID", "No modal after a modal.")
        if kind == CHOICES and len(data.get("choices") or []) > 25:
            raise invalid("data.choices", "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
        if kind not in (CHOICES, SHOW_MODAL):
            raise invalid("type", "BASE_TYPE_CHOICES", "Unknown type of response.")
        return None

    def _provenance(self, interaction: Interaction) -> JSON:
        """The fields that say which interaction a message answers."""
        fields: JSON = {
            "application_id": self.state.application_id,
            "webhook_id": self.state.application_id,
            "interaction_metadata": self._metadata(interaction),
        }
        if interaction.type == COMMAND:
            fields["type"] = 20
            fields["interaction"] = {
                "id": interaction.id,
                "type": interaction.type,
                "name": interaction.command,
                "user": interaction.user,
            }
        return fields

    def _metadata(self, interaction: Interaction) -> JSON:
        meta: JSON = {
            "id": interaction.id,
            "type": interaction.type,
            "user": interaction.user,
            "authorizing_integration_owners": {"0": self.state.guild_id},
        }
        if interaction.type == COMPONENT:
            meta["interacted_message_id"] = interaction.message_id
        if interaction.shown_by is not None:
            meta["triggering_interaction_metadata"] = self._metadata(interaction.shown_by)
        return meta

    def _callback(self, interaction: Interaction, kind: int, message: JSON | None) -> JSON:
        told: JSON = {"id": interaction.id, "type": interaction.type}
        if interaction.original:
            told["response_message_id"] = interaction.original
        if message is not None:
            told["response_message_loading"] = bool(message["flags"] & objects.LOADING)
            told["response_message_ephemeral"] = bool(message["flags"] & objects.EPHEMERAL)
        answer: JSON = {"interaction": told}
        if message is not None and kind in (MESSAGE, UPDATE):
            answer["resource"] = {"type": kind, "message": message}
        return answer

    async def follow_up(
        self, interaction: Interaction, form: JSON, uploads: Sequence[Upload]
    ) -> JSON:
        """One more message; the first after a deferred response fills the waiting one."""
        if interaction.answer is None:
            raise unknown("Webhook")
        first = self.state.messages.get(interaction.original or "")
        if first is not None and first["flags"] & objects.LOADING:
            await self.edit(interaction, "@original", form, uploads)
            return first
        fields = {
            "application_id": self.state.application_id,
            "webhook_id": self.state.application_id,
        }
        message = self._new(interaction, form, uploads, fields)
        interaction.followups.append(message["id"])
        await self.tell("MESSAGE_CREATE", message)
        return message

    def _new(
        self, interaction: Interaction, form: JSON, uploads: Sequence[Upload], fields: JSON
    ) -> JSON:
        author = self.state.application_id
        channel = interaction.channel_id
        return composing.create(self.state, channel, author, form, uploads, **fields)

    def addressed(self, interaction: Interaction, message_id: str) -> JSON:
        """A message of this interaction by its id, or its first one by `@original`."""
        if interaction.answer is None:
            raise unknown("Webhook")
        original = message_id == "@original"
        return self._message(interaction.original or "" if original else message_id)

    async def edit(
        self, interaction: Interaction, message_id: str, form: JSON, uploads: Sequence[Upload]
    ) -> JSON:
        """Edit a message of this interaction; the waiting state of a deferred one ends."""
        message = self.addressed(interaction, message_id)
        composing.edit(self.state, message, form, uploads)
        await self.tell("MESSAGE_UPDATE", message)
        return message

    async def delete(self, interaction: Interaction, message_id: str) -> None:
        """Delete a message of this interaction."""
        message = self.addressed(interaction, message_id)
        composing.delete(self.state, message)
        await self.tell("MESSAGE_DELETE", message)

    def _message(self, message_id: str) -> JSON:
        if message_id not in self.state.messages:
            raise unknown("Message")
        return self.state.messages[message_id]

    async def tell(self, event: str, message: JSON) -> None:
        """Tell the gateway about a message; of ephemeral ones it never hears."""
        if message["flags"] & objects.EPHEMERAL:
            return
        direct = self.state.channels[message["channel_id"]]["type"] == objects.DM
        where = {} if direct else {"guild_id": self.state.guild_id}
        if event == "MESSAGE_DELETE":
            seen = {"id": message["id"], "channel_id": message["channel_id"], **where}
        else:
            seen = {**message, **where}
            author = message["author"]["id"]
            if not direct and author in self.state.roles_of:
                member = self.state.member(author)
                seen["member"] = {key: member[key] for key in member if key != "user"}
        await self.gateway.dispatch(event, seen)
