"""Headers of .safetensors files are read without their tensors, and hostile ones without harm."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from generation.catalog.file_kinds import kind_of
from generation.catalog.headers import read_floats, read_header

DTYPES = (torch.float16, torch.bfloat16, torch.float32, torch.float64)


def written(file: Path, header: Any, length: int | None = None, data: bytes = b"") -> Path:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    size = len(text) if length is None else length
    file.write_bytes(size.to_bytes(8, "little") + text + data)
    return file


def entry(**change: Any) -> dict[str, Any]:
    return {"x": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]} | change}


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_header_says_what_was_saved(dtype: torch.dtype, tmp_path: Path) -> None:
    values = torch.tensor([-0.5, 0.25, 3.0], dtype=dtype)
    save_file({"bias": values, "empty": torch.tensor([])}, tmp_path / "x", {"made": "by hand"})

    header = read_header(tmp_path / "x")

    assert header
    assert header.metadata == {"made": "by hand"}
    assert header.shapes == {"bias": (3,), "empty": (0,)}
    assert header.expected_bytes == (tmp_path / "x").stat().st_size
    assert read_floats(tmp_path / "x", header.tensors["bias"]) == (-0.5, 0.25, 3.0)


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"[" * 100_000,
        b'{"x":' * 50_000,
        b"\xff\xfe{}",
        [],
        {"x": 1},
        {"x": {}},
        {"__metadata__": 3},
        entry(shape="ab"),
        entry(shape=3),
        entry(data_offsets=[-8, 4]),
        entry(data_offsets=[4, 0]),
        entry(data_offsets=["a", "b"]),
        entry(data_offsets=[0]),
    ],
    ids=str,
)
def test_a_header_that_is_none_is_not_one(header: Any, tmp_path: Path) -> None:
    assert read_header(written(tmp_path / "x", header)) is None


@pytest.mark.parametrize("length", [0, 1, 2**40, 2**64 - 1])
def test_a_length_that_lies_is_not_believed(length: int, tmp_path: Path) -> None:
    assert read_header(written(tmp_path / "x", entry(), length)) is None


def test_odd_names_are_no_more_than_unknown(tmp_path: Path) -> None:
    names = ["", "\n", "lora", "\udce4", "model.diffusion_model", "a" * 10_000]
    shapes = dict.fromkeys(names, (2, 3, 4))

    assert kind_of(shapes).title == "no model that Konomi knows"
