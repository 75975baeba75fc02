"""`python -m tests.generation.pinned`: paint every kind of request and hash what comes of it.

Two versions of the code that print the same paint the same, byte for byte of the pixels and of
what the files say of themselves: `--json FILE` with the one, `--against FILE` with the other.
Hashes hold for one machine and one set of libraries alone.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import itertools
import json
import shutil
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path

from PIL import Image

from generation.engine.session import LocalEngine, PaintingFailed, local_engine
from generation.metadata.record import Record, read_file
from generation.metadata.replay import digests_of, found_in, request_of
from generation.protocol.events import Finished
from generation.protocol.options import WorkerOptions
from generation.protocol.requests import Paint
from tests.generation.pinned_requests import (
    LENIENT,
    OPTIONS,
    SHAPES,
    SINGLE_FILE,
    STRICT,
    TINY,
    VELOCITY,
    XL,
    Drawn,
    Pinned,
    pinned_requests,
)
from tests.single_file import write_single_file
from tests.tiny import build_tiny, build_tiny_xl

TICK = 1 / 16
"""Seconds between two looks at the clock: so many that rows are gathered up to the most, and that
eight steps take long enough for one preview.  Sums of it are exact."""


class Clock:
    """Time that goes on whenever the painting thread looks at it.

    How many rows share a call depends on how long calls took, and with the rows the last bits of
    a picture: by the real clock, pixels would depend on what else the machine does.
    """

    def __init__(self) -> None:
        self._seconds = 0.0

    def __call__(self) -> float:
        if threading.current_thread() is threading.main_thread():
            self._seconds += TICK
        return self._seconds


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.generation.pinned", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write the hashes")
    parser.add_argument("--against", type=Path, metavar="FILE", help="hashes to compare with")
    arguments = parser.parse_args(words)
    before = json.loads(arguments.against.read_text("utf-8")) if arguments.against else None
    time.perf_counter = Clock()
    warnings.filterwarnings("ignore", message="Should have t")  # torchsde, of diffusers' own
    pins: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, pin in pinned(Path(folder)):
            print(f"{name}: {pin}", flush=True)
            assert name not in pins, name
            pins[name] = pin
    if arguments.json:
        arguments.json.write_text(json.dumps(pins, indent=1, ensure_ascii=False), "utf-8")
    if before is None:
        return 0
    found = differences(before, pins)
    for line in found:
        print(line, file=sys.stderr)
    print(f"{len(found)} of {len(before)} differ.", file=sys.stderr)
    return 1 if found else 0


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """A line for each pin that changed, is missing or is new."""
    return [
        f"{name}: {before.get(name, 'not there')} → {after.get(name, 'not there')}"
        for name in dict.fromkeys((*before, *after))
        if before.get(name) != after.get(name)
    ]


def pinned(folder: Path) -> Iterator[tuple[str, str]]:
    """Names and pins of everything that is painted."""
    drawn = folder / "drawn"
    drawn.mkdir()
    requests = pinned_requests(Drawn(drawn))
    models = build_models(folder)
    for model, group in itertools.groupby(requests, key=lambda each: each.model):
        options = models.pop(model)
        with local_engine(options) as engine:
            for each in group:
                yield from pins_of(engine, each, options.model, folder)


def build_models(folder: Path) -> dict[str, WorkerOptions]:
    """Return a loader for each model; the tiny ones are created first."""
    build_tiny(folder / TINY, edits=True)
    build_tiny(folder / VELOCITY, prediction_type="v_prediction")
    build_tiny_xl(folder / XL)
    build_tiny(folder / STRICT, safety_threshold=-2.0)
    build_tiny(folder / LENIENT, safety_threshold=2.0)
    write_single_file(folder / TINY, folder / SINGLE_FILE)
    # What a single file leaves out is taken from SD 1.5 in the cache: here, a tiny one.
    repo = folder / "hub" / "models--stable-diffusion-v1-5--stable-diffusion-v1-5"
    shutil.copytree(folder / TINY, repo / "snapshots" / "abc")
    (repo / "refs").mkdir()
    (repo / "refs" / "main").write_text("abc")
    # One thread, and a budget that does not depend on the memory that is free.
    shapes = WorkerOptions(
        device="cpu", threads=1, models_dir=folder / "hub", reference_cache_mb=64
    )
    other = {"fused": True, "channels_last": False, "vae_slicing": "on", "vae_tiling": "on"}
    tiny = (TINY, VELOCITY, XL, SINGLE_FILE, STRICT, LENIENT)
    return {
        SHAPES: shapes,
        OPTIONS: dataclasses.replace(shapes, **other),
        **{name: dataclasses.replace(shapes, model=str(folder / name)) for name in tiny},
    }


def pins_of(
    engine: LocalEngine, each: Pinned, model: str, folder: Path
) -> Iterator[tuple[str, str]]:
    """Paint requests together, and the first picture again where that is asked for."""
    requests = each.requests(model, folder)
    try:
        painted = engine.paint_together(requests)
    except PaintingFailed as error:
        failed = error.failed
        yield f"{each.name} failed", f"{failed.job}, {failed.reason.value}: {failed.detail}"
        return
    for request, finished in zip(requests, painted, strict=True):
        yield from pins_of_painted(request, finished)
    if each.replayed:
        again = replayed(requests[0], folder)
        yield from pins_of_painted(again, engine.paint(again))


def replayed(request: Paint, folder: Path) -> Paint:
    """The request that the first picture's file makes."""
    record = read_file(request.out / "0.png")
    assert isinstance(record, Record)
    out = request.out.with_name(f"{request.out.name}, replayed")
    out.mkdir()
    files = found_in((folder / "drawn").iterdir(), digests_of(record))
    return request_of(record, model=request.model, files=files, out=out)


def pins_of_painted(request: Paint, finished: Finished) -> Iterator[tuple[str, str]]:
    """The hashes of each file that was written, and what was said of the pictures."""
    name = request.out.name
    for place, picture in enumerate(finished.pictures):
        said = [picture.seed, picture.width, picture.height, picture.withheld, picture.flagged]
        yield f"{name}/{place} told", json.dumps(said)
    said = [finished.native, finished.chosen, bool(finished.steering), bool(finished.sheet)]
    yield f"{name} told", json.dumps(said)
    for path in sorted(request.out.iterdir()):
        with Image.open(path) as opened:
            head = f"{opened.mode} {opened.size} ".encode()
            texts = {key: text for key, text in opened.info.items() if isinstance(text, str)}
            yield f"{name}/{path.name} pixels", sha256(head + opened.tobytes())
        if texts:
            yield f"{name}/{path.name} texts", sha256(json.dumps(texts, sort_keys=True).encode())


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
