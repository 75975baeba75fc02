"""Hostile bytes in, an account of an adapter out; also the program that does so on its own.

`python -m generation.adapter_files.examination SECONDS BYTES FILE` reads one file within limits of
time and memory, and prints JSON: an account, or a problem.  It loads nothing but the standard
library, and no number of the file is kept; `generation.adapter_files.sandbox` calls it.
"""

from __future__ import annotations

import dataclasses
import json
import math
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from generation.adapter_files.account import AdapterAccount
from generation.adapter_files.kinds import (
    ALONE,
    ALPHA_DTYPES,
    DTYPES,
    MAX_RANK,
    MAX_VECTORS,
    PAIR,
    base_of,
    base_of_widths,
    check_kind,
    checked_header,
    is_embedding,
    shown,
)
from generation.adapter_files.metadata import metadata_of, plain_text
from generation.adapter_files.names import CROSS_ATTENTION, Role, split
from generation.adapter_files.values import SIZES, all_finite
from generation.catalog.bases import Base
from generation.catalog.headers import Header, TensorEntry, read_floats
from generation.images.limits import limit
from generation.protocol.problems import Code
from generation.requests.refused import Refused

MAX_SIDES = 4
"""Most axes of an adapter's tensors: those of a convolution."""
MAX_ALPHA = 1e6

Parts = Mapping[Role, TensorEntry]


def examine(path: Path, name: str = "") -> AdapterAccount:
    """Return an account of an adapter's file; raises `Refused`."""
    try:
        header = checked_header(path, name)
        _check_layout(header, name)
        check_kind(header, name)
        account = _embedding(header, name) if is_embedding(header) else _lora(path, header, name)
        with path.open("rb") as stream:
            _check_values(stream, header, name)
    except OSError as error:
        raise Refused(Code.ADAPTER_MISSING, name=name) from error
    return account


def _check_layout(header: Header, name: str) -> None:
    """Raise `Refused` unless the tensors lie side by side, each as long as its shape says."""
    at = header.first
    for key, tensor in sorted(header.tensors.items(), key=lambda item: item[1].start):
        if len(tensor.shape) > MAX_SIDES:
            raise Refused(Code.ADAPTER_TENSOR, name=name, tensor=shown(key))
        if tensor.dtype not in SIZES:
            raise Refused(Code.ADAPTER_DTYPE, name=name)
        length = math.prod(tensor.shape) * SIZES[tensor.dtype]
        if tensor.start != at or tensor.end - tensor.start != length:
            raise Refused(Code.ADAPTER_NOT_SAFETENSORS, name=name)
        at = tensor.end


def _check_values(stream: BinaryIO, header: Header, name: str) -> None:
    if not all(all_finite(stream, tensor) for tensor in header.tensors.values()):
        raise Refused(Code.ADAPTER_NOT_FINITE, name=name)


def _embedding(header: Header, name: str) -> AdapterAccount:
    tensors = {PAIR.get(key, "text_encoder"): entry for key, entry in header.tensors.items()}
    if not all(1 <= len(entry.shape) <= 2 for entry in tensors.values()):
        raise Refused(Code.ADAPTER_TENSOR, name=name, tensor=shown(next(iter(header.tensors))))
    counts = {entry.shape[0] if len(entry.shape) == 2 else 1 for entry in tensors.values()}
    widths = {part: entry.shape[-1] for part, entry in tensors.items()}
    if len(counts) > 1:
        raise Refused(Code.ADAPTER_INCOMPLETE, name=name)
    if not 1 <= min(counts) <= MAX_VECTORS:
        raise Refused(Code.ADAPTER_VECTORS, name=name, most=MAX_VECTORS)
    if not all(entry.dtype in DTYPES for entry in tensors.values()):
        raise Refused(Code.ADAPTER_DTYPE, name=name)
    token = next((key for key in header.tensors if key not in {ALONE, *PAIR}), "")
    said = base_of(header) or base_of_widths(widths)
    account = _account(header, said, embedding=True)
    return dataclasses.replace(
        account,
        trigger=plain_text(token) or account.trigger,
        rank=min(counts),
        text_widths=widths,
    )


