"""A queue on a stage: who asks it, who paints for it, and what each is told."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

from generation.process.queue import Queue
from generation.protocol.events import Cancelled, Event, Failed, Finished, Reason, Terminal
from generation.protocol.requests import Lane, Paint
from generation.protocol.training import Action, Lora, Train


def paint(job: str, *, count: int = 4, prompt: str = "", out: Path = Path()) -> Paint:
    return Paint(job=job, model="shapes", prompt=prompt, count=count, steps=20, out=out)


def training(job: str) -> Train:
    return Train(job=job, model="shapes", method=Lora(), data=Path(), out=Path())


async def settle() -> None:
    """Let everything that can happen now happen."""
    for _ in range(30):
        await asyncio.sleep(0)


class Easel:
    """A painter in this process, which paints, finishes and dies as the test says."""

    def __init__(self) -> None:
        self.given: list[str] = []
        self.painting: dict[str, Paint] = {}
        self.told: dict[str, asyncio.Queue[Event]] = {}
        self.asked: list[tuple[str, Action]] = []
        self.deaf = False

    async def submit(self, request: Paint) -> AsyncIterator[Event]:
        assert request.job not in self.painting
        self.given.append(request.job)
        self.painting[request.job] = request
        told = self.told[request.job] = asyncio.Queue()
        try:
            while True:
                event = await told.get()
                yield event
                if isinstance(event, Terminal):
                    return
        finally:
            self.painting.pop(request.job, None)

    async def cancel(self, job: str) -> None:
        if not self.deaf:
            self.say(Cancelled(job=job))

    async def control(self, job: str, action: Action) -> None:
        self.asked.append((job, action))

    def say(self, event: Event) -> None:
        if event.job in self.painting:
            self.told[event.job].put_nowait(event)
            if isinstance(event, Terminal):
                del self.painting[event.job]

    def finish(self, job: str) -> None:
        self.say(Finished(job=job, pictures=(), seconds=0.0))

    def crash(self) -> None:
        for job in list(self.painting):
            self.say(Failed(job=job, reason=Reason.CRASHED, detail="The generator was killed."))


class Attempts:
    """The durable count of attempts, as the database keeps it."""

    def __init__(self) -> None:
        self.of: Counter[str] = Counter()
        self.order: list[str] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def begin(self, job: str) -> int:
        await self.gate.wait()
        if job == "unwritable":
            raise OSError("disk full")
        self.of[job] += 1
        self.order.append(job)
        return self.of[job]

    async def give_back(self, job: str, attempt: int) -> None:
        assert self.of[job] == attempt
        self.of[job] -= 1


class Follower:
    """Someone who follows a job, and what they were told."""

    def __init__(self, stream: AsyncIterator[Event]) -> None:
        self.events: list[Event] = []
        self.stream = stream
        self.task = asyncio.create_task(self._follow())

    async def _follow(self) -> None:
        async for event in self.stream:
            self.events.append(event)

    async def leave(self) -> None:
        self.task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.task

    @property
    def kinds(self) -> list[str]:
        return [type(event).__name__ for event in self.events]


@dataclasses.dataclass
class Scene:
    """A queue over an easel, with the count of attempts."""

    queue: Queue
    easel: Easel
    attempts: Attempts

    def ask(self, member: str, job: str, count: int = 4) -> Follower:
        return Follower(self.queue.reserve(member, limit=100).submit(paint(job, count=count)))

    def train(self, member: str, job: str) -> Follower:
        place = self.queue.reserve(member, lane=Lane.BACKGROUND, limit=100)
        return Follower(place.submit(training(job)))

    async def paint_everything(self) -> list[str]:
        """Finish whatever is painted until nothing is; returns the order of service."""
        while self.easel.painting:
            self.easel.finish(next(iter(self.easel.painting)))
            await settle()
        return self.easel.given
