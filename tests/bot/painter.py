"""A child that paints plain squares in no time, and does on request what a real one may.

It runs in a process of its own and speaks `generation.protocol.requests` over the pipe.  Words in a
prompt say what is to happen; requests are noted in `requests.jsonl` in `models_dir`.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import random
import signal
import struct
import time
import zlib
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection
from pathlib import Path

from generation.protocol.captions import Caption
from generation.protocol.events import Cancelled, Failed, Finished, Painted, Progress, Ready, Reason
from generation.protocol.options import MemoryProfile, ModelCard, WorkerOptions
from generation.protocol.requests import Adapter, Cancel, Filter, Paint, Shutdown
from generation.protocol.training import Control, Train
from generation.requests.expansion import picture_of
from tests.bot.captions import Captions
from tests.bot.trainer import Trainings

CARD = ModelCard(
    name="shapes", licence="MIT", width=96, height=96, has_safety_checker=False, device="cpu"
)
SIDE = 16
HUGE = 1900
"""Pixels a side of noise, of which a PNG is larger than Discord takes."""
STEPS = 4
IDLE = 0.005
"""Seconds to listen between two steps of trainings."""
RELEASE = "release"
"""While this file is missing, jobs with "hold" in their prompt stay at half their steps."""


class Brush:
    """Makes the files of a request's pictures: squares of one colour."""

    card = CARD

    def picture(
        self,
        colour: tuple[int, int, int],
        texts: Mapping[str, str] | None = None,
        *,
        noise: int = 0,
    ) -> bytes:
        """Make a picture, or a strip of references."""
        return png(colour, texts, noise=noise)

    def strip(self, request: Paint) -> bytes:
        """Make the strip of the references of a request."""
        return self.picture((len(request.liked), len(request.disliked), 200))

    def sheet(self, request: Paint, pictures: Sequence[Path]) -> bytes:
        """Make the sheet of all pictures of a request."""
        return self.picture((len(pictures), len(request.axes), 100))


def paints(connection: Connection, options: WorkerOptions, brush: Brush | None = None) -> None:
    """Paint jobs one after another until told to stop; "poison" kills the process."""
    brush = brush or Brush()
    notes = options.models_dir
    assert notes is not None
    card = dataclasses.replace(
        brush.card,
        name=options.model,
        has_safety_checker=options.safety_checker is not None,
        edits=options.editor != "off",
        has_negative_prompt=options.model != "lcm",
        memory=None if options.memory_limit_mb is None else memory(options.memory_limit_mb),
    )
    connection.send(Ready(model=card))
    waiting: list[Paint] = []

    def on_hold() -> bool:
        return not (notes / RELEASE).exists()

    trainings = Trainings(notes, on_hold, lambda number: brush.picture((number, 0, 90)))
    captions = Captions(notes, on_hold)
    while True:
        for event in (*trainings.advance(), *captions.advance()):
            connection.send(event)
        while connection.poll(0 if waiting else IDLE if trainings.open or captions.open else None):
            match connection.recv():
                case Shutdown():
                    return
                case Train() as request:
                    trainings.add(request)
                case Caption() as request:
                    captions.add(request)
                case Control(job=job, action=action):
                    trainings.control(job, action)
                case Cancel(job=job):
                    cancelled = trainings.cancel(job) or captions.cancel(job)
                    if cancelled is not None:
                        connection.send(cancelled)
                    elif any(request.job == job for request in waiting):
                        waiting = [request for request in waiting if request.job != job]
                        connection.send(Cancelled(job=job))
                case Paint() as painting:
                    note(notes / "requests.jsonl", painting)
                    waiting.append(painting)
                    start(connection, painting, brush)
        if not waiting:
            continue
        held = [one for one in waiting if "hold" in one.prompt and not (notes / RELEASE).exists()]
        if len(held) == len(waiting):
            time.sleep(0.005)
            continue
        request = next(one for one in waiting if one not in held)
        waiting.remove(request)
        connection.send(outcome(request, brush))


