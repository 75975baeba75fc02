"""Gaussian noise from CPU generators, so that a seed means the same image on every device."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import torch
from torch import Tensor


def draw(shape: Sequence[int], generator: torch.Generator, *, like: Tensor) -> Tensor:
    """Draw Gaussian noise from a CPU generator, to the device and dtype of `like`.

    Equal to diffusers' randn_tensor.
    """
    return moved(torch.randn(shape, generator=generator, dtype=like.dtype), like.device)


def moved(values: Tensor, device: torch.device) -> Tensor:
    """Move a CPU tensor to `device`, pinned on its way to a GPU, so that nothing waits for it."""
    if device.type == "cuda":
        return values.pin_memory().to(device, non_blocking=True)
    return values.to(device)


def chance_of(*numbers: int) -> torch.Generator:
    """Return a CPU generator that depends on these numbers alone, and differs for any others."""
    digest = hashlib.blake2b(repr(numbers).encode(), digest_size=8).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest, "big") >> 1)
