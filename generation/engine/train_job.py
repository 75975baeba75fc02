"""Trainings among all other work: one step of the training's loop is one quantum."""

from __future__ import annotations

import dataclasses
import logging
import os
import shutil
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import torch

from generation.engine.job import Quantum
from generation.engine.writer import NO_ROOM
from generation.models.denoiser_size import size_of
from generation.models.model import Model
from generation.models.out_of_memory import ran_out_of_memory
from generation.protocol.events import (
    CheckpointSaved,
    Event,
    Stage,
    Trained,
    TrainProgress,
    TrainRemark,
)
from generation.protocol.options import ModelCard
from generation.protocol.problems import Code
from generation.protocol.requests import Lane
from generation.protocol.training import Action, Train
from generation.requests.refused import Refused
from generation.requests.training import check_training
from generation.requests.training_estimates import (
    SPARE_DISK,
    StepTimes,
    check_resources,
    disk_needed,
    ran_out,
)
from generation.training.controls import Controls
from generation.training.run import run

log = logging.getLogger(__name__)

TrainEvent = TrainProgress | TrainRemark | CheckpointSaved | Trained
"""Events of a training's loop; `Trained` is the last."""

PAUSED_SECONDS = 20.0
"""Seconds after which a paused training says again that it is paused, so that its process does not
look stuck."""
ROOM_SECONDS = 600.0
"""Time for which a training waits for room on a full disk before it fails."""
RETRY_SECONDS = 5.0
ANYWAY_SECONDS = 30.0
"""Time after which it tries again with all the room that it needs, though none was seen to come.

That may have been just before the disk was looked at.
"""


class TrainJob:
    """A training under way.

    Its loop begins anew from the last checkpoint after it ran out of memory once, or out of room on
    the disk.
    """

    def __init__(
        self,
        request: Train,
        card: ModelCard,
        begin: Callable[[Controls], Iterator[Event]],
        clock: Callable[[], float] = time.monotonic,
        room: int = SPARE_DISK,
    ) -> None:
        """`begin` returns the loop, which is advanced outside inference mode.

        room: bytes that it writes in all.
        """
        self.request = request
        self._card = card
        self.isolated = False
        self.short_of_memory = False
        self._begin = begin
        self._room = room
        self._clock = clock
        self._loop: Iterator[Event] | None = None
        self._controls = Controls()
        self._owed: set[Action] = set()
        """Asked for and not yet made."""
        self._events: deque[TrainEvent] = deque()
        self._at = TrainProgress(job=self.id, stage=Stage.PREPARING, step=0, steps=0)
        self._checkpoint = 0
        """Step of the last checkpoint."""
        self._times = StepTimes(request.checkpoints.every, clock)
        self._full: _FullDisk | None = None
        self._say_paused = 0.0
        """Time of the next word that it is paused."""

    @property
    def id(self) -> str:
        """Id of the job in the protocol."""
        return self.request.job

    @property
    def lane(self) -> Lane:
        """Lane that its quanta run in."""
        return self.request.lane

    @property
    def waiting(self) -> bool:
        """True while it has nothing to do: it is paused, or the disk is full."""
        paused = self._controls.paused and not self._owed
        return paused or (self._full is not None and not self._full.over)

    def control(self, action: Action) -> None:
        """Note what is asked of it; the loop sees it at its next step.

        A checkpoint or a sample grid is made in a pause, too.
        """
        self._controls.ask(action)
        if action in {Action.SAVE, Action.SAMPLE}:
            self._owed.add(action)
        if not self._controls.paused:
            self._say_paused = 0.0

    def next(self) -> Quantum | None:
        """Return the next step of the loop; None while it waits."""
        return None if self.waiting else Quantum(run=self._step, jobs=[self])

    def report(self) -> TrainEvent | None:
        """Return the loop's next event, or now and then that it waits."""
        if self._events:
            return self._events.popleft()
        if not self.waiting or self._clock() < self._say_paused:
            return None
        self._say_paused = self._clock() + PAUSED_SECONDS
        self._times.forget()
        return dataclasses.replace(self._at, stage=Stage.PAUSED, seconds_left=None, sheet=None)

    def close(self) -> None:
        """End the loop, which leaves its checkpoints."""
        loop, self._loop = self._loop, None
        if loop is None:
            return
        try:
            with _training():
                getattr(loop, "close", lambda: None)()
        except Exception:  # the job is over, however its loop ends
            log.exception("The loop of training %s ended with an error.", self.id)

    def _step(self) -> None:
        """Advance the loop by a step."""
        too_large = False
        try:
            self._note(self._advance())
        except Exception as error:
            self._loop = None  # an error ends a generator
            if isinstance(error, OSError) and error.errno in NO_ROOM:
                self._wait_for_room()
            elif self.short_of_memory and ran_out_of_memory(error):
                too_large = True
            else:
                raise
        # Outside the except block, whose traceback would keep the failed step's tensors alive.
        if too_large:
            raise ran_out(self.request, self._card)

    def _advance(self) -> TrainEvent:
        with _training():
            if self._loop is None:
                self._loop = self._begin(self._controls)
            event = next(self._loop, None)
        if not isinstance(event, TrainEvent):
            raise RuntimeError(f"a training yielded {event} before its result")
        return event

    def _note(self, event: TrainEvent) -> None:
        match event:
            case TrainProgress():
                event = self._at = self._times.timed(event)
                if event.sheet is not None:
                    self._owed.discard(Action.SAMPLE)
            case CheckpointSaved(step=step):
                self._owed.discard(Action.SAVE)
                self._times.checkpoint()
                if step > self._checkpoint:
                    # It gets on, so that the next shortage is another one.
                    self._checkpoint, self._full = step, None
                    self.short_of_memory = False
        self._events.append(event)

    def _wait_for_room(self) -> None:
        """Wait until the disk has more room; raises `Refused` if it has had none for too long."""
        began = self._clock() if self._full is None else self._full.began
        if self._clock() - began > ROOM_SECONDS:
            raise Refused(Code.TRAIN_DISK_FULL)
        log.warning("Training %s waits for room on the disk.", self.id)
        self._full = _FullDisk(self.request.out, began, self._clock, self._room)


