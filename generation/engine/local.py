"""The worker's loop in this process, for the command line and for measurements."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from generation.engine.engine import Engine
from generation.engine.opening import WRITER_WAIT, open_engine
from generation.models.model import Model
from generation.protocol.events import Failed, Finished, Progress
from generation.protocol.options import WorkerOptions
from generation.protocol.requests import Paint


class PaintingFailed(Exception):
    """A request failed; `failed` says why."""

    def __init__(self, failed: Failed) -> None:
        super().__init__(failed.detail)
        self.failed = failed


class LocalEngine:
    """One loaded model that runs one request after another."""

    def __init__(self, model: Model, engine: Engine) -> None:
        self.model = model
        self._engine = engine

    def paint(
        self, request: Paint, *, watch: Callable[[Progress], None] = lambda _: None
    ) -> Finished:
        """Run a request to its end; `watch` receives every step.  Raises PaintingFailed."""
        [finished] = self.paint_together([request], watch=watch)
        return finished

    def paint_together(
        self, requests: Sequence[Paint], *, watch: Callable[[Progress], None] = lambda _: None
    ) -> list[Finished]:
        """Run several requests, each a job of its own, whose pictures share UNet calls.

        Raises PaintingFailed as soon as one of them fails; the others are cancelled.
        """
        finished: dict[str, Finished] = {}
        try:
            for request in requests:
                self._engine.begin(request)
            while len(finished) < len(requests):
                worked = self._engine.advance()
                for event in self._engine.take_events():
                    match event:
                        case Progress():
                            watch(event)
                        case Failed():
                            raise PaintingFailed(event)
                        case Finished():
                            finished[event.job] = event
                if not worked:
                    time.sleep(WRITER_WAIT)
        finally:
            for request in requests:
                self._engine.cancel(request.job)
            self._engine.take_events()
        return [finished[request.job] for request in requests]


@contextmanager
def local_engine(options: WorkerOptions) -> Iterator[LocalEngine]:
    """Load a model like the worker.  Raises ModelUnavailable."""
    with open_engine(options) as (model, engine):
        yield LocalEngine(model, engine)
