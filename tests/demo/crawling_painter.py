"""A child that paints at once, but takes its time over a prompt with "long" in it."""

from __future__ import annotations

import dataclasses
import time
from multiprocessing.connection import Connection

from generation.protocol.events import Cancelled, Progress, Ready
from generation.protocol.options import WorkerOptions
from generation.protocol.requests import Cancel, Paint, Shutdown
from tests.bot.painter import CARD, outcome, png

STEPS = 200
STEP_SECONDS = 0.25
SIDE = 96


def crawls(connection: Connection, options: WorkerOptions) -> None:
    """Paint jobs one after another until told to stop, with a preview a step."""
    connection.send(Ready(model=dataclasses.replace(CARD, edits=True)))
    waiting: list[tuple[Paint, int]] = []
    while True:
        while connection.poll(STEP_SECONDS if waiting else None):
            match connection.recv():
                case Shutdown():
                    return
                case Cancel(job=job):
                    if any(request.job == job for request, _ in waiting):
                        waiting = [each for each in waiting if each[0].job != job]
                        connection.send(Cancelled(job=job))
                case Paint() as request if "long" in request.prompt:
                    waiting.append((request, 0))
                case Paint() as request:
                    connection.send(outcome(request))
        if waiting:
            request, step = waiting.pop(0)
            preview = request.out / f"preview-{time.monotonic_ns()}.png"
            preview.write_bytes(png((step, 0, 0), noise=SIDE))
            progress = Progress(job=request.job, step=step + 1, steps=STEPS, preview=preview)
            connection.send(progress)
            if step + 1 < STEPS:
                waiting.insert(0, (request, step + 1))
            else:
                connection.send(outcome(request))
