"""Kinds of work measured in turn, so that whatever else the machine does meets each alike."""

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
"""What is timed."""

Block = Mapping[str, Callable[[], Work]]
"""Kinds that must follow each other in this order.

Each is a function that makes everything ready, untimed, and returns the work.
"""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """One run of a kind: how long it took, and what it returned."""

    seconds: float
    result: Any = None


Runs = dict[str, list[Run]]
"""By kind; the n-th runs of all kinds are neighbours in time."""


class Watch:
    """Tells the time of the wall, or the seconds that this process has kept CPUs busy."""

    def __init__(self, device: torch.device, *, cpu_time: bool = False) -> None:
        self._device = device
        self.read = time.process_time if cpu_time else time.perf_counter

    def settled(self) -> float:
        """The time once the device has done everything that it was handed."""
        if self._device.type == "cuda":
            torch.cuda.synchronize(self._device)
        return self.read()

    def time(self, work: Work) -> Run:
        """Do the work, from a device at rest to a device at rest."""
        began = self.settled()
        result = work()
        return Run(seconds=self.settled() - began, result=result)


def alternate(blocks: Sequence[Block], repeats: int, watch: Watch) -> Runs:
    """Every kind `repeats` times, a turn of each after the other.

    A first turn warms up and is not kept; each turn begins with another block.
    """
    runs: Runs = {kind: [] for block in blocks for kind in block}
    for turn in range(repeats + 1):
        gc.collect()  # so that no kind pays for what another left behind
        first = turn % len(blocks)
        for block in (*blocks[first:], *blocks[:first]):
            for kind, ready in block.items():
                run = watch.time(ready())
                if turn > 0:
                    runs[kind].append(run)
    return runs


@dataclasses.dataclass
class Tally:
    """How often a UNet was called, and for how many rows in all."""

    calls: int = 0
    rows: int = 0


@contextmanager
def counting(unet: UNet2DConditionModel) -> Iterator[Tally]:
    """Count what a UNet is asked to compute: the work itself, whatever time it takes."""
    tally = Tally()

    def count(_: object, words: tuple[Any, ...]) -> None:
        tally.calls += 1
        tally.rows += words[0].shape[0]

    hook = unet.register_forward_pre_hook(count)
    try:
        yield tally
    finally:
        hook.remove()
