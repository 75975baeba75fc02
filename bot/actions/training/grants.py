"""The host's grant to train counts again when a training's turn comes: without it, it waits."""

from __future__ import annotations

from storage.records import Job, JobState
from storage.store import Store
from storage.training_records import Training


async def has_begun(store: Store, job: Job) -> bool:
    """Return True if a training has ever run, as far as it is known."""
    if job.state is JobState.RUNNING or job.attempts > 0:
        return True
    return bool(await store.trainings.checkpoints(job.id))


async def held_without_grant(store: Store, job: Job) -> bool:
    """Pause a training that has not begun, in a server without the grant; return True if it is."""
    rights = await store.training_rights.get(job.server_id)
    if rights.granted or await has_begun(store, job):
        return False
    return await store.trainings.pause(job.id, True)


async def at_its_turn(store: Store, job: Job) -> Training | None:
    """Return a training as it stands when it is queued, paused if it lacks the grant by now."""
    await held_without_grant(store, job)
    return await store.trainings.of_job(job.id)
