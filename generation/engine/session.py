"""Open an engine by a model's name, and run requests with it in this process.

The second is for the command line and for measurements.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import torch

from generation.catalog.entries import ModelUnavailable
from generation.engine.engine import Engine
from generation.engine.writer import Writer
from generation.models.captioners.lazy import LazyCaptioner
from generation.models.loading import first_line, load_model, unloadable
from generation.models.model import Model
from generation.protocol.events import Event, Failed, Finished, Progress, Trained
from generation.protocol.options import WorkerOptions
from generation.protocol.requests import Paint
from generation.protocol.training import Train

BUDGET_CAP = {"cpu": 2**30, "cuda": 8 * 2**30}
"""Largest cache of reference states in bytes, unless the options set it."""


@contextmanager
def open_engine(options: WorkerOptions) -> Iterator[tuple[Model, Engine]]:
    """Load a model and open its engine; raises ModelUnavailable for any fault in its files."""
    if options.threads is not None:
        torch.set_num_threads(options.threads)
    try:
        model = load_model(options)
    except ModelUnavailable:
        raise
    except Exception as error:  # files can be broken in more ways than their readers expect
        raise unloadable(options.model, error) from error
    with Writer() as writer:
        budget = reference_budget(model, options)
        captioner = LazyCaptioner(options.captioner, options.models_dir, model)
        engine = Engine(
            model, writer, name=options.model, reference_budget=budget, captioner=captioner
        )
        if model.compiled is not None:
            compile_unet(model)
        yield model, engine


def compile_unet(model: Model) -> None:
    """Compile the UNet with a first call, so that it does not happen, or fail, during a job.

    Must come after the engine has set its attention processors, or the UNet would be recompiled.
    """
    height, width = model.card.height, model.card.width
    try:
        with torch.inference_mode():
            rows = [model.unconditional(width, height)] * 2
            sample = model.empty_latents(width, height).zero_().repeat(2, 1, 1, 1)
            model.predict(sample, torch.full((2,), 500.0, device=model.device), rows)
    except Exception as error:  # compilers can fail in unexpected ways
        raise ModelUnavailable(
            f"{model.card.name} cannot be compiled here: {first_line(error)} "
            "Set KONOMI_COMPILE=false, or install what is missing."
        ) from error


def reference_budget(model: Model, options: WorkerOptions) -> int:
    """Return the bytes for reference states: as set, else half of what is free, up to a cap."""
    if options.reference_cache_mb is not None:
        return options.reference_cache_mb * 2**20
    cap = BUDGET_CAP.get(model.device.type, 2**30)
    if model.card.memory is not None:
        cap = min(cap, model.card.memory.references)
    if model.device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(model.device)
        return min(cap, free // 2)
    pages = os.sysconf("SC_AVPHYS_PAGES") if "SC_AVPHYS_PAGES" in os.sysconf_names else None
    return cap if pages is None else min(cap, pages * os.sysconf("SC_PAGE_SIZE") // 2)


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

    def train(self, request: Train, *, watch: Callable[[Event], None]) -> Trained | Failed:
        """Run a training to its end; `watch` receives every event."""
        self._engine.begin(request)
        try:
            while True:
                worked = self._engine.advance()
                for event in self._engine.take_events():
                    watch(event)
                    if isinstance(event, Trained | Failed):
                        return event
                if not worked:
                    time.sleep(self._engine.wait)
        finally:
            self._engine.cancel(request.job)
            self._engine.take_events()

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
                    time.sleep(self._engine.wait)
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