class _FullDisk:
    """A disk without room for a checkpoint: over once it has more, or enough, or after too long."""

    def __init__(self, folder: Path, began: float, clock: Callable[[], float], needed: int) -> None:
        self.began = began
        self._folder = folder
        self._clock = clock
        self._free = shutil.disk_usage(folder).free
        self._again = clock() + RETRY_SECONDS
        self._anyway = clock() + ANYWAY_SECONDS
        self._needed = needed
        self._over = False

    @property
    def over(self) -> bool:
        """True if the loop is to try again."""
        now = self._clock()
        if not self._over and now >= self._again:
            self._again = now + RETRY_SECONDS
            free = shutil.disk_usage(self._folder).free
            enough = free >= self._needed and now >= self._anyway
            self._over = free > self._free or enough or now - self.began > ROOM_SECONDS
        return self._over


@contextmanager
def _training() -> Iterator[None]:
    """Leave inference mode, in which quanta run."""
    with torch.inference_mode(mode=False), torch.enable_grad():
        yield


def begin_training(request: Train, model: Model, name: str) -> TrainJob:
    """Return the job of a request to train; raises `Refused` if it cannot be done here.

    `name` is the model's name in requests.
    """
    card, size = model.card, size_of(model.unet)
    check_training(request, card, name)
    check_resources(
        request,
        card,
        size,
        memory=main_memory() if card.memory is None else card.memory.limit,
        disk=shutil.disk_usage(request.out).free,
    )
    begin, room = partial(run, model, request), disk_needed(request, size)
    return TrainJob(request, card, begin, room=room)


def main_memory() -> int:
    """Return the bytes of this machine's memory."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
