"""Reactions: record ratings, and perform actions."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Hashable, Iterator

import discord

from bot.actions.asker import DIRECT_MESSAGES, Asker
from bot.context import guess_locale, of_reaction
from bot.errors import Refusal, explain
from bot.events.missed_reactions import MissedReactions
from bot.jobs.channel import Unreachable
from bot.jobs.repeats import Repeats
from bot.jobs.trouble import TROUBLE
from bot.services import Services
from bot.text import invalid
from bot.text.markdown import mention
from bot.views.offers import edit_page
from bot.views.page import note
from storage.gestures import Gesture, gesture_of

log = logging.getLogger(__name__)

BRIEF_SECONDS = 20.0
"""Seconds for which the answer to a reaction stays, as it cannot be private."""

OFFER_SECONDS = 120.0
"""Seconds for which the buttons that answer a ✏️ stay."""


class Reactions:
    """Handles raw reaction events."""

    def __init__(self, services: Services, me: Callable[[], int | None]) -> None:
        """`me` is the bot's own id, whose reactions say nothing."""
        self._services = services
        self._me = me
        self._repeats = Repeats()
        self.missed = MissedReactions(services)

    def catch_up(self) -> None:
        """Read the reactions again that came and went unseen, after a gap between two sessions."""
        self._repeats = Repeats()
        self.missed.read_all()

    async def added(self, payload: discord.RawReactionActionEvent) -> None:
        """Handle an added reaction: store the rating, or do what it stands for."""
        if payload.member is not None and payload.member.bot:
            return
        if payload.user_id == self._me():
            return
        gesture = await self._noted(payload, present=True)
        if gesture is Gesture.LIKE_ALL:
            await self._choose_checkpoint(payload)
        if gesture is None or gesture.rates:
            return
        found = await self._services.store.rounds.by_message(payload.message_id)
        if found is None or self._repeats.is_repeat(_key(payload)):
            return
        if gesture in (Gesture.NEXT, Gesture.AGAIN, Gesture.DELETE):
            await self._wished(payload, found[0].id, gesture)
        elif gesture is Gesture.EDIT:
            await self._offer_to_edit(payload)

    async def removed(self, payload: discord.RawReactionActionEvent) -> None:
        """Handle a removed reaction."""
        self._repeats.forget(_key(payload))
        if payload.user_id != self._me():
            await self._noted(payload, present=False)

    async def cleared(
        self, channel_id: int, message_id: int, emoji: discord.PartialEmoji | None = None
    ) -> None:
        """Handle a moderator's removal of all reactions, or of all of one emoji."""
        name = None if emoji is None else str(emoji)
        self._repeats = Repeats()
        self.missed.heard_of(message_id)
        with self._read_later(channel_id, message_id):
            await self._services.store.ratings.clear_reactions(message_id, name)
            await self._refresh(message_id)

    async def _noted(
        self, payload: discord.RawReactionActionEvent, *, present: bool
    ) -> Gesture | None:
        """Record a reaction, or have it read later; return what it asks for, if that is known."""
        message_id, gesture = payload.message_id, None
        self.missed.heard_of(message_id)
        with self._read_later(payload.channel_id, message_id):
            gesture = await self._gesture(payload)
            await self._services.store.ratings.react(
                message_id, payload.user_id, str(payload.emoji), present
            )
            if gesture is not None and gesture.rates:
                await self._refresh(message_id)
        return gesture

    @contextlib.contextmanager
    def _read_later(self, channel_id: int, message_id: int) -> Iterator[None]:
        """Have a message's reactions read later if they cannot be recorded now."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - whatever it is, no rating may be lost by it
            log.warning("a reaction on message %d is not recorded yet: %s", message_id, error)
            self.missed.read(channel_id, message_id)

    async def _gesture(self, payload: discord.RawReactionActionEvent) -> Gesture | None:
        server = await self._services.store.servers.get(payload.guild_id or DIRECT_MESSAGES)
        return gesture_of(str(payload.emoji), server.gestures)

    async def _refresh(self, message_id: int) -> None:
        found = await self._services.store.rounds.by_message(message_id)
        if found is not None:
            round_, part = found
            self._services.results.refresh(round_.id, part)

    async def _wished(
        self, payload: discord.RawReactionActionEvent, round_id: int, gesture: Gesture
    ) -> None:
        services, actions = self._services, self._services.actions
        asker = await self._asker(payload)
        try:
            if gesture is Gesture.DELETE:
                await actions.delete(asker, round_id)
                await services.deletion.take_up()
                return
            paint = actions.next_round if gesture is Gesture.NEXT else actions.again
            with await paint(asker, round_id) as order:
                await services.delivery.begin_in_channel(order, reply_to=payload.message_id)
        except Exception as error:  # noqa: BLE001 - told as after a press: what failed is not repeated
            await self._refuse(asker, gesture, error)

    async def _offer_to_edit(self, payload: discord.RawReactionActionEvent) -> None:
        """Answer with buttons that open a form, for a while, as a reaction cannot open one."""
        services, asker = self._services, await self._asker(payload)
        try:
            card = services.model()
            if card is not None and not card.edits:
                raise Refusal(invalid.CANNOT_EDIT, model=card.name)
            images = await services.sight.shown_on(asker, payload.message_id)
            page = edit_page(asker.locale, images)
            await services.channels.say_briefly(asker.channel_id, page, OFFER_SECONDS)
        except (*TROUBLE, Unreachable) as failure:
            log.info("could not answer a reaction: %s", failure)
        except Exception as error:  # noqa: BLE001 - as above
            await self._refuse(asker, Gesture.EDIT, error)

    async def _choose_checkpoint(self, payload: discord.RawReactionActionEvent) -> None:
        """Choose the newest samples on a training's card; its buttons explain refusals."""
        services = self._services
        if await services.store.trainings.of_message(payload.message_id) is None:
            return
        try:
            asker = await self._asker(payload)
            job_id = await services.training_control.choose_newest(asker, payload.message_id)
        except Refusal as refusal:
            log.info("a reaction on a training's card was refused: %s", refusal)
            return
        if job_id is not None:
            services.training_jobs.refresh(job_id)

    async def _refuse(self, asker: Asker, gesture: Gesture, error: Exception) -> None:
        sentence = explain(error, asker.locale)
        # A stranger's ❌ is no command that anybody waits to see answered.
        if gesture is Gesture.DELETE or asker.lacking:
            return
        page = note(f"{mention(asker.member_id)} {sentence}")
        try:
            await self._services.channels.say_briefly(asker.channel_id, page, BRIEF_SECONDS)
        except (*TROUBLE, Unreachable) as failure:
            log.info("could not answer a reaction: %s", failure)

    async def _asker(self, payload: discord.RawReactionActionEvent) -> Asker:
        channels = self._services.channels
        server_id = payload.guild_id or DIRECT_MESSAGES
        known = await self._services.store.members.locale(server_id, payload.user_id)
        locale = guess_locale(known, channels.server(payload.guild_id))
        return of_reaction(payload, channels.known(payload.channel_id), locale)


def _key(payload: discord.RawReactionActionEvent) -> Hashable:
    return payload.message_id, payload.user_id, str(payload.emoji)
