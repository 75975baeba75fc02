"""Pictures to describe among all other work: one caption is one quantum."""

from __future__ import annotations

import logging
import time
from collections import deque

from generation.catalog.entries import ModelUnavailable
from generation.engine.job import Quantum
from generation.engine.job_references import open_picture
from generation.models.captioners.lazy import LazyCaptioner
from generation.protocol.captions import Caption
from generation.protocol.events import Captioned, CaptionWritten, Failed, Reason
from generation.protocol.problems import Code, Problem
from generation.protocol.requests import Lane
from generation.requests.refused import Refused

log = logging.getLogger(__name__)


class CaptionJob:
    """A request to describe pictures, under way.

    The model is loaded in a quantum of its own.  Where the device lacks memory, for this or for
    anything else, the model moves to main memory; where the device has no other, the job fails.
    """

    def __init__(self, request: Caption, captioner: LazyCaptioner) -> None:
        self.request = request
        self.isolated = False
        self.short_of_memory = False
        self._captioner = captioner
        self._place = 0
        self._began = time.perf_counter()
        self._events: deque[CaptionWritten | Captioned | Failed] = deque()
        self._over = False

    @property
    def id(self) -> str:
        """Id of the job in the protocol."""
        return self.request.job

    @property
    def lane(self) -> Lane:
        """Lane that its quanta run in: a training's, whose steps may take longer than a caption.

        In its request's lane it would take turns with them.
        """
        return Lane.BACKGROUND

    def next(self) -> Quantum | None:
        """Return what describes the next picture: before the next step of a training."""
        if self._over:
            return None
        return Quantum(run=self._step, jobs=[self], finishes=True)

    def report(self) -> CaptionWritten | Captioned | Failed | None:
        """Return the next caption, and at last that there are no more."""
        return self._events.popleft() if self._events else None

    def close(self) -> None:
        """Do nothing: whoever owns the model drops it when no job needs it."""

    def give_way(self) -> None:
        """Move to main memory from the next picture on, because others need the device's."""
        self.short_of_memory = True

    def _step(self) -> None:
        """Load the model, or describe the next picture."""
        if self._place == len(self.request.pictures):
            self._end(Captioned(job=self.id, seconds=time.perf_counter() - self._began))
        elif self._captioner.is_loaded:
            text = self._describe()
            self._events.append(CaptionWritten(job=self.id, place=self._place, text=text))
            self._place += 1
        elif self.short_of_memory and self._captioner.shares_memory:
            detail = "The caption model does not fit into the memory beside the painting model."
            self._end(Failed(job=self.id, reason=Reason.MEMORY, detail=detail))
        else:
            self._load()

    def _load(self) -> None:
        try:
            self._captioner.load(on_cpu=self.short_of_memory)
        except ModelUnavailable as error:
            log.warning("%s", error, exc_info=error.__cause__)
            self._end(Failed(job=self.id, reason=Reason.MODEL, detail=str(error)))

    def _describe(self) -> str:
        path = self.request.pictures[self._place]
        try:
            picture = open_picture(path, Problem(Code.SOURCE))
        except Refused as refused:  # whose it is may have taken it back
            log.info("a picture cannot be described: %s", refused)
            return ""
        return self._captioner.describe(picture)

    def _end(self, event: Captioned | Failed) -> None:
        self._over = True
        self._events.append(event)
