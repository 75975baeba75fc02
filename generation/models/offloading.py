"""Offload a model's parts on small GPUs: only those in use are on the device."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import torch
from torch import Tensor, nn


class Offloader:
    """Offloaded parts wait in main memory and come to the device one at a time.

    Their weights never change there, so that a leaving part is dropped, not copied back.
    """

    def __init__(self, device: torch.device, parts: Sequence[nn.Module] = ()) -> None:
        self._device = device
        self._in_ram = {part: _in_ram(part, device) for part in parts}
        self._loaded: nn.Module | None = None

    @property
    def loaded(self) -> nn.Module | None:
        """The offloaded part that is currently on the device."""
        return self._loaded

    # Weights assigned in inference mode could never be used outside of it.
    @torch.inference_mode(mode=False)
    def load(self, part: nn.Module) -> None:
        """Move a part to the device; if it is an offloaded one, it replaces another one."""
        if part is self._loaded or part not in self._in_ram:
            return
        self.offload()
        for tensor, kept in self._in_ram[part]:
            # On the device's own stream, so that later work on it waits for the weights.
            tensor.data = kept.to(self._device, non_blocking=True, copy=True)
        self._loaded = part

    @torch.inference_mode(mode=False)
    def offload(self) -> None:
        """Remove the offloaded part from the device."""
        if self._loaded is None:
            return
        for tensor, kept in self._in_ram[self._loaded]:
            tensor.data = kept
        self._loaded = None


def _in_ram(part: nn.Module, device: torch.device) -> list[tuple[Tensor, Tensor]]:
    """Move a part to main memory, pinned for GPUs; return its tensors with their values there."""
    part.to("cpu")
    pairs = []
    for tensor in chain(part.parameters(), part.buffers()):
        if device.type == "cuda":
            tensor.data = tensor.data.pin_memory()
        pairs.append((tensor, tensor.data))
    return pairs
