"""Time another program's optimizer steps: `python -m benchmarks.stopwatch FILE STEPS PROGRAM …`.

PROGRAM is a script, or the name of a module; the words after it are its own.  It is ended after so
many steps.  This imports nothing but torch, so that a program's memory is its own.
"""

from __future__ import annotations

import json
import os
import runpy
import sys
import time
from pathlib import Path
from typing import Any

import torch
from torch.optim.optimizer import register_optimizer_step_post_hook


def main() -> None:
    """Run the program, and write when each step ended and the peak memory by the last one."""
    file, steps, program, *words = sys.argv[1:]
    wall: list[float] = []
    cpu: list[float] = []

    def note(*_: Any) -> None:
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        wall.append(time.perf_counter())
        cpu.append(time.process_time())
        if len(wall) == int(steps):
            found = {"wall": wall, "cpu": cpu, "peak": peak()}
            Path(file).write_text(json.dumps(found), encoding="utf-8")
            os._exit(0)  # whatever a program does after its last step is not measured

    register_optimizer_step_post_hook(note)
    sys.argv = [program, *words]
    if program.endswith(".py"):
        sys.path[0] = str(Path(program).parent)
        runpy.run_path(program, run_name="__main__")
    else:
        runpy.run_module(program, run_name="__main__", alter_sys=True)


def peak() -> int:
    """Return the peak memory in bytes: allocated on CUDA, else resident."""
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated()
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    main()