def memory(limit_mb: int) -> MemoryProfile:
    """Return a model's memory use: 100 MiB of weights, 40 per call of 96 × 96, 10 a reference."""
    mib = 2**20
    return MemoryProfile(
        limit=limit_mb * mib,
        weights=100 * mib,
        references=0,
        row=20 * mib // 144,
        pixel=1,
        states=((1, 2 * mib // 144),) * 1,
        scale=8,
        tile=None,
    )


def note(path: Path, request: Paint) -> None:
    """Write down what was asked for."""
    with path.open("a") as file:
        file.write(
            json.dumps(
                {
                    "job": request.job,
                    "prompt": request.prompt,
                    "negative": request.negative_prompt,
                    "seed": request.seed,
                    "count": request.count,
                    "size": [request.width, request.height],
                    "liked": [[ref.digest, ref.weight] for ref in request.liked],
                    "names": [ref.name for ref in request.liked + request.disliked],
                    "disliked": [[ref.digest, ref.weight] for ref in request.disliked],
                    "steps": request.steps,
                    "guidance": request.guidance,
                    "start": request.feedback.start,
                    "end": request.feedback.end,
                    "strength": request.feedback.strength,
                    "explore": request.feedback.explore,
                    "filter": request.filter.value,
                    "flagged": [r.digest for r in request.liked + request.disliked if r.flagged],
                    "drop": request.feedback.drop,
                    "influence": request.feedback.influence.value,
                    "aspect": request.aspect,
                    "grid": request.grid,
                    "tiled": request.tiled,
                    "axes": [[axis.parameter, list(axis.values)] for axis in request.axes],
                    "source": source_of(request),
                    "keep": request.image_guidance,
                    "varied": request.varied,
                    "imagic": request.imagic is not None,
                    "adapters": [adapter_of(each) for each in request.adapters],
                    "offered": [adapter_of(each) for each in request.offered],
                    "pictures": [
                        {
                            "prompt": one.prompt,
                            "adapters": [[each.name, each.strength] for each in one.adapters],
                        }
                        for one in (picture_of(request, place) for place in range(request.count))
                    ]
                    if request.adapters or request.offered
                    else [],
                }
            )
            + "\n"
        )


def adapter_of(adapter: Adapter) -> list[object]:
    """Return an adapter's name and strength, and the hash of its file's current contents."""
    digest = hashlib.sha256(adapter.path.read_bytes()).hexdigest()
    assert digest == adapter.digest
    return [adapter.name, adapter.strength, digest]


def source_of(request: Paint) -> dict[str, object] | None:
    """Return the source of a request, with files given by the hashes of their current contents."""
    source = request.source
    if source is None:
        return None
    paths = {"picture": source.path, "mask": source.mask}
    return {
        **{
            name: path and hashlib.sha256(path.read_bytes()).hexdigest()
            for name, path in paths.items()
        },
        "strength": source.strength,
        "anew": [dataclasses.astuple(box) for box in source.anew],
        "within": source.within and dataclasses.astuple(source.within),
        "times": source.times,
        "mend": source.mend and dataclasses.asdict(source.mend),
    }


def start(connection: Connection, request: Paint, brush: Brush) -> None:
    """The first half of the steps, with a preview."""
    preview = request.out / "preview.png"
    preview.write_bytes(brush.picture((9, 9, 9)))
    for step in range(1, STEPS // 2 + 1):
        if "slow" in request.prompt:
            time.sleep(0.2)
        connection.send(Progress(job=request.job, step=step, steps=STEPS, preview=preview))
    if "poison" in request.prompt:
        os.kill(os.getpid(), signal.SIGKILL)


def outcome(request: Paint, brush: Brush | None = None) -> Finished | Failed:
    """The files of a request, or why there are none."""
    brush = brush or Brush()
    for reason in Reason:
        if f"fail {reason.value}" in request.prompt:
            return Failed(job=request.job, reason=reason, detail="Ask for something else.")
    pictures = []
    for number in range(request.count):
        seed = picture_of(request, number).seed
        flagged = "unsafe" in request.prompt and number == 0
        withheld = flagged and request.filter is Filter.WITHHOLD
        path = request.out / f"{number}.png"
        colour = (seed % 256, seed // 256 % 256, number if request.axes else len(request.liked))
        texts = said(request, number) if "signed" in request.prompt else {}
        huge = "huge" in request.prompt and number == 0
        data = brush.picture(colour, texts, noise=HUGE if huge else 0)
        path.write_bytes(data)
        pictures.append(
            Painted(
                path=None if withheld else path,
                digest=None if withheld else hashlib.sha256(data).hexdigest(),
                seed=seed,
                width=request.width or brush.card.width,
                height=request.height or brush.card.height,
                withheld=withheld,
                flagged=flagged,
            )
        )
    steering = None
    if request.liked or request.disliked:
        steering = request.out / "steering.png"
        steering.write_bytes(brush.strip(request))
    sheet = None
    if request.axes or request.grid:
        sheet = request.out / "sheet.png"
        sheet.write_bytes(brush.sheet(request, [each.path for each in pictures if each.path]))
    return Finished(
        job=request.job,
        pictures=tuple(pictures),
        seconds=0.01,
        steering=steering,
        sheet=sheet,
        native=(brush.card.width, brush.card.height),
        chosen=2 if request.imagic else None,
    )


def said(request: Paint, number: int) -> dict[str, str]:
    """Return the record that the real painter writes into a picture."""
    from generation.metadata.record import parameter_texts

    one = picture_of(request, number)
    width, height = request.width or CARD.width, request.height or CARD.height
    return parameter_texts(one, one.seed, width, height)


def png(
    colour: tuple[int, int, int], texts: Mapping[str, str] | None = None, *, noise: int = 0
) -> bytes:
    """A square of one colour as a PNG file, with texts; or one of so many pixels of noise."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = zlib.crc32(kind + data)
        return struct.pack("!I", len(data)) + kind + data + struct.pack("!I", checksum)

    side = noise or SIDE
    rows = (b"\0" + bytes(colour) * side) * side
    if noise:
        # A column of its own begins each row: how the row was filtered, here not at all.
        rows = b"".join(b"\0" + random.Random(row).randbytes(3 * side) for row in range(side))
    header = struct.pack("!IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", header),
            *(
                chunk(b"iTXt", name.encode() + bytes(5) + text.encode())
                for name, text in (texts or {}).items()
            ),
            chunk(b"IDAT", zlib.compress(rows, 1)),
            chunk(b"IEND", b""),
        ]
    )
