"""The training pictures: drawn once from a seed, kept as one array of bytes."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from random import Random

import numpy as np
import torch
from torch import Tensor

from generation.shapes.world import SIDE, Scene, draw, random_scene

CHUNK = 500


def scenes(count: int, seed: int) -> list[Scene]:
    """`count` random scenes of the world, the same ones for the same seed."""
    random = Random(seed)
    return [random_scene(random) for _ in range(count)]


def _draw_chunk(chunk: list[Scene]) -> np.ndarray:
    return np.stack([np.asarray(draw(scene)) for scene in chunk])


def drawings(count: int, seed: int, cache: Path) -> tuple[list[Scene], Tensor]:
    """Scenes and their pictures: (count, 3, SIDE, SIDE) uint8, cached as a .npy file."""
    drawn = scenes(count, seed)
    if not cache.exists():
        chunks = [drawn[k : k + CHUNK] for k in range(0, count, CHUNK)]
        with ProcessPoolExecutor() as pool:
            np.save(cache, np.concatenate(list(pool.map(_draw_chunk, chunks))))
    pixels = torch.from_numpy(np.load(cache)).permute(0, 3, 1, 2).contiguous()
    if pixels.shape != (count, 3, SIDE, SIDE):
        raise ValueError(f"{cache} holds {tuple(pixels.shape)}: delete it to draw afresh")
    return drawn, pixels


def to_model(pixels: Tensor) -> Tensor:
    """Bytes 0..255 to floats -1..1."""
    return pixels.float() / 127.5 - 1
