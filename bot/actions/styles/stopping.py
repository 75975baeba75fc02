"""Stops pictures whose style is gone: the store has ended their jobs, and the queue lets go."""

from __future__ import annotations

from generation.process.queue import Queue
from storage.store import Store
from storage.style_records import StyleState

PREVIEW = "preview-"
"""Beginning of the names of jobs that paint a style's preview, which the store does not know."""


def preview_job(style_id: int) -> str:
    """Return the name of the job that paints a style's preview."""
    return f"{PREVIEW}{style_id}"


async def let_go_of_ended(store: Store, queue: Queue) -> None:
    """Cancel what the queue still has of jobs that have ended in the store, or of gone styles.

    Whoever follows them says why.  It can be repeated, so that a job which came into the queue
    just then is found the next time.
    """
    # In this order: what comes into the queue meanwhile is in the store before.
    held = queue.jobs()
    if not held:
        return
    pending = {str(job.id) for job in await store.jobs.pending()}
    for job in held:
        if job.isdecimal() and job not in pending:
            await queue.cancel(job)
        elif job.startswith(PREVIEW):
            style = await store.styles.get(int(job.removeprefix(PREVIEW)))
            if style is None or style.state is StyleState.WITHDRAWN:
                await queue.cancel(job)
