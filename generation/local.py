"""The worker's loop in this very process: for the command line and for measurements."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from generation.messages import Failed, Finished, Paint, Progress, WorkerOptions
from generation.models import Model
from generation.opening import WRITER_WAIT, open_studio
from generation.studio import Studio


class PaintingFailed(Exception):
    """A request came to nothing; `failed` says why."""

    def __init__(self, failed: Failed) -> None:
        super().__init__(failed.detail)
        self.failed = failed


class LocalStudio:
    """One loaded model that paints one request after another."""

    def __init__(self, model: Model, studio: Studio) -> None:
        self.model = model
        self._studio = studio

    def paint(
        self, request: Paint, *, watch: Callable[[Progress], None] = lambda _: None
    ) -> Finished:
        """Paint a request to its end; `watch` hears of every step.  Raises PaintingFailed."""
        self._studio.begin(request)
        while True:
            worked = self._studio.advance()
            for event in self._studio.take_events():
                match event:
                    case Progress():
                        watch(event)
                    case Failed():
                        raise PaintingFailed(event)
                    case Finished():
                        return event
            if not worked:
                time.sleep(WRITER_WAIT)


@contextmanager
def local_studio(options: WorkerOptions) -> Iterator[LocalStudio]:
    """Load a model as the worker would.  Raises ModelUnavailable."""
    with open_studio(options) as (model, studio):
        yield LocalStudio(model, studio)
