"""The parent's half of the generator: a supervised child process, on the bot's event loop.

The child is a separate process, so that neither a crash in a driver nor a long step affects the
bot.  Nothing here ever blocks the event loop.
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import time
from collections.abc import AsyncIterator
from multiprocessing.connection import Connection
from typing import Self

from generation.process.pipe import SPAWN, Child, Context, Message, Target
from generation.protocol.events import (
    Cancelled,
    CaptionWritten,
    CheckpointSaved,
    Event,
    Failed,
    Progress,
    Ready,
    Reason,
    Terminal,
    TrainProgress,
    TrainRemark,
    Unready,
    Update,
)
from generation.protocol.options import ModelCard, WorkerOptions
from generation.protocol.requests import Cancel, Work
from generation.protocol.training import Action, Control

log = logging.getLogger(__name__)

LONGEST_PAUSE = 10.0
"""Longest pause in seconds between a death and the next start."""

LONGEST_SILENCE = 900.0
"""Seconds without a message after which a busy child counts as stuck; the slowest machines take
less for one step of one picture."""


class GeneratorFailed(Exception):
    """There is no child process to run a request; the message is a sentence for the host."""


def paint(connection: Connection, options: WorkerOptions) -> None:
    """Entry point in the child: load the model, then run requests until told to stop."""
    from generation.process import worker  # only the child loads torch and the models

    worker.serve(connection, options)


class Generator:
    """Supervisor of the child process: an async context manager.

    A child that dies is restarted after a pause that doubles from `pause` seconds. After
    `max_restarts` in a row without a single finished job or checkpoint, or if a model has never
    been loaded and cannot be, every request fails until `retry()`.  A child that is to stop gets
    `patience` seconds, then SIGKILL.  One that has work and sends nothing for `silence` seconds is
    considered stuck, and stopped.  `context` starts the child's process.
    """

    def __init__(
        self,
        options: WorkerOptions,
        *,
        max_restarts: int = 5,
        pause: float = 1.0,
        patience: float = 5.0,
        silence: float = LONGEST_SILENCE,
        target: Target = paint,
        context: Context = SPAWN,
    ) -> None:
        self.model: ModelCard | None = None
        self._options = options
        self._max_restarts = max_restarts
        self._pause = pause
        self._patience = patience
        self._silence = silence
        self._heard = 0.0  # when the child last sent something, or was given work
        self._target = target
        self._context = context
        self._followed: dict[str, _Followed] = {}
        self._child: Child | None = None
        self._ready = False
        self._unready: str | None = None  # why the child cannot load its model
        self._refusal: str | None = None  # why there is no child, and none will be started
        self._settled = asyncio.Event()  # set when the child is ready, or there is a refusal
        self._deaths = 0
        self._supervisor: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._supervisor = asyncio.create_task(self._supervise())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._supervisor is not None:
            self._supervisor.cancel()
            await asyncio.wait([self._supervisor])

    async def ready(self) -> ModelCard:
        """Wait until the child accepts requests; raises GeneratorFailed if it never will."""
        while self.model is None or not self._ready:
            await self._settled.wait()
            if self._refusal is not None:
                raise GeneratorFailed(self._refusal)
        return self.model

    def retry(self) -> None:
        """Start again after giving up; does nothing while the child is alive or being restarted."""
        if self._supervisor is not None and self._supervisor.done():
            self._deaths = 0
            self._refusal = None
            self._settled.clear()
            self._supervisor = asyncio.create_task(self._supervise())

    async def submit(self, request: Work) -> AsyncIterator[Event]:
        """Run a request; yields progress, then exactly one terminal event.

        Waits for a child that is still starting.  If the child dies during the job, it fails as
        CRASHED; if there is no child, as MODEL.  Closing the iterator cancels the job.
        """
        while earlier := self._followed.get(request.job):
            # The earlier follower is gone, but the job's last event must not be taken for ours.
            await earlier.over.wait()
        followed = self._followed[request.job] = _Followed(request)
        if self._refusal is not None:
            self._end(Failed(job=request.job, reason=Reason.MODEL, detail=self._refusal))
        try:
            self._hand_over()
            while True:
                event = await followed.events.get()
                yield event
                if isinstance(event, Terminal):
                    return
        finally:
            if not followed.over.is_set():
                await self.cancel(request.job)

    async def cancel(self, job: str) -> None:
        """Stop a job at its next step; does nothing if it is unknown or has ended."""
        followed = self._followed.get(job)
        if followed is None:
            return
        if not followed.handed:
            self._end(Cancelled(job=job))
        elif self._child is not None:
            self._child.send(Cancel(job=job))

    async def control(self, job: str, action: Action) -> None:
        """Ask something of a training; does nothing if it is unknown or has ended."""
        followed = self._followed.get(job)
        if followed is None:
            return
        if not followed.handed:
            followed.asked.append(action)
        elif self._child is not None:
            self._child.send(Control(job=job, action=action))

    def _hand_over(self) -> None:
        """Send the waiting requests to the child, if it accepts them."""
        if self._child is None or not self._ready or self._child.gone.is_set():
            return
        for followed in self._followed.values():
            if not followed.handed:
                self._child.send(followed.request)
                for action in followed.asked:
                    self._child.send(Control(job=followed.request.job, action=action))
                followed.handed = True
                self._heard = time.monotonic()

    def _hear(self, message: Message) -> None:
        """Pass a message from the child on to its job."""
        self._heard = time.monotonic()
        match message:
            case Ready(model=model):
                self.model = model
                self._ready = True
                self._settled.set()
                self._hand_over()
            case Unready(detail=detail):
                log.debug("The generator cannot load its model: %s", detail)
                self._unready = detail
                if self._child is not None:
                    self._child.gone.set()  # it will send nothing more, so it is stopped
            case Progress() | TrainProgress() | TrainRemark() | CaptionWritten():
                self._pass_on(message)
            case CheckpointSaved():
                self._deaths = 0
                self._pass_on(message)
            case _:
                self._deaths = 0
                self._end(message)

    def _pass_on(self, event: Update) -> None:
        """Deliver an event of a job under way."""
        if followed := self._followed.get(event.job):
            followed.events.put_nowait(event)

    def _end(self, event: Terminal) -> None:
        """Deliver a job's terminal event, unless it already has one."""
        if followed := self._followed.pop(event.job, None):
            followed.events.put_nowait(event)
            followed.over.set()

    async def _supervise(self) -> None:
        """Restart the child each time it dies, until that is hopeless."""
        refusal = "The generator has been shut down."
        try:
            while True:
                how = await self._live_once()
                self._deaths += 1
                if hopeless := self._why_give_up(how):
                    refusal = hopeless
                    return
                log.warning("The generator %s; restarting it.", how)
                await asyncio.sleep(min(self._pause * 2 ** (self._deaths - 1), LONGEST_PAUSE))
        finally:
            # Why a model cannot be loaded is said by whoever waits for it.
            level = logging.DEBUG if refusal == self._unready else logging.INFO
            log.log(level, "The generator is stopped: %s", refusal)
            self._refusal = refusal
            self._settled.set()
            for job in list(self._followed):
                self._end(Failed(job=job, reason=Reason.MODEL, detail=refusal))

    def _why_give_up(self, how: str) -> str | None:
        """Return a sentence if another child would do no better than those that died."""
        if self._unready is not None and self.model is None:
            return self._unready
        if self._deaths <= self._max_restarts:
            return None  # a model that was loaded before may be loaded again
        return self._unready or f"The generator died {self._deaths} times in a row; last, it {how}."

    async def _live_once(self) -> str:
        """Run one child from start to end; return how it ended, in words."""
        self._unready = None
        child = self._child = Child(self._target, self._options, self._hear, self._context)
        how = "was shut down"
        try:
            await child.start()
            await self._gone_or_stuck(child)
        except Exception:  # whatever it was, the next start may go well
            log.exception("The generator's process cannot be started.")
        finally:
            self._ready = False
            self._settled.clear()
            try:
                how = await child.end(self._patience)
            finally:
                self._child = None
                for job in [job for job, followed in self._followed.items() if followed.handed]:
                    self._end(
                        Failed(job=job, reason=Reason.CRASHED, detail=f"The generator {how}.")
                    )
        return how

    async def _gone_or_stuck(self, child: Child) -> None:
        """Wait until the child is gone, or has been silent for too long with work to do."""
        gone = asyncio.create_task(child.gone.wait())
        try:
            while not gone.done():
                working = any(followed.handed for followed in self._followed.values())
                left = self._heard + self._silence - time.monotonic() if working else self._silence
                if left <= 0:
                    log.warning("The generator sent nothing for %g seconds.", self._silence)
                    return
                await asyncio.wait([gone], timeout=left)
        finally:
            gone.cancel()


@dataclasses.dataclass(eq=False, slots=True)
class _Followed:
    """A request without a terminal event yet, and its undelivered events."""

    request: Work
    handed: bool = False
    """True once the child has the request."""
    asked: list[Action] = dataclasses.field(default_factory=list)
    """To be passed on together with the request."""
    events: asyncio.Queue[Event] = dataclasses.field(default_factory=asyncio.Queue)
    over: asyncio.Event = dataclasses.field(default_factory=asyncio.Event)
