"""Trainings from their rows to their finished cards: begun, followed, taken up again, delivered."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bot.actions.training.folders import write_folder
from bot.actions.training.grants import at_its_turn, hold_without_grant
from bot.actions.training.requests import read
from bot.jobs.background import Background, task_name
from bot.jobs.channel import Channels, Closed, Unreachable
from bot.jobs.edit_budget import EditBudget
from bot.jobs.training.attempt_files import DATA, OUT
from bot.jobs.training.cards import Drawn, TrainingCards
from bot.jobs.training.following import TrainingFollowing
from bot.jobs.training.outcome import TrainingOutcome
from bot.jobs.training.stored_plan import plan_of
from bot.jobs.trouble import CLOSED_SECONDS, PAUSES, TROUBLE, growing, passes, persist
from bot.text.training import progress as text
from bot.views.page import note
from bot.views.press import Verb, custom_id
from bot.views.training.card import refused_page, told_page
from bot.views.training.card_data import TrainingStanding
from generation.process.queue import Queue
from generation.protocol.events import Event, Reason
from generation.protocol.training import Action, Train
from storage.records import OPEN, Job, JobState
from storage.store import Store
from storage.training_records import Training

log = logging.getLogger(__name__)

MARKS = (Verb.TRAIN_CANCEL, Verb.TRAIN_PAINT, Verb.TRAIN_PICK)
"""Verbs by which a training's card is recognised."""


