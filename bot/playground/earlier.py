"""Rounds and trainings of earlier runs, posted again, as SimCord keeps no messages."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import simcord

from bot.jobs.channel import Unreachable
from bot.jobs.results import sendable
from bot.jobs.trouble import TROUBLE
from bot.services import Services
from storage.gestures import gesture_of
from storage.records import OPEN, Job, JobState, Post, Round

log = logging.getLogger(__name__)

SHOWN_AGAIN = 12
"""Number of earlier rounds that are posted again; older ones stay on disk and keep steering."""
TRAININGS_SHOWN_AGAIN = 3
"""The same of earlier trainings; `/train list` names the others."""


async def show_again(
    services: Services,
    server_id: int,
    channel: simcord.ChannelHandle,
    members: Sequence[simcord.MemberActor],
) -> None:
    """Post the newest rounds and trainings again, oldest first, with the ratings by reactions.

    The store must have forgotten the old messages before the bot logged in: their ids may be
    those of other messages by now.
    """
    rounds = await services.store.rounds.recent(SHOWN_AGAIN)
    earlier: list[Round | Job] = [*rounds, *await _trainings(services, server_id)]
    for each in sorted(earlier, key=lambda one: one.created_at):
        if isinstance(each, Job):
            await _show_training(services, each)
            continue
        await services.results.post(each, channel.id)
        for post in await services.store.rounds.posts(each.id):
            await _react_again(services, channel, members, post)


async def _trainings(services: Services, server_id: int) -> list[Job]:
    """Return the newest trainings whose ends were shown; others get their cards anyway."""
    found = await services.store.trainings.recent(server_id, 4 * TRAININGS_SHOWN_AGAIN)
    over = [
        job for job, _ in found if job.delivered and job.state not in (*OPEN, JobState.CANCELLED)
    ]
    return over[:TRAININGS_SHOWN_AGAIN]


async def _show_training(services: Services, job: Job) -> None:
    try:
        await services.training_jobs.show(job)
    except (*TROUBLE, Unreachable) as error:  # it stood in a thread, say, and none are kept
        log.info("the card of training %d is not shown again: %s", job.id, error)


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
