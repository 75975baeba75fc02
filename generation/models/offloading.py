"""Offload a model's parts on small GPUs: only those in use are on the device."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import torch
from torch import Tensor, nn


class Offloader:
    """Offloaded parts (guests) wait in main memory and come to the device one at a time.

    Their weights never change there, so that a leaving part is dropped, not copied back.
    """

    def __init__(self, device: torch.device, guests: Sequence[nn.Module] = ()) -> None:
        self._device = device
        self._at_home = {guest: _at_home(guest, device) for guest in guests}
        self._present: nn.Module | None = None

    @property
    def present(self) -> nn.Module | None:
        """The guest that is currently on the device."""
        return self._present

    # Weights assigned in inference mode could never be used outside of it.
    @torch.inference_mode(mode=False)
    def bring(self, part: nn.Module) -> None:
        """Move a part to the device; if it is a guest, it replaces another one."""
        if part is self._present or part not in self._at_home:
            return
        self.send_home()
        for tensor, kept in self._at_home[part]:
            # On the device's own stream, so that later work on it waits for the weights.
            tensor.data = kept.to(self._device, non_blocking=True, copy=True)
        self._present = part

    @torch.inference_mode(mode=False)
    def send_home(self) -> None:
        """Remove the current guest from the device."""
        if self._present is None:
            return
        for tensor, kept in self._at_home[self._present]:
            tensor.data = kept
        self._present = None


def _at_home(guest: nn.Module, device: torch.device) -> list[tuple[Tensor, Tensor]]:
    """Move a guest to main memory, pinned for GPUs; return its tensors with their values there."""
    guest.to("cpu")
    pairs = []
    for tensor in chain(guest.parameters(), guest.buffers()):
        if device.type == "cuda":
            tensor.data = tensor.data.pin_memory()
        pairs.append((tensor, tensor.data))
    return pairs
