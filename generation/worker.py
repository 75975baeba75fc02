"""The child half: one model, one loop.  Drain the inbox, advance one quantum, tell."""

from __future__ import annotations

import logging
import os
from multiprocessing.connection import Connection

import torch

from generation.catalog import ModelUnavailable
from generation.messages import Cancel, Command, Paint, Ready, Shutdown, Unready, WorkerOptions
from generation.models import Model, load_model
from generation.studio import Studio
from generation.writing import Writer

log = logging.getLogger(__name__)

WRITER_WAIT = 0.005
"""Seconds between looks at the writer while it alone has work."""

BUDGET_CAP = {"cpu": 2**30, "cuda": 8 * 2**30}
"""The most bytes for the states of references, unless the options say otherwise."""


def serve(connection: Connection, options: WorkerOptions) -> None:
    """Load the model, say `Ready` or `Unready`, then paint until `Shutdown` or the parent's end."""
    if options.threads is not None:
        torch.set_num_threads(options.threads)
    try:
        model = load_model(options)
    except ModelUnavailable as error:
        connection.send(Unready(detail=str(error)))
        return
    except Exception as error:  # the host is told whatever it was
        log.exception("the model %s cannot be loaded", options.model)
        connection.send(Unready(detail=f"{options.model} cannot be loaded: {error}"))
        return
    with Writer() as writer:
        budget = reference_budget(model, options)
        studio = Studio(model, writer, name=options.model, reference_budget=budget)
        try:
            connection.send(Ready(model=model.card))
            _loop(connection, studio)
        except (EOFError, BrokenPipeError, ConnectionResetError):
            log.info("the other end is gone")


def _loop(connection: Connection, studio: Studio) -> None:
    while True:
        while connection.poll(0 if studio.busy else None):
            command: Command = connection.recv()
            match command:
                case Shutdown():
                    return
                case Paint():
                    studio.begin(command)
                case Cancel(job=job):
                    studio.cancel(job)
            if not studio.busy:
                break  # a refusal or a cancellation must be told before waiting again
        worked = studio.advance()
        for event in studio.take_events():
            connection.send(event)
        if studio.busy and not worked:
            connection.poll(WRITER_WAIT)


def reference_budget(model: Model, options: WorkerOptions) -> int:
    """Bytes for the states of references: as asked, else half of what is free, within a cap."""
    if options.reference_cache_mb is not None:
        return options.reference_cache_mb * 2**20
    cap = BUDGET_CAP.get(model.device.type, 2**30)
    if model.device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(model.device)
        return min(cap, free // 2)
    pages = os.sysconf("SC_AVPHYS_PAGES") if "SC_AVPHYS_PAGES" in os.sysconf_names else None
    return cap if pages is None else min(cap, pages * os.sysconf("SC_PAGE_SIZE") // 2)
