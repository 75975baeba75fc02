"""Gaussian noise from CPU generators, so that a seed means the same image on every device."""

from __future__ import annotations

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
