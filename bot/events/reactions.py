"""Reactions: opinions go to the store, wishes are done, and what was missed is made up for."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import discord

from bot.actions.asker import DIRECT_MESSAGES, Asker
from bot.context import guess_locale, of_reaction
from bot.errors import Refusal, explain
from bot.jobs.channel import Unreachable
from bot.text import refusals
from bot.views.offers import edit_page
from bot.views.page import note
from storage.gestures import Gesture, gesture_of
from storage.records import Post

if TYPE_CHECKING:
    from bot.client import Konomi

log = logging.getLogger(__name__)

BRIEF_SECONDS = 20.0
"""How long the answer to a reaction stands, as it cannot be private."""

OFFER_SECONDS = 120.0
"""How long the buttons that answer a ✏️ stand."""

RECONCILED_ROUNDS = 50
"""Of the newest rounds the reactions are read again after a gap; older ones seldom get any."""


class Reactions:
    """What raw reaction events come to."""

    def __init__(self, client: Konomi) -> None:
        self._client = client
        self._reading: set[int] = set()
        """Messages whose reactions are being read; one leaves when news of it comes."""

    async def added(self, payload: discord.RawReactionActionEvent) -> None:
        """Someone reacted: note the opinion, or do what they wish."""
        client, emoji = self._client, str(payload.emoji)
        if payload.member is not None and payload.member.bot:
            return
        if client.user is not None and payload.user_id == client.user.id:
            return
        await self._noted(payload, present=True)
        found = await client.store.rounds.by_message(payload.message_id)
        if found is None:
            return
        server = await client.store.servers.get(payload.guild_id or DIRECT_MESSAGES)
        gesture = gesture_of(emoji, server.gestures)
        if gesture in (Gesture.NEXT, Gesture.AGAIN, Gesture.DELETE):
            await self._wished(payload, found[0].id, gesture)
        elif gesture is Gesture.EDIT:
            await self._offer_to_edit(payload)

    async def removed(self, payload: discord.RawReactionActionEvent) -> None:
        """Someone took a reaction back."""
        if self._client.user is None or payload.user_id != self._client.user.id:
            await self._noted(payload, present=False)

    async def cleared(self, message_id: int, emoji: discord.PartialEmoji | None = None) -> None:
        """A moderator removed everyone's reactions, or everyone's of one emoji."""
        name = None if emoji is None else str(emoji)
        self._reading.discard(message_id)
        await self._client.store.ratings.clear_reactions(message_id, name)
        await self._refresh(message_id)

    async def reconcile(self) -> None:
        """Read the reactions on recent rounds again: some may have come and gone unseen.

        Only opinions are made up for.  Who wished for a next round hours ago may have long
        left, and would find it painted on their quota.
        """
        for round_ in await self._client.store.rounds.recent(RECONCILED_ROUNDS):
            for post in await self._client.store.rounds.posts(round_.id):
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
                present = await self._present(post)
            await self._client.store.ratings.replace_reactions(post.message_id, present)
        finally:
            self._reading.discard(post.message_id)
        if await self._votes(post) != before:
            self._client.results.refresh(post.round_id, post.part)

    async def _present(self, post: Post) -> dict[str, set[int]]:
        """Everyone's reactions on a message: emoji to member ids."""
        channel = self._client.get_partial_messageable(post.channel_id)
        message = await channel.fetch_message(post.message_id)
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

    async def _votes(self, post: Post) -> list[object]:
        images = await self._client.store.images.on_message(post.message_id)
        return [await self._client.store.ratings.of_image(image.id) for image in images]

    async def _noted(self, payload: discord.RawReactionActionEvent, *, present: bool) -> None:
        emoji = str(payload.emoji)
        self._reading.discard(payload.message_id)
        await self._client.store.ratings.react(payload.message_id, payload.user_id, emoji, present)
        server = await self._client.store.servers.get(payload.guild_id or DIRECT_MESSAGES)
        gesture = gesture_of(emoji, server.gestures)
        if gesture is not None and gesture.rates:
            await self._refresh(payload.message_id)

    async def _refresh(self, message_id: int) -> None:
        found = await self._client.store.rounds.by_message(message_id)
        if found is not None:
            round_, part = found
            self._client.results.refresh(round_.id, part)

    async def _wished(
        self, payload: discord.RawReactionActionEvent, round_id: int, gesture: Gesture
    ) -> None:
        client = self._client
        asker = await self._asker(payload)
        try:
            if gesture is Gesture.DELETE:
                for post in await client.painting.delete(asker, round_id):
                    await client.posting.remove(post.channel_id, post.message_id)
                return
            paint = client.painting.next_round if gesture is Gesture.NEXT else client.painting.again
            with await paint(asker, round_id) as order:
                await client.delivery.begin_in_channel(order, reply_to=payload.message_id)
        except Refusal as refusal:
            await self._refuse(asker, gesture, refusal)

    async def _offer_to_edit(self, payload: discord.RawReactionActionEvent) -> None:
        """A reaction opens no form: answer with buttons that do, for a while."""
        client, asker = self._client, await self._asker(payload)
        try:
            card = client.model()
            if card is not None and not card.edits:
                raise Refusal(refusals.CANNOT_EDIT, model=card.name)
            images = await client.painting.pictures_on(asker, payload.message_id)
            page = edit_page(asker.locale, images)
            await client.posting.say_briefly(asker.channel_id, page, OFFER_SECONDS)
        except Refusal as refusal:
            await self._refuse(asker, Gesture.EDIT, refusal)
        except (discord.HTTPException, Unreachable) as error:
            log.info("could not answer a reaction: %s", error)

    async def _refuse(self, asker: Asker, gesture: Gesture, refusal: Refusal) -> None:
        # A stranger's ❌ is no command that anybody waits to see answered.
        if gesture is Gesture.DELETE or asker.lacking:
            return
        sentence = f"<@{asker.member_id}> {explain(refusal, asker.locale)}"
        try:
            await self._client.posting.say_briefly(asker.channel_id, note(sentence), BRIEF_SECONDS)
        except (discord.HTTPException, Unreachable) as error:
            log.info("could not answer a reaction: %s", error)

    async def _asker(self, payload: discord.RawReactionActionEvent) -> Asker:
        client = self._client
        channel = client.get_channel(payload.channel_id)
        server_id = payload.guild_id or DIRECT_MESSAGES
        known = await client.store.members.locale(server_id, payload.user_id)
        server = None if payload.guild_id is None else client.get_guild(payload.guild_id)
        return of_reaction(payload, channel, guess_locale(known, server))
