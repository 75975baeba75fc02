"""Time kinds of work in turn, so that other load on the machine affects all of them alike."""

from __future__ import annotations

import dataclasses
import gc
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from diffusers import UNet2DConditionModel

Work = Callable[[], Any]
"""The work that is timed."""

Block = Mapping[str, Callable[[], Work]]
"""Kinds of work that must follow each other in this order.

Each is a function that makes everything ready, untimed, and returns the work.
"""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """One run of a kind: how long it took, and what it returned."""

    seconds: float
    result: Any = None


Runs = dict[str, list[Run]]
"""Runs by kind; the n-th runs of all kinds are neighbours in time."""


class Watch:
    """Clock that measures wall time, or the CPU time of this process."""

    def __init__(self, device: torch.device, *, cpu_time: bool = False) -> None:
        self._device = device
        self.read = time.process_time if cpu_time else time.perf_counter

    def settled(self) -> float:
        """Synchronise with the device and return the time."""
        if self._device.type == "cuda":
            torch.cuda.synchronize(self._device)
        return self.read()

    def time(self, work: Work) -> Run:
        """Time the work, synchronising with the device before and after."""
        began = self.settled()
        result = work()
        return Run(seconds=self.settled() - began, result=result)


def alternate(blocks: Sequence[Block], repeats: int, watch: Watch) -> Runs:
    """Run every kind `repeats` times, one turn of each after the other.

    A first turn warms up and is not kept; each turn begins with another block.
    """
    runs: Runs = {kind: [] for block in blocks for kind in block}
    for turn in range(repeats + 1):
        gc.collect()  # so that no kind pays for the garbage of another
        first = turn % len(blocks)
        for block in (*blocks[first:], *blocks[:first]):
            for kind, ready in block.items():
                run = watch.time(ready())
                if turn > 0:
                    runs[kind].append(run)
    return runs


@dataclasses.dataclass
class Tally:
    """Number of calls of a UNet, and of rows in all of them."""

    calls: int = 0
    rows: int = 0


@contextmanager
def counting(unet: UNet2DConditionModel) -> Iterator[Tally]:
    """Count the calls and rows of a UNet, a measure of work that does not depend on time."""
    tally = Tally()

    def count(_: object, words: tuple[Any, ...]) -> None:
        tally.calls += 1
        tally.rows += words[0].shape[0]

    hook = unet.register_forward_pre_hook(count)
    try:
        yield tally
    finally:
        hook.remove()
