"""Stands in for the machinery of models: paints plain pictures at a painter's pace.

`shim/sitecustomize.py` puts it in the place of `generation.process.worker`, in the generator's
process alone, where a test is about Discord and deaths rather than pictures.  The bot's process,
the generator's process and the pipe between them stay what they are.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import time
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

from PIL import Image

from generation.protocol.events import Cancelled, Finished, Painted, Progress, Ready
from generation.protocol.options import ModelCard, WorkerOptions
from generation.protocol.requests import Cancel, Paint, Shutdown

STEP_SECONDS = 0.02
SIDE = 64


@dataclasses.dataclass
class Work:
    """A request and how many of its steps are done."""

    request: Paint
    step: int = 0


def serve(connection: Connection, options: WorkerOptions) -> None:
    """Paint what is asked, all requests a step at a time, until told to stop."""
    with suppress(EOFError, ConnectionError):  # the bot is gone
        _serve(connection, options)


def _serve(connection: Connection, options: WorkerOptions) -> None:
    connection.send(
        Ready(
            model=ModelCard(
                name=options.model,
                licence="MIT",
                width=SIDE,
                height=SIDE,
                has_safety_checker=False,
                device="cpu",
                edits=True,
            )
        )
    )
    works: dict[str, Work] = {}
    while True:
        while connection.poll(0 if works else None):
            match connection.recv():
                case Shutdown():
                    return
                case Cancel(job=job):
                    if works.pop(job, None):
                        connection.send(Cancelled(job=job))
                case Paint() as request:
                    works[request.job] = Work(request)
        time.sleep(STEP_SECONDS)
        for work in list(works.values()):
            work.step += 1
            connection.send(advanced(work))
            if work.step == work.request.steps:
                connection.send(finished(works.pop(work.request.job).request))


def advanced(work: Work) -> Progress:
    """Where a request stands, with a preview every tenth step."""
    request, preview = work.request, work.request.out / "preview.png"
    if request.previews and work.step % 10 == 1:
        preview.write_bytes(picture(f"{request.prompt} at {work.step}"))
    shown = preview if preview.exists() else None
    return Progress(job=request.job, step=work.step, steps=request.steps, preview=shown)


def finished(request: Paint) -> Finished:
    """A request's files; what is in them depends on the request alone."""
    painted = []
    for number in range(request.count):
        seed = request.seed + number
        steered = f"{len(request.liked)} {len(request.disliked)}"
        path = request.out / f"{number}.png"
        data = picture(f"{request.prompt} {seed} {steered}")
        path.write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        painted.append(Painted(path=path, digest=digest, seed=seed, width=SIDE, height=SIDE))
    strip: Path | None = None
    if request.liked or request.disliked:
        strip = request.out / "steering.png"
        strip.write_bytes(picture(f"strip of {request.job}"))
    return Finished(job=request.job, pictures=tuple(painted), seconds=0.1, steering=strip)


def picture(of: str) -> bytes:
    """A PNG that is the same for the same words, and another for others."""
    red, green, blue = hashlib.sha256(of.encode()).digest()[:3]
    file = io.BytesIO()
    Image.new("RGB", (SIDE, SIDE), (red, green, blue)).save(file, "PNG")
    return file.getvalue()
