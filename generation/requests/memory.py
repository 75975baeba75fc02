"""Estimate if a request fits into a device's memory, from measurements made at loading.

Memory grows linearly: that of a UNet call with its rows and their latents, the autoencoder's with
its pixels, that of hidden states with the number of references, not with the pictures that read
them. Standard library only, so that the bot can refuse a request before it is queued.
"""

from __future__ import annotations

import dataclasses
import math

from generation.protocol.options import MemoryProfile

LAID_OUT = 4
"""Copies of one layer's reference states while they are read: concatenated, as keys, as values, and
again as many for uneven weights."""
PICTURE_BYTES = 4 * 3 * 4
"""Bytes per pixel for assembling a picture from decoded tiles: four float32 copies of three
channels."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class MemoryNeed:
    """Requirements of one picture, alone on the device.

    width, height: of the picture in pixels; rows: UNet rows for each tile or whole picture;
    references: number of different ones that it reads; tile: width and height in pixels of the
    UNet's tiles, None for the whole; adapters: bytes of those that act on the model.
    """

    width: int
    height: int
    rows: int
    references: int = 0
    tile: tuple[int, int] | None = None
    adapters: int = 0

    @property
    def shown(self) -> tuple[int, int]:
        """Width and height in pixels that the UNet processes at once."""
        across, down = self.tile or (self.width, self.height)
        return min(across, self.width), min(down, self.height)


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Shortage:
    """Reason why something does not fit into memory, and what would.

    needed, limit: bytes; size: the largest width and height of the same aspect that fit with as
    many references; references: how many fit at this size.  None if nothing fits.
    """

    needed: int
    limit: int
    size: tuple[int, int] | None
    references: int | None


def states_bytes(memory: MemoryProfile, rows: int, columns: int) -> int:
    """Return the bytes of one reference's hidden states at one timestep, rows × columns latents."""
    return sum(_layer_bytes(layer, rows, columns) for layer in memory.states)


def reading_bytes(memory: MemoryProfile, rows: int, columns: int, references: int) -> int:
    """Return the bytes that a layer needs to read so many references, besides their states."""
    largest = max((_layer_bytes(layer, rows, columns) for layer in memory.states), default=0)
    return LAID_OUT * references * largest


def left_beside(memory: MemoryProfile, taken: int) -> int:
    """Return the bytes left after the weights and `taken` more."""
    return max(0, memory.limit - memory.weights - taken)


def row_bytes(memory: MemoryProfile, latents: int) -> int:
    """Return the bytes of a UNet call for each row of so many latents."""
    return memory.row * latents


def pixels_beside(memory: MemoryProfile, taken: int) -> int:
    """Return how many pixels the autoencoder can process at once after `taken` bytes more."""
    return left_beside(memory, taken) // memory.pixel


def bytes_for(memory: MemoryProfile, need: MemoryNeed) -> int:
    """Return the peak memory in bytes, weights included."""
    width, height = need.shown
    latents = width * height // memory.scale**2
    rows, columns = need.height // memory.scale, need.width // memory.scale
    read = need.references and (
        need.references * states_bytes(memory, rows, columns)
        + reading_bytes(memory, rows, columns, need.references)
    )
    painting = row_bytes(memory, latents) * need.rows + read
    # References may be forgotten before pictures are decoded; tiles serve where the whole is
    # too much.
    area = need.width * need.height
    decoding = memory.pixel * area
    if memory.tile is not None:
        decoding = min(decoding, memory.pixel * memory.tile**2 + PICTURE_BYTES * area)
    return memory.weights + need.adapters + max(painting, decoding)


def shortage(memory: MemoryProfile, need: MemoryNeed, multiple: int, least: int) -> Shortage | None:
    """Return what is short if the picture can never fit; None if it can.

    Sides of a size that fits are multiples of `multiple` and at least `least` pixels.
    """
    if _fits(memory, need):
        return None
    return Shortage(
        needed=bytes_for(memory, need),
        limit=memory.limit,
        size=_size_that_fits(memory, need, multiple, least),
        references=_references_that_fit(memory, need),
    )


def _fits(memory: MemoryProfile, need: MemoryNeed) -> bool:
    return bytes_for(memory, need) <= memory.limit


def _size_that_fits(
    memory: MemoryProfile, need: MemoryNeed, multiple: int, least: int
) -> tuple[int, int] | None:
    steps = range(1, max(need.width, need.height) // multiple)
    longest = max(need.width, need.height)
    for step in reversed(steps):
        share = step * multiple / longest
        width, height = (
            int(side * share) // multiple * multiple for side in (need.width, need.height)
        )
        if min(width, height) < least:
            return None
        if _fits(memory, dataclasses.replace(need, width=width, height=height)):
            return width, height
    return None


def _references_that_fit(memory: MemoryProfile, need: MemoryNeed) -> int | None:
    counts = range(need.references - 1, -1, -1)
    fitting = (n for n in counts if _fits(memory, dataclasses.replace(need, references=n)))
    return next(fitting, None)


def _layer_bytes(layer: tuple[int, int], rows: int, columns: int) -> int:
    side, size = layer
    return math.ceil(rows / side) * math.ceil(columns / side) * size
