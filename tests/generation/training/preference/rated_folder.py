"""Folders of rated pictures, as tests need them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from generation.images.tensors import encode_png
from generation.metadata.record import parameter_texts
from generation.protocol.requests import Paint

ASKED = Paint(job="", model="shapes", prompt="a red star", out=Path())


def put(folder: Path, name: str, request: Paint | None = ASKED, *, seed: int = 7) -> None:
    """Write a picture of noise, 96 × 96, with our record of this request if there is one."""
    texts = parameter_texts(request, seed, 96, 96) if request else {}
    pixels = np.random.default_rng(seed).integers(0, 255, (96, 96, 3), np.uint8)
    (folder / name).write_bytes(encode_png(pixels, texts))


def put_list(folder: Path, *rows: dict[str, Any]) -> None:
    """Write metadata.jsonl."""
    text = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / "metadata.jsonl").write_text(text, encoding="utf-8")


def rated_rounds(folder: Path, rounds: int = 1) -> Path:
    """Write rounds of our pictures, two liked and two disliked in each."""
    rows: list[dict[str, Any]] = []
    for number in range(rounds):
        for place, rating in enumerate((1, -1, -1, 1)):
            name = f"{number}-{place}.png"
            put(folder, name, seed=10 * number + place)
            rows.append({"file_name": name, "rating": rating, "round": number})
    put_list(folder, *rows)
    return folder
