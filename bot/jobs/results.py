"""Brings outcomes to channels, once, whatever happened to their messages meanwhile."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Sequence

import discord

from bot.errors import Refusal
from bot.jobs.background import Background
from bot.jobs.channel import TROUBLE, Channels, Unreachable, Upload
from bot.jobs.edit_budget import EditBudget
from bot.jobs.page_data import PageData
from bot.text import refusals
from bot.text.problems import said
from bot.views.page import Page
from bot.views.press import Verb, custom_id
from bot.views.progress import ended_page
from bot.views.round import round_page
from bot.views.shown import Shown, parts_of
from generation.protocol.events import Reason
from generation.protocol.problems import Problem
from storage.gestures import USUAL_GESTURES, Gesture
from storage.records import Job, JobState, Round, Server
from storage.store import Store

log = logging.getLogger(__name__)

REASONS = {
    Reason.INVALID: refusals.FAILED_INVALID,
    Reason.MODEL: refusals.FAILED_MODEL,
    Reason.MEMORY: refusals.FAILED_MEMORY,
    Reason.CRASHED: refusals.FAILED_CRASHED,
    Reason.INTERNAL: refusals.FAILED_INTERNAL,
}
WORTH_ANOTHER_SEED = (Reason.CRASHED, Reason.INTERNAL)


class Results:
    """Messages that show outcomes: posted once, found again, kept up to date."""

    def __init__(
        self,
        *,
        store: Store,
        channels: Channels,
        pages: PageData,
        budget: EditBudget,
        background: Background,
        pauses: Sequence[float] = (2, 5, 15, 60, 180),
        reaction_seconds: float = 0.3,
    ) -> None:
        """`pauses` are the seconds between tries while Discord is down; `reaction_seconds`
        those between two reactions of ours."""
        self._store = store
        self._channels = channels
        self._pages = pages
        self._budget = budget
        self._background = background
        self._pauses = pauses
        self._reaction_seconds = reaction_seconds
        self._stale: set[tuple[int, int]] = set()

    async def deliver(self, job_id: int) -> None:
        """Show a job's outcome in its channel, unless it is already there."""
        for pause in (*self._pauses, None):
            try:
                job = await self._store.jobs.get(job_id)
                if job is None or job.round_id is None or job.delivered:
                    return
                round_ = await self._store.rounds.get(job.round_id)
                if round_ is not None:
                    await self._deliver(job, round_)
                return
            except (*TROUBLE, sqlite3.OperationalError) as error:
                if not passes(error):
                    raise
                if pause is None:
                    log.exception("job %d is not delivered; the next start tries again", job_id)
                    return
                log.warning("job %d could not be delivered yet: %s", job_id, error)
                await asyncio.sleep(pause)

    async def post(self, round_: Round, channel_id: int) -> None:
        """Post a finished round again in a channel, as if it had just been painted there."""
        messages = []
        for part in parts_of(round_, len(await self._store.images.of_round(round_.id))):
            shown = await self._pages.shown(round_.id, part)
            message_id = await self._channels.post(
                channel_id,
                round_page(shown),
                nonce=f"again-{round_.id}-{part}",
                uploads=self._uploads(shown),
            )
            await self._store.rounds.posted(round_.id, part, channel_id, message_id)
            messages.append((shown, message_id))
        server = await self._store.servers.get(messages[0][0].board.server_id)
        if server.add_reactions:
            await self._invite_reactions(channel_id, messages, server)

    def refresh(self, round_id: int, part: int) -> None:
        """Show new counts on a round's message soon; many changes make one edit."""
        if (round_id, part) not in self._stale:
            self._stale.add((round_id, part))
            self._background.spawn(self._refresh(round_id, part), f"counts of round {round_id}")

    async def _deliver(self, job: Job, round_: Round) -> None:
        try:
            if job.state is JobState.DONE:
                await self._show_round(job, round_)
            else:
                await self._show_ending(job, round_)
        except Unreachable as error:
            log.warning("nobody can be shown the outcome of job %d: %s", job.id, error)
        await self._store.jobs.delivered(job.id)

    async def _show_round(self, job: Job, round_: Round) -> None:
        images = await self._store.images.of_round(round_.id)
        if not images:
            return
        posts = {post.part: post.message_id for post in await self._store.rounds.posts(round_.id)}
        messages = []
        for part in parts_of(round_, len(images)):
            shown = await self._pages.shown(round_.id, part)
            known = job.message_id if shown.is_first else None
            message_id = await self._place(
                job,
                posts.get(part, known),
                round_page(shown),
                uploads=self._uploads(shown),
                nonce=f"result-{job.id}-{part}",
                marks=_marks(job, shown),
            )
            await self._store.rounds.posted(round_.id, part, job.channel_id, message_id)
            messages.append((shown, message_id))
        server = await self._store.servers.get(job.server_id)
        if server.add_reactions:
            work = self._invite_reactions(job.channel_id, messages, server)
            self._background.spawn(work, f"reactions on round {round_.id}")

    async def _show_ending(self, job: Job, round_: Round) -> None:
        sentence, worth_another = ending(job)
        page = ended_page(
            job.locale,
            prompt=str(round_.parameters["prompt"]),
            sentence=sentence,
            retry=round_.id if worth_another else None,
        )
        await self._place(
            job,
            job.message_id,
            page,
            uploads=(),
            nonce=f"result-{job.id}-0",
            marks=[custom_id(Verb.CANCEL, job.id)],
        )

    async def _place(
        self,
        job: Job,
        message_id: int | None,
        page: Page,
        *,
        uploads: Sequence[Upload],
        nonce: str,
        marks: Sequence[str],
    ) -> int:
        """Make `page` stand in the job's channel, on its message if that is still there."""
        channel = job.channel_id
        if message_id is None or not await self._edit(channel, message_id, page, uploads):
            # An earlier run may have posted it and died before it could note where.
            message_id = await self._channels.find(channel, marks)
            if message_id is None or not await self._edit(channel, message_id, page, uploads):
                message_id = await self._channels.post(channel, page, nonce=nonce, uploads=uploads)
        if job.message_id is None:
            await self._store.jobs.message(job.id, channel, message_id)
        return message_id

    async def _edit(
        self, channel_id: int, message_id: int, page: Page, uploads: Sequence[Upload]
    ) -> bool:
        await self._budget.turn(channel_id, message_id)
        return await self._channels.edit(channel_id, message_id, page, uploads)

    async def _refresh(self, round_id: int, part: int) -> None:
        try:
            posts = {post.part: post for post in await self._store.rounds.posts(round_id)}
            post = posts.get(part)
            if post is None:
                return
            await self._budget.leftover(post.channel_id, post.message_id)
        finally:
            # From here on a new change needs a new edit.
            self._stale.discard((round_id, part))
        try:
            page = round_page(await self._pages.shown(round_id, part))
            await self._channels.edit(post.channel_id, post.message_id, page)
        except (Refusal, Unreachable, *TROUBLE) as error:
            log.info("counts of round %d were not refreshed: %s", round_id, error)

    async def _invite_reactions(
        self, channel_id: int, messages: Sequence[tuple[Shown, int]], server: Server
    ) -> None:
        """Put the reactions under a round that members are most likely to want."""
        for shown, message_id in messages:
            for emoji in invitations(shown, server):
                if not await self._channels.react(channel_id, message_id, emoji):
                    return
                await asyncio.sleep(self._reaction_seconds)

    def _uploads(self, shown: Shown) -> list[Upload]:
        beside = (
            Upload(name=name, path=self._store.files.path(digest))
            for name, digest in shown.beside.items()
        )
        return [*self._pages.uploads(shown), *beside]


