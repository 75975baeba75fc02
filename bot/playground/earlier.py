"""Rounds of earlier runs, posted again, as SimCord keeps no messages."""

from __future__ import annotations

from collections.abc import Sequence

import simcord

from bot.jobs.results import sendable
from bot.services import Services
from storage.gestures import gesture_of
from storage.records import Post

SHOWN_AGAIN = 12
"""Number of earlier rounds that are posted again; older ones stay on disk and keep steering."""


async def show_again(
    services: Services, channel: simcord.ChannelHandle, members: Sequence[simcord.MemberActor]
) -> int:
    """Post the newest rounds again, oldest first, with the ratings that members gave by reactions.

    Returns how many.  The store must have forgotten the old messages before the bot logged
    in: their ids may be those of other messages by now.
    """
    rounds = await services.store.rounds.recent(SHOWN_AGAIN)
    for round_ in rounds:
        await services.results.post(round_, channel.id)
        for post in await services.store.rounds.posts(round_.id):
            await _react_again(services, channel, members, post)
    return len(rounds)


async def _react_again(
    services: Services,
    channel: simcord.ChannelHandle,
    members: Sequence[simcord.MemberActor],
    post: Post,
) -> None:
    """Put members' reactions back under a message, so that they can be taken back."""
    present = await services.store.ratings.reactions(post.message_id)
    (message,) = [each for each in channel.history() if each.id == post.message_id]
    for emoji, reacted in present.items():
        gesture = gesture_of(emoji)
        if gesture is None or not gesture.rates:
            continue  # Each was requested once, and must not be requested again.
        for member in members:
            if member.id in reacted:
                await member.react(message, sendable(emoji))
