"""Background tasks: work that continues after a handler has answered."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from bot.errors import log_failure


def task_name(job_id: int) -> str:
    """Return the name of the task that sees to a job, one at a time."""
    return f"job {job_id}"


class Background:
    """Tasks that nobody awaits: keeps references, logs errors, cancels them together."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def spawn(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Let `work` run; `name` is for the log, and for `runs`."""
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def runs(self, name: str) -> bool:
        """Return True if a task of this name is running."""
        return any(task.get_name() == name for task in self._tasks)

    async def over(self, name: str) -> None:
        """Wait until no task of this name is running."""
        while tasks := [task for task in self._tasks if task.get_name() == name]:
            await asyncio.wait(tasks)

    @property
    def working(self) -> bool:
        """True if any task is running."""
        return bool(self._tasks)

    async def end(self) -> None:
        """Cancel all tasks and wait for them."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log_failure(f"{task.get_name()} failed", error)
