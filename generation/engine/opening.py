"""From a model's name to a studio that paints with it: what every way of painting opens first."""

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
"""Seconds between looks at the writer while it alone has work."""

BUDGET_CAP = {"cpu": 2**30, "cuda": 8 * 2**30}
"""The most bytes for the states of references, unless the options say otherwise."""


@contextmanager
def open_engine(options: WorkerOptions) -> Iterator[tuple[Model, Engine]]:
    """Load the model; raises ModelUnavailable, whatever is wrong with its files."""
    if options.threads is not None:
        torch.set_num_threads(options.threads)
    try:
        model = load_model(options)
    except ModelUnavailable:
        raise
    except Exception as error:  # files can be broken in more ways than their readers foresee
        raise ModelUnavailable(f"{options.model} cannot be loaded: {error}") from error
    with Writer() as writer:
        budget = reference_budget(model, options)
        engine = Engine(model, writer, name=options.model, reference_budget=budget)
        if model.compiled is not None:
            compile_unet(model)
        yield model, engine


def compile_unet(model: Model) -> None:
    """Compile the UNet by a first call: better now than at work, and told if it cannot be.

    Once its attention is the studio's, or it would be compiled again.
    """
    height, width = model.card.height, model.card.width
    try:
        with torch.inference_mode():
            rows = [model.unprompted(width, height)] * 2
            sample = model.empty_latents(width, height).zero_().repeat(2, 1, 1, 1)
            model.predict(sample, torch.full((2,), 500.0, device=model.device), rows)
    except Exception as error:  # compilers fail in more ways than can be foreseen
        raise ModelUnavailable(
            f"{model.card.name} cannot be compiled here: {first_line(error)} "
            "Set KONOMI_COMPILE=false, or install what is missing."
        ) from error


def reference_budget(model: Model, options: WorkerOptions) -> int:
    """Bytes for the states of references: as asked, else half of what is free, within a cap."""
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