def passes(error: Exception) -> bool:
    """Return True if an error of Discord or the database may pass, so that a retry may succeed."""
    if isinstance(error, discord.HTTPException):
        return error.status >= 500 or error.status == 429
    return True


def ending(job: Job) -> tuple[str, bool]:
    """Return the reason why a job failed, in words, and if another seed is worth a try."""
    if job.state is JobState.CANCELLED:
        return refusals.CANCELLED(job.locale), False
    try:
        reason = Reason(job.reason)
    except ValueError:
        reason = Reason.INTERNAL
    phrase, detail = REASONS[reason], job.detail
    if (problem := Problem.load(detail)) is not None:
        detail = said(problem, job.locale)
        if reason is Reason.MEMORY:  # With numbers, which the usual sentence has none of.
            phrase = refusals.FAILED_INVALID
    sentence = phrase(job.locale, detail=detail, attempts=job.attempts, job=job.id)
    return sentence, reason in WORTH_ANOTHER_SEED


def invitations(shown: Shown, server: Server) -> list[str]:
    """Return the reactions to add under a part of a round, by the server's table of gestures."""
    table = USUAL_GESTURES if server.gestures is None else server.gestures
    numbers = [Gesture(f"like_{image.position + 1}") for image in shown.here if not image.withheld]
    dislike = [] if shown.is_sheet else [Gesture.DISLIKE_ALL]
    wanted = [*numbers, *dislike, *([Gesture.NEXT] if shown.is_last else [])]
    by_gesture = {value: emoji for emoji, value in reversed(list(table.items()))}
    return [sendable(by_gesture[each.value]) for each in wanted if each.value in by_gesture]


def sendable(emoji: str) -> str:
    """Return an emoji as Discord takes it: keycaps need their variation selector."""
    keycap = "\N{COMBINING ENCLOSING KEYCAP}"
    if len(emoji) == 2 and emoji.endswith(keycap):
        return f"{emoji[0]}\N{VARIATION SELECTOR-16}{keycap}"
    return emoji


def _marks(job: Job, shown: Shown) -> list[str]:
    """Return custom ids by which a part of a round, or its job's progress, is recognised."""
    marks = [custom_id(Verb.MORE, image.id) for image in shown.here]
    if shown.is_last:
        marks.append(custom_id(Verb.NEXT, shown.round.id))
    return [*marks, custom_id(Verb.CANCEL, job.id)] if shown.is_first else marks
