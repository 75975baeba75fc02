"""Checks of the device, which only a child process with torch can see, and of its options."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from bot.host.check import CheckResult, bad, good, notice
from bot.settings import Settings

GIGABYTE, MIB = 1e9, 2**20
TORCH_SECONDS = 120
"""Time limit for importing torch, which is slow from a cold disk."""


def devices() -> dict[str, Any] | str:
    """Return the devices that a child process with torch finds; a string says why it found none."""
    try:
        child = subprocess.run(
            [sys.executable, "-m", "generation.models.devices"],
            capture_output=True,
            text=True,
            timeout=TORCH_SECONDS,
            check=True,
        )
    except subprocess.TimeoutExpired:
        return f"torch did not load within {TORCH_SECONDS} seconds"
    except subprocess.CalledProcessError as error:
        lines = error.stderr.strip().splitlines()
        return f"torch does not work ({lines[-1] if lines else error})"
    seen: dict[str, Any] = json.loads(child.stdout)
    return seen


def look_at_device(device: str, seen: dict[str, Any] | str) -> CheckResult:
    """Check that the configured device is among the devices `seen`."""
    if isinstance(seen, str):
        return bad("device", f"{seen}. See the README on installing torch.")
    cuda = seen["cuda"]
    index = int(device.partition(":")[2] or 0)
    if device.startswith("cuda") and index >= len(cuda):
        built = "" if seen["built_for_cuda"] else " This torch was built without CUDA."
        cure = "Set KONOMI_DEVICE=auto, or see the README on installing torch."
        return bad("device", f"there is no {device} here.{built} {cure}")
    if device == "mps" and not seen["mps"]:
        return bad("device", "there is no mps here. Set KONOMI_DEVICE=auto.")
    if cuda and device not in ("cpu", "mps"):
        gpu = cuda[index]
        memory = f"{gpu['free'] / GIGABYTE:.1f} of {gpu['total'] / GIGABYTE:.1f} GB free"
        computes = f"computes in {gpu['precision']}"
        return good("device", f"{gpu['name']}, {memory}, {computes}, torch {seen['torch']}.")
    if device == "mps":
        return good("device", f"Apple's GPU, torch {seen['torch']}.")
    cpu = f"CPU with {seen['threads']} threads, {_memory()}torch {seen['torch']}."
    if device == "auto" and shutil.which("nvidia-smi"):
        cure = "See the README on installing torch for a GPU."
        return notice(
            "device", f"{cpu} NVIDIA's driver is installed, but torch sees no GPU. {cure}"
        )
    return good("device", cpu)


def look_at_options(settings: Settings, seen: dict[str, Any] | str) -> Iterator[CheckResult]:
    """Check for options that the device does not support, or that have no benefit on it."""
    if isinstance(seen, str):
        return
    cuda = seen["cuda"] if settings.device not in ("cpu", "mps") else []
    index = int(settings.device.partition(":")[2] or 0)
    gpu = cuda[index] if index < len(cuda) else None
    total = gpu["total"] if gpu else _physical_memory()
    limit = settings.memory_limit_mb
    if limit is not None and total is not None and limit * MIB > total:
        yield notice(
            "memory limit",
            f"{limit} MiB are allowed, but there are only {total // MIB}. "
            "Lower KONOMI_MEMORY_LIMIT_MB, or leave it empty.",
        )
    if gpu is None and settings.offload == "on":
        yield notice(
            "offload",
            "on a CPU it costs time and gains nothing. Leave KONOMI_OFFLOAD at auto.",
        )
    if gpu is None and settings.precision in ("float16", "bfloat16"):
        yield notice(
            "precision",
            f"most CPUs are slower in {settings.precision}. Leave KONOMI_PRECISION at auto.",
        )
    if settings.compile and not any(map(shutil.which, ("c++", "g++", "clang++", "cl"))):
        yield bad(
            "compile",
            "there is no C++ compiler. Install one (Debian, Ubuntu: apt install g++), or set "
            "KONOMI_COMPILE=false.",
        )


def _memory() -> str:
    """Return the machine's memory in words, if the system reports it."""
    total = _physical_memory()
    return "" if total is None else f"{total / GIGABYTE:.1f} GB of memory, "


def _physical_memory() -> int | None:
    """Return the machine's memory in bytes, if the system reports it."""
    if "SC_PHYS_PAGES" not in os.sysconf_names:
        return None
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
