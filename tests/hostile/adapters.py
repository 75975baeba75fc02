"""Files that are called .safetensors and mean harm, or are nothing that Konomi can use.

Each has the words that say so.  Standard library only: what is wrong is in the bytes.
"""

from __future__ import annotations

import io
import json
import math
import pickle
import struct
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

LAYER = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q"
CROSS = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k"
DOWN, UP, ALPHA = ".lora_down.weight", ".lora_up.weight", ".alpha"

Tensor = tuple[str, list[Any], bytes]
"""Type, shape and bytes."""


def floats(*values: float) -> bytes:
    return struct.pack(f"<{len(values)}f", *values)


def ones(*shape: int) -> Tensor:
    return "F32", list(shape), floats(*[1.0] * math.prod(shape))


def lora(layer: str = LAYER, rank: int = 2, into: int = 8, out: int = 8) -> dict[str, Tensor]:
    return {layer + DOWN: ones(rank, into), layer + UP: ones(out, rank)}


def header(text: bytes, body: bytes = b"") -> bytes:
    return struct.pack("<Q", len(text)) + text + body


def written(tensors: Mapping[str, Tensor], metadata: Mapping[str, str] | None = None) -> bytes:
    """Return the bytes of a well-formed file, whatever its tensors are."""
    said: dict[str, Any] = {} if metadata is None else {"__metadata__": dict(metadata)}
    body = io.BytesIO()
    for name, (dtype, shape, data) in tensors.items():
        begin = body.tell()
        body.write(data)
        said[name] = {"dtype": dtype, "shape": shape, "data_offsets": [begin, body.tell()]}
    return header(json.dumps(said).encode(), body.getvalue())


def entry(shape: Any, offsets: Any, dtype: Any = "F32", name: str = LAYER + DOWN) -> bytes:
    return json.dumps({name: {"dtype": dtype, "shape": shape, "data_offsets": offsets}}).encode()


