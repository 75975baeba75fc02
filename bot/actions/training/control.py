"""What members ask of a training under way, and of its checkpoints; checked at every press."""

from __future__ import annotations

from bot.actions.asker import DIRECT_MESSAGES, Asker
from bot.actions.rules import Rules
from bot.actions.sight import Sight, possible
from bot.actions.training.grants import has_begun
from bot.actions.training.rights import TrainingRules
from bot.errors import Refusal
from bot.text.training import progress as text
from generation.process.queue import Queue
from generation.protocol.training import Action
from storage.errors import Missing
from storage.records import OPEN, Job, JobKind, JobState
from storage.store import Store
from storage.style_records import Style, StyleState
from storage.training_records import Training, TrainingCheckpoint
from storage.trainings import CHECKPOINT_DAYS

MOST_LISTED = 25
"""Trainings that a list shows."""
LARGEST_STEP = 10**9


class TrainingControl:
    """Pause, resume, stop and cancel trainings, and choose among their checkpoints.

    Whoever started a training may, the trainers of its server, and the host.  What is gone, in
    another server, or in a channel that the member does not see, is refused in the same words.
    """

    def __init__(
        self,
        *,
        store: Store,
        queue: Queue,
        rules: Rules,
        training_rules: TrainingRules,
        sight: Sight,
    ) -> None:
        self._store = store
        self._queue = queue
        self._rules = rules
        self._training_rules = training_rules
        self._sight = sight

    async def find(self, asker: Asker, job_id: int) -> tuple[Job, Training]:
        """Return a training that the member sees; raises `Refusal`."""
        if asker.server_id == DIRECT_MESSAGES:
            raise Refusal(text.GONE)
        try:
            job = await self._sight.job(asker, job_id)
        except Refusal:
            job = None
        if job is None or job.kind is not JobKind.TRAIN:
            raise Refusal(text.GONE)
        training = await self._store.trainings.of_job(job_id)
        if training is None:
            raise Refusal(text.GONE)
        return job, training

    async def listed(self, asker: Asker) -> list[tuple[Job, Training]]:
        """Return the trainings of the server that the member sees: open ones, then the newest."""
        if asker.server_id == DIRECT_MESSAGES:
            return []
        found = await self._store.trainings.recent(asker.server_id, 4 * MOST_LISTED)
        seen = [
            each
            for each in found
            if each[0].member_id == asker.member_id
            or each[0].channel_id == asker.channel_id
            or asker.sees(each[0].channel_id)
        ]
        return seen[:MOST_LISTED]

    async def under_way(self) -> list[int]:
        """Return the jobs of the trainings under way in all servers, for the host."""
        return [job.id for job, _ in await self._store.trainings.under_way()]

    async def allow(self, asker: Asker, job_id: int) -> tuple[Job, Training]:
        """Return a training that is under way and the member's to control; raises `Refusal`."""
        job, training = await self.find(asker, job_id)
        if not await self._may(asker, job):
            raise Refusal(text.NOT_YOURS)
        if job.state not in OPEN:
            raise Refusal(text.OVER)
        return job, training

    async def pause(self, asker: Asker, job_id: int) -> Job:
        """Have a training wait."""
        return await self._set_paused(asker, job_id, True)

    async def resume(self, asker: Asker, job_id: int) -> Job:
        """Have a training go on, where the host still grants training."""
        rights = await self._store.training_rights.get(asker.server_id)
        if not rights.granted and not self._rules.is_host(asker):
            await self.allow(asker, job_id)
            raise Refusal(text.NOT_GRANTED)
        return await self._set_paused(asker, job_id, False)

    async def stop(self, asker: Asker, job_id: int) -> Job:
        """End a training with what it has learned."""
        job, training = await self.allow(asker, job_id)
        if not await has_begun(self._store, job):
            raise Refusal(text.NOT_BEGUN)
        # On disk first, so that a restart remembers it.
        if not await self._store.trainings.stop(training.job_id):
            raise Refusal(text.OVER)
        await self._queue.control(str(job_id), Action.STOP)
        return job

    async def cancel(self, asker: Asker, job_id: int) -> Job:
        """Cancel a training; its checkpoints go."""
        job, _ = await self.allow(asker, job_id)
        # On disk first, so that later events from the generator are refused.
        if not await self._store.jobs.cancel(job_id):
            raise Refusal(text.OVER)
        await self._queue.cancel(str(job_id))
        return job

    async def checkpoint(self, asker: Asker, job_id: int, step: int) -> TrainingCheckpoint:
        """Return a checkpoint of a training that the member sees; raises `Refusal`."""
        await self.find(asker, job_id)
        checkpoints = await self._store.trainings.checkpoints(job_id)
        found = next((each for each in checkpoints if each.step == step), None)
        if found is None:
            raise Refusal(text.CHECKPOINT_GONE, days=round(CHECKPOINT_DAYS))
        return found

    async def choose(self, asker: Asker, job_id: int, step: int) -> int | None:
        """Choose the checkpoint that becomes the style; return the style's id if there is one."""
        job, _ = await self.find(asker, job_id)
        if not await self._may(asker, job):
            raise Refusal(text.NOT_YOUR_STYLE if job.state not in OPEN else text.NOT_YOURS)
        if job.state not in (*OPEN, JobState.DONE):
            raise Refusal(text.OVER)
        try:
            return await self._store.trainings.choose(job_id, min(step, LARGEST_STEP))
        except Missing:
            raise Refusal(text.CHECKPOINT_GONE, days=round(CHECKPOINT_DAYS)) from None

    async def choose_newest(self, asker: Asker, message_id: int) -> int | None:
        """Choose the newest samples of the card on a message; return the training's job.

        None if the message is no card, or the member may not choose.
        """
        if not possible(message_id):
            return None
        found = await self._store.trainings.of_message(message_id)
        if found is None:
            return None
        job, _ = found
        checkpoints = await self._store.trainings.checkpoints(job.id)
        shown = [each for each in checkpoints if each.adapter_digest is not None]
        if not shown or job.state not in OPEN:
            return None
        await self.choose(asker, job.id, shown[-1].step)
        return job.id

    async def style(self, asker: Asker, job_id: int) -> Style:
        """Return the style of a training, which the member may paint with; raises `Refusal`."""
        await self.find(asker, job_id)
        style = await self._store.styles.of_job(job_id)
        seen = await self._store.styles.seen(
            asker.server_id, asker.member_id, state=StyleState.READY
        )
        if style is None or style.id not in {each.id for each in seen}:
            raise Refusal(text.STYLE_NOT_READY)
        return style

    async def _set_paused(self, asker: Asker, job_id: int, paused: bool) -> Job:
        job, training = await self.allow(asker, job_id)
        if training.stopped:
            raise Refusal(text.OVER)
        # On disk first, so that a restart remembers it.
        if not await self._store.trainings.pause(job_id, paused):
            raise Refusal(text.OVER)
        action = Action.PAUSE if paused else Action.RESUME
        await self._queue.control(str(job_id), action)
        return job

    async def _may(self, asker: Asker, job: Job) -> bool:
        if job.member_id == asker.member_id or self._rules.is_host(asker):
            return True
        rights = await self._store.training_rights.get(job.server_id)
        return self._training_rules.is_trainer(asker, rights)
