"""Read the header of a .safetensors file: names, types and shapes of its tensors, and metadata.

No tensor is loaded, so the largest file takes milliseconds.  Standard library only.
"""

from __future__ import annotations

import dataclasses
import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

MAX_HEADER_BYTES = 100_000_000
"""Longest header that the format allows."""
MAX_ADAPTER_BYTES = 2**30
"""Largest file of an adapter that is read."""
MAX_FLOAT_BYTES = 2**20
"""Longest tensor whose values are read."""
LENGTH_BYTES = 8
"""Bytes before the header, which give its length."""
FLOATS = {"F16": "e", "F32": "f", "F64": "d"}
"""Codes of `struct` for tensors of floats."""


@dataclasses.dataclass(frozen=True, slots=True)
class TensorEntry:
    """A tensor as the header describes it; `start` and `end` count bytes of the file."""

    dtype: str
    shape: tuple[int, ...]
    start: int
    end: int


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Header:
    """Header of a .safetensors file."""

    tensors: Mapping[str, TensorEntry]
    metadata: Mapping[str, str]
    first: int
    """The byte after the header."""

    @property
    def expected_bytes(self) -> int:
        """Size of the whole file, unless it was cut short."""
        return max((tensor.end for tensor in self.tensors.values()), default=self.first)

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shapes of the tensors, by name."""
        return {name: tensor.shape for name, tensor in self.tensors.items()}


def read_header(file: Path, most: int = MAX_HEADER_BYTES) -> Header | None:
    """Return the header of a file; None if it is no .safetensors file, or ends within its header.

    A header longer than `most` bytes is not read, either.  Raises OSError if the file cannot be
    read.
    """
    with file.open("rb") as stream:
        return header_of(stream, most)


def header_of(stream: BinaryIO, most: int = MAX_HEADER_BYTES) -> Header | None:
    """Return the header at the start of a stream, likewise."""
    start = stream.read(LENGTH_BYTES)
    length = struct.unpack("<Q", start)[0] if len(start) == LENGTH_BYTES else 0
    text = stream.read(length) if 0 < length <= most else b""
    try:
        # As text, or JSON in UTF-16 would be read as well.
        content = json.loads(text.decode(), object_pairs_hook=_once) if text else None
        return _parsed(content, LENGTH_BYTES + length) if isinstance(content, dict) else None
    except (ValueError, LookupError, TypeError, OverflowError, RecursionError):
        return None


def read_floats(file: Path, tensor: TensorEntry) -> tuple[float, ...] | None:
    """Return the values of a small tensor in a file; None unless they are floats, and all there."""
    if tensor.end - tensor.start > MAX_FLOAT_BYTES:
        return None
    with file.open("rb") as stream:
        stream.seek(tensor.start)
        data = stream.read(tensor.end - tensor.start)
    if len(data) != tensor.end - tensor.start:
        return None
    if tensor.dtype == "BF16":  # the upper half of a float32
        data = b"".join(b"\0\0" + data[k : k + 2] for k in range(0, len(data), 2))
    code = FLOATS.get("F32" if tensor.dtype == "BF16" else tensor.dtype)
    if code is None or len(data) % struct.calcsize(code):
        return None
    return struct.unpack(f"<{len(data) // struct.calcsize(code)}{code}", data)


def _whole(number: Any) -> int:
    """Return a number of the header; `ValueError` unless it is whole, and not negative."""
    if type(number) is not int or number < 0:
        raise ValueError(f"{number!r:.20} is not a whole number")
    return number


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON; `ValueError` if it names anything twice."""
    content = dict(pairs)
    if len(content) < len(pairs):
        raise ValueError("a name stands there twice")
    return content


def _parsed(content: Mapping[str, Any], first: int) -> Header:
    metadata = content.get("__metadata__") or {}
    tensors = {
        name: TensorEntry(
            dtype=str(entry["dtype"]),
            shape=tuple(_whole(side) for side in entry["shape"]),
            start=first + _whole(entry["data_offsets"][0]),
            end=first + _whole(entry["data_offsets"][1]),
        )
        for name, entry in content.items()
        if name != "__metadata__"
    }
    if any(not first <= tensor.start <= tensor.end for tensor in tensors.values()):
        raise ValueError("tensors lie outside of the data")
    return Header(
        tensors=tensors,
        first=first,
        metadata={str(key): str(value) for key, value in dict(metadata).items()},
    )
