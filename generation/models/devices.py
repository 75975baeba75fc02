"""Devices that this machine can generate on; `python -m generation.models.devices` prints JSON.

A program of its own, so that the bot's process can ask without ever loading torch.
"""

from __future__ import annotations

import json

import torch


def devices() -> dict[str, object]:
    """Return torch's version, CPU threads, whether Apple's GPU works, and each CUDA device."""
    return {
        "torch": torch.__version__,
        "built_for_cuda": torch.version.cuda,
        "threads": torch.get_num_threads(),
        "mps": torch.backends.mps.is_available(),
        "cuda": [_cuda_device(index) for index in range(torch.cuda.device_count())],
    }


def _cuda_device(index: int) -> dict[str, object]:
    """Return a GPU's name, memory in bytes and precision; its context is created as a test."""
    free, total = torch.cuda.mem_get_info(index)
    return {
        "name": torch.cuda.get_device_name(index),
        "free": free,
        "total": total,
        "precision": str(choose_precision("auto", torch.device("cuda", index))).split(".")[-1],
    }


def choose_precision(precision: str, device: torch.device) -> torch.dtype:
    """Return the UNet's dtype for one of `PRECISIONS` on this device.

    For "auto": bfloat16 on GPUs that compute it in hardware (NVIDIA's since Ampere), which has
    float32's range, so that nothing overflows; float16 on older ones; float32 elsewhere.
    """
    if precision != "auto":
        named: torch.dtype = getattr(torch, precision)
        return named
    if device.type != "cuda":
        return torch.float32
    with torch.cuda.device(device):
        fast = torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.bfloat16 if fast else torch.float16


if __name__ == "__main__":
    print(json.dumps(devices()))