class Trap:
    """An object that runs code if it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (Path("/tmp/konomi-unpickled"),)


def archive() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        file.writestr("archive/data.pkl", pickle.dumps(Trap()))
    return stream.getvalue()


def tarred() -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as file:
        data = pickle.dumps(Trap())
        member = tarfile.TarInfo("../../etc/data.pkl")
        member.size = len(data)
        file.addfile(member, io.BytesIO(data))
    return stream.getvalue()


def value(number: float, dtype: str = "f", name: str = "F32") -> dict[str, Tensor]:
    """Return a LoRA with one odd number, last of many."""
    many = [1.0] * 15
    data = struct.pack(f"<15{dtype}", *many) + struct.pack(f"<{dtype}", number)
    return lora() | {LAYER + DOWN: (name, [2, 8], data)}


def brain(bits: int) -> dict[str, Tensor]:
    """Return a LoRA in bfloat16, which ends in these bits."""
    data = struct.pack("<15H", *[0x3F80] * 15) + struct.pack("<H", bits)
    return lora() | {LAYER + DOWN: ("BF16", [2, 8], data)}


def with_alpha(number: float) -> dict[str, Tensor]:
    return lora() | {LAYER + ALPHA: ("F32", [], floats(number))}


NOT = "is not a .safetensors file."
PICKLE = (
    "is not a .safetensors file. It is a pickle or an archive, which could run code, so it was not "
    "opened."
)
CUT = "is not as long as its header says. Download it again."
NUMBERS = "contains values that are infinite or not numbers."
DTYPE = "contains numbers that are neither 16-bit nor 32-bit."
INCOMPLETE = "is not a complete LoRA or embedding."
OTHER = "was made for another kind of model."
RANK = "has a rank that is not between 1 and 512."
ALPHAS = "has an alpha that is not a number above 0."
TWO = entry([2, 8], [0, 64])


def kind(name: str) -> str:
    return f"is of the type {name}, which Konomi does not support. Use a LoRA, LoCon or DoRA."


FILES: Mapping[str, tuple[str, Callable[[], bytes]]] = {
    # Not what they are called
    "empty": (NOT, lambda: b""),
    "zeros": (NOT, lambda: bytes(4096)),
    "ones": (NOT, lambda: b"\xff" * 4096),
    "seven bytes": (NOT, lambda: b"\x01" * 7),
    "a pickle": (PICKLE, lambda: pickle.dumps(Trap())),
    "an old pickle": (NOT, lambda: pickle.dumps(Trap(), protocol=0)),
    "a checkpoint of PyTorch": (PICKLE, archive),
    "a tar archive": (PICKLE, tarred),
    "a gzip": (PICKLE, lambda: b"\x1f\x8b\x08" + bytes(64)),
    "a picture": (NOT, lambda: b"\x89PNG\r\n\x1a\n" + bytes(64)),
    "a web page": (NOT, lambda: b"<!doctype html><title>Log in</title>"),
    "a program": (NOT, lambda: b"\x7fELF\x02\x01\x01" + bytes(64)),
    # Headers
    "a header of 2**63 bytes": (NOT, lambda: struct.pack("<Q", 2**63) + b"{}"),
    "a header of 99 MB that is not there": (NOT, lambda: struct.pack("<Q", 99_000_000) + b"{}"),
    "a header of nothing": (NOT, lambda: header(b"")),
    "a list": (NOT, lambda: header(b"[1, 2]")),
    "a depth without end": (NOT, lambda: header(b'{"a":' * 100_000)),
    "lists without end": (NOT, lambda: header(b"[" * 1_000_000)),
    "objects by the million": (NOT, lambda: header(b'{"a":[' + b"{}," * 500_000 + b"{}]}")),
    "a name twice": (NOT, lambda: header(TWO[:-1] + b"," + TWO[1:], bytes(64))),
    "a field twice": (
        NOT,
        lambda: header(TWO.replace(b'"dtype"', b'"dtype": "I8", "dtype"'), bytes(64)),
    ),
    "a header in UTF-16": (NOT, lambda: header(TWO.decode().encode("utf-16-le"), bytes(64))),
    "bytes that are no UTF-8": (NOT, lambda: header(TWO.replace(b"lora", b"lo\xffa"), bytes(64))),
    "metadata that is a list": (NOT, lambda: header(b'{"__metadata__": [1]}')),
    "no types": (NOT, lambda: header(b'{"a": {"shape": [1], "data_offsets": [0, 4]}}', bytes(4))),
    "no offsets": (NOT, lambda: header(b'{"a": {"dtype": "F32", "shape": [1]}}', bytes(4))),
    "a tensor that is a number": (NOT, lambda: header(b'{"a": 7}')),
    # Offsets and shapes
    "cut in its data": (CUT, lambda: written(lora())[:-4]),
    "with a pickle behind it": (CUT, lambda: written(lora()) + pickle.dumps(Trap())),
    "negative offsets": (NOT, lambda: header(entry([1], [-8, -4]), bytes(8))),
    "reversed offsets": (NOT, lambda: header(entry([1], [8, 4]), bytes(8))),
    "offsets far beyond": (CUT, lambda: header(entry([2, 8], [2**62, 2**62 + 64]), bytes(64))),
    "offsets of a thousand digits": (CUT, lambda: header(entry([1], [0, 10**999]), bytes(4))),
    "offsets that are floats": (NOT, lambda: header(entry([1], [0.0, 4.0]), bytes(4))),
    "offsets that are true": (NOT, lambda: header(entry([1], [False, 4]), bytes(4))),
    "offsets that are text": (NOT, lambda: header(entry([1], ["0", "4"]), bytes(4))),
    "one offset": (NOT, lambda: header(entry([1], [0]), bytes(4))),
    "tensors in one place": (
        NOT,
        lambda: header(TWO[:-1] + b"," + entry([8, 2], [0, 64], name=LAYER + UP)[1:], bytes(64)),
    ),
    "overlapping tensors": (
        NOT,
        lambda: header(TWO[:-1] + b"," + entry([8, 2], [32, 96], name=LAYER + UP)[1:], bytes(96)),
    ),
    "a hole with a pickle in it": (
        NOT,
        lambda: header(TWO[:-1] + b"," + entry([8, 2], [80, 144], name=LAYER + UP)[1:], bytes(144)),
    ),
    "a shape that lies": (NOT, lambda: header(entry([2, 9], [0, 64]), bytes(64))),
    "a negative side": (NOT, lambda: header(entry([-2, -8], [0, 64]), bytes(64))),
    "an infinite side": (NOT, lambda: header(entry([math.inf], [0, 4]), bytes(4))),
    "a side that is no number": (NOT, lambda: header(entry([math.nan], [0, 4]), bytes(4))),
    "sides that overflow to 64 bytes": (
        NOT,
        lambda: header(entry([2**32, 2**31, 2], [0, 64]), bytes(64)),
    ),
    "a million sides": (
        f"contains an unknown tensor: {(LAYER + DOWN)[:59]}….",
        lambda: header(entry([9] * 1_000_000, [0, 4]), bytes(4)),
    ),
    "an unknown type": (DTYPE, lambda: header(entry([2, 8], [0, 64], "F31"), bytes(64))),
    "a type that is a list": (DTYPE, lambda: header(entry([2, 8], [0, 64], ["F32"]), bytes(64))),
    # Numbers
    "NaN": (NUMBERS, lambda: written(value(math.nan))),
    "infinity": (NUMBERS, lambda: written(value(-math.inf))),
    "NaN in half precision": (NUMBERS, lambda: written(value(math.nan, "e", "F16"))),
    "infinity in half precision": (NUMBERS, lambda: written(value(math.inf, "e", "F16"))),
    "NaN in bfloat16": (NUMBERS, lambda: written(brain(0x7FC1))),
    "infinity in bfloat16": (NUMBERS, lambda: written(brain(0xFF80))),
    "doubles": (DTYPE, lambda: written(value(1.0, "d", "F64"))),
    "whole numbers": (DTYPE, lambda: written(lora() | {LAYER + UP: ("I8", [8, 2], bytes(16))})),
    "an alpha that is NaN": (NUMBERS, lambda: written(with_alpha(math.nan))),
    "an alpha of 1e38": (ALPHAS, lambda: written(with_alpha(1e38))),
    "an alpha below 0": (ALPHAS, lambda: written(with_alpha(-1.0))),
    "several alphas": (OTHER, lambda: written(lora() | {LAYER + ALPHA: ones(4)})),
    # Layers
    "nothing": (INCOMPLETE, lambda: header(b"{}")),
    "metadata alone": (INCOMPLETE, lambda: written({}, {"ss_network_dim": "4"})),
    "a factor alone": (INCOMPLETE, lambda: written({LAYER + DOWN: ones(2, 8)})),
    "no rank": (
        RANK,
        lambda: written({LAYER + DOWN: ("F32", [0, 8], b""), LAYER + UP: ("F32", [8, 0], b"")}),
    ),
    "a rank of a million": (RANK, lambda: written(lora(rank=10**6, into=1, out=1))),
    "ranks that differ": (OTHER, lambda: written(lora() | {LAYER + UP: ones(8, 3)})),
    "a single number": (OTHER, lambda: written(lora() | {LAYER + UP: ("F32", [], floats(1.0))})),
    "a layer in two spellings": (
        f"changes the layer {LAYER[:59]}… twice.",
        lambda: written(lora() | {LAYER + ".lora_A.weight": ones(2, 8)}),
    ),
    "an embedding of a thousand words": (
        "must have 1 to 75 vectors.",
        lambda: written({"emb_params": ones(1000, 8)}),
    ),
    "an embedding in five axes": (
        "contains an unknown tensor: emb_params.",
        lambda: written({"emb_params": ones(1, 1, 1, 1, 8)}),
    ),
    "LoHa": (kind("LoHa"), lambda: written({f"{LAYER}.hada_w1_a": ones(2, 2)})),
    "LoKr": (kind("LoKr"), lambda: written({f"{LAYER}.lokr_w1": ones(2, 2)})),
    "a ControlNet": (kind("ControlNet"), lambda: written({"lora_controlnet": ones(1)} | lora())),
    # Names
    "a name that is a path": (
        "contains an unknown tensor: ../../../etc/passwd.",
        lambda: written(lora() | {"../../../etc/passwd": ones(1)}),
    ),
    "a name with NUL and escapes": (
        "contains an unknown tensor: a?b?[31mc?.",
        lambda: written(lora() | {"a\0b\x1b[31mc\u202e": ones(1)}),
    ),
    "a name of half a pair": (
        "contains an unknown tensor: a?.",
        lambda: written(lora() | {"a\ud800": ones(1)}),
    ),
    "a name without characters": (
        "contains an unknown tensor: .",
        lambda: written(lora() | {"": ones(1)}),
    ),
    "a name of a megabyte": (
        f"contains an unknown tensor: {'x' * 59}….",
        lambda: written(lora() | {"x" * 2**20: ones(1)}),
    ),
    "30,000 names": (
        OTHER,
        lambda: written({f"{LAYER}_{k}{ALPHA}": ("F32", [], floats(1.0)) for k in range(30_000)}),
    ),
}
"""By what they are: the end of the sentence, and the bytes."""
