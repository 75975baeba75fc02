"""Memory by number of references, and that it does not grow with the images that read them.

Each case runs in its own process, because a process that has used memory once does not show how
little it would have needed.
"""

from __future__ import annotations

import dataclasses
import itertools
import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import torch

from benchmarks.easel import Setting, open_easel
from benchmarks.figures import CannotMeasure, Figure, compared

NAME = "memory"
MIB = 2**20
REFERENCES = (1, 2, 4, 8)
ROOM_MB = 2**20
"""The engine's cache limit: a terabyte, so that everything stays cached."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """A round of so many images, all of which read so many references."""

    setting: Setting
    references: int
    pictures: int


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Weight:
    """Memory of a round in bytes.

    states: hidden states of the references, as the cache counts them.  peak: peak memory of the
    process on the device during the round.
    """

    states: int
    peak: int


Weights = dict[tuple[int, int], list[Weight]]
"""By references and images; the n-th entries of all cases were measured in the same turn."""


def measure(
    setting: Setting, references: Sequence[int] = REFERENCES, pictures: Sequence[int] = (1, 4)
) -> Iterator[Figure]:
    """Measure all combinations of numbers of references and images, in `repeats` turns."""
    cases = [
        Case(setting=setting, references=steering, pictures=count)
        for count in dict.fromkeys(pictures)
        for steering in dict.fromkeys((0, *references))
    ]
    weights: Weights = {}
    for _, case in itertools.product(range(setting.repeats), cases):
        found = weigh_apart(case)
        weights.setdefault((case.references, case.pictures), []).append(found)
    for count in dict.fromkeys(pictures):
        for steering in dict.fromkeys(references):
            few = (min(references), min(pictures))
            yield from _figures(weights, (steering, count), few)


def weigh_apart(case: Case) -> Weight:
    """Run `weigh` in a process of its own."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=context) as pool:
        return pool.submit(weigh, case).result()


def weigh(case: Case) -> Weight:
    """Run one round and return the memory that it took.

    A round without references comes first: it loads the model's files into memory, which the system
    does only when their weights are first used.
    """
    options = dataclasses.replace(case.setting.options, reference_cache_mb=ROOM_MB)
    setting = dataclasses.replace(case.setting, options=options, pictures=case.pictures)
    with open_easel(setting) as easel:
        easel.paint([easel.request()])
        liked = tuple(easel.reference("red") for _ in range(case.references))
        device = easel.model.device
        forget_peak(device)
        easel.paint([easel.request(liked=liked)])
        return Weight(states=easel.engine.reference_bytes, peak=peak(device))


def forget_peak(device: torch.device) -> None:
    """Reset the peak that `peak` reports.  Raises CannotMeasure if the system cannot."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
        return
    try:
        # Linux: sets VmHWM back to what is resident now (man 5 proc, clear_refs).
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError as error:
        raise CannotMeasure(
            "Only Linux reports a process's peak memory; run this on Linux, or on CUDA."
        ) from error


def peak(device: torch.device) -> int:
    """Return the peak memory in bytes since `forget_peak`: allocated on CUDA, else resident.

    Not by getrusage, whose peak is inherited from the parent process.
    """
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024


def _figures(weights: Weights, case: tuple[int, int], few: tuple[int, int]) -> Iterator[Figure]:
    """Yield the figures of a case, (references, images), against the fewest of each, `few`."""
    references, pictures = case
    for other in ((few[0], pictures), (references, few[1])):
        if other != case:
            yield compared(
                [weight.states / MIB for weight in weights[case]],
                [weight.states / MIB for weight in weights[other]],
                benchmark=NAME,
                case=_called(*case),
                kind="states remembered",
                baseline=f"states of {_called(*other)}",
                unit="MiB",
            )
    pairs = zip(weights[case], weights[0, pictures], strict=True)
    yield compared(
        [(steered.peak - plain.peak) / MIB for steered, plain in pairs],
        [weight.states / MIB for weight in weights[case]],
        benchmark=NAME,
        case=_called(*case),
        kind="growth of the peak over a round without references",
        baseline="states remembered",
        unit="MiB",
    )


def _called(references: int, pictures: int) -> str:
    return (
        f"{references} reference{'s' if references > 1 else ''}, "
        f"{pictures} picture{'s' if pictures > 1 else ''}"
    )
