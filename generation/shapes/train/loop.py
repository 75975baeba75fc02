"""Shared parts of the training loops: processes, learning rate, log and checkpoints."""

from __future__ import annotations

import dataclasses
import json
import math
import os
import time
from pathlib import Path
from typing import Any

import torch
import torch.distributed as distributed
from torch import nn
from torch.nn.parallel import DistributedDataParallel


@dataclasses.dataclass(frozen=True, kw_only=True)
class Share:
    """One process's place in distributed training: rank, number of processes, device."""

    rank: int = 0
    processes: int = 1
    device: str = "cpu"

    @property
    def first(self) -> bool:
        """True for rank 0, the process that writes the log and the result."""
        return self.rank == 0

    def join(self, threads: int) -> None:
        """Set the number of threads and join the process group."""
        torch.set_num_threads(threads)
        if self.processes > 1:
            os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT="29531")
            distributed.init_process_group("gloo", rank=self.rank, world_size=self.processes)

    def together(self, network: nn.Module) -> nn.Module:
        """Wrap the network so that gradients are averaged between all processes."""
        return DistributedDataParallel(network) if self.processes > 1 else network

    def chance(self, seed: int, steps: int, step: int) -> torch.Generator:
        """Return a random generator that depends only on seed, step and rank."""
        number = (seed * steps + step) * self.processes + self.rank
        return torch.Generator().manual_seed(number)


def warm_cosine(step: int, steps: int, *, warmup: int = 100, floor: float = 0.02) -> float:
    """Return the share of the peak learning rate at `step`: linear warm-up, then half a cosine."""
    if step < warmup:
        return (step + 1) / warmup
    progress = (step - warmup) / max(1, steps - warmup)
    return floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * progress))


class Log:
    """Training log: appends one JSON object per line, with the seconds since the run began."""

    def __init__(self, path: Path) -> None:
        self.path, self.began = path, time.monotonic()

    def write(self, **figures: Any) -> None:
        """Append one line of figures."""
        rounded = {k: round(v, 5) if isinstance(v, float) else v for k, v in figures.items()}
        line = json.dumps({**rounded, "seconds": round(time.monotonic() - self.began, 1)})
        with self.path.open("a") as file:
            print(line, file=file)
        print(line, flush=True)


def save_checkpoint(path: Path, **state: Any) -> None:
    """Write a checkpoint with everything needed to resume, atomically."""
    partial = path.with_suffix(".partial")
    torch.save({**state, "random": torch.get_rng_state()}, partial)
    partial.replace(path)


def load_checkpoint(path: Path) -> dict[str, Any] | None:
    """Load a checkpoint if there is one, and restore the random state."""
    if not path.exists():
        return None
    state: dict[str, Any] = torch.load(path, weights_only=True)
    torch.set_rng_state(state.pop("random"))
    return state
