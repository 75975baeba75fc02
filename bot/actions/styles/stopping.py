"""Stops pictures whose style is gone: the store has ended their jobs, and the queue lets go."""

from __future__ import annotations

from generation.process.queue import Queue
from storage.store import Store


async def let_go_of_ended(store: Store, queue: Queue) -> None:
    """Cancel what the queue still has of jobs that have ended in the store.

    Whoever follows them says why.  It can be repeated, so that a job which came into the queue
    just then is found the next time.
    """
    # In this order: what comes into the queue meanwhile is in the store before.
    held = [job for job in queue.jobs() if job.isdecimal()]
    if not held:
        return
    pending = {str(job.id) for job in await store.jobs.pending()}
    for job in held:
        if job not in pending:
            await queue.cancel(job)
