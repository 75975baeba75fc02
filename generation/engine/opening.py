"""Open a studio by a model's name: the first step of every way to generate."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from generation.catalog.entries import ModelUnavailable
from generation.engine.engine import Engine
from generation.engine.writer import Writer
from generation.models.loading import first_line, load_model
from generation.models.model import Model
from generation.protocol.options import WorkerOptions

WRITER_WAIT = 0.005
"""Seconds between polls of the writer while it alone has work."""

BUDGET_CAP = {"cpu": 2**30, "cuda": 8 * 2**30}
"""Largest cache of reference states in bytes, unless the options set it."""


@contextmanager
def open_engine(options: WorkerOptions) -> Iterator[tuple[Model, Engine]]:
    """Load a model and open its studio; raises ModelUnavailable for any fault in its files."""
    if options.threads is not None:
        torch.set_num_threads(options.threads)
    try:
        model = load_model(options)
    except ModelUnavailable:
        raise
    except Exception as error:  # files can be broken in more ways than their readers expect
        raise ModelUnavailable(f"{options.model} cannot be loaded: {error}") from error
    with Writer() as writer:
        budget = reference_budget(model, options)
        engine = Engine(model, writer, name=options.model, reference_budget=budget)
        if model.compiled is not None:
            compile_unet(model)
        yield model, engine


def compile_unet(model: Model) -> None:
    """Compile the UNet with a first call, so that it does not happen, or fail, during a job.

    Must come after the studio has set its attention processors, or the UNet would be recompiled.
    """
    height, width = model.card.height, model.card.width
    try:
        with torch.inference_mode():
            rows = [model.unprompted(width, height)] * 2
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
