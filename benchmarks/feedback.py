"""What feedback costs: `python -m benchmarks.feedback`.

Four pictures of 20 steps at the embedded model's size, one like and one dislike over the
first half of the steps, against the same round without feedback: once with references that
were never seen, once with their states still known.  All three kinds of rounds alternate,
so that whatever else the machine does meets each alike.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from PIL import Image

from generation.loading import load_model
from generation.messages import Failed, Feedback, Paint, Reference, WorkerOptions
from generation.models import Model
from generation.pictures import digest_of
from generation.studio import Studio
from generation.writing import Writer

Clock = Callable[[], float]
Times = dict[str, list[float]]


def measure(model: Model, name: str, rounds: int, clock: Clock, steps: int = 20) -> Times:
    """Seconds by `clock` of each round: "plain", "new" and "cached", `rounds` times each."""
    times: Times = {"plain": [], "new": [], "cached": []}
    with tempfile.TemporaryDirectory() as folder, Writer() as writer:
        out = Path(folder)
        studio = Studio(model, writer, name=name, reference_budget=2**30)
        for turn in range(rounds + 1):
            liked, disliked = (_drawing(out, turn, colour) for colour in ("red", "blue"))
            for kind in times:
                steers = {} if kind == "plain" else {"liked": (liked,), "disliked": (disliked,)}
                request = Paint(
                    job=kind,
                    model=name,
                    prompt="a red circle",
                    steps=steps,
                    previews=False,
                    feedback=Feedback(explore=0.0),  # every picture is to pay for it
                    out=out,
                    **steers,
                )
                began = clock()
                _paint(studio, request)
                if turn > 0:  # the first turn warms up
                    times[kind].append(clock() - began)
    return times


def ratio(times: Times, kind: str) -> float:
    """How much a kind of round costs, in plain ones: the median over neighbouring rounds."""
    return statistics.median(t / p for t, p in zip(times[kind], times["plain"], strict=True))


def _paint(studio: Studio, request: Paint) -> None:
    studio.begin(request)
    while studio.busy:
        studio.advance()
    for event in studio.take_events():
        if isinstance(event, Failed):
            raise RuntimeError(event.detail)


def _drawing(out: Path, turn: int, colour: str) -> Reference:
    path = out / f"{colour} {turn}.png"
    picture = Image.new("RGB", (96, 96), colour)
    picture.putpixel((0, 0), (turn, turn, turn))  # a picture of its own in each turn
    picture.save(path)
    return Reference(path=path, digest=digest_of(path.read_bytes()))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.feedback", description=__doc__)
    parser.add_argument("--model", default="shapes")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int)
    parser.add_argument(
        "--cpu-time", action="store_true", help="count the CPU's seconds, not the wall's"
    )
    arguments = parser.parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    model = load_model(WorkerOptions(model=arguments.model))
    clock = time.process_time if arguments.cpu_time else time.perf_counter
    times = measure(model, arguments.model, arguments.rounds, clock)
    for kind, seconds in times.items():
        print(
            f"{kind:6}  median {statistics.median(seconds):.2f} s, fastest {min(seconds):.2f} s, "
            f"{ratio(times, kind):.3f} × plain"
        )


if __name__ == "__main__":
    main()
