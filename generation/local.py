"""The worker's loop in this very process: for the command line and for measurements."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch

from generation.messages import Failed, Finished, Paint, Progress, WorkerOptions
from generation.models import Model, load_model
from generation.studio import Studio
from generation.worker import WRITER_WAIT, reference_budget
from generation.writing import Writer


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
    if options.threads is not None:
        torch.set_num_threads(options.threads)
    model = load_model(options)
    with Writer() as writer:
        budget = reference_budget(model, options)
        studio = Studio(model, writer, name=options.model, reference_budget=budget)
        yield LocalStudio(model, studio)
