"""Reactions: record ratings, perform actions, and catch up on those missed while offline."""

from __future__ import annotations

import logging
from collections.abc import Callable

import discord

from bot.actions.asker import DIRECT_MESSAGES, Asker
from bot.context import guess_locale, of_reaction
from bot.errors import Refusal, explain
from bot.jobs.channel import Unreachable
from bot.services import Services
from bot.text import refusals
from bot.views.offers import edit_page
from bot.views.page import note
from storage.gestures import Gesture, gesture_of
from storage.records import Post

log = logging.getLogger(__name__)

BRIEF_SECONDS = 20.0
"""Seconds for which the answer to a reaction stays, as it cannot be private."""

OFFER_SECONDS = 120.0
"""Seconds for which the buttons that answer a ✏️ stay."""

RECONCILED_ROUNDS = 50
"""Number of newest rounds whose reactions are read again after a gap."""


class Reactions:
    """Handles raw reaction events."""

    def __init__(self, services: Services, me: Callable[[], int | None]) -> None:
        """`me` is the bot's own id, whose reactions say nothing."""
        self._services = services
        self._me = me
        self._reading: set[int] = set()
        """Messages whose reactions are being read; one leaves when news of it comes."""

    async def added(self, payload: discord.RawReactionActionEvent) -> None:
        """Handle an added reaction: store the rating, or do what it stands for."""
        store = self._services.store
        if payload.member is not None and payload.member.bot:
            return
        if payload.user_id == self._me():
            return
        await self._noted(payload, present=True)
        found = await store.rounds.by_message(payload.message_id)
        if found is None:
            return
        server = await store.servers.get(payload.guild_id or DIRECT_MESSAGES)
        gesture = gesture_of(str(payload.emoji), server.gestures)
        if gesture in (Gesture.NEXT, Gesture.AGAIN, Gesture.DELETE):
            await self._wished(payload, found[0].id, gesture)
        elif gesture is Gesture.EDIT:
            await self._offer_to_edit(payload)

    async def removed(self, payload: discord.RawReactionActionEvent) -> None:
        """Handle a removed reaction."""
        if payload.user_id != self._me():
            await self._noted(payload, present=False)

    async def cleared(self, message_id: int, emoji: discord.PartialEmoji | None = None) -> None:
        """Handle a moderator's removal of all reactions, or of all of one emoji."""
        name = None if emoji is None else str(emoji)
        self._reading.discard(message_id)
        await self._services.store.ratings.clear_reactions(message_id, name)
        await self._refresh(message_id)

    async def reconcile(self) -> None:
        """Read the reactions on recent rounds again: some may have come and gone unseen.

        Only opinions are made up for.  Who wished for a next round hours ago may have long
        left, and would find it painted on their quota.
        """
        for round_ in await self._services.store.rounds.recent(RECONCILED_ROUNDS):
            for post in await self._services.store.rounds.posts(round_.id):
                try:
                    await self._reconcile(post)
                except (discord.NotFound, discord.Forbidden) as error:
                    log.info("message %d cannot be read again: %s", post.message_id, error)

    async def _reconcile(self, post: Post) -> None:
        before = await self._votes(post)
        try:
            present = None
            # What comes while they are read may or may not be among them: then once more.
            while present is None or post.message_id not in self._reading:
                self._reading.add(post.message_id)
                present = await self._services.channels.reactions(post.channel_id, post.message_id)
            await self._services.store.ratings.replace_reactions(post.message_id, present)
        finally:
            self._reading.discard(post.message_id)
        if await self._votes(post) != before:
            self._services.results.refresh(post.round_id, post.part)

    async def _votes(self, post: Post) -> list[object]:
        images = await self._services.store.images.on_message(post.message_id)
        return [await self._services.store.ratings.of_image(image.id) for image in images]

    async def _noted(self, payload: discord.RawReactionActionEvent, *, present: bool) -> None:
        emoji = str(payload.emoji)
        store = self._services.store
        self._reading.discard(payload.message_id)
        await store.ratings.react(payload.message_id, payload.user_id, emoji, present)
        server = await store.servers.get(payload.guild_id or DIRECT_MESSAGES)
        gesture = gesture_of(emoji, server.gestures)
        if gesture is not None and gesture.rates:
            await self._refresh(payload.message_id)

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
        except Refusal as refusal:
            await self._refuse(asker, gesture, refusal)

    async def _offer_to_edit(self, payload: discord.RawReactionActionEvent) -> None:
        """Answer with buttons that open a form, for a while, as a reaction cannot open one."""
        services, asker = self._services, await self._asker(payload)
        try:
            card = services.model()
            if card is not None and not card.edits:
                raise Refusal(refusals.CANNOT_EDIT, model=card.name)
            images = await services.sight.shown_on(asker, payload.message_id)
            page = edit_page(asker.locale, images)
            await services.channels.say_briefly(asker.channel_id, page, OFFER_SECONDS)
        except Refusal as refusal:
            await self._refuse(asker, Gesture.EDIT, refusal)
        except (discord.HTTPException, Unreachable) as error:
            log.info("could not answer a reaction: %s", error)

    async def _refuse(self, asker: Asker, gesture: Gesture, refusal: Refusal) -> None:
        # A stranger's ❌ is no command that anybody waits to see answered.
        if gesture is Gesture.DELETE or asker.lacking:
            return
        page = note(f"<@{asker.member_id}> {explain(refusal, asker.locale)}")
        try:
            await self._services.channels.say_briefly(asker.channel_id, page, BRIEF_SECONDS)
        except (discord.HTTPException, Unreachable) as error:
            log.info("could not answer a reaction: %s", error)

    async def _asker(self, payload: discord.RawReactionActionEvent) -> Asker:
        channels = self._services.channels
        server_id = payload.guild_id or DIRECT_MESSAGES
        known = await self._services.store.members.locale(server_id, payload.user_id)
        locale = guess_locale(known, channels.server(payload.guild_id))
        return of_reaction(payload, channels.known(payload.channel_id), locale)
