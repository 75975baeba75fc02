"""Choose the number of rows in a quantum from the measured time per row."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Hashable, Iterator
from contextlib import contextmanager

import torch

QUANTUM = 0.5
"""Seconds after which the inbox must be checked again."""

MOST_ROWS = {"cpu": 16, "cuda": 32}
"""Largest batch by device: beyond it rows get no cheaper, and on a CPU they exceed the cache."""

IN_FLIGHT = 2
"""Number of quanta queued on a GPU before the loop waits for the oldest."""


class BatchSizer:
    """Measured seconds per row for each kind of call; on CUDA by events, without syncs."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._most = MOST_ROWS.get(device.type, 16)
        self._cost: dict[Hashable, float] = {}
        self._flying: deque[tuple[Hashable, int, torch.cuda.Event, torch.cuda.Event]] = deque()

    def rows(self, kind: Hashable) -> int:
        """Return how many rows of this kind fill a quantum; 1 until a call has been measured."""
        cost = self._cost.get(kind)
        return 1 if cost is None else max(1, min(self._most, int(QUANTUM / cost)))

    def shrink(self, rows: int) -> None:
        """Stay below this many rows from now on, because the device ran out of memory."""
        self._most = max(1, rows // 2)

    @contextmanager
    def measured(self, kind: Hashable, rows: int) -> Iterator[None]:
        """Time a call; on CUDA, wait until at most one earlier call is still running."""
        if self._device.type != "cuda":
            began = time.perf_counter()
            yield
            self._learn(kind, (time.perf_counter() - began) / rows)
            return
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        start.record()
        yield
        end.record()
        self._flying.append((kind, rows, start, end))
        while len(self._flying) >= IN_FLIGHT:
            kind, rows, start, end = self._flying.popleft()
            end.synchronize()
            self._learn(kind, start.elapsed_time(end) / 1000 / rows)

    def _learn(self, kind: Hashable, seconds: float) -> None:
        known = self._cost.get(kind, seconds)
        self._cost[kind] = (known + seconds) / 2
