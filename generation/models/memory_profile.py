"""Measure a loaded model's memory on its device, with small calls of its own parts."""

from __future__ import annotations

import dataclasses
import math
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import torch
from diffusers import UNet2DConditionModel
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from generation.catalog.entries import ModelUnavailable
from generation.models.model import Model
from generation.models.readable_layers import readable_layers
from generation.protocol.options import MemoryProfile, WorkerOptions
from generation.requests.memory import MemoryNeed, bytes_for

SPARE = 1.2
"""Safety factor on measurements: allocators round up, and libraries need scratch space."""
MIB, GIGABYTE = 2**20, 1e9
CROWDED = 0.5
"""Share of the limit above which weights leave too little memory for generation."""
PROFILED_AREA = 1 / 4
"""Area of the measured calls as a share of the native area: large enough that the variable part of
memory outweighs the constant one."""
SMALLEST_TILE = 256
"""Pixels per side; smaller tiles lose the coherence of an image in the autoencoder."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Fit:
    """Memory available to a model on its device.

    limit: bytes that generation may use, None for no limit; weights: bytes of the parts that are
    there at once; offload: True if all parts but UNets are moved there only when needed.
    """

    limit: int | None
    weights: int
    offload: bool


def fit_for(
    others: Sequence[nn.Module],
    unets: Sequence[nn.Module],
    device: torch.device,
    options: WorkerOptions,
) -> Fit:
    """Determine if the parts fit onto the device, all together or offloaded one by one.

    Raises `ModelUnavailable` if they do not.
    """
    limit = limit_of(device, options.memory_limit_mb)
    sizes = [bytes_of(part) for part in others]
    staying = sum(bytes_of(unet) for unet in unets)
    together = staying + sum(sizes)
    crowded = device.type == "cuda" and limit is not None and together > CROWDED * limit
    offload = options.offload == "on" or (options.offload == "auto" and crowded)
    weights = staying + max(sizes) if offload else together
    if limit is not None and weights > limit:
        raise ModelUnavailable(
            f"{options.model} takes {weights / GIGABYTE:.1f} GB of memory, and "
            f"{limit / GIGABYTE:.1f} GB may be used: choose a smaller model, raise "
            "KONOMI_MEMORY_LIMIT_MB, or on a GPU set KONOMI_OFFLOAD=on."
        )
    return Fit(limit=limit, weights=weights, offload=offload)


def memory_of(model: Model, limit: int, *, weights: int) -> MemoryProfile:
    """Measure the memory that generation needs, with `limit` bytes in total.

    weights: bytes of the parts that are on the device at once.
    """
    rows, columns = _profiled_size(model)
    factor = model.latent_format.vae_scale_factor
    width, height = columns * factor, rows * factor
    with torch.inference_mode():
        conditions = [model.unconditional(width, height)]
        sample = torch.zeros(model.latent_format.shape(width, height), device=model.device)
        timesteps = torch.full((1,), 500.0, device=model.device)

        def call() -> object:
            return model.predict(sample, timesteps, conditions, compiled=False)

        called = _peak(model.device, call)
        decoded = _peak(model.device, lambda: model.decode(sample))
        picture = torch.zeros((1, 3, height, width))
        encoded = _peak(model.device, lambda: model.encode(picture))
    memory = MemoryProfile(
        limit=limit,
        weights=weights,
        references=0,
        row=math.ceil(SPARE * called / (rows * columns)),
        pixel=math.ceil(SPARE * max(decoded, encoded) / picture[0, 0].numel()),
        states=layers_of(model.unet),
        scale=factor,
        tile=None
        if model.vae_tiling == "off"
        else min(SMALLEST_TILE, model.vae.config.sample_size),
    )
    native = bytes_for(memory, MemoryNeed(width=model.card.width, height=model.card.height, rows=2))
    return dataclasses.replace(memory, references=max(0, limit - native) // 2)


def _profiled_size(model: Model) -> tuple[int, int]:
    """Return rows and columns of latents for measured calls: whole at every level of the UNet."""
    halved = 2 ** (len(model.unet.config.block_out_channels) - 1)
    side = PROFILED_AREA**0.5 / model.latent_format.vae_scale_factor / halved
    return (
        max(1, math.ceil(model.card.height * side)) * halved,
        max(1, math.ceil(model.card.width * side)) * halved,
    )


def limit_of(device: torch.device, limit_mb: int | None) -> int | None:
    """Return the bytes of a device's memory that generation may use; None for no limit.

    On a GPU, PyTorch is set to enforce it, and the limit is at most what is free, also when none
    was set.
    """
    wished = None if limit_mb is None else limit_mb * MIB
    if device.type != "cuda":
        return wished
    free, total = torch.cuda.mem_get_info(device)
    # What this process has taken already is free for it.
    limit = min(wished or total, free + torch.cuda.memory_reserved(device))
    if wished is not None:
        torch.cuda.set_per_process_memory_fraction(min(1.0, wished / total), device)
    return limit


def layers_of(unet: UNet2DConditionModel) -> tuple[tuple[int, int], ...]:
    """Return for each self-attention the latents per side of a token, and the token's bytes."""
    return tuple(
        (layer.stride, layer.width * unet.dtype.itemsize) for layer in readable_layers(unet)
    )


def bytes_of(part: nn.Module) -> int:
    """Return the bytes of a module's weights and buffers."""
    return sum(tensor.nbytes for tensor in (*part.parameters(), *part.buffers()))


def _peak(device: torch.device, work: Callable[[], object]) -> int:
    """Return the peak bytes of the work, beyond what was in use before."""
    if device.type == "cuda":
        work()  # the first call sets libraries up
        torch.cuda.synchronize(device)
        torch.cuda.reset_peak_memory_stats(device)
        before = torch.cuda.memory_allocated(device)
        work()
        torch.cuda.synchronize(device)
        return torch.cuda.max_memory_allocated(device) - before
    with _Tally() as tally:
        work()
    return tally.most


class _Tally(TorchDispatchMode):
    """Counts the bytes of live tensors created within it."""

    def __init__(self) -> None:
        super().__init__()
        self.most = 0
        self._held = 0
        self._known: set[int] = set()

    def __torch_dispatch__(
        self, function: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        """Run an operation and record the memory of its results."""
        given = {storage._cdata for storage in _storages((args, kwargs))}
        results = function(*args, **(kwargs or {}))
        for storage in _storages(results):
            if storage._cdata not in given:  # else a view of what was there
                self._note(storage)
        return results

    def _note(self, storage: torch.UntypedStorage) -> None:
        key, size = storage._cdata, storage.nbytes()
        if key in self._known:
            return
        self._known.add(key)
        self._held += size
        self.most = max(self.most, self._held)
        weakref.finalize(storage, self._forget, key, size)

    def _forget(self, key: int, size: int) -> None:
        self._known.discard(key)
        self._held -= size


def _storages(values: object) -> list[torch.UntypedStorage]:
    return [leaf.untyped_storage() for leaf in tree_leaves(values) if isinstance(leaf, Tensor)]
