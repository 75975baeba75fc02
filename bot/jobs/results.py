"""Brings outcomes to channels, once, whatever happened to their messages meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
import time
from collections.abc import Sequence

from bot.errors import Refusal
from bot.jobs.background import Background, task_name
from bot.jobs.channel import Channels, Closed, Unreachable, Upload
from bot.jobs.deletion import MessageDeletion
from bot.jobs.edit_budget import EditBudget
from bot.jobs.page_data import PageData
from bot.jobs.trouble import PAUSES, TROUBLE, growing, passes, persist
from bot.text import refusals
from bot.text.phrases import Phrase
from bot.text.problems import said
from bot.text.styles import painting
from bot.views.page import Page
from bot.views.press import Verb, custom_id
from bot.views.progress import ended_page
from bot.views.round import round_page
from bot.views.shown import Shown, parts_of
from generation.protocol.events import Reason
from generation.protocol.problems import Problem
from storage.gestures import USUAL_GESTURES, Gesture
from storage.records import OPEN, Job, JobState, Round, Server
from storage.store import Store
from storage.withdrawal import STYLE_GONE

log = logging.getLogger(__name__)

REASONS = {
    Reason.INVALID: refusals.FAILED_INVALID,
    Reason.MODEL: refusals.FAILED_MODEL,
    Reason.MEMORY: refusals.FAILED_MEMORY,
    Reason.CRASHED: refusals.FAILED_CRASHED,
    Reason.INTERNAL: refusals.FAILED_INTERNAL,
}
WORTH_ANOTHER_SEED = (Reason.CRASHED, Reason.INTERNAL)

CLOSED_SECONDS = 86400.0
"""Time for which a closed channel is tried; afterwards a member has to ask, or the next start."""


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
        deletion: MessageDeletion,
        pauses: Sequence[float] = PAUSES,
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
        self._deletion = deletion
        self._waking: dict[int, asyncio.Event] = {}
        """By job: set to try again at once."""
        self._stale: set[tuple[int, int]] = set()

    async def deliver(self, job_id: int) -> None:
        """Show a job's outcome in its channel, unless it is there; tries for as long as it takes.

        What Discord refuses for good is replaced by a sentence.  A channel that is closed to us
        gets the sentence meanwhile, and the outcome as soon as it is open again.
        """
        ways = iter((self._show, self._show_refusal, self._leave))
        way, explained, give_up = next(ways), False, time.monotonic() + CLOSED_SECONDS
        job = None
        for pause in growing(self._pauses):
            try:
                job = await self._store.jobs.get(job_id)
                if job is None or job.delivered or job.state in OPEN:
                    return
                await way(job)
                if await self._store.jobs.shown(job_id, job.state):
                    return
                continue
            except Closed as closed:
                log.warning("job %d cannot be delivered to a closed channel: %s", job_id, closed)
                if job is not None and not explained:
                    explained = await self._explain(job, refusals.RESULT_CLOSED)
                if time.monotonic() > give_up:
                    way = self._leave
            except (*TROUBLE, sqlite3.OperationalError) as error:
                if not passes(error):
                    log.error("the outcome of job %d is refused for good: %s", job_id, error)
                    way = next(ways)
                    continue
                log.warning("job %d could not be delivered yet: %s", job_id, error)
            await self._rest(job_id, pause)

    async def show_again(self, round_id: int) -> None:
        """Try again to show a round that its channel did not take."""
        job = await self._store.jobs.of_round(round_id)
        if job is None:
            raise Refusal(refusals.ROUND_GONE)
        if (waking := self._waking.get(job.id)) is not None:
            waking.set()
        elif not self._background.runs(task_name(job.id)):
            await self._store.jobs.delivered(job.id, delivered=False)
            self._background.spawn(self.deliver(job.id), task_name(job.id))

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

    async def _rest(self, job_id: int, seconds: float) -> None:
        """Wait before another try, unless somebody asks for it at once."""
        waking = self._waking[job_id] = asyncio.Event()
        try:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(waking.wait(), seconds)
        finally:
            del self._waking[job_id]

    async def _show(self, job: Job) -> None:
        """Show the outcome; raises `Closed` if the bot lacks a right for it."""
        try:
            round_ = await self._round_of(job)
            if round_ is None:
                return
            if job.state is JobState.DONE:
                await self._show_round(job, round_)
            else:
                await self._show_ending(job, round_)
        except Closed:
            raise
        except (Refusal, Unreachable) as error:
            log.warning("nobody can be shown the outcome of job %d: %s", job.id, error)

    async def _show_refusal(self, job: Job) -> None:
        """Show the sentence that stands for pictures which Discord does not take."""
        await self._explain(job, refusals.RESULT_REFUSED, quietly=False)

    async def _leave(self, job: Job) -> None:
        """Leave the message as it is: Discord takes not even the sentence."""
        log.error("the message of job %d stays as it is", job.id)

    async def _explain(self, job: Job, phrase: Phrase, *, quietly: bool = True) -> bool:
        """Say why a finished round is not shown, with a button to try again; False: not possible.

        Raises what Discord answers, unless `quietly`.
        """
        try:
            round_ = await self._round_of(job)
            if round_ is None or job.state is not JobState.DONE:
                return True
            page = ended_page(
                job.locale,
                prompt=str(round_.parameters["prompt"]),
                sentence=phrase(job.locale),
                show_again=round_.id,
            )
            # The message of the job may show the first pictures of the round by now.
            shown = await self._store.rounds.posts(round_.id)
            await self._place(
                job,
                None if shown else job.message_id,
                page,
                uploads=(),
                nonce=f"unshown-{job.id}",
                marks=[custom_id(Verb.SHOW, round_.id)],
            )
        except (*TROUBLE, sqlite3.OperationalError, Unreachable) as error:
            if not quietly:
                raise
            log.info("job %d could not be explained: %s", job.id, error)
            return False
        return True

    async def _round_of(self, job: Job) -> Round | None:
        return None if job.round_id is None else await self._store.rounds.get(job.round_id)

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
            if not await self._store.rounds.posted(round_.id, part, job.channel_id, message_id):
                await self._deletion.delete(job.channel_id, message_id)
                return
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
            await persist(
                lambda: self._show_counts(round_id, part),
                f"refreshing the counts of round {round_id}",
                self._pauses,
            )
        except (Refusal, Unreachable, *TROUBLE) as error:
            log.info("counts of round %d were not refreshed: %s", round_id, error)
            self._stale.discard((round_id, part))

    async def _show_counts(self, round_id: int, part: int) -> None:
        changed = (round_id, part)
        self._stale.add(changed)  # until they are read, other changes need no edit of their own
        posts = {post.part: post for post in await self._store.rounds.posts(round_id)}
        post = posts.get(part)
        if post is not None:
            await self._budget.leftover(post.channel_id, post.message_id)
        self._stale.discard(changed)
        if post is None:
            return
        try:
            page = round_page(await self._pages.shown(round_id, part))
            await self._channels.edit(post.channel_id, post.message_id, page)
        except (sqlite3.OperationalError, *TROUBLE):
            self._stale.add(changed)
            raise

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


def ending(job: Job) -> tuple[str, bool]:
    """Return the reason why a job failed, in words, and if another seed is worth a try."""
    if job.state is JobState.CANCELLED:
        return refusals.CANCELLED(job.locale), False
    if job.reason == STYLE_GONE:
        return painting.GONE_WHILE_PAINTED(job.locale), False
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
    # Those of earlier versions have ⋯ under each picture.
    verbs = (Verb.LIKE, Verb.MORE)
    marks = [custom_id(verb, image.id) for image in shown.here for verb in verbs]
    marks.append(custom_id(Verb.SHOW, shown.round.id))
    if shown.is_last:
        marks.append(custom_id(Verb.NEXT, shown.round.id))
    return [*marks, custom_id(Verb.CANCEL, job.id)] if shown.is_first else marks
