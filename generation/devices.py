"""What this machine can paint on; `python -m generation.devices` prints it as JSON.

A program of its own, so that the bot's process can ask without ever loading torch.
"""

from __future__ import annotations

import json

import torch


def devices() -> dict[str, object]:
    """The version of torch, CPU threads, whether Apple's GPU works, and each CUDA device."""
    return {
        "torch": torch.__version__,
        "built_for_cuda": torch.version.cuda,
        "threads": torch.get_num_threads(),
        "mps": torch.backends.mps.is_available(),
        "cuda": [_cuda_device(index) for index in range(torch.cuda.device_count())],
    }


def _cuda_device(index: int) -> dict[str, object]:
    """Name and memory in bytes of one GPU.  Making its context is the test that it works."""
    free, total = torch.cuda.mem_get_info(index)
    return {"name": torch.cuda.get_device_name(index), "free": free, "total": total}


if __name__ == "__main__":
    print(json.dumps(devices()))
