"""Check that the numbers in a .safetensors file are numbers, a block at a time.

Standard library only: a whole file is looked through in the memory of one block.
"""

from __future__ import annotations

import dataclasses
from typing import BinaryIO

from generation.catalog.headers import TensorEntry

BLOCK = 2**20

SIZES = {
    "F64": 8,
    "I64": 8,
    "U64": 8,
    "F32": 4,
    "I32": 4,
    "U32": 4,
    "F16": 2,
    "BF16": 2,
    "I16": 2,
    "U16": 2,
    "I8": 1,
    "U8": 1,
    "BOOL": 1,
    "F8_E4M3": 1,
    "F8_E5M2": 1,
    "F8_E8M0": 1,
}
"""Bytes of a number, by the format's names of types."""


def _marks(mask: int) -> bytes:
    """Return a table for `bytes.translate` that gives 1 to bytes with all bits of the mask."""
    return bytes(byte & mask == mask for byte in range(256))


@dataclasses.dataclass(frozen=True, slots=True)
class _Exponent:
    """The bits of a float's exponent; where all are 1 it is infinite, or NaN."""

    size: int
    last: bytes
    before: bytes
    """Tables for the last byte of a number and the one before it, in little endian."""


EXPONENTS = {
    "F16": _Exponent(2, _marks(0x7C), _marks(0)),
    "BF16": _Exponent(2, _marks(0x7F), _marks(0x80)),
    "F32": _Exponent(4, _marks(0x7F), _marks(0x80)),
    "F64": _Exponent(8, _marks(0x7F), _marks(0xF0)),
}


def all_finite(stream: BinaryIO, tensor: TensorEntry) -> bool:
    """Return True if a tensor has no infinite values and no NaN; True for whole numbers."""
    exponent = EXPONENTS.get(tensor.dtype)
    if exponent is None:
        return True
    stream.seek(tensor.start)
    left = tensor.end - tensor.start
    while left and (data := stream.read(min(BLOCK, left))):
        left -= len(data)
        last = data[exponent.size - 1 :: exponent.size].translate(exponent.last)
        before = data[exponent.size - 2 :: exponent.size].translate(exponent.before)
        if int.from_bytes(last, "little") & int.from_bytes(before, "little"):
            return False
    return True
