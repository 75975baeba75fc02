"""Which parts of a model are on its device: all of them, or on small cards only those that work."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import torch
from torch import Tensor, nn


class Offloader:
    """Guests wait in the machine's memory and come to the device one at a time.

    Their weights never change there, so one that leaves is let go, not copied back.
    """

    def __init__(self, device: torch.device, guests: Sequence[nn.Module] = ()) -> None:
        self._device = device
        self._at_home = {guest: _at_home(guest, device) for guest in guests}
        self._present: nn.Module | None = None

    @property
    def present(self) -> nn.Module | None:
        """The guest that is on the device."""
        return self._present

    # Weights set in inference mode could never be used outside of it.
    @torch.inference_mode(mode=False)
    def bring(self, part: nn.Module) -> None:
        """Have a part on the device, in the place of another guest if it is one itself."""
        if part is self._present or part not in self._at_home:
            return
        self.send_home()
        for tensor, kept in self._at_home[part]:
            # On the device's own queue: what is handed to it next waits for the weights.
            tensor.data = kept.to(self._device, non_blocking=True, copy=True)
        self._present = part

    @torch.inference_mode(mode=False)
    def send_home(self) -> None:
        """Leave the device to the parts that are no guests."""
        if self._present is None:
            return
        for tensor, kept in self._at_home[self._present]:
            tensor.data = kept
        self._present = None


def _at_home(guest: nn.Module, device: torch.device) -> list[tuple[Tensor, Tensor]]:
    """Each tensor of a guest with its value in the machine's memory, from where GPUs copy fast."""
    guest.to("cpu")
    pairs = []
    for tensor in chain(guest.parameters(), guest.buffers()):
        if device.type == "cuda":
            tensor.data = tensor.data.pin_memory()
        pairs.append((tensor, tensor.data))
    return pairs
