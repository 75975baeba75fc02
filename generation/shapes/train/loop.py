"""What the three training loops share: a schedule, a log, a checkpoint to resume from."""

from __future__ import annotations

import json
import math
import time
from pathlib import Path
from typing import Any

import torch


def warm_cosine(step: int, steps: int, *, warmup: int = 100, floor: float = 0.02) -> float:
    """Share of the peak learning rate at `step`: linear warm-up, then a half cosine."""
    if step < warmup:
        return (step + 1) / warmup
    progress = (step - warmup) / max(1, steps - warmup)
    return floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * progress))


class Log:
    """One JSON object a line, appended, with the seconds spent since the run began."""

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
    """Write everything needed to go on, whole or not at all."""
    partial = path.with_suffix(".partial")
    torch.save({**state, "random": torch.get_rng_state()}, partial)
    partial.replace(path)


def load_checkpoint(path: Path) -> dict[str, Any] | None:
    """What `save_checkpoint` wrote, the random state restored; None at a first start."""
    if not path.exists():
        return None
    state: dict[str, Any] = torch.load(path, weights_only=True)
    torch.set_rng_state(state.pop("random"))
    return state
