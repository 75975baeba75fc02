"""What fits into a device's memory: reckoned before painting, from what was measured at loading.

Memory grows linearly: a UNet's call with its rows and their latents, the autoencoder's work with
its pixels, the states of references with their number, never with the pictures that read them.
Standard library alone, so that the bot can tell before it lets anyone wait.
"""

from __future__ import annotations

import dataclasses
import math

from generation.protocol.options import MemoryProfile

LAID_OUT = 4
"""Copies of what one layer reads of its references while it reads them: side by side, as keys,
as values, and as many again where weights are uneven."""
PICTURE_BYTES = 4 * 3 * 4
"""Of a pixel of the whole picture while it is put together of tiles: four copies of three
channels in float32."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class MemoryNeed:
    """What has to be in memory at once for one picture, alone on the device.

    width, height: of the picture in pixels; rows: of a call of the UNet, for what it is shown of
    the picture; references: different ones that it reads; tile: width and height in pixels of
    what the UNet is shown at once, None: the whole.
    """

    width: int
    height: int
    rows: int
    references: int = 0
    tile: tuple[int, int] | None = None

    @property
    def shown(self) -> tuple[int, int]:
        """Width and height in pixels of what the UNet is shown at once."""
        across, down = self.tile or (self.width, self.height)
        return min(across, self.width), min(down, self.height)


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Shortage:
    """Why something cannot be painted, and what could be instead.

    needed, limit: bytes; size: the largest width and height of the same aspect that fit with as
    many references; references: how many fit at this size.  None where there is none.
    """

    needed: int
    limit: int
    size: tuple[int, int] | None
    references: int | None


def states_bytes(memory: MemoryProfile, rows: int, columns: int) -> int:
    """Of the states of one reference of rows × columns latents, at one moment."""
    return sum(_layer_bytes(layer, rows, columns) for layer in memory.states)


def reading_bytes(memory: MemoryProfile, rows: int, columns: int, references: int) -> int:
    """Of what a layer needs beside those states to read so many references of this size."""
    largest = max((_layer_bytes(layer, rows, columns) for layer in memory.states), default=0)
    return LAID_OUT * references * largest


def left_beside(memory: MemoryProfile, taken: int) -> int:
    """Bytes that are left beside the weights and `taken` more."""
    return max(0, memory.limit - memory.weights - taken)


def row_bytes(memory: MemoryProfile, latents: int) -> int:
    """Of a UNet's call, for each row that shows so many latents."""
    return memory.row * latents


def pixels_beside(memory: MemoryProfile, taken: int) -> int:
    """How many pixels the autoencoder can be shown at once, likewise."""
    return left_beside(memory, taken) // memory.pixel


def bytes_for(memory: MemoryProfile, need: MemoryNeed) -> int:
    """The most that is needed at once, weights and all."""
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
    return memory.weights + max(painting, decoding)


def shortage(memory: MemoryProfile, need: MemoryNeed, multiple: int, least: int) -> Shortage | None:
    """What is short where that cannot be painted at all; None where it can.

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
