"""The host's grant to train counts again when a training's turn comes: without it, it waits."""

from __future__ import annotations

from generation.process.queue import Queue
from generation.protocol.training import Action
from storage.records import Job, JobState
from storage.store import Store
from storage.training_records import Training


async def has_begun(store: Store, job: Job) -> bool:
    """Return True if a training has ever run, as far as it is known."""
    if job.state is JobState.RUNNING or job.attempts > 0:
        return True
    return bool(await store.trainings.checkpoints(job.id))


async def hold_without_grant(store: Store, queue: Queue, server_id: int) -> list[int]:
    """Pause the trainings that have not begun, if the host withdrew the grant from a server.

    Returns the jobs of all that are paused there: their cards say what Resume needs now.
    """
    paused = []
    for job, training in await store.trainings.under_way():
        if job.server_id != server_id or training.stopped:
            continue
        if await _held(store, job):
            await queue.control(str(job.id), Action.PAUSE)
        elif not training.paused:
            continue
        paused.append(job.id)
    return paused


async def _held(store: Store, job: Job) -> bool:
    """Pause a training that has not begun, in a server without the grant; return True if it is."""
    rights = await store.training_rights.get(job.server_id)
    if rights.granted or await has_begun(store, job):
        return False
    return await store.trainings.pause(job.id, True)


async def at_its_turn(store: Store, job: Job) -> Training | None:
    """Return a training as it stands when it is queued, paused if it lacks the grant by now."""
    await _held(store, job)
    return await store.trainings.of_job(job.id)
