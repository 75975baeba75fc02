"""Cache of the hidden states of reference images: computed in batches ahead of need.

A reference's noise is a function of its content and the timestep alone.  So its states do not
depend on the reader: pictures, rounds, members and seeds share them, and results of the same seed
with and without feedback differ only by the feedback.
"""

from __future__ import annotations

import dataclasses
import hashlib
import struct
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence, Set
from typing import NamedTuple

import torch
from torch import Tensor

from generation.fabric.blending import Group
from generation.fabric.steering import RatedImage, WeightedReference
from generation.fabric.unet import ReferenceAttention
from generation.models.adapters.acting import NO_ADAPTERS, ActingAdapters
from generation.models.model import Model
from generation.models.noise import draw, moved


class NoiseLevel(NamedTuple):
    """A timestep and its noise level, in which schedules that round their timesteps may differ.

    `edits`: True for calls of the editing UNet.  `adapters`: those that act on the model.
    """

    timestep: float
    level: float
    edits: bool = False
    adapters: ActingAdapters = NO_ADAPTERS

    @property
    def network(self) -> tuple[object, ...]:
        """The UNet and its adapters; levels with an equal value can share a call."""
        return self.edits, self.adapters


@dataclasses.dataclass(frozen=True, slots=True)
class StateKey:
    """The hidden states of one reference at one timestep."""

    picture: RatedImage
    noise_level: NoiseLevel


@dataclasses.dataclass(frozen=True, kw_only=True)
class Wanted:
    """References and future timesteps that running requests still need."""

    pictures: Set[RatedImage]
    needs: Set[StateKey]


@dataclasses.dataclass
class _Entry:
    """Cache entry of a reference.  latents: (1, c, h, w); states by noise level, then layer."""

    latents: Tensor
    states: dict[NoiseLevel, tuple[Tensor, ...]] = dataclasses.field(default_factory=dict)


class ReferenceCache:
    """Cache of one model's reference states; evicts the least recently read references first.

    A caller of `make` asks for no more than `capacity`, then calls `shrink`; what running
    trajectories need next is kept even beyond the budget.
    """

    def __init__(self, model: Model, attention: ReferenceAttention, budget: int) -> None:
        """`budget` is in bytes."""
        self.budget = budget
        self.size = 0
        self._model = model
        self._attention = attention
        self._entries: OrderedDict[RatedImage, _Entry] = OrderedDict()
        self._row_bytes: dict[tuple[int, int], int] = {}

    def knows(self, picture: RatedImage) -> bool:
        """Return True if the reference has been encoded and is still cached."""
        return picture in self._entries

    def encode(self, picture: RatedImage, pixels: Tensor) -> None:
        """Encode a reference and cache its latents.  pixels: (1, 3, 8·rows, 8·columns) in 0 … 1."""
        latents = self._model.encode(pixels)
        self._entries[picture] = _Entry(latents)
        self.size += _bytes([latents])

    def missing(self, needs: Iterable[StateKey]) -> list[StateKey]:
        """Return the needs that are not cached, in order, without duplicates."""
        return [
            need
            for need in dict.fromkeys(needs)
            if need.noise_level not in self._entries[need.picture].states
        ]

    def capacity(self, shape: tuple[int, int]) -> int:
        """Return how many states of this shape fit into the whole budget; 1 until measured."""
        row = self._row_bytes.get(shape)
        return 1 if row is None else max(1, self.budget // row)

    @torch.inference_mode()
    def make(self, needs: Sequence[StateKey]) -> None:
        """Compute the states of `needs`, all of one size, in one UNet call with the empty prompt.

        They are for the same `NoiseLevel.network`, whose adapters the caller lets act on the UNet;
        the editing UNet gets no image to edit with them.
        """
        latents = torch.cat([self._entries[need.picture].latents for need in needs])
        noise = torch.cat(
            [
                reference_noise(need.picture.digest, need.noise_level.timestep, like=latents[:1])
                for need in needs
            ]
        )
        levels = moved(torch.tensor([need.noise_level.level for need in needs]), latents.device)
        sample = self._model.parameterization.add_noise(latents, noise, levels)
        if needs[0].noise_level.edits:
            sample = torch.cat([sample, torch.zeros_like(sample)], dim=1)
        timesteps = moved(
            torch.tensor([need.noise_level.timestep for need in needs]), latents.device
        )
        factor = self._model.latent_format.vae_scale_factor
        height, width = (side * factor for side in latents.shape[-2:])
        acting = needs[0].noise_level.adapters
        rows = [self._model.unconditional(width, height, acting.text)] * len(needs)
        layers = self._attention.record(
            lambda: self._model.predict(sample, timesteps, rows, compiled=False)
        )
        for row, need in enumerate(needs):
            # Copies, because a view would keep the whole batch in memory.
            states = tuple(
                layer[row : row + 1].clone() if len(needs) > 1 else layer for layer in layers
            )
            self._entries[need.picture].states[need.noise_level] = states
            self._row_bytes[need.picture.shape] = _bytes(states)
            self.size += _bytes(states)

    def group(
        self, references: Sequence[WeightedReference], noise_level: NoiseLevel, rows: slice
    ) -> Group:
        """Return the references and weights of a call's rows; marks the references as just read."""
        weights = [weight for _, weight in references]
        heaviest = max(weights)
        states = []
        for picture, _ in references:
            self._entries.move_to_end(picture)
            states.append(self._entries[picture].states[noise_level])
        return Group(
            rows=rows,
            states=states,
            log_weight=self._logarithms([heaviest])[0],
            tilt=None
            if min(weights) == heaviest
            else self._logarithms([weight / heaviest for weight in weights]),
        )

    def _logarithms(self, weights: Sequence[float]) -> Tensor:
        return moved(torch.tensor(weights).log(), self._model.device)

    def make_room(
        self, budget: int, count: int, shape: tuple[int, int], wanted: Callable[[], Wanted]
    ) -> int:
        """Evict until `count` more states fit in `budget` bytes; return how many do (or 1)."""
        row = self._row_bytes.get(shape)
        if row is None:
            return 1
        if self.size + count * row > budget:
            self.shrink(max(0, budget - count * row), wanted())
        return max(1, min(count, (budget - self.size) // row))

    def shrink(self, budget: int, wanted: Wanted) -> None:
        """Evict until the cache fits into `budget` bytes: whole references, then past timesteps.

        Nothing that is wanted is evicted, even if that exceeds the budget.
        """
        for picture in [picture for picture in self._entries if picture not in wanted.pictures]:
            if self.size <= budget:
                return
            entry = self._entries.pop(picture)
            self.size -= _bytes([entry.latents])
            self.size -= sum(_bytes(states) for states in entry.states.values())
        noise_levels = {(need.picture, need.noise_level) for need in wanted.needs}
        for picture, entry in self._entries.items():
            for noise_level in [m for m in entry.states if (picture, m) not in noise_levels]:
                if self.size <= budget:
                    return
                self.size -= _bytes(entry.states.pop(noise_level))


def reference_noise(digest: str, timestep: float, *, like: Tensor) -> Tensor:
    """Return a reference's noise (1, c, h, w), a function of its content and the timestep."""
    named = hashlib.sha256(digest.encode() + struct.pack("<f", timestep)).digest()
    generator = torch.Generator().manual_seed(int.from_bytes(named[:8], "little"))
    return draw(like.shape, generator, like=like)


def _bytes(tensors: Sequence[Tensor]) -> int:
    return sum(tensor.nbytes for tensor in tensors)