class TrainingJobs:
    """Sees each training from its start to the card of its result, over any number of restarts."""

    def __init__(
        self,
        *,
        store: Store,
        queue: Queue,
        channels: Channels,
        budget: EditBudget,
        cards: TrainingCards,
        background: Background,
        models: Path,
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        """`models`: the folder that whole models are kept in.  `pauses`: as in `Results`."""
        self._store = store
        self._queue = queue
        self._channels = channels
        self._budget = budget
        self._cards = cards
        self._background = background
        self._models = models
        self._pauses = pauses
        self._followed: dict[int, TrainingFollowing] = {}
        self._waiting: set[int] = set()
        """Trainings whose cards say that they wait for their model."""
        self._beginning: set[int] = set()
        """Trainings whose folders are being written, or which are being announced."""

    def begins(self, job_id: int) -> bool:
        """Return True if a training is being begun just now."""
        return job_id in self._beginning

    async def begin(self, job: Job) -> Job:
        """Post the card of a training that was just started, and have it trained.

        Without this, or if the disk or the database is away, the next sweep begins it.
        """
        if self.begins(job.id) or self._background.runs(task_name(job.id)):
            return job
        with self._begun(job.id):
            job = await self._announce(job)
            try:
                await self._take_up(job)
            except (OSError, sqlite3.OperationalError) as error:
                log.warning("training %d could not begin yet: %s", job.id, error)
        return job

    async def take_up(self, job: Job) -> None:
        """See to a training that nobody sees to: go on with it, or bring its card."""
        with self._begun(job.id):
            await self._take_up(job)

    @contextmanager
    def _begun(self, job_id: int) -> Iterator[None]:
        """Have nobody else begin a training meanwhile."""
        self._beginning.add(job_id)
        try:
            yield
        finally:
            self._beginning.discard(job_id)

    async def _take_up(self, job: Job) -> None:
        if job.state is JobState.CANCELLED:
            # Nobody lived to do so: members' pictures are in there.
            await asyncio.to_thread(self._store.files.discard, job.id)
        if job.state not in OPEN:
            self._background.spawn(self.deliver(job.id), task_name(job.id))
            return
        training = await self._store.trainings.of_job(job.id)
        if training is None:
            await self._store.jobs.cancel(job.id)
            self._background.spawn(self.deliver(job.id), task_name(job.id))
            return
        if self._cards.waits_for(training) is not None:
            self._background.spawn(self._wait(job), task_name(job.id))
            return
        request = await self._prepared(job, training)
        if request is None:
            self._background.spawn(self.deliver(job.id), task_name(job.id))
            return
        training = await at_its_turn(self._store, job) or training
        asked = [Action.STOP] if training.stopped else [Action.PAUSE] if training.paused else []
        # It may have been what ended that run: then it takes nobody with it twice.
        events = self._queue.resubmit(job.member_id, request, alone=job.attempts > 0, asked=asked)
        self._background.spawn(self._follow(job, training, events), task_name(job.id))

    def standing(self, job_id: int) -> TrainingStanding | None:
        """Return how far a training is; None if it is not followed."""
        followed = self._followed.get(job_id)
        return None if followed is None else followed.standing

    def refresh(self, job_id: int) -> None:
        """Show what has changed on a training's card soon."""
        self._background.spawn(self._refresh(job_id), f"card of training {job_id}")

    def obey_grant(self, server_id: int) -> None:
        """Have trainings wait that have not begun, if a server lost the grant.

        Returns at once; where the database is away for a moment, it is tried again.
        """
        what = f"obeying the grant of server {server_id}"
        self._background.spawn(
            persist(lambda: self._obey_grant(server_id), what, self._pauses), what
        )

    async def _obey_grant(self, server_id: int) -> None:
        for job_id in await hold_without_grant(self._store, self._queue, server_id):
            self.refresh(job_id)

    async def deliver(self, job_id: int) -> None:
        """Show a training's result on its card, unless it is there; tries until that is done."""
        ways = iter((self.show, self._show_refusal, self._leave))
        way, give_up = next(ways), time.monotonic() + CLOSED_SECONDS
        for pause in growing(self._pauses):
            try:
                job = await self._store.jobs.get(job_id)
                if job is None or job.delivered or job.state in OPEN:
                    return
                await way(job)
                if way != self._leave:
                    await self._tell(job_id)
                await self._store.jobs.delivered(job_id)
                return
            except Closed as closed:
                log.warning("training %d cannot be delivered yet: %s", job_id, closed)
                if time.monotonic() > give_up:
                    way = self._leave
            except Unreachable as error:
                log.warning("nobody can be shown the end of training %d: %s", job_id, error)
                way = self._leave
                continue
            except (*TROUBLE, sqlite3.OperationalError) as error:
                if not passes(error):
                    log.warning("the card of training %d is refused for good: %s", job_id, error)
                    way = next(ways)
                    continue
                log.warning("training %d could not be delivered yet: %s", job_id, error)
            await asyncio.sleep(pause)

    async def _wait(self, job: Job) -> None:
        """Say on its card that a training waits for its model, which the host may load again."""
        if job.id in self._waiting:
            return
        if job.message_id is None:
            job = await self._announce(job)
        try:
            drawn = await self._cards.draw(job.id)
            if drawn is None or job.message_id is None:
                return
            await self._channels.edit(job.channel_id, job.message_id, drawn.page, drawn.uploads)
        except (*TROUBLE, Unreachable, sqlite3.OperationalError) as error:
            log.warning("training %d waits for its model, and cannot say so: %s", job.id, error)
            return
        self._waiting.add(job.id)

    async def _prepared(self, job: Job, training: Training) -> Train | None:
        """Return the request with its folder written; None if the training was cancelled meanwhile.

        Somebody may have taken their pictures back, so then nothing of the folder stays.
        """
        try:
            request = await self._request(job, training)
        except OSError:
            await asyncio.to_thread(self._store.files.discard, job.id)
            if await self._is_open(job.id):
                raise
            return None
        if await self._is_open(job.id):
            return request
        await asyncio.to_thread(self._store.files.discard, job.id)
        return None

    async def _is_open(self, job_id: int) -> bool:
        now = await self._store.jobs.get(job_id)
        return now is not None and now.state in OPEN

    async def _request(self, job: Job, training: Training) -> Train:
        """Write the folder of pictures and return the request, the same in every attempt."""
        dataset = await self._store.datasets.get(training.dataset_id)
        pictures = await self._store.datasets.pictures(training.dataset_id)
        files = self._store.files
        plan = plan_of(training, dataset)

        def written() -> tuple[Path, Path]:
            workspace = files.workspace(job.id)
            data, out = workspace / DATA, workspace / OUT
            out.mkdir(mode=0o700, exist_ok=True)
            write_folder(data, plan, pictures, files.path)
            return data, out

        data, out = await asyncio.to_thread(written)
        return read(training.request, job=str(job.id), data=data, out=out)

    async def _announce(self, job: Job) -> Job:
        """Post a training's card and note where; it stays without one if that is not possible.

        It replies to the card of the data set.
        """
        try:
            drawn = await self._cards.draw(job.id)
            if drawn is None:
                return job
            message_id = await self._channels.find(job.channel_id, _marks(job))
            if message_id is None:
                message_id = await self._channels.post(
                    job.channel_id,
                    drawn.page,
                    nonce=f"training-{job.id}",
                    uploads=drawn.uploads,
                    reply_to=drawn.card.dataset_message_id,
                )
            await self._store.jobs.message(job.id, job.channel_id, message_id)
        except (*TROUBLE, Unreachable, sqlite3.OperationalError) as error:
            log.warning("training %d has no card yet: %s", job.id, error)
            return job
        return dataclasses.replace(job, message_id=message_id)

    async def _announce_later(self, job: Job, following: TrainingFollowing) -> None:
        """Post a training's card as soon as Discord takes it, unless the training ends before."""
        for pause in growing(self._pauses):
            if following.over:
                return
            job = await self._announce(job)
            if job.message_id is not None:
                await following.stands_on(job.message_id)
                return
            await asyncio.sleep(pause)

    async def _follow(self, job: Job, training: Training, events: AsyncIterator[Event]) -> None:
        """Show progress, keep what comes of it, and bring the result to the channel."""
        following = TrainingFollowing(
            store=self._store,
            channels=self._channels,
            budget=self._budget,
            background=self._background,
            cards=self._cards,
            job=job,
            outcome=TrainingOutcome(self._store, self._models, job, training),
            pauses=self._pauses,
        )
        self._followed[job.id] = following
        if job.message_id is None:
            self._background.spawn(self._announce_later(job, following), _announcing(job))
        try:
            async for event in events:
                await following.hear(event)
        except Exception:
            log.exception("training %d could not be followed", job.id)
            await persist(
                lambda: self._store.jobs.fail(job.id, Reason.INTERNAL.value, "see the log"),
                f"giving up training {job.id}",
                self._pauses,
            )
        finally:
            following.over = True
            del self._followed[job.id]
        await self._background.over(_announcing(job))  # One card, not two.
        await self.deliver(job.id)

    async def _refresh(self, job_id: int) -> None:
        followed = self._followed.get(job_id)
        if followed is not None:
            await followed.show()
            return
        job = await self._store.jobs.get(job_id)
        if job is None or job.message_id is None or job.state in OPEN:
            return  # It is shown when somebody takes it up.
        try:
            await persist(
                lambda: self.show(job),
                f"refreshing the card of training {job_id}",
                self._pauses,
                closed_seconds=CLOSED_SECONDS,
            )
        except (*TROUBLE, Unreachable) as error:
            log.info("the card of training %d was not refreshed: %s", job_id, error)

    async def show(self, job: Job) -> None:
        """Show the card of a training that is over, on a new message if its own is gone."""
        drawn = await self._cards.draw(job.id)
        if drawn is not None:
            await self._place(job, drawn)
        elif job.message_id is not None:  # Its data set is gone, and it with that.
            page = note(text.CANCELLED(job.locale))
            await self._channels.edit(job.channel_id, job.message_id, page, ())

    async def _show_refusal(self, job: Job) -> None:
        """Show the sentence that stands for a card which Discord does not take."""
        card = await self._cards.read(job.id)
        if card is not None:
            await self._place(job, Drawn(page=refused_page(card), card=card, uploads=()))

    async def _tell(self, job_id: int) -> None:
        """Tell whoever started a training of its end, once, by a reply to its card.

        The card itself is edited, which notifies nobody.
        """
        card = await self._cards.read(job_id)
        if card is None or card.training.told or card.job.message_id is None:
            return
        channel, message_id = card.job.channel_id, card.job.message_id
        try:
            # An earlier run may have told them and died before it could note that.
            page = told_page(card)
            if page is not None and await self._channels.find_reply(channel, message_id) is None:
                await self._channels.post(
                    channel,
                    page,
                    nonce=f"told-{job_id}",
                    reply_to=message_id,
                    pings=card.job.member_id,
                )
        except Unreachable as error:
            log.warning("nobody can be told of the end of training %d: %s", job_id, error)
        except TROUBLE as error:
            if passes(error):
                raise
            log.warning("Discord does not take the end of training %d: %s", job_id, error)
        await self._store.trainings.told(job_id)

    async def _leave(self, job: Job) -> None:
        """Leave the message as it is: there is no way to reach it."""
        log.warning("the card of training %d stays as it is", job.id)

    async def _place(self, job: Job, drawn: Drawn) -> None:
        """Make the card stand in the job's channel, on its message if that is still there."""
        channel, message_id = job.channel_id, job.message_id
        if message_id is not None:
            await self._budget.turn(channel, message_id)
            if await self._channels.edit(channel, message_id, drawn.page, drawn.uploads):
                return
        # An earlier run may have posted it and died before it could note where.
        message_id = await self._channels.find(channel, _marks(job))
        if message_id is None and job.state is JobState.CANCELLED:
            return  # Nobody has seen anything of it.
        if message_id is None or not await self._channels.edit(
            channel, message_id, drawn.page, drawn.uploads
        ):
            message_id = await self._channels.post(
                channel, drawn.page, nonce=f"trained-{job.id}", uploads=drawn.uploads
            )
        await self._store.jobs.message(job.id, channel, message_id)


def _announcing(job: Job) -> str:
    """Return the name of the task that posts a training's card late."""
    return f"first card of training {job.id}"


def _marks(job: Job) -> list[str]:
    """Return the custom ids by which a training's card is recognised."""
    return [custom_id(verb, job.id) for verb in MARKS]