def _lora(path: Path, header: Header, name: str) -> AdapterAccount:
    layers = _layers(header, name)
    for parts in layers.values():
        _check_layer(path, parts, name)
    cross = tuple(CROSS_ATTENTION.replace(".", mark) for mark in "._")
    widths = (
        parts[Role.DOWN].shape[1]
        for layer, parts in layers.items()
        if layer.replace(".processor", "").endswith(cross)
    )
    return dataclasses.replace(
        _account(header, base_of(header), embedding=False),
        rank=max(parts[Role.DOWN].shape[0] for parts in layers.values()),
        context_width=next(widths, 0),
    )


def _layers(header: Header, name: str) -> Mapping[str, Parts]:
    """Return the tensors of each layer by role; raises `Refused`."""
    layers: dict[str, dict[Role, TensorEntry]] = {}
    for key, entry in header.tensors.items():
        if (found := split(key)) is None:
            raise Refused(Code.ADAPTER_TENSOR, name=name, tensor=shown(key))
        layer, role = found
        parts = layers.setdefault(layer, {})
        if role in parts:
            raise Refused(Code.ADAPTER_LAYER_TWICE, name=name, layer=shown(layer))
        parts[role] = entry
    if not layers or not all({Role.DOWN, Role.UP} <= parts.keys() for parts in layers.values()):
        raise Refused(Code.ADAPTER_INCOMPLETE, name=name)
    return layers


def _check_layer(path: Path, parts: Parts, name: str) -> None:
    """Raise `Refused` unless the tensors of a layer fit each other."""
    down, up = parts[Role.DOWN].shape, parts[Role.UP].shape
    if len(down) not in (2, 4) or len(up) != len(down):
        raise Refused(Code.ADAPTER_OTHER_MODEL, name=name)
    rank = down[0]
    if not 1 <= rank <= MAX_RANK:
        raise Refused(Code.ADAPTER_RANK, name=name, most=MAX_RANK)
    mid, alpha = parts.get(Role.MID), parts.get(Role.ALPHA)
    fits = up[1] == rank and (mid is None or mid.shape[:2] == (rank, rank))
    if not fits or (alpha is not None and alpha.shape not in ((), (1,))):
        raise Refused(Code.ADAPTER_OTHER_MODEL, name=name)
    for role, entry in parts.items():
        if entry.dtype not in (ALPHA_DTYPES if role is Role.ALPHA else DTYPES):
            raise Refused(Code.ADAPTER_DTYPE, name=name)
    if alpha is not None:
        _check_alpha(path, alpha, name)


def _check_alpha(path: Path, alpha: TensorEntry, name: str) -> None:
    if alpha.dtype.startswith("I"):
        with path.open("rb") as stream:
            stream.seek(alpha.start)
            value = float(int.from_bytes(stream.read(SIZES[alpha.dtype]), "little", signed=True))
    else:
        (value,) = read_floats(path, alpha) or (0.0,)
    if not math.isfinite(value):
        raise Refused(Code.ADAPTER_NOT_FINITE, name=name)
    if not 0 < value < MAX_ALPHA:
        raise Refused(Code.ADAPTER_ALPHA, name=name)


def _account(header: Header, base: Base | str | None, *, embedding: bool) -> AdapterAccount:
    said = metadata_of(header.metadata)
    return AdapterAccount(
        embedding=embedding,
        title=said.title,
        trigger=said.trigger,
        base=base.value if isinstance(base, Base) else base or "",
        base_model=said.base_model,
        base_hash=said.base_hash,
        architecture=said.architecture,
        licence=said.licence,
    )


def main(seconds: str, size: str, file: str) -> int:
    """Examine one file within limits and print what is found."""
    limit(int(seconds), int(size))
    try:
        found = {"account": dataclasses.asdict(examine(Path(file)))}
    except Refused as refused:
        found = {"problem": refused.problem.plain()}
    except MemoryError:
        found = {"problem": Refused(Code.ADAPTER_UNCHECKED, name="").problem.plain()}
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
